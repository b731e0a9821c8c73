from odoo import models


class MailBlacklist(models.Model):
    _name = "mail.blacklist"
    # ours in front: it comes before what the host does
    _inherit = ["hc.blacklist", "mail.blacklist"]

    _hc_channel = "email"
