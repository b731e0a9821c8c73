from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine.feedback.metric import band

OUTCOMES = {"waiting": "postponed", "skipped": "dropped", "failed": "dropped"}


class HcAsk(models.Model):
    """What becomes of a request: marks, the ledger of contacts, answers, expiry."""

    _inherit = "hc.ask"

    # -- marks ----------------------------------------------------------------------------------

    def _set_skipped(self, code, args=None):
        """They are not asked, for a reason."""
        if not self:
            return
        reminded = self.filtered(lambda row: row.state == "sent")
        # they were asked already: only the reminder is left out
        reminded.write({"date_reminder": False, "reason_code": code, "reason_args": args or False})
        first = self - reminded
        first._cancel_mails()
        first.write(
            {
                "state": "skipped", "date_sent": False, "date_reminder": False, "reason_code": code,
                "reason_args": args or False,
            }
        )  # fmt: skip
        if code not in ("no_longer", "rule_off", "left"):
            # what concerns them; that an order was cancelled they know
            first._log()
        first._wake_deliveries()

    def _set_postponed(self, until, code, args=None):
        """Ask again at ``until`` (naive UTC)."""
        for row in self:
            name = "date_due" if row.state == "waiting" else "date_reminder"
            row.write({name: until, "reason_code": code, "reason_args": args or False})

    def _set_failed(self, error):
        """It went wrong and waits in the list for a person."""
        if not self:
            return
        self.write(
            {"state": "failed", "error": error, "date_sent": False, "date_reminder": False,
             "reason_code": "not_sent", "reason_args": False}
        )  # fmt: skip
        self._log()
        self._wake_deliveries()

    def _set_expired(self, code="no_answer"):
        """They were asked and did not answer."""
        if not self:
            return
        self._cancel_mails()
        self.write(
            {"state": "expired", "date_reminder": False, "reason_code": code, "reason_args": False}
        )
        self._wake_deliveries()

    def _log(self, subject=None, outcome=None):
        """Note in the ledger of contacts what became of these requests. One query.

        :param subject: ``{ask id: subject}``, of mails that are on their way
        :param outcome: see ``hc.contact.attempt``; by their state if none is given
        """
        rows = []
        channel = self.env["hc.channel"].sudo()._hc_get("email")
        for ask in self.sudo():
            if not ask.partner_id:
                continue
            purpose = ask._purpose()
            is_mail = subject is not None
            is_reminder = ask.state == "sent" and ask.reminders > 0
            if is_reminder and not is_mail and not outcome:
                continue  # that they were asked stays as it is
            # a reminder is another mail, and counts as one
            origin = (
                ("mail.message", ask.message_id.id)
                if is_mail and ask.reminders
                else (self._name, ask.id)
            )
            rows.append(
                {
                    "partner_id": ask.partner_id.id,
                    "company_id": ask.company_id.id,
                    "purpose_id": purpose.id,
                    "channel_id": channel.id,
                    "outcome": outcome or OUTCOMES.get(ask.state, "sent"),
                    "is_budgeted": purpose.is_budgeted,
                    "subject": (subject or {}).get(ask.id) or ask.display_name,
                    "reason_code": ask.reason_code,
                    "reason_args": ask.reason_args,
                    "date_until": ask.date_due if ask.state == "waiting" else False,
                    "res_model": origin[0],
                    "res_id": origin[1],
                    "message_id": ask.message_id.id,
                }
            )
        if rows:
            self.env["hc.contact.attempt"].sudo()._hc_log(rows)

    def _cancel_mails(self):
        """Take back mails of these requests that did not leave yet."""
        if not self:
            return
        self.env["mail.mail"].sudo().search(
            [
                ("hc_ask_id", "in", self.ids),
                ("state", "=", "outgoing"),
                ("hc_wire_date", "=", False),
            ]
        ).write({"state": "cancel"})

    # -- answers --------------------------------------------------------------------------------

    def _set_answered(self, user_input=None):
        """They answered, by a first answer already: no more reminders. May be called any number of times.

        Called by the page they answer on, and when an answer of theirs becomes feedback; late answers count.

        :param user_input: ``survey.user_input``; called on no request, those of the answer are meant
        """
        asks = self.sudo()
        if not asks and user_input:
            asks = asks.search([("user_input_id", "in", user_input.ids)])
        if user_input and len(user_input) == 1:
            asks.filtered(lambda ask: not ask.user_input_id).user_input_id = user_input
        new = asks.filtered(lambda ask: ask.state != "answered")
        if not new:
            return
        now = fields.Datetime.now()
        # the link was followed before we knew that the mail had left
        new.filtered(lambda ask: not ask.date_sent).date_sent = now
        new.write(
            {
                "state": "answered", "date_answered": now, "date_reminder": False, "reason_code": False,
                "reason_args": False, "error": False,
            }
        )  # fmt: skip
        # a reminder that waits in the queue; the mail they answer is gone
        new.filtered("reminders")._cancel_mails()
        new._wake_deliveries()

    def _answer_band(self):
        """Return ``good``, ``neutral`` or ``bad`` of the first score they gave; None without one."""
        self.ensure_one()
        lines = self.sudo().user_input_id.user_input_line_ids.filtered(
            lambda line: (
                line.question_id.metric and not line.skipped and line.answer_type == "scale"
            )
        )
        for line in lines.sorted("id"):
            scale = line.question_id._scale()
            if scale and scale.low <= line.value_scale <= scale.high:
                return band(scale, line.value_scale)
        return None

    def _wake_deliveries(self):
        """Let the plans that wait for these requests look at once."""
        deliveries = self.delivery_id.filtered(lambda row: row.state == "due").sudo()
        if not deliveries:
            return
        now = fields.Datetime.now()
        deliveries._mark({"date_due": now})
        if cron := self.env.ref("hc_crm.hc_outreach_work_cron", raise_if_not_found=False):
            cron.sudo()._trigger(now)

    # -- time passes ----------------------------------------------------------------------------

    def _expire(self):
        """Whoever did not answer in time did not answer."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM hc_ask WHERE state = 'sent' AND date_expire <= %s "
                "ORDER BY date_expire LIMIT 5000 FOR UPDATE SKIP LOCKED",
                fields.Datetime.now(),
            )
        )
        self.browse(row for [row] in rows)._set_expired()

    # -- what a person decides ------------------------------------------------------------------

    def action_retry(self):
        """Try again what failed. For administrators of Customer Care."""
        self._check_manager()
        asks = self.sudo().filtered(lambda ask: ask.state == "failed")
        if not asks:
            raise UserError(self.env._("Only what failed can be tried again."))
        asks._cancel_mails()
        asks.write(
            {"state": "waiting", "date_due": fields.Datetime.now(), "error": False, "tries": 0,
             "reason_code": False, "reason_args": False}
        )  # fmt: skip
        self._trigger_work()

    def action_skip(self):
        """Do not ask them. For administrators of Customer Care."""
        self._check_manager()
        asks = self.sudo().filtered(lambda ask: ask.state in ("waiting", "failed"))
        if not asks:
            raise UserError(
                self.env._("Only who waits to be asked, or could not be asked, can be left out.")
            )
        asks._set_skipped("by_hand")

    def action_open_partner(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
        }

    def _check_manager(self):
        self.check_access("read")
        if not self.env.user.has_group("hc_crm.hc_crm_group_manager"):
            raise UserError(self.env._("Only an administrator of Customer Care can do this."))

    @api.model
    def _trigger_work(self):
        if cron := self.env.ref("hc_crm_surveys.hc_ask_work_cron", raise_if_not_found=False):
            cron.sudo()._trigger()
