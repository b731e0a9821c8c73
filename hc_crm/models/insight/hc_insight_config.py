import math

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

HEALTH_FACTORS = ("rhythm", "trend", "engagement", "feeling", "care")
ENGAGEMENT_KINDS = ("purchase", "message", "call", "visit", "meeting", "feedback", "other")
MAX_HORIZON_DAYS = 3650  # ten years: nobody can look further ahead


class HcInsightConfig(models.Model):
    """How one company wants its customers looked at."""

    _name = "hc.insight.config"
    _description = "Insight Settings"
    _rec_name = "company_id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    is_active = fields.Boolean(
        string="Work Out Insight",
        default=True,
        help="Off: nothing is worked out for this company, and what was is deleted.",
    )
    purchase_source = fields.Selection(
        [("order", "Confirmed sales orders"), ("invoice", "Posted invoices")],
        string="What Counts as a Purchase",
        required=True,
        default="order",
        help="One or the other, so that nothing counts twice. Cancelled orders never count, and what "
        "was credited is taken off.",
    )
    count_pos = fields.Boolean(
        string="Point of Sale",
        default=True,
        help="Paid orders of the shop's till count as well, unless they were invoiced or made from a "
        "sales order that counts already.",
    )
    has_pos = fields.Boolean(compute="_compute_has_pos")
    horizon_days = fields.Integer(
        string="Look Ahead",
        required=True,
        default=365,
        help="Days: the time for which purchases, value and risk are estimated.",
    )
    discount_rate = fields.Float(
        required=True,
        default=0.10,
        help="Per year. Money later is worth less than money now.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Values are shown in this currency, converted at today's rate.",
    )
    min_rank_customers = fields.Integer(
        string="Customers Needed for Risk",
        required=True,
        default=100,
        help="Customers who came back, or were known for long enough that they could have; a tenth of them "
        "must have come back. With fewer, patterns are chance: nothing is said about who is likely to stop.",
    )
    min_value_customers = fields.Integer(
        string="Customers Needed for Value",
        required=True,
        default=500,
        help="With fewer, sums of money would be off by a third and more.",
    )
    min_purchases = fields.Integer(
        string="Purchases Needed for a Rhythm",
        required=True,
        default=3,
    )
    health_weight_rhythm = fields.Float(string="Buys in Their Rhythm", default=3.0)
    health_weight_trend = fields.Float(string="Spends More or Less", default=2.0)
    health_weight_engagement = fields.Float(string="Is in Touch", default=2.0)
    health_weight_feeling = fields.Float(string="How They Feel", default=2.0)
    health_weight_care = fields.Float(
        string="What We Owe Them", default=1.0, help="Late promises and problems left unsolved."
    )
    health_low = fields.Float(string="Needs Care below", digits=(16, 0), default=40.0)
    health_high = fields.Float(string="Thriving from", digits=(16, 0), default=70.0)
    engagement_half_life_days = fields.Integer(
        string="Half of It Fades within",
        required=True,
        default=60,
        help="Days after which a contact counts half.",
    )
    engagement_weight_purchase = fields.Float(string="Purchase", default=5.0)
    engagement_weight_message = fields.Float(string="Message from Them", default=3.0)
    engagement_weight_call = fields.Float(string="Call", default=4.0)
    engagement_weight_visit = fields.Float(string="Visit", default=6.0)
    engagement_weight_meeting = fields.Float(string="Meeting", default=6.0)
    engagement_weight_feedback = fields.Float(string="Feedback", default=4.0)
    engagement_weight_other = fields.Float(string="Anything Else", default=1.0)
    support_floor = fields.Integer(
        string="Customers Needed for “Bought Together”",
        required=True,
        default=3,
        help="Products are suggested together once this many customers bought both.",
    )
    run_ids = fields.One2many("hc.insight.run", compute="_compute_run_ids", string="Last Runs")

    _company_uniq = models.UniqueIndex(
        "(company_id)", "There is one set of insight settings per company."
    )

    def _compute_has_pos(self):
        self.has_pos = "pos.order" in self.env

    def _compute_run_ids(self):
        for config in self:
            config.run_ids = self.env["hc.insight.run"].search(
                [("company_id", "=", config.company_id.id)], limit=10
            )

    @api.constrains(
        "horizon_days",
        "discount_rate",
        "min_rank_customers",
        "min_value_customers",
        "min_purchases",
        "engagement_half_life_days",
        "support_floor",
    )
    def _check_numbers(self):
        for config in self:
            # field, least, most
            bounds = [
                ("horizon_days", 7, MAX_HORIZON_DAYS),
                ("discount_rate", 0, 1),
                ("min_rank_customers", 30, 10**9),
                ("min_value_customers", 30, 10**9),
                ("min_purchases", 2, 1000),
                ("engagement_half_life_days", 1, MAX_HORIZON_DAYS),
                ("support_floor", 2, 10**6),
            ]
            for name, least, most in bounds:
                value = config[name]
                if not (math.isfinite(value) and least <= value <= most):
                    raise ValidationError(
                        self.env._(
                            "%(field)s must be between %(least)s and %(most)s.",
                            field=self._fields[name]._description_string(self.env),
                            least=least,
                            most=most,
                        )
                    )

    @api.constrains(*(f"health_weight_{name}" for name in HEALTH_FACTORS))
    def _check_health_weights(self):
        for config in self:
            self._check_weights(
                {
                    f"health_weight_{name}": config[f"health_weight_{name}"]
                    for name in HEALTH_FACTORS
                },
                self.env._("the health score"),
            )

    @api.constrains(*(f"engagement_weight_{name}" for name in ENGAGEMENT_KINDS))
    def _check_engagement_weights(self):
        for config in self:
            self._check_weights(
                {
                    f"engagement_weight_{name}": config[f"engagement_weight_{name}"]
                    for name in ENGAGEMENT_KINDS
                },
                self.env._("being in touch"),
            )

    @api.constrains("health_low", "health_high")
    def _check_bands(self):
        for config in self:
            if not 0 <= config.health_low < config.health_high <= 100:
                raise ValidationError(
                    self.env._(
                        "“Needs care below” must be less than “Thriving from”, both between 0 and 100."
                    )
                )

    @api.model
    def _check_weights(self, weights, what):
        """Refuse weights that are negative, no numbers, or all zero.

        :param weights: ``{field name: weight}``
        :param what: what they weigh, for the message
        """
        for name, weight in weights.items():
            if (
                isinstance(weight, bool)
                or not isinstance(weight, int | float)
                or not math.isfinite(weight)
                or not 0 <= weight <= 1000
            ):
                raise ValidationError(
                    self.env._(
                        "The weight “%(field)s” must be a number from 0 to 1000.",
                        field=self._fields[name]._description_string(self.env),
                    )
                )
        if not sum(weights.values()) > 0:
            raise ValidationError(
                self.env._(
                    "The weights of %(what)s sum to zero. Give at least one of them a weight above 0.",
                    what=what,
                )
            )

    def write(self, vals):
        if "company_id" in vals and any(
            config.company_id.id != vals["company_id"] for config in self
        ):
            raise UserError(
                self.env._("The company of insight settings stays. Each company has its own.")
            )
        result = super().write(vals)
        if "is_active" in vals and not vals["is_active"]:
            self._forget()
        return result

    def _forget(self):
        """Delete what was worked out for these companies."""
        companies = self.company_id.ids
        # superuser: nobody deletes insight directly; the write on the settings was checked
        for model in ("hc.customer.insight", "hc.customer.insight.history"):
            self.env[model].sudo().search([("company_id", "in", companies)]).unlink()

    @api.model
    def _for_company(self, company):
        """Return the settings of ``company``, made on first use."""
        # superuser: everybody's figures follow the settings, only administrators read them
        configs = self.sudo()
        # asked for every row of a list: remembered until the end of the transaction
        known = self.env.cr.cache.setdefault("hc_insight_config", {})
        if company.id not in known:
            config = configs.search([("company_id", "=", company.id)], limit=1)
            if not config:
                config = configs.create(
                    {"company_id": company.id, "currency_id": company.currency_id.id}
                )
            known[company.id] = config.id
        return configs.browse(known[company.id])

    @api.model
    def _for_all_companies(self):
        """Make the settings of every company, at installation: two first readers at once would both try."""
        # superuser: see _for_company
        for company in (
            self.env["res.company"].sudo().with_context(active_test=False).search(Domain.TRUE)
        ):
            self._for_company(company)

    def unlink(self):
        self.env.cr.cache.pop("hc_insight_config", None)
        return super().unlink()

    def _health_weights(self):
        self.ensure_one()
        return {name: self[f"health_weight_{name}"] for name in HEALTH_FACTORS}

    def _engagement_weights(self):
        self.ensure_one()
        return {name: self[f"engagement_weight_{name}"] for name in ENGAGEMENT_KINDS}

    @api.model
    def action_open(self):
        """Open the settings of the current company."""
        self.check_access("write")
        config = self._for_company(self.env.company)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Insight"),
            "res_model": self._name,
            "res_id": config.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def action_run(self):
        """Look at all customers anew, in the background."""
        self.ensure_one()
        self.check_access("write")
        if not self.is_active:
            raise UserError(
                self.env._("“Work Out Insight” is off. Switch it on and save, then run again.")
            )
        # superuser: runs are written by the machine only
        run = self.env["hc.insight.run"].sudo()._request(self.company_id, "full", self.env.user)
        return run.hc_get_progress(self.company_id.id)
