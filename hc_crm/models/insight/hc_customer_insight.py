from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

BANDS = [
    ("low", "Needs care"),
    ("middle", "Steady"),
    ("high", "Thriving"),
    ("unknown", "Not enough history"),
]
STATUSES = [
    ("prospect", "No purchase yet"),
    ("new", "New"),
    ("active", "Active"),
    ("late", "Late"),
    ("lapsed", "Lapsed"),
]
VALUE_STATES = [
    ("money", "Value and risk"),
    ("rank", "Risk only"),
    ("few", "Not enough history"),
]


class HcCustomerInsight(models.Model):
    """What a company's own records say about one customer: rhythm, value, risk, health.

    One row per customer (commercial partner) and company, beside ``res.partner`` on purpose: computing a
    million of them must not write, lock or bloat the table everybody works in. Rows are written by
    ``hc.insight.run`` in set-based SQL and by nobody else.

    NULL in a number means "not enough history to say"; the ORM reads it as 0. ``value_state``,
    ``health_band`` and ``feeling_count`` say which numbers there are.
    """

    _name = "hc.customer.insight"
    _description = "Customer Insight"
    _order = "health, churn_risk desc, id"
    _rec_name = "partner_id"
    # Who wrote a row is the run, see computed_at. No column or index more than lists need: a run writes them
    # for every customer.
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        ondelete="cascade",
        readonly=True,
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    computed_at = fields.Datetime(string="Worked out on", required=True, readonly=True)
    refresh_on = fields.Date(
        readonly=True,
        help="From this day on time alone has changed the picture: the next run looks again.",
    )
    seller_id = fields.Many2one(
        "res.users",
        string="Only Salesperson",
        readonly=True,
        ondelete="set null",
        help="The salesperson of all purchases, where there is only one.",
    )
    seller_count = fields.Integer(string="Salespeople", readonly=True, aggregator=None)

    first_purchase_date = fields.Date(string="First Purchase", readonly=True)
    last_purchase_date = fields.Date(string="Last Purchase", readonly=True)
    recency_days = fields.Integer(
        string="Days since Last Purchase",
        compute="_compute_recency_days",
        search="_search_recency_days",
        aggregator="avg",
    )
    frequency = fields.Integer(
        string="Purchases",
        readonly=True,
        help="Days on which they bought something; two orders on one day are one purchase.",
    )
    monetary = fields.Monetary(string="Spent in Total", readonly=True)
    average_purchase = fields.Monetary(readonly=True, aggregator="avg")
    revenue_recent = fields.Monetary(string="Spent in the Last 12 Months", readonly=True)
    revenue_previous = fields.Monetary(string="Spent in the 12 Months before", readonly=True)
    rfm_score = fields.Char(
        string="RFM",
        readonly=True,
        help="Three digits, 5 is best: how recently, how often and how much they bought, each compared "
        "with the other customers.",
    )
    rfm_recency = fields.Integer(string="How Recently (1–5)", readonly=True, aggregator="avg")
    rfm_frequency = fields.Integer(string="How Often (1–5)", readonly=True, aggregator="avg")
    rfm_monetary = fields.Integer(string="How Much (1–5)", readonly=True, aggregator="avg")

    rhythm_days = fields.Float(
        string="Buys Every … Days", digits=(16, 1), readonly=True, aggregator="avg"
    )
    regularity = fields.Float(
        readonly=True, aggregator="avg", help="1 is clockwork, 0 is any time."
    )
    next_purchase_date = fields.Date(string="Next Purchase Expected", readonly=True)
    is_overdue = fields.Boolean(
        string="Overdue",
        readonly=True,
        help="It is unusually long since their last purchase, for their own rhythm.",
    )
    status = fields.Selection(STATUSES, readonly=True, default="prospect")

    value_state = fields.Selection(
        VALUE_STATES, string="What Can Be Said", readonly=True, default="few"
    )
    expected_purchases = fields.Float(digits=(16, 2), readonly=True)
    buy_probability = fields.Float(
        string="Likely to Buy Again",
        readonly=True,
        aggregator="avg",
        help="Chance of at least one purchase within the time looked ahead.",
    )
    churn_risk = fields.Float(
        string="Likely to Stop Buying",
        readonly=True,
        aggregator="avg",
        help="Chance that there is no purchase at all within the time looked ahead.",
    )
    clv = fields.Monetary(
        string="Value Ahead",
        readonly=True,
        help="What they are expected to spend within the time looked ahead, in today's money.",
    )
    clv_low = fields.Monetary(string="Value Ahead, at Least", readonly=True, aggregator=None)
    clv_high = fields.Monetary(string="Value Ahead, at Most", readonly=True, aggregator=None)

    engagement = fields.Float(
        digits=(16, 0),
        readonly=True,
        aggregator="avg",
        help="How much they were in touch with us lately, 0 to 100; it fades with time.",
    )
    contact_count = fields.Integer(
        string="Contacts in 12 Months",
        readonly=True,
    )
    last_contact_date = fields.Date(string="Last Contact", readonly=True)
    last_personal_date = fields.Date(
        string="Last Time We Wrote or Called",
        readonly=True,
        help="Last time a colleague turned to them in person; what is sent by itself does not count.",
    )
    feeling = fields.Float(
        digits=(16, 1), readonly=True, aggregator="avg", help="From −2 (bad) to 2 (good)."
    )
    feeling_count = fields.Integer(string="Feelings Known", readonly=True)
    bad_feeling_count = fields.Integer(string="Bad Feelings in 90 Days", readonly=True)
    late_promise_count = fields.Integer(
        string="Late or Broken Promises",
        readonly=True,
        help="Late today, or broken within a year.",
    )

    health = fields.Float(digits=(16, 0), readonly=True, aggregator="avg")
    health_band = fields.Selection(BANDS, readonly=True, default="unknown")
    health_previous = fields.Float(
        string="Health Three Months Ago", digits=(16, 0), readonly=True, aggregator="avg"
    )
    health_change = fields.Float(
        digits=(16, 0),
        readonly=True,
        aggregator="avg",
        help="Compared with three months ago.",
    )
    # what health is made of, 0 (bad) to 1 (good); NULL where nothing is known
    health_rhythm = fields.Float(string="Health: Rhythm", readonly=True, aggregator="avg")
    health_trend = fields.Float(string="Health: Spending", readonly=True, aggregator="avg")
    health_engagement = fields.Float(string="Health: In Touch", readonly=True, aggregator="avg")
    health_feeling = fields.Float(string="Health: Feelings", readonly=True, aggregator="avg")
    health_care = fields.Float(string="Health: Our Care", readonly=True, aggregator="avg")

    reasons = fields.Json(
        compute="_compute_reasons",
        help="Why: a list of factor, value and weight, strongest first, without what the reader may not "
        "see. A positive weight helps health.",
    )

    _partner_company_uniq = models.UniqueIndex(
        "(partner_id, company_id)", "A customer has one row of insight per company."
    )

    def init(self):
        result = super().init()
        # Room on each page for the next run's version of its rows.
        self.env.cr.execute("ALTER TABLE hc_customer_insight SET (fillfactor = 45)")
        return result

    @api.depends("last_purchase_date")
    def _compute_recency_days(self):
        today = fields.Date.context_today(self)
        for insight in self:
            last = insight.last_purchase_date
            insight.recency_days = max((today - last).days, 0) if last else 0

    def _search_recency_days(self, operator, value):
        if operator not in ("<", ">", "<=", ">=", "in"):
            return NotImplemented
        if operator == "in":
            days = [self._hc_day_ago(value) for value in value if value not in (False, None)]
            return Domain("last_purchase_date", "in", days)
        day = self._hc_day_ago(value)
        # more days ago is an earlier day
        turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}[operator]
        return Domain("last_purchase_date", turned, day) & Domain("last_purchase_date", "!=", False)

    def _hc_day_ago(self, days):
        """Return the date so many days ago."""
        today = fields.Date.context_today(self)
        try:
            return fields.Date.subtract(today, days=int(days))
        except (TypeError, ValueError, OverflowError) as error:
            raise UserError(
                self.env._("Days since the last purchase must be a whole number of days.")
            ) from error

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "recency_days":
            return super()._field_to_sql(alias, field_expr, query)
        return SQL(
            "(%s - %s)",
            fields.Date.context_today(self),
            self._field_to_sql(alias, "last_purchase_date", query),
        )

    @api.depends("partner_id")
    def _compute_display_name(self):
        for insight in self:
            insight.display_name = insight.partner_id.display_name

    @api.depends("partner_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_reasons(self):
        reasons = self._hc_reasons()
        for insight in self:
            insight.reasons = reasons[insight.id]

    def action_open_customer(self):
        """Open the customer where the reasons are."""
        self.ensure_one()
        action = self.partner_id.get_formview_action()
        return action | {"context": {**action.get("context", {}), "hc_open_page": "hc_insight"}}
