from odoo import fields, models


class HcOutreachVersion(models.Model):
    """The steps of a plan as they were at one time. Published, they do not change any more."""

    _name = "hc.outreach.version"
    _description = "Version of an Outreach Plan"
    _order = "plan_id, number desc"
    _rec_name = "number"

    plan_id = fields.Many2one("hc.outreach.plan", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    number = fields.Integer(required=True, default=1)
    state = fields.Selection(
        [("draft", "Being Edited"), ("live", "Live"), ("retired", "Replaced")],
        default="draft",
        required=True,
    )
    date_published = fields.Datetime(readonly=True)
    user_id = fields.Many2one("res.users", string="Published by", readonly=True)
    step_ids = fields.One2many("hc.outreach.step", "version_id")
