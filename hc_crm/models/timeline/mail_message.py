from odoo import models


class MailMessage(models.Model):
    _inherit = "mail.message"

    # The newest messages of thousands of documents without reading the messages themselves: measured
    # on a customer with 3,000 orders, 105 ms become 15. The conditions are those of the timeline.
    _hc_timeline_idx = models.Index(
        "(model, res_id, date, id) WHERE message_type <> 'user_notification' AND date IS NOT NULL"
    )
