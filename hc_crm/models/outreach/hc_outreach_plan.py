from odoo import api, fields, models

from ..links import search_visible


def _author_field(label):
    return fields.Many2one(
        "res.users",
        string=label,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="set null",
        help="Who wrote it. It sees what this person may see and no more.",
    )


class HcOutreachPlan(models.Model):
    """Whom we turn to, when and how, before they ask: the configuration.

    Who is inside a plan and what was done for them stands in ``hc.outreach.enrollment`` and
    ``hc.outreach.delivery``. The steps belong to a version: those inside finish theirs.
    """

    _name = "hc.outreach.plan"
    _description = "Outreach Plan"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    description = fields.Text(
        string="What It Is Good for", translate=True, help="What the customer gets out of it."
    )
    sequence = fields.Integer(default=50)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    template_key = fields.Char(readonly=True, copy=False, help="The ready template it came from.")
    is_template = fields.Boolean(
        readonly=True, copy=False, help="A ready one to begin with: never runs itself."
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
        help="Empty for ready templates only.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        check_company=True,
        domain="[('share', '=', False)]",
        help="Gets the tasks of customers without a salesperson, and hears when something goes wrong.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("approval", "Waiting for a Second Pair of Eyes"),
            ("running", "Running"),
            ("paused", "Paused"),
            ("done", "Ended"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    purpose_id = fields.Many2one(
        "hc.consent.purpose",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.ref("hc_crm.hc_consent_purpose_care", False),
        help="What the customer said yes or no to.",
    )
    priority = fields.Selection(
        [("0", "Low"), ("1", "Normal"), ("2", "High"), ("3", "Very high")],
        default="1",
        required=True,
        help="When several plans want the same person: who goes first.",
    )

    # -- entry: see hc_outreach_entry ---------------------------------------------------------------
    entry_type = fields.Selection(
        selection="_selection_entry_type", string="Begins", required=True, default="manual"
    )
    entry_text = fields.Char(string="In Words", compute="_compute_entry_text")
    entry_model_id = fields.Many2one(
        "ir.model", string="Records", ondelete="set null", help="Whose records let the plan begin."
    )
    entry_model = fields.Char(related="entry_model_id.model", string="Technical Name of Records")
    entry_domain = fields.Char(string="Which Records", default="[]")
    entry_partner_path = fields.Char(
        string="Field of the Customer", help="For example partner_id, or order_id.partner_id."
    )
    entry_date_field_id = fields.Many2one("ir.model.fields", string="Day", ondelete="set null")
    entry_source = fields.Char(string="Timeline Source", help="Key of a source of the timeline.")
    entry_days = fields.Integer(
        string="Days", help="Days after the day (before it, if negative), or of silence."
    )
    entry_yearly = fields.Boolean(string="Every Year")
    entry_segment_id = fields.Many2one("hc.segment", ondelete="set null")
    entry_segment_way = fields.Selection(
        [("entered", "Entered"), ("left", "Left")], default="entered"
    )
    entry_persona_id = fields.Many2one("hc.persona", ondelete="set null")
    entry_figure = fields.Selection(
        [
            ("churn_risk", "Likely to stop buying rises above"),
            ("health", "Health falls below"),
            ("health_drop", "Health fell within three months by"),
        ]
    )
    entry_value = fields.Float()
    partner_domain = fields.Char(
        string="Only Those Who",
        default="[]",
        help="Conditions over the contact, asked on entering.",
    )
    recipient = fields.Selection(
        [
            ("contact", "The contact it happened with"),
            ("customer", "The customer (company or household)"),
        ],
        default="contact",
        required=True,
    )
    reentry = fields.Selection(
        [
            ("once", "Once and never again"),
            ("occurrence", "Each time it happens"),
            ("days", "Again after some days"),
        ],
        string="Same Person Again",
        default="occurrence",
        required=True,
    )
    reentry_days = fields.Integer(string="Days between", default=90)
    include_existing = fields.Boolean(
        string="Existing Customers Too",
        help="Off: only what happens from the start of the plan on counts.",
    )
    date_started = fields.Datetime(readonly=True, copy=False)
    entry_watermark = fields.Json(
        readonly=True,
        copy=False,
        help="Up to where entry was looked at; written by the entry's own code.",
    )
    entry_error = fields.Text(readonly=True, copy=False)

    # -- leaving ------------------------------------------------------------------------------------
    exit_on_reply = fields.Boolean(
        string="Stop when They Answer",
        default=True,
        help="On any channel: whoever turned to us is talked to by a person.",
    )
    exit_domain = fields.Char(
        string="Stop for Those Who",
        default="[]",
        help="Conditions over the contact, asked before each step.",
    )
    goal_type = fields.Selection(
        [
            ("none", "None"),
            ("order", "They buy"),
            ("reply", "They answer or come by"),
            ("domain", "A condition comes true"),
        ],
        default="none",
        required=True,
    )
    goal_domain = fields.Char(default="[]")
    goal_days = fields.Integer(
        string="Within Days", default=60, help="Counted from entering the plan."
    )

    # -- human first --------------------------------------------------------------------------------
    human_days = fields.Integer(
        string="Days to Wait after It",
        default=-1,
        help="Days during which steps yield after a colleague talked to them. −1: the company's rule.",
    )
    human_by_rule = fields.Boolean(
        string="As the Contact Rules Say",
        compute="_compute_human_by_rule",
        readonly=False,
        help="The number of days is that of the company's contact rules.",
    )
    human_action = fields.Selection(
        [
            ("wait", "Wait until it is some days ago"),
            ("skip", "Leave the step out"),
            ("note", "Leave it out and tell that colleague"),
        ],
        string="Then",
        default="wait",
        required=True,
    )
    trouble_action = fields.Selection(
        [
            ("task", "Give a person a task instead"),
            ("wait", "Wait until it is solved"),
            ("skip", "Leave the step out"),
        ],
        string="When Something Is Wrong",
        default="task",
        required=True,
        help="An open complaint, an overdue dispute, or a time in which only people contact them.",
    )

    # -- trying out, measuring ----------------------------------------------------------------------
    pilot_share = fields.Integer(
        string="Pilot (%)",
        default=100,
        help="Share of those entering who take part; the rest waits.",
    )
    holdout_share = fields.Integer(
        string="Hold-out (%)",
        default=0,
        help="Share of those entering who get nothing, to learn what the plan is good for.",
    )
    daily_limit = fields.Integer(
        string="At Most a Day", default=0, help="People who enter in a day; 0: no limit."
    )
    late_days = fields.Integer(
        string="Too Late after Days",
        default=14,
        help="What could not happen for so long, because the plan was paused for example, is left out. "
        "0: never.",
    )
    # who wrote what: see hc_outreach_authors
    author_id = _author_field("Conditions by")
    entry_author_id = _author_field("Entry by")
    exit_author_id = _author_field("Conditions for Leaving by")
    goal_author_id = _author_field("Goal by")
    date_paused = fields.Datetime(readonly=True, copy=False)
    enroll_turn = fields.Integer(
        readonly=True, copy=False, help="Counts enrolling that must not happen twice at once."
    )
    asked_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, help="Who asked for the approval."
    )
    approver_id = fields.Many2one("res.users", readonly=True, copy=False)
    date_approved = fields.Datetime(readonly=True, copy=False)
    publish_asked_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        help="Who wants the changed steps to go live: somebody else has a look first.",
    )
    publish_move = fields.Boolean(
        readonly=True, copy=False, help="Those inside are to go on with the changed steps."
    )

    version_ids = fields.One2many("hc.outreach.version", "plan_id")
    live_version_id = fields.Many2one(
        "hc.outreach.version", readonly=True, copy=False, ondelete="set null"
    )
    draft_version_id = fields.Many2one(
        "hc.outreach.version",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="The version being edited.",
    )
    enrollment_ids = fields.One2many(
        "hc.outreach.enrollment", "plan_id", search="_search_enrollment_ids"
    )

    _company_required = models.Constraint(
        "CHECK (is_template IS TRUE OR company_id IS NOT NULL)", "A plan belongs to a company."
    )

    def _search_enrollment_ids(self, operator, value):
        return search_visible(self, "enrollment_ids", operator, value)

    @api.model
    def _selection_entry_type(self):
        """Every way to enter that is declared: see ``hc.outreach.entry``."""
        return self.env["hc.outreach.entry"]._entry_selection()

    @api.depends("human_days")
    def _compute_human_by_rule(self):
        for plan in self:
            plan.human_by_rule = plan.human_days < 0

    @api.onchange("human_by_rule")
    def _onchange_human_by_rule(self):
        if self.human_by_rule:
            self.human_days = -1
        elif self.human_days < 0:
            # superuser: a number of the company's, which every colleague may know
            policy = self.env["hc.contact.policy"].sudo()
            known = policy.search([("company_id", "=", self.company_id.id)], limit=1)
            self.human_days = (
                known.human_days if known else policy.default_get(["human_days"])["human_days"]
            )

    def _compute_entry_text(self):
        for plan in self:
            # superuser: how kinds of records and fields are called, which few users may read
            plan.entry_text = self.env["hc.outreach.entry"]._entry_text(plan.sudo())
