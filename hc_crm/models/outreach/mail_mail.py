import logging
import smtplib

import psycopg2

from odoo import fields, models, modules
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# A mail that is on the wire for longer was left there by a crash: no server takes that long.
WIRE_MINUTES = 10
# When no connection to the mail server can be had, mails wait so long, each time longer; then as long again
# and again, until the server is back or it is too late for what the plan wanted to say.
QUEUE_MINUTES = (2, 5, 15, 60, 240)


class MailMail(models.Model):
    """Mails of outreach never go out twice by themselves.

    The host marks a mail as failed before it sends it, but commits that afterwards: whatever a crash leaves
    behind is sent again. For mails with a delivery of ours, the mark (``hc_wire_date``) is committed before
    the wire. A mail that is marked and neither sent nor failed may have been sent: nobody but a person sends
    it again. All other mails go the host's way.
    """

    _inherit = "mail.mail"

    hc_delivery_id = fields.Many2one(
        "hc.outreach.delivery", copy=False, index="btree_not_null", ondelete="set null"
    )
    hc_wire_date = fields.Datetime(
        copy=False, help="Committed right before it was handed to the mail server."
    )

    def _hc_flagged(self):
        """Those of ours among these mails."""
        if not self:
            return self
        names = self._hc_origin_fields()
        self.flush_model(names)
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM mail_mail WHERE id = ANY(%s) AND (%s) ORDER BY id",
                list(self.ids),
                SQL(" OR ").join(SQL("%s IS NOT NULL", SQL.identifier(name)) for name in names),
            )
        )
        return self.browse(row for [row] in rows)

    def _hc_origin_fields(self):
        """Return the names of the fields that say for what of ours a mail goes out, once at most.

        Other addons add their own; they also extend ``_hc_after_send`` and ``mark_outgoing`` for those.
        """
        return ["hc_delivery_id"]

    def _hc_trigger_queue(self, at=None):
        if cron := self.env.ref("mail.ir_cron_mail_scheduler_action", raise_if_not_found=False):
            cron.sudo()._trigger(at)

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        ours = self._hc_flagged()
        if not ours:
            return super().send(auto_commit, raise_exception, post_send_callback)
        if others := self - ours:
            super(MailMail, others).send(auto_commit, raise_exception, post_send_callback)
        if not auto_commit and not modules.module.current_test:
            # Nothing can be committed within somebody's request: the queue sends them in a moment.
            self._hc_trigger_queue()
            return True
        try:
            super(MailMail, ours).send(auto_commit, False, post_send_callback)
        finally:
            ours._hc_after_send(auto_commit is True)
        return True

    def _send(self, auto_commit=False, raise_exception=False, smtp_session=None, alias_domain_id=False,
              mail_server=False, post_send_callback=None):  # fmt: skip
        options = {
            "alias_domain_id": alias_domain_id,
            "mail_server": mail_server,
            "post_send_callback": post_send_callback,
        }
        ours = self._hc_flagged()
        if not ours:
            return super()._send(auto_commit, raise_exception, smtp_session, **options)
        if others := self - ours:
            super(MailMail, others)._send(auto_commit, raise_exception, smtp_session, **options)
        if self.env["ir.mail_server"]._disable_send():
            return True
        for mail in ours:
            if not mail._hc_mark_wire(auto_commit is True):
                continue
            try:
                super(MailMail, mail)._send(auto_commit, False, smtp_session, **options)
            except smtplib.SMTPServerDisconnected:
                # whether it was taken nobody knows; the session is over, the others wait for the next one
                if auto_commit is True:
                    self.env.cr.rollback()
                _logger.info("The mail server hung up while it was handed mail %s", mail.id)
                break
        return True

    def _hc_mark_wire(self, commit):
        """Note that this mail is about to be handed over; only one process can.

        :return: whether it is ours to send
        """
        self.flush_recordset()
        try:
            rows = self.env.execute_query(
                SQL(
                    """
                    -- whatever the server is set to: after a power cut the mark must be there
                    SET LOCAL synchronous_commit TO on;
                    UPDATE mail_mail SET hc_wire_date = NOW() AT TIME ZONE 'UTC'
                     WHERE id = %s AND state = 'outgoing' AND hc_wire_date IS NULL RETURNING id
                    """,
                    self.id,
                )
            )
        except psycopg2.errors.SerializationFailure:
            if not commit:
                raise
            # somebody else has just marked it
            self.env.cr.rollback()
            return False
        if commit:
            self.env.cr.commit()  # pylint: disable=unknown-option-value,invalid-commit
        self.invalidate_recordset(["hc_wire_date"], flush=False)
        return bool(rows)

    def _hc_after_send(self, commit):
        """Queue again what no connection could be had for, and tell the deliveries what became of theirs."""
        mails = self.exists()
        unsent = mails.filtered(lambda mail: mail.state == "exception" and not mail.hc_wire_date)
        now = fields.Datetime.now()
        for mail in unsent:
            delivery = mail.hc_delivery_id
            if delivery._is_too_late(now):
                continue
            minutes = QUEUE_MINUTES[min(delivery.tries, len(QUEUE_MINUTES) - 1)]
            at = fields.Datetime.add(now, minutes=minutes)
            mail.write({"state": "outgoing", "scheduled_date": at, "failure_type": False})
            delivery._mark({"tries": delivery.tries + 1, "error": mail.failure_reason})
            self._hc_trigger_queue(at)
        if any(mail.state == "sent" for mail in mails):
            # the server answers: what waited for it need not wait on
            mails[:1]._hc_send_waiting()
        work = self.env["hc.outreach.delivery"].sudo()
        work._quietly(work._harvest, self)
        if commit:
            self.env.cr.commit()  # pylint: disable=unknown-option-value,invalid-commit

    def _hc_send_waiting(self, deliveries=None):
        """Have the queue try at once the mails of ours for which no connection was to be had.

        None of them was handed to a server, so none goes out twice.

        :param deliveries: of these only
        """
        domain = [
            ("state", "=", "outgoing"),
            ("scheduled_date", "!=", False),
            ("hc_wire_date", "=", False),
            ("hc_delivery_id.state", "=", "sending"),
            ("hc_delivery_id.tries", ">", 0),
        ]
        if deliveries is not None:
            domain.append(("hc_delivery_id", "in", deliveries.ids))
        # superuser: the queue's own rows; whoever asks for it was asked for the right
        waiting = self.sudo().search(domain).try_lock_for_update()
        if waiting:
            waiting.write({"scheduled_date": False})
            self._hc_trigger_queue()
        return waiting

    def mark_outgoing(self):
        """Sent again by a person: it is on its way anew."""
        ours = self._hc_flagged()
        ours.hc_wire_date = False
        result = super().mark_outgoing()
        deliveries = ours.hc_delivery_id.sudo()
        deliveries.filtered(lambda row: row.state in ("failed", "doubt"))._set_sending()
        return result
