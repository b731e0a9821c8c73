from odoo import fields, models


class PhoneBlacklist(models.Model):
    _inherit = "phone.blacklist"

    hc_by_consent = fields.Boolean(
        string="By the Customer's Wish",
        readonly=True,
        copy=False,
        help="Customer Care put it here because they said no to everything by text message.",
    )
