from odoo import fields, models

from odoo.addons.hc_crm.models.outreach.mail_mail import QUEUE_MINUTES


class MailMail(models.Model):
    """Mails that ask for feedback go out once at most, the same way as those of outreach."""

    _inherit = "mail.mail"

    hc_ask_id = fields.Many2one("hc.ask", copy=False, index="btree_not_null", ondelete="set null")

    def _hc_origin_fields(self):
        return [*super()._hc_origin_fields(), "hc_ask_id"]

    def _hc_after_send(self, commit):
        mails = self.exists()
        asking = mails.filtered("hc_ask_id")
        # with none of its own it has nothing to do, and commits what we did
        asking._hc_after_asking()
        return super(MailMail, mails - asking)._hc_after_send(commit)

    def _hc_after_asking(self):
        """Queue again what no connection could be had for, and tell the requests what became of theirs."""
        if not self:
            return
        for mail in self:
            ask = mail.hc_ask_id
            if mail.state != "exception" or mail.hc_wire_date or ask.tries >= len(QUEUE_MINUTES):
                continue
            at = fields.Datetime.add(fields.Datetime.now(), minutes=QUEUE_MINUTES[ask.tries])
            ask.write({"tries": ask.tries + 1, "error": mail.failure_reason})
            mail.write({"state": "outgoing", "scheduled_date": at, "failure_type": False})
            self._hc_trigger_queue(at)
        asks = self.env["hc.ask"].sudo()
        asks._quietly(lambda: asks._harvest(self))

    def mark_outgoing(self):
        """Sent again by a person: it is on its way anew."""
        result = super().mark_outgoing()
        asks = self.sudo().hc_ask_id.filtered(lambda ask: ask.state == "failed")
        asks.write(
            {
                "state": "sending",
                "date_sent": fields.Datetime.now(),
                "error": False,
                "reason_code": False,
            }
        )
        return result
