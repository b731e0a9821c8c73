from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    hc_case_user_id = fields.Many2one(related="company_id.hc_case_user_id", readonly=False)
    hc_case_escalate_user_id = fields.Many2one(
        related="company_id.hc_case_escalate_user_id", readonly=False
    )
    hc_case_ask_days = fields.Integer(related="company_id.hc_case_ask_days", readonly=False)
    hc_review_url = fields.Char(related="company_id.hc_review_url", readonly=False)
