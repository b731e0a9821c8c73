from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.hc_crm.models.segment.condition import read

# A change of these makes it another rule: what happened before is no news to it.
SWITCH_FIELDS = {
    "active",
    "company_id",
    "survey_id",
    "trigger",
    "domain",
    "partner_domain",
    "share",
}
MAX_DAYS = 3660  # ten years: who waits longer mistook the field
MAX_REMINDERS = 5
PREVIEW_DAYS = 30
# (name, least, most)
BOUNDS = [
    ("delay_count", 0, MAX_DAYS),
    ("share", 1, 100),
    ("throttle_days", 0, MAX_DAYS),
    ("expire_days", 1, MAX_DAYS),
    ("reminder_count", 0, MAX_REMINDERS),
    ("reminder_days", 1, 365),
]


class HcAskRule(models.Model):
    """When to ask whom: after which event, how long after, with which survey, how often at most.

    How to add something that may go before (a trigger): in a file of its own, override ``_triggers`` and
    add ``{key: {"label", "phrase", "model"}}`` if what it needs is installed, and write
    ``_trigger_<key>(query)`` (see ``trigger_order``). Everything else – whom it concerns, conditions, sampling,
    throttle, that nobody is asked twice about the same thing – is done here for all of them.
    """

    _name = "hc.ask.rule"
    _description = "When to Ask"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        default=True,
        help="Off: nobody is asked because of it. On: from now on, not for what was before.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )  # fmt: skip
    survey_id = fields.Many2one(
        "survey.survey", index=True, ondelete="set null",
        help="What to ask. Its first question with a score becomes the buttons in the mail.",
    )  # fmt: skip
    trigger = fields.Selection(
        "_trigger_selection", string="After", required=True, default="manual",
        help="What happens with the customer before we ask.",
    )  # fmt: skip
    trigger_model = fields.Char(
        compute="_compute_trigger_model", help="Of which documents the conditions speak."
    )
    domain = fields.Char(string="Only Those", default="[]", help="Conditions on the document.")
    partner_domain = fields.Char(
        string="Only Customers", default="[]", help="Conditions on the customer."
    )
    delay_count = fields.Integer(string="How Long After", default=0)
    delay_unit = fields.Selection(
        [("hours", "hours"), ("days", "days")], required=True, default="days"
    )
    touchpoint = fields.Char(help="Technical name of the moment, kept on every answer.")
    purpose_id = fields.Many2one(
        "hc.consent.purpose", required=True, ondelete="restrict",
        default=lambda self: self.env.ref("hc_crm.hc_consent_purpose_feedback", raise_if_not_found=False),
        help="What the mail counts as: who said no to it is not asked.",
    )  # fmt: skip
    template_id = fields.Many2one(
        "mail.template", string="Letter", ondelete="set null", domain=[("model", "=", "hc.ask")],
        default=lambda self: self.env.ref("hc_crm_surveys.mail_template_ask", raise_if_not_found=False),
    )  # fmt: skip
    share = fields.Integer(
        string="Share Asked", default=100, help="Of 100 who could be asked, so many are."
    )
    throttle_days = fields.Integer(
        string="Not Again Within", default=90,
        help="Nobody is asked the same metric again before so many days, whichever rule asks.",
    )  # fmt: skip
    expire_days = fields.Integer(
        string="Answer Within", default=30, help="After so many days it counts as not answered."
    )
    reminder_count = fields.Integer(
        string="Reminders", default=1, help="At most so many, and only to those who did not answer."
    )
    reminder_days = fields.Integer(string="Remind After", default=5)
    sender = fields.Selection(
        [
            ("known", "The colleague they know"),
            ("company", "The company"),
            ("user", "A certain colleague"),
        ],
        required=True,
        default="known",
    )
    user_id = fields.Many2one(
        "res.users", string="Sent By", ondelete="set null", domain=[("share", "=", False)]
    )
    date_since = fields.Datetime(
        string="Counts From", readonly=True, copy=False,
        help="When it was switched on, or changed: what happened before is not asked about.",
    )  # fmt: skip
    error = fields.Char(readonly=True, copy=False, help="Why it finds nobody at the moment.")

    # -- the registry ---------------------------------------------------------------------------

    @api.model
    def _triggers(self):
        """Return what can go before asking: ``{key: {"label", "phrase", "model"}}``; other files add theirs.

        ``label`` stands in the list of choices; ``phrase`` in a sentence, behind “3 days after …”;
        ``model`` is the name of the document's model, None: nothing happens by itself.

        ``_trigger_<key>(query)`` is handed a ``Query`` of the documents of the rule's company that fit its
        conditions (as superuser). It adds what makes the event (``query.add_where``, ``query.add_join``) and
        returns two SQL expressions: the customer's id, and when it happened (naive UTC). A document may
        give several rows, one for each person.
        """
        return {"manual": {"label": self.env._("By hand"), "phrase": "", "model": None}}

    @api.model
    def _trigger_selection(self):
        return [(key, info["label"]) for key, info in self._triggers().items()]

    @api.depends("trigger")
    def _compute_trigger_model(self):
        triggers = self._triggers()
        for rule in self:
            rule.trigger_model = triggers.get(rule.trigger, {}).get("model") or False

    @api.onchange("trigger")
    def _onchange_trigger(self):
        if self._origin.trigger != self.trigger:
            self.domain = "[]"

    # -- what may be saved ----------------------------------------------------------------------

    def _label(self, name):
        return self._fields[name]._description_string(self.env)

    @api.constrains(*(name for name, _least, _most in BOUNDS))
    def _check_bounds(self):
        for rule in self:
            for name, least, most in BOUNDS:
                if not least <= rule[name] <= most:
                    raise ValidationError(
                        self.env._(
                            "“%(field)s”: %(value)s does not work. Give a whole number from %(least)s to "
                            "%(most)s.",
                            field=self._label(name),
                            value=rule[name],
                            least=least,
                            most=most,
                        )
                    )

    @api.constrains("active", "survey_id", "template_id", "sender", "user_id", "trigger")
    def _check_ready(self):
        for rule in self.filtered("active"):
            if not rule.survey_id:
                raise ValidationError(
                    self.env._(
                        "“%s”: choose what to ask before you switch it on.",
                        self._label("survey_id"),
                    )
                )
            if rule.template_id and rule.template_id.sudo().model != "hc.ask":
                raise ValidationError(
                    self.env._(
                        "“%(field)s”: “%(letter)s” is about something else. Choose one about requests for "
                        "feedback.",
                        field=self._label("template_id"),
                        letter=rule.template_id.sudo().name,
                    )
                )
            if rule.sender == "user" and not rule.user_id:
                raise ValidationError(
                    self.env._("“%s”: choose the colleague.", self._label("user_id"))
                )

    @api.constrains("trigger", "domain", "partner_domain")
    def _check_conditions(self):
        for rule in self:
            rule._read_domain("partner_domain", self.env["res.partner"])
            if rule.trigger_model:
                rule._read_domain("domain", self.env[rule.trigger_model])

    def _read_domain(self, name, model):
        """Return a condition of this rule as a domain over ``model``.

        :raise ValidationError: it cannot be read, or names what is not there, or what the user may not read
        """
        try:
            domain = Domain(read(self[name]))
            domain.validate(model)
            # with its values: “soon” is no date
            model.with_context(active_test=False)._search(domain)
        except (ValueError, TypeError, KeyError, UserError, NotImplementedError) as error:
            raise ValidationError(
                self.env._(
                    "“%(field)s”: the conditions over %(model)s do not work: %(error)s. Set them anew with the "
                    "filter editor.",
                    field=self._label(name),
                    model=model._description,
                    error=str(error).rstrip("."),
                )
            ) from error
        return domain

    # -- from when on things count --------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_storable(vals_list)
        rules = super().create(vals_list)
        rules.filtered("active").date_since = fields.Datetime.now()
        return rules

    def write(self, vals):
        self._check_storable([vals])
        before = {rule.id: rule._switches() for rule in self} if SWITCH_FIELDS & vals.keys() else {}
        result = super().write(vals)
        changed = self.filtered(
            lambda rule: before.get(rule.id, rule._switches()) != rule._switches()
        )
        if changed:
            changed.write({"date_since": fields.Datetime.now(), "error": False})
        return result

    def _check_storable(self, vals_list):
        """Refuse what is no text PostgreSQL could store, naming the field."""
        for vals in vals_list:
            for name, value in vals.items():
                if isinstance(value, str) and "\0" in value:
                    label = self._label(name) if name in self._fields else str(name)[:50]
                    raise ValidationError(
                        self.env._("“%s”: contains a NUL character. Remove it.", label)
                    )

    def _switches(self):
        self.ensure_one()
        return [
            self._fields[name].convert_to_write(self[name], self) for name in sorted(SWITCH_FIELDS)
        ]

    def copy_data(self, default=None):
        return [
            dict(vals, name=self.env._("%s (copy)", rule.name), active=False)
            for rule, vals in zip(self, super().copy_data(default), strict=True)
        ]

    # -- who could be asked ---------------------------------------------------------------------

    @api.model
    def _manual_rule(self, survey, company):
        """Return the rule by which colleagues ask with this survey by hand; empty if there is none."""
        return self.search(
            [
                ("survey_id", "=", survey.id),
                ("company_id", "=", company.id),
                ("trigger", "=", "manual"),
            ],
            limit=1,
        )

    def _metric_question(self):
        """Return the question whose scores are the buttons, empty if the survey has none with a metric."""
        self.ensure_one()
        return self.survey_id.sudo()._metric_question()

    def _asked_lately(self, partners, survey=None, company=None):
        """Return ids of the people who may not be asked by this rule, having been asked the same lately. One query.

        :param survey: that asks, if there is no rule
        :param company: in whose name, if there is no rule
        """
        survey = survey or self.survey_id
        days = self.throttle_days if self else self._fields["throttle_days"].default(self)
        if not days or not partners:
            return set()
        metric = survey.sudo()._metric_question().metric
        same = Domain("metric", "=", metric) if metric else Domain("survey_id", "=", survey.id)
        asks = self.env["hc.ask"].sudo().search_fetch(
            same
            & Domain("partner_id", "in", partners.ids)
            & Domain("company_id", "=", (company or self.company_id).id)
            & Domain("date_sent", ">", fields.Datetime.subtract(fields.Datetime.now(), days=days)),
            ["partner_id"],
        )  # fmt: skip
        return set(asks.partner_id.ids)

    def action_requests(self):
        """The requests made by this rule."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("hc_crm_surveys.hc_ask_action")
        return action | {
            "domain": [("rule_id", "=", self.id)],
            "context": {"create": False},
            "display_name": self.name,
        }
