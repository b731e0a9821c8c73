from uuid import uuid4

from odoo import api, fields, models


class HcOutreachStep(models.Model):
    """One thing a plan does, and when.

    The steps of a version form a tree: a step with branches (``branch`` steps, tasks with outcomes) has
    children, each in the lane of one outcome (``lane``); within a lane, and on the trunk
    (no parent), they follow each other by ``sequence``. At the end of a lane the plan goes on behind the
    parent. So there is no way to build a circle.

    How to add a type: append ``(key, label)`` in ``_selection_type``, say what it is in
    ``_step_types``, and write ``_run_<key>(deliveries)`` in a file of its own (see ``step_mail``).
    """

    _name = "hc.outreach.step"
    _description = "Step of an Outreach Plan"
    _order = "version_id, sequence, id"
    _parent_store = False

    version_id = fields.Many2one(
        "hc.outreach.version", required=True, index=True, ondelete="cascade"
    )
    plan_id = fields.Many2one(related="version_id.plan_id", store=True, index=True)
    company_id = fields.Many2one(related="version_id.company_id", store=True)
    key = fields.Char(
        required=True,
        copy=True,
        default=lambda self: uuid4().hex,
        help="Stays the same from version to version, so that those inside can move.",
    )
    name = fields.Char(translate=True)
    sequence = fields.Integer(default=10)
    parent_id = fields.Many2one("hc.outreach.step", index="btree_not_null", ondelete="cascade")
    child_ids = fields.One2many("hc.outreach.step", "parent_id")
    lane = fields.Char(help="Of which outcome of the parent: yes, no, a, b, reached, …")
    type = fields.Selection(selection="_selection_type", required=True, default="mail")
    is_human = fields.Boolean(
        compute="_compute_is_human", help="A person acts: automation stops here and waits for them."
    )
    never_automate = fields.Boolean(
        string="Only by a Person",
        help="A touchpoint that is never automated: mails and messages become drafts for a colleague.",
    )
    purpose_id = fields.Many2one(
        "hc.consent.purpose", ondelete="restrict", help="Empty: the purpose of the plan."
    )

    # -- when ---------------------------------------------------------------------------------------
    wait_type = fields.Selection(
        [
            ("none", "At once"),
            ("after", "Some time after the step before"),
            ("until", "On the next weekday and hour"),
            ("date", "Around the day that began the plan"),
        ],
        default="none",
        required=True,
    )
    wait_count = fields.Integer(default=1)
    wait_unit = fields.Selection(
        [
            ("minutes", "minutes"),
            ("hours", "hours"),
            ("days", "days"),
            ("workdays", "working days"),
            ("weeks", "weeks"),
            ("months", "months"),
        ],
        default="days",
        required=True,
    )
    wait_weekday = fields.Selection(
        [
            ("any", "any day"),
            ("work", "a working day"),
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
            ("5", "Saturday"),
            ("6", "Sunday"),
        ],
        default="any",
        required=True,
    )
    wait_hour = fields.Float(default=10.0, help="In the customer's own time zone; −1: any hour.")

    # -- mail, text message, draft ------------------------------------------------------------------
    mail_template_id = fields.Many2one("mail.template", ondelete="set null")
    text = fields.Text(translate=True, help="Text message, note, or what to say on the phone.")
    draft_hours = fields.Integer(default=48, help="Hours a colleague has to look at the draft.")
    draft_fallback = fields.Selection(
        [("send", "Send it as it is"), ("drop", "Drop it")], default="drop", required=True
    )

    # -- task ---------------------------------------------------------------------------------------
    activity_type_id = fields.Many2one("mail.activity.type", ondelete="set null")
    summary = fields.Char(translate=True)
    user_rule = fields.Selection(
        [
            ("salesperson", "The customer's salesperson"),
            ("known", "Whoever talked to them last"),
            ("plan", "The plan's responsible"),
            ("user", "A certain colleague"),
            ("team", "The sales team in turn"),
        ],
        default="salesperson",
        required=True,
    )
    user_id = fields.Many2one("res.users", ondelete="set null", domain="[('share', '=', False)]")
    backup_user_id = fields.Many2one(
        "res.users", ondelete="set null", domain="[('share', '=', False)]"
    )
    deadline_days = fields.Integer(default=2, help="Working days to do it.")
    task_wait = fields.Boolean(
        default=True, help="The plan waits for what comes of it; lanes by outcome."
    )
    task_expire_days = fields.Integer(
        default=14, help="Days after the deadline until the plan goes on with “not done”."
    )
    overflow = fields.Selection(
        [("spread", "Wait for a free place"), ("backup", "Give it to the backup")],
        default="spread",
        required=True,
        help="When the colleague has as many open tasks as the contact rules allow.",
    )

    # -- branch -------------------------------------------------------------------------------------
    branch_type = fields.Selection(
        [
            ("domain", "A condition holds"),
            ("opened", "They opened the mail"),
            ("answered", "They answered"),
            ("ordered", "They bought"),
            ("ab", "Half and half (A/B)"),
        ],
        default="domain",
        required=True,
    )
    branch_domain = fields.Char(default="[]")
    branch_author_id = fields.Many2one(
        "res.users",
        string="Condition by",
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="set null",
        help="Who wrote the condition. It sees what this person may see and no more.",
    )
    branch_share = fields.Integer(default=50, help="Share of A, in percent.")
    branch_days = fields.Integer(
        default=0, help="Days to wait for it to come true; 0: decide at once."
    )

    # -- others -------------------------------------------------------------------------------------
    category_id = fields.Many2one("res.partner.category", ondelete="set null")
    category_way = fields.Selection([("add", "Add"), ("remove", "Remove")], default="add")
    field_id = fields.Many2one("ir.model.fields", ondelete="set null")
    field_value = fields.Char()
    team_id = fields.Many2one("crm.team", ondelete="set null")
    webhook_url = fields.Char()
    webhook_secret = fields.Char(groups="hc_crm.hc_crm_group_manager", prefetch=False)
    action_id = fields.Many2one("ir.actions.server", ondelete="set null")

    _key_uniq = models.UniqueIndex("(version_id, key)")

    @api.model
    def _selection_type(self):
        return [(key, info["label"]) for key, info in self._step_types().items()]

    @api.model
    def _step_types(self):
        """Return what kinds of steps there are.

        :return: ``{key: {"label", "icon" (Font Awesome 4), "channel" (key of hc.channel or None: nobody is
            contacted), "human": bool, "lanes": [(key, label), …] or []}}``; other files add theirs
        """
        return {
            "branch": {
                "label": self.env._("Branch"),
                "icon": "fa-code-fork",
                "channel": None,
                "human": False,
                "lanes": [("yes", self.env._("Yes")), ("no", self.env._("No"))],
            },
            "stop": {
                "label": self.env._("End of the plan"),
                "icon": "fa-flag-checkered",
                "channel": None,
                "human": False,
                "lanes": [],
            },
        }

    @api.depends("type")
    def _compute_is_human(self):
        types = self._step_types()
        for step in self:
            step.is_human = types.get(step.type, {}).get("human", False)
