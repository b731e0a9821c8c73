from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class HcOutreachDelivery(models.Model):
    """What went wrong, and what a person decides about it."""

    _inherit = "hc.outreach.delivery"

    is_trouble = fields.Boolean(
        compute="_compute_is_trouble",
        search="_search_is_trouble",
        help="Failed, may have been sent, or is being tried again.",
    )
    exit_text = fields.Char(related="enrollment_id.exit_text", string="Left because")

    @api.depends_context("uid", "lang", "tz")
    @api.depends("reason_code")
    def _compute_reason(self):
        Attempt = self.env["hc.contact.attempt"]
        for row in self:
            # superuser: the sentence leaves out what the reader may not know
            row.reason = (
                Attempt._reason_text(row.reason_code, row.sudo().reason_args)
                if row.reason_code
                else False
            )

    @api.depends("state", "tries")
    def _compute_is_trouble(self):
        for row in self:
            row.is_trouble = row.state in ("failed", "doubt") or (
                row.state in ("due", "sending") and row.tries > 0
            )

    def _search_is_trouble(self, operator, value):
        if operator != "in":
            return NotImplemented
        trouble = [
            "|",
            ("state", "in", ("failed", "doubt")),
            "&",
            ("state", "in", ("due", "sending")),
            ("tries", ">", 0),
        ]
        found = fields.Domain(trouble)
        wanted = fields.Domain.FALSE
        if True in value:
            wanted |= found
        if False in value:
            wanted |= ~found
        return wanted

    def _own(self, states, message):
        """Return these rows as the engine may write them, held against its workers.

        :param states: in which they may be
        :raises AccessError, UserError: the user may not, they are elsewhere by now, or a worker has them
        """
        if not self.env.user.has_group("hc_crm.hc_crm_group_manager"):
            raise AccessError(
                self.env._("Only administrators of Customer Care decide about what went wrong.")
            )
        self.check_access("read")
        # superuser: nobody has rights to write deliveries; the right to decide was asked
        rows = self.sudo().try_lock_for_update()
        rows.invalidate_recordset(flush=False)
        if len(rows) < len(self):
            raise UserError(self.env._("It is being worked on right now. Look again in a moment."))
        if any(row.state not in states for row in rows):
            raise UserError(message)
        return rows

    def action_retry(self):
        """Try again what failed, from the beginning; what waits for a mail server, right now."""
        rows = self._own(
            ("failed", "due", "sending"),
            self.env._("Only what failed is tried again. Reload the page."),
        )
        waiting = rows.filtered(lambda row: row.state == "sending")
        if waiting:
            # those on the wire are not among them: nobody gets two
            self.env["mail.mail"]._hc_send_waiting(waiting)
        rows -= waiting
        if not rows:
            return True
        now = self._now()
        # never sent, as the host knows: its place on the timeline is for the one that will be
        mails = rows.mail_id.filtered(lambda mail: mail.state in ("exception", "cancel"))
        rows._mark(
            {
                "state": "due",
                "date_due": now,
                "tries": 0,
                "error": None,
                "mail_id": None,
                "message_id": None,
            }
        )
        mails.unlink()
        rows.plan_id._trigger_work()
        return True

    def action_skip(self):
        """Leave the step out and let the plan go on."""
        rows = self._own(
            ("failed", "doubt", "due"),
            self.env._("Only what failed, waits or is in doubt is left out. Reload the page."),
        )
        rows._set_skipped("by_hand")
        return True

    def action_arrived(self):
        """It arrived: the plan goes on."""
        rows = self._own(
            ("doubt",),
            self.env._("Only what may have been sent can have arrived. Reload the page."),
        )
        rows.mail_id.write({"state": "sent", "failure_reason": False, "failure_type": False})
        rows._set_done()
        rows._log_attempts(
            "sent",
            subject={row.id: row.subject for row in rows},
            message={row.id: row.message_id.id for row in rows},
        )
        return True

    def action_send_again(self):
        """It did not arrive: send it once more, with the same number, so that mail programs see a double."""
        rows = self._own(
            ("doubt",), self.env._("Only what may have been sent is sent again. Reload the page.")
        )
        lost = rows.filtered(lambda row: not row.mail_id)
        if lost:  # the mail was deleted: it is written anew
            lost._mark({"state": "due", "date_due": self._now(), "tries": 0, "reason_code": None})
        again = rows - lost
        again._set_sending(reason_code=None)
        again.mail_id.write(
            {
                "hc_wire_date": False,
                "state": "outgoing",
                "failure_reason": False,
                "scheduled_date": False,
            }
        )
        again.mail_id._hc_trigger_queue()
        rows.plan_id._trigger_work()
        return True

    def action_open_enrollment(self):
        """Open what the plan did for this customer, step by step."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "hc.outreach.enrollment",
            "res_id": self.enrollment_id.id,
            "views": [(False, "form")],
        }


class HcContactAttempt(models.Model):
    """The reasons that outreach gives besides those of the contact decision."""

    _inherit = "hc.contact.attempt"

    @api.model
    def _reason_texts(self):

        def text(words):
            return lambda _env, _args: words

        return super()._reason_texts() | {
            code: text(words)
            for code, words in {
                "left": self.env._("They left the plan before."),
                "replied": self.env._("They turned to us: a colleague talks to them."),
                "exit_condition": self.env._("The plan is not about them any more."),
                "goal": self.env._("The plan reached what it is for."),
                "plan_ended": self.env._("The plan was ended."),
                "by_hand": self.env._("A colleague decided so."),
                "merged": self.env._(
                    "Their contact was merged with another one that is in the plan."
                ),
                "erased": self.env._("They wanted their data erased."),
                "other_company": self.env._("Their contact belongs to another company by now."),
                "too_late": self.env._("It would have come too late."),
                "step_gone": self.env._("The plan has no such step any more."),
                "record_gone": self.env._("What it was about is not there any more."),
                "spread": self.env._("The plan was paused; what waited comes bit by bit."),
                "branch_waits": self.env._("The plan waits for what they do."),
                "doubt": self.env._("It may have been sent: the server stopped at that moment."),
                "not_sent": self.env._("The mail could not be sent."),
                "bounced": self.env._("It came back: the address does not take mail."),
            }.items()
        }
