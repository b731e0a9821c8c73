from odoo import models


class PhoneBlacklist(models.Model):
    _name = "phone.blacklist"
    # ours in front: it comes before what the host does
    _inherit = ["hc.blacklist", "phone.blacklist"]

    _hc_channel = "sms"
