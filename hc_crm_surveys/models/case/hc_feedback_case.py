from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.hc_crm.models.links import check_links

MAX_NAME = 300  # characters; a line
MAX_TEXT = 20_000  # characters
MAX_GOODWILL = 1e9
# What happened is told by what people do with a case, and typed in by nobody afterwards.
HISTORY = (
    "is_open", "verdict", "verdict_feedback_id", "date_answered", "date_solved", "date_escalated",
    "date_ask", "date_asked", "hours_to_answer", "hours_to_solve", "score_before", "score_after",
    "recovered", "reopen_count",
)  # fmt: skip
LINKS = ("partner_id", "user_id", "stage_id", "cause_id", "rule_id", "company_id")


class HcFeedbackCase(models.Model):
    """Something went wrong for a customer, and somebody sees to it until it is right again.

    One person has one open case at a company: what they say meanwhile joins it.
    """

    _name = "hc.feedback.case"
    _description = "Case"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "priority desc, date_due, id desc"
    _check_company_auto = True

    name = fields.Char(string="What Happened", required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )  # fmt: skip
    partner_id = fields.Many2one(
        "res.partner", string="Customer", index="btree_not_null", ondelete="set null",
        check_company=True,
    )  # fmt: skip
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Company or Household", store=True,
        index="btree_not_null",
    )  # fmt: skip
    feedback_ids = fields.One2many("hc.feedback", "case_id", string="What They Said", readonly=True)
    description = fields.Text(
        string="In Their Words", help="What they said, as far as it is not written below."
    )
    rule_id = fields.Many2one("hc.feedback.case.rule", readonly=True, ondelete="set null")
    stage_id = fields.Many2one(
        "hc.feedback.case.stage", required=True, index=True, ondelete="restrict", tracking=True,
        group_expand="_read_group_expand_full", copy=False,
        default=lambda self: self.env["hc.feedback.case.stage"]._first(),
    )  # fmt: skip
    is_open = fields.Boolean(
        string="Open", compute="_compute_is_open", store=True, precompute=True, index=True,
        help="Not solved and not closed.",
    )  # fmt: skip
    user_id = fields.Many2one(
        "res.users", string="Owner", index="btree_not_null", ondelete="set null", tracking=True,
        check_company=True, domain="[('share', '=', False)]",
    )  # fmt: skip
    priority = fields.Selection(
        [("0", "Normal"), ("1", "Urgent")], default="0", required=True, tracking=True
    )
    topic_ids = fields.Many2many("hc.feedback.topic", string="Topics")
    cause_id = fields.Many2one(
        "hc.feedback.cause", string="Root Cause", ondelete="restrict", tracking=True
    )
    solution = fields.Text(string="What Was Done")
    goodwill = fields.Char(help="What we gave to make up for it.")
    goodwill_amount = fields.Monetary(string="Worth")
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_open = fields.Datetime(
        string="Opened", required=True, readonly=True, default=fields.Datetime.now
    )
    date_due_answer = fields.Datetime(string="First Answer By", copy=False)
    date_due = fields.Datetime(string="Solve By", copy=False)
    date_answered = fields.Datetime(string="First Answer", readonly=True, copy=False)
    date_solved = fields.Datetime(string="Solved On", readonly=True, copy=False)
    date_escalated = fields.Datetime(string="Escalated On", readonly=True, copy=False)
    date_ask = fields.Datetime(string="Asked Again From", readonly=True, copy=False)
    date_asked = fields.Datetime(string="Asked Again", readonly=True, copy=False)
    hours_to_answer = fields.Float(
        string="Hours to First Answer", readonly=True, copy=False, aggregator="avg",
        help="Working hours from when it was opened.",
    )  # fmt: skip
    hours_to_solve = fields.Float(
        string="Hours to Solution", readonly=True, copy=False, aggregator="avg",
        help="Working hours from when it was opened.",
    )  # fmt: skip
    reopen_count = fields.Integer(string="Opened Again", readonly=True, copy=False)
    verdict = fields.Selection(
        [("better", "It is right again"), ("same", "Not really"), ("worse", "Worse than before")],
        string="Customer's Verdict", readonly=True, copy=False, tracking=True,
    )  # fmt: skip
    verdict_feedback_id = fields.Many2one(
        "hc.feedback", string="What They Said After", readonly=True, copy=False, ondelete="set null",
        index="btree_not_null",
    )  # fmt: skip
    score_before = fields.Float(
        string="Score Before (%)", readonly=True, copy=False, aggregator="avg",
        help="The place of their first score on its scale, 0 to 100.",
    )  # fmt: skip
    score_after = fields.Float(
        string="Score After (%)", readonly=True, copy=False, aggregator="avg",
        help="The place on the scale of what they said after it was solved, 0 to 100.",
    )  # fmt: skip
    recovered = fields.Float(
        string="Recovered (%)", readonly=True, copy=False, aggregator="avg",
        help="Of the customers who told us after the solution, for how many it is right again.",
    )  # fmt: skip

    _open_unique = models.UniqueIndex(
        "(partner_id, company_id) WHERE is_open AND partner_id IS NOT NULL",
        "This customer has an open case already. Add what they said there.",
    )
    _escalate_idx = models.Index("(date_due) WHERE is_open AND date_escalated IS NULL")
    _ask_idx = models.Index("(date_ask) WHERE date_ask IS NOT NULL AND date_asked IS NULL")

    @api.depends("stage_id.is_solved", "stage_id.is_closed")
    def _compute_is_open(self):
        for case in self:
            stage = case.stage_id
            case.is_open = not stage.is_solved and not stage.is_closed

    # -- bad input ----------------------------------------------------------------------------------

    @api.constrains("name", "solution", "description", "goodwill")
    def _check_texts(self):
        limits = {
            "name": MAX_NAME,
            "goodwill": MAX_NAME,
            "solution": MAX_TEXT,
            "description": MAX_TEXT,
        }
        for case in self:
            if not (case.name or "").strip():
                raise ValidationError(self.env._("What Happened: one line is enough."))
            for name, limit in limits.items():
                if len(case[name] or "") > limit:
                    raise ValidationError(
                        self.env._(
                            "%(field)s holds %(length)s characters; %(max)s is the most.",
                            field=self._fields[name]._description_string(self.env),
                            length=len(case[name]),
                            max=limit,
                        )
                    )

    @api.constrains("goodwill_amount")
    def _check_goodwill_amount(self):
        for case in self:
            self._check_amount(case.goodwill_amount)

    @api.model
    def _check_amount(self, amount):
        # also refuses what is no number
        if not 0 <= amount < MAX_GOODWILL:
            raise ValidationError(self.env._("Worth: give an amount, 0 or more."))

    @api.constrains("user_id", "company_id")
    def _check_user(self):
        for case in self:
            user = case.user_id.sudo()
            if user and (user.share or case.company_id not in user.company_ids):
                raise ValidationError(
                    self.env._(
                        "Owner: %(name)s is no colleague of %(company)s.",
                        name=user.name,
                        company=case.company_id.sudo().name,
                    )
                )

    # -- CRUD ---------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_input(vals_list, creating=True)
        for vals in vals_list:
            if vals.get("partner_id"):
                self._check_no_other(vals)
        cases = super().create(vals_list)
        for case in cases.sudo():
            case._begin()
        return cases

    def write(self, vals):
        self._check_input([vals])
        if "company_id" in vals and any(case.company_id.id != vals["company_id"] for case in self):
            raise UserError(
                self.env._("Company: a case stays with the company the customer complained to.")
            )
        before = {case: (case.user_id, case.stage_id) for case in self}
        if "stage_id" in vals:
            self._check_leaving(vals)
        res = super().write(vals)
        for case, (user, stage) in before.items():
            # sudo: times and activities follow, whoever may change the case
            if case.stage_id != stage:
                case.sudo()._stage_changed(stage)
            if case.user_id != user:
                case.sudo()._owner_changed(user)
            elif {"date_due", "date_due_answer"} & vals.keys():
                case.sudo()._remind_owner()
        return res

    def _check_input(self, vals_list, creating=False):
        for vals in vals_list:
            if not self.env.su and (named := [name for name in HISTORY if vals.get(name)]):
                raise UserError(
                    self.env._(
                        "%(field)s: this cannot be typed in; it is noted by itself.",
                        field=self._fields[named[0]]._description_string(self.env),
                    )
                )
            if isinstance(vals.get("goodwill_amount"), float):
                # before it is rounded, which a “not a number” cannot be
                self._check_amount(vals["goodwill_amount"])
            for name in ("name", "solution", "description", "goodwill"):
                if isinstance(vals.get(name), str):
                    vals[name] = vals[name].replace("\x00", "")
        if (
            not creating
            and not self.env.su
            and any(set(HISTORY) & vals.keys() for vals in vals_list)
        ):
            raise UserError(self.env._("What became of a case cannot be typed in or taken away."))
        check_links(self, vals_list, LINKS, creating=creating)

    def _check_no_other(self, vals):
        """Say which case is open already, before the database only says that there is one."""
        company_id = vals.get("company_id") or self.env.company.id
        # sudo: also those of colleagues; they are named only to who may read them
        other = self.sudo()._open_of(self.env["res.partner"].browse(vals["partner_id"]), company_id)
        if not other:
            return
        if readable := other.with_env(self.env)._filtered_access("read"):
            raise UserError(
                self.env._(
                    "This customer has an open case already: “%(case)s”. Add what they said there.",
                    case=readable.name,
                )
            )
        raise UserError(
            self.env._("A colleague has an open case of this customer already. Ask who it is.")
        )

    @api.model
    def _open_of(self, partner, company_id):
        return self.search(
            [
                ("partner_id", "in", partner.ids),
                ("company_id", "=", company_id),
                ("is_open", "=", True),
            ],
            limit=1,
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_for_good(self):
        """What somebody decided not to follow up stays so, also when the answer is saved again."""
        self.sudo().feedback_ids.is_case_dismissed = True

    def _mail_get_partner_fields(self, introspect_fields=False):
        return ["partner_id"]

    @api.model
    def _quote(self, feedback):
        """What somebody said, for the log of the case."""
        lines = []
        if feedback.is_scored:
            lines.append(Markup("<b>%s</b>") % feedback._case_score_text())
        if feedback.comment:
            lines.append(Markup("<blockquote>%s</blockquote>") % feedback.comment[:MAX_TEXT])
        return Markup("<br/>").join(lines)

    # -- opening ------------------------------------------------------------------------------------

    @api.model
    def _open_action(self, partner, company=None, **vals):
        """Return the action that shows the open case of a customer, or a form to open one.

        :param vals: what is known already of a new one
        """
        company = company or self.env.company
        case = self._open_of(partner, company.id) if partner else self.browse()
        context = {f"default_{name}": value for name, value in vals.items()}
        if partner:
            context["default_partner_id"] = partner.id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Case"),
            "res_model": self._name,
            "res_id": case.id,
            "views": [(False, "form")],
            "target": "current",
            "context": {**context, "default_company_id": company.id},
        }

    def action_take(self):
        """I see to it."""
        for case in self:
            case.user_id = self.env.user

    def action_open_customer(self):
        self.ensure_one()
        if not self.partner_id:
            raise UserError(self.env._("Nobody knows who it was."))
        return self.partner_id.get_formview_action()

    @api.model
    def _overdue_domain(self):
        now = fields.Datetime.now()
        late_answer = Domain("date_answered", "=", False) & Domain("date_due_answer", "<", now)
        return Domain("is_open", "=", True) & (late_answer | Domain("date_due", "<", now))
