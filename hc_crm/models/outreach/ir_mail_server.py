from odoo import api, models

# A change of these may open the way to the mail server again.
WAY_THERE = {
    "active", "smtp_host", "smtp_port", "smtp_encryption", "smtp_authentication", "smtp_user", "smtp_pass",
    "smtp_ssl_certificate", "smtp_ssl_private_key", "from_filter", "sequence",
}  # fmt: skip


class IrMailServer(models.Model):
    """Mails that waited for a mail server go out when there is one."""

    _inherit = "ir.mail_server"

    @api.model_create_multi
    def create(self, vals_list):
        servers = super().create(vals_list)
        self.env["mail.mail"]._hc_send_waiting()
        return servers

    def write(self, vals):
        result = super().write(vals)
        if not WAY_THERE.isdisjoint(vals):
            self.env["mail.mail"]._hc_send_waiting()
        return result
