from odoo import fields, models


class MailBlacklist(models.Model):
    _inherit = "mail.blacklist"

    hc_by_consent = fields.Boolean(
        string="By the Customer's Wish",
        readonly=True,
        copy=False,
        help="Customer Care put it here because they said no to everything by e-mail.",
    )
