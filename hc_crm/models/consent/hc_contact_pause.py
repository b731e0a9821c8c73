from odoo import fields, models


class HcContactPause(models.Model):
    """A time in which only people turn to this customer: a bereavement, a dispute, or for good."""

    _name = "hc.contact.pause"
    _description = "Only People Contact Them"
    _order = "date_from desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade"
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Until", help="Empty: for good. Nothing goes out by itself.")
    reason = fields.Char(help="For colleagues: what happened, what to mind.")
    user_id = fields.Many2one(
        "res.users", string="Noted by", default=lambda self: self.env.user, ondelete="set null"
    )
