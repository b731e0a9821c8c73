from odoo import fields, models

STATES = [
    ("idea", "Idea"),
    ("planned", "Planned"),
    ("doing", "Under Way"),
    ("done", "Done"),
    ("told", "Customers Told"),
    ("dropped", "Not Pursued"),
]


class HcImprovement(models.Model):
    """A change made because customers asked for it: "you said, we did"."""

    _name = "hc.improvement"
    _description = "Improvement"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id desc"

    name = fields.Char(string="What Changes", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )  # fmt: skip
    description = fields.Html(string="What We Did", translate=True)
    user_id = fields.Many2one(
        "res.users", string="Owner", index="btree_not_null", ondelete="set null", tracking=True,
        default=lambda self: self.env.user,
    )  # fmt: skip
    state = fields.Selection(STATES, required=True, default="idea", index=True, tracking=True)
    topic_ids = fields.Many2many("hc.feedback.topic", string="Topics")
    feedback_ids = fields.Many2many("hc.feedback", string="Who Asked for It")
    date_done = fields.Date(string="Done On")
