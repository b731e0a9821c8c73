"""What came of a step that a person has: told by buttons, by the activity, or by nobody in time."""

from datetime import date, timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ...engine.outreach import due
from ..links import storable
from .own_context import QUIET

OUTCOMES = ("reached", "voicemail", "not_needed", "not_done")
# Outcomes that were a contact with the customer, also if nobody picked up.
CONTACTS = ("reached", "voicemail")
MAX_NOTE = 10_000  # characters; a note about a call, not a book
MAX_SUMMARY = 300  # of an interaction
MAX_LATER = timedelta(days=730)
# How many tasks that nobody did in time are let go of at once.
EXPIRE_BATCH = 200


class HcOutreachDelivery(models.Model):
    _inherit = "hc.outreach.delivery"

    def action_outcome(self, outcome, note=None, later_date=None):
        """Say what came of a task.

        :param str outcome: reached, voicemail, not_needed, not_done; or later: it stays, for another day
        :param str note: what was said; stands in the chatter and on the timeline
        :param later_date: date or ``YYYY-MM-DD``, only for ``later``
        :raises UserError: it is no task, or it was said already what came of it
        """
        self._check_may_record()
        note = self._clean_note(note)
        if outcome != "later" and outcome not in OUTCOMES:
            raise ValidationError(
                self.env._("Outcome: “%(value)s” is none.", value=str(outcome)[:40])
            )
        deliveries = self._lock_open()
        if any(row.is_draft for row in deliveries):
            raise UserError(
                self.env._("This is a message to personalise: send it, or leave it out.")
            )
        if outcome == "later":
            return deliveries._do_later(later_date, note)
        for delivery in deliveries:
            delivery._finish(outcome, note)
        return True

    def _check_may_record(self):
        """Whoever has it, an administrator, or somebody who may write the customer."""
        if not self.env.su:
            self.check_access("read")
        self._check_may_finish()

    def _check_may_finish(self):
        """As above, for whoever is led here by an activity they were given."""
        if self.env.su or not self:
            return
        if self.env.user.has_group("hc_crm.hc_crm_group_manager"):
            return
        others = self.sudo().filtered(lambda row: row.user_id != self.env.user)
        partners = others.partner_id.with_env(self.env)
        if partners and partners - partners._filtered_access("write"):
            raise AccessError(
                self.env._(
                    "This task is a colleague's, and the customer is not yours to change. Ask them, or an "
                    "administrator of Customer Care."
                )
            )

    def _clean_note(self, note):
        if note is None or note is False:
            return ""
        if not isinstance(note, str):
            raise ValidationError(self.env._("Note: has to be a text."))
        note = storable(note).strip()
        if len(note) > MAX_NOTE:
            raise ValidationError(
                self.env._(
                    "Note: holds %(length)s characters; %(max)s is the most. Attach a file instead.",
                    length=len(note),
                    max=MAX_NOTE,
                )
            )
        return note

    def _lock_open(self):
        """Return these rows as superuser, held against others saying something about them meanwhile."""
        # sudo: nobody has rights to write deliveries; the rights to say what came of them were asked
        rows = self.sudo()
        locked = rows.try_lock_for_update()
        locked.invalidate_recordset(["state"], flush=False)
        if len(locked) < len(rows):
            raise UserError(
                self.env._("A colleague is just saying what came of it. Look again in a moment.")
            )
        if any(row.state != "open" for row in locked):
            raise UserError(
                self.env._(
                    "It is done already: somebody said what came of it, or the plan went on."
                )
            )
        return locked

    def _do_later(self, later_date, note):
        day = self._clean_later(later_date)
        for delivery in self:
            delivery.activity_id.write({"date_deadline": day})
            delivery._move_expiry(day)
            if note:
                delivery.note = "\n".join(filter(None, (delivery.note, note)))
        return True

    def _clean_later(self, later_date):
        day = later_date
        if isinstance(day, str):
            try:
                day = date.fromisoformat(day)
            except ValueError:
                day = None
        today = fields.Date.context_today(self)
        if not isinstance(day, date) or not today <= day <= today + MAX_LATER:
            raise ValidationError(
                self.env._(
                    "Date: “%(value)s” does not work. Give a day from today to two years on.",
                    value=str(later_date)[:40],
                )
            )
        return day

    def _move_expiry(self, day):
        """The plan waits as long after the new day as it would have after the old one."""
        for delivery in self:
            days = delivery.step_id.task_expire_days + 1
            delivery.date_expire = due.at_hour(day + timedelta(days=days), 0, delivery.user_id.tz)

    def _finish(self, outcome, note):
        """Close the activity in Odoo's own way, so that the chatter tells the same story."""
        self.ensure_one()
        activity = self.activity_id.filtered("active")
        if not activity:
            return self._record_outcome(outcome, note)
        label = {
            "reached": "",
            "voicemail": self.env._("Voicemail"),
            "not_needed": self.env._("Not needed"),
            "not_done": self.env._("Not done"),
        }[outcome]
        feedback = ". ".join(filter(None, (label, note)))
        # what is recorded is done by mail.activity, see there
        activity.with_context(hc_outreach_outcome=(outcome, note))._action_done(feedback=feedback)

    def _record_outcome(self, outcome, note):
        """Note the outcome and let the plan go on. Called with the rights asked; once for each row."""
        waiting = self.filtered(lambda row: row.state == "open")
        for delivery in self:
            if outcome in CONTACTS:
                delivery._log_contact(outcome, note)
        if waiting:
            notes = {row.id: "\n".join(filter(None, (row.note, note))) or None for row in waiting}
            waiting._set_done(outcome=outcome, note=notes)
        # the plan did not wait for these; what came of them is kept all the same
        for row in self - waiting:
            row.write({"outcome": row.outcome or outcome, "note": note or row.note})

    def _log_contact(self, outcome, note):
        """Put the call or visit on the customer's timeline, once."""
        self.ensure_one()
        reference = f"hc.outreach.delivery,{self.id}"
        Interaction = self.env["hc.interaction"].sudo()
        if Interaction.search_count(
            [("external_ref", "=", reference), ("company_id", "=", self.company_id.id)], limit=1
        ):
            return
        step = self.step_id
        what = self.activity_id.summary or step.summary or step._title()
        label = {
            "reached": self.env._("Reached: %(what)s", what=what),
            "voicemail": self.env._("Voicemail: %(what)s", what=what),
        }[outcome]
        key = step._task_channel(self.activity_id.activity_type_id or step._task_type())
        channel = self.env["hc.channel"].sudo().search([("key", "=", key)], limit=1)
        user = self.user_id if self.env.user._is_superuser() else self.env.user
        Interaction.create(
            {
                "partner_id": self.partner_id.id,
                "date": fields.Datetime.now(),
                "channel_id": channel.id or self.env.ref("hc_crm.hc_channel_other").id,
                "direction": "out",
                "summary": label[:MAX_SUMMARY],
                "body": step._as_html(note),
                "user_id": user.id,
                "company_id": self.company_id.id,
                "external_ref": reference,
            }
        )

    # -- nobody did it --------------------------------------------------------------------------------

    def _expire(self, now):
        """Let plans go on that waited in vain, and give the tasks of those who left us to others."""
        result = super()._expire(now)
        self._release_orphans(now)
        expired = self.search(
            [("state", "=", "open"), ("date_expire", "<=", now)],
            order="date_expire, id",
            limit=EXPIRE_BATCH,
        ).try_lock_for_update()
        expired.invalidate_recordset(["state"], flush=False)
        for delivery in expired.filtered(lambda row: row.state == "open"):
            try:
                with self.env.cr.savepoint():
                    delivery._expire_one()
            except Exception as error:
                # one that cannot be let go of must not keep the others; it is shown
                delivery._set_failed(self._error_text(error))
        return result

    def _expire_one(self):
        activity = self.activity_id
        self._set_done(outcome="not_done")
        activity.with_context(hc_outreach_quiet=QUIET).unlink()

    def _release_orphans(self, now):
        """Tasks whose colleague is gone begin anew: with the salesperson, or whoever answers for the plan."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT d.id FROM hc_outreach_delivery d
                LEFT JOIN res_users u ON u.id = d.user_id
                WHERE d.state = 'open' AND u.active IS NOT TRUE
                ORDER BY d.id LIMIT %s
                """,
                EXPIRE_BATCH,
            )
        )
        self.browse(row for [row] in rows).try_lock_for_update()._release()

    def _release(self):
        """Take the task back from whoever has it; it is given to somebody at once."""
        activities = self.activity_id
        self._mark({"state": "due", "date_due": self._now(), "user_id": None, "activity_id": None})
        activities.with_context(hc_outreach_quiet=QUIET).unlink()

    def _call_off(self, code):
        """The plan ended for these people: nobody has to do it any more, and nothing came of it."""
        return super(HcOutreachDelivery, self.with_context(hc_outreach_quiet=QUIET))._call_off(code)
