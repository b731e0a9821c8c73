from odoo import api, models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_parse(self, message, save_original=False):
        """Tell an automatic reply from what a person wrote: nobody has answered yet.

        By the header of RFC 3834. The host knows the kind of message, but only for those it sends itself.
        """
        values = super().message_parse(message, save_original=save_original)
        submitted = (message.get("Auto-Submitted") or "").split(";")[0].strip().lower()
        if submitted == "auto-replied" and values.get("message_type") == "email":
            values["message_type"] = "out_of_office"
        return values
