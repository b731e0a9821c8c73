from odoo import fields, models
from odoo.tools import SQL

from .mail_mail import WIRE_MINUTES


class HcOutreachDelivery(models.Model):
    """What became of the mails: the queue sends, this tells the plan."""

    _inherit = "hc.outreach.delivery"

    def _harvest(self, mails=None):
        """Mark deliveries on their way whose mail was sent, failed, or may have been sent.

        :param mails: look at these only
        """
        self.env["mail.mail"].flush_model()
        self.flush_model()
        which = SQL("d.mail_id = ANY(%s)", list(mails.ids)) if mails is not None else SQL("TRUE")
        rows = self.env.execute_query(
            SQL(
                """
                SELECT d.id, d.state, m.id, m.state, m.hc_wire_date, m.failure_reason
                  FROM hc_outreach_delivery AS d LEFT JOIN mail_mail AS m ON m.id = d.mail_id
                 WHERE d.state IN ('sending', 'doubt') AND d.type <> 'webhook' AND %s
                   AND (d.state = 'sending' OR m.state = 'sent')
                   AND (m.id IS NULL OR m.state <> 'outgoing' OR m.hc_wire_date < %s)
                   FOR UPDATE OF d SKIP LOCKED
                """,
                which,
                fields.Datetime.subtract(fields.Datetime.now(), minutes=WIRE_MINUTES),
            )
        )
        if not rows:
            return
        sent, failed, doubt, cancelled = {}, {}, {}, []
        for row, _state, mail, mail_state, wire, failure in rows:
            if mail_state == "sent":
                sent[row] = wire or fields.Datetime.now()
            elif mail_state == "exception":
                failed[row] = failure or self.env._("The mail could not be sent.")
            elif mail_state == "cancel":
                cancelled.append(row)
            else:
                # left on the wire, or nothing is left to tell
                doubt[row] = mail
        if sent:
            deliveries = self.browse(sent)
            deliveries._set_done()
            deliveries._mark({"date_done": sent})
        if failed:
            deliveries = self.browse(failed)
            deliveries._set_failed(failed)
            deliveries._log_attempts("dropped", code="not_sent")
        if cancelled:
            self.browse(cancelled)._set_skipped("by_hand")
        if doubt:
            deliveries = self.browse(doubt)
            deliveries._mark({"state": "doubt", "reason_code": "doubt", "reason_args": None})
            deliveries._log_attempts("doubt", code="doubt")
            self.env["mail.mail"].sudo().browse(mail for mail in doubt.values() if mail).write(
                {
                    "state": "exception",
                    "failure_reason": self.env._(
                        "It may have been sent: the server stopped while it was on the wire."
                    ),
                }
            )

    def _note_bounced(self):
        """Their mails came back. The plan goes on: whether an address is used again, the host decides."""
        if not self:
            return
        self.filtered(lambda row: row.state in ("sending", "doubt"))._set_done()
        self._mark({"reason_code": "bounced", "reason_args": None})
        self._log_attempts("dropped", code="bounced")
