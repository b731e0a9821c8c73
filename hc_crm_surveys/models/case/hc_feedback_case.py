from odoo import fields, models


class HcFeedbackCase(models.Model):
    """Something went wrong for a customer, and somebody sees to it until it is right again."""

    _name = "hc.feedback.case"
    _description = "Case"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "priority desc, date_due, id desc"

    name = fields.Char(string="What Happened", required=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )  # fmt: skip
    partner_id = fields.Many2one(
        "res.partner", string="Customer", index="btree_not_null", ondelete="set null"
    )
    feedback_ids = fields.One2many("hc.feedback", "case_id", string="What They Said")
    rule_id = fields.Many2one("hc.feedback.case.rule", ondelete="set null")
    stage_id = fields.Many2one(
        "hc.feedback.case.stage", index=True, ondelete="restrict", tracking=True
    )
    is_open = fields.Boolean(index=True, default=True, help="Not solved and not closed.")
    user_id = fields.Many2one(
        "res.users", string="Owner", index="btree_not_null", ondelete="set null", tracking=True
    )
    priority = fields.Selection([("0", "Normal"), ("1", "Urgent")], default="0", required=True)
    cause_id = fields.Many2one("hc.feedback.cause", string="Root Cause", ondelete="restrict")
    solution = fields.Text(string="What Was Done")
    goodwill = fields.Char(help="What we gave to make up for it.")
    goodwill_amount = fields.Monetary()
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_open = fields.Datetime(required=True, default=fields.Datetime.now)
    date_due_answer = fields.Datetime(string="Answer By")
    date_due = fields.Datetime(string="Solve By")
    date_answered = fields.Datetime(string="First Answer")
    date_solved = fields.Datetime(string="Solved On")
    date_escalated = fields.Datetime()
    verdict = fields.Selection(
        [("better", "It is right again"), ("same", "Not really"), ("worse", "Worse than before")],
        string="Customer's Verdict",
        readonly=True,
    )
    verdict_feedback_id = fields.Many2one(
        "hc.feedback", string="What They Said After", ondelete="set null"
    )
