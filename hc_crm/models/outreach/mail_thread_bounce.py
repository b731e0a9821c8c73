from odoo import api, models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """The mail of a step came back: the step says so; what the plan did since stays done."""
        result = super()._routing_handle_bounce(email_message, message_dict)
        if bounced := message_dict.get("bounced_message"):
            # superuser: the mail gateway's user need not know outreach
            deliveries = (
                self.env["hc.outreach.delivery"]
                .sudo()
                .search(
                    [
                        ("message_id", "in", bounced.ids),
                        ("state", "in", ("sending", "done", "doubt")),
                    ]
                )
            )
            deliveries._note_bounced()
        return result
