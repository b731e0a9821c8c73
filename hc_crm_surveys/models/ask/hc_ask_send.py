import logging
import random
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from odoo.addons.hc_crm.models.consent.contact_decision import LATER, YES
from odoo.addons.hc_crm.models.outreach.hc_outreach_work import (
    DATABASE_RETRIES,
    DATABASE_TRANSIENT,
    RETRY_MINUTES,
    TRANSIENT,
)

_logger = logging.getLogger(__name__)

# Requests worked in one transaction.
BATCH = 500
# How many due rows are looked at to find a batch that no other worker holds.
LOOK_AHEAD = 2
# What could have been asked so long ago, and was not (the server was off), is not asked any more.
LATE_DAYS = 7
# When nobody says until when to wait.
ASK_AGAIN_HOURS = 24


class HcAsk(models.Model):
    """The worker: asks right before each mail whether it should still go out. Several may work at once.

    A batch is one transaction: take due rows of people whom no other worker (nor one of outreach) turns to, at
    most one for each person; look whether what it is about is still so, whether they were asked lately, whether
    they may be contacted; queue the mails; commit. What fails is halved until the row is found that does; it
    is marked, and the rest goes on.
    """

    _inherit = "hc.ask"

    @api.model
    def _cron_work(self):
        """Work until nothing is due any more or the time of the job is over."""
        work = self.env["hc.ask"].sudo()
        retries = 0
        while True:
            try:
                done, left = work._work_batch(commit=True)
            except DATABASE_TRANSIENT as error:
                # somebody else was faster; nothing of ours is kept, and everything is still due
                self.env.cr.rollback()
                self.env.invalidate_all()
                retries += 1
                if retries > DATABASE_RETRIES:
                    raise
                _logger.info("Requests for feedback start a batch anew: %s", error)
                time.sleep(random.uniform(0.05, 0.2) * retries)
                continue
            retries = 0
            seconds = self.env["ir.cron"]._commit_progress(done, remaining=left)
            if not done or seconds <= 0:
                break

    @api.model
    def _work(self, rounds=1000, limit=None):
        """Work off whatever is due, without committing: for tests and small things done at once."""
        work = self.env["hc.ask"].sudo()
        for _round in range(rounds):
            done, _left = work._work_batch(limit)
            if not done:
                break

    @api.model
    def _work_batch(self, limit=None, commit=False):
        """Work one batch.

        :param commit: other processes work too
        :return: (rows worked, rows still due, as far as it is known)
        """
        limit = limit or BATCH
        Delivery = self.env["hc.outreach.delivery"].sudo()
        self._quietly(self._harvest)
        self._quietly(self._expire)
        people, count = self._due(limit * LOOK_AHEAD)
        if not people:
            return 0, 0
        held = {}
        try:
            if commit:
                # the same locks as outreach: nobody gets two mails of ours at the same moment
                people = held = Delivery._hold(people, limit)
                # a new snapshot: it sees what others sent these people before we held them
                self.env.cr.commit()  # pylint: disable=unknown-option-value,invalid-commit
                self.env.invalidate_all()
            rows = self.browse(sorted(people.values())).try_lock_for_update(limit=limit)
            rows.invalidate_recordset(flush=False)
            rows = rows.filtered(lambda row: row._is_due())
            rows._process()
            self.env.flush_all()
            if commit:
                self.env.cr.commit()  # pylint: disable=unknown-option-value,invalid-commit
        finally:
            if held:
                self.env.cr.rollback()
                Delivery._let_go(held)
                self.env.invalidate_all(flush=False)
        # with none done, the rest is other workers'
        return len(rows), max(count - len(rows), 0) if rows else 0

    def _quietly(self, work):
        """Do what goes before the work; whatever is wrong with it must not keep everybody waiting."""
        try:
            with self.env.cr.savepoint():
                work()
        except DATABASE_TRANSIENT:
            raise
        except Exception:
            _logger.exception("Requests for feedback: %s failed", getattr(work, "__name__", work))

    @api.model
    def _due(self, limit):
        """Return ``({partner id or −ask id: ask id}, how many were looked at)`` of what is due, one each person.

        Who is asked for the first time comes before reminders.
        """
        self.env.flush_all()
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                (SELECT id, partner_id FROM hc_ask WHERE state = 'waiting' AND date_due <= %(now)s
                  ORDER BY date_due, id LIMIT %(limit)s)
                UNION ALL
                (SELECT id, partner_id FROM hc_ask WHERE state = 'sent' AND date_reminder <= %(now)s
                  ORDER BY date_reminder, id LIMIT %(limit)s)
                """,
                now=now,
                limit=limit,
            )
        )
        people = {}
        for ask_id, partner_id in rows:
            people.setdefault(partner_id or -ask_id, ask_id)
        return people, len(rows)

    def _is_due(self):
        self.ensure_one()
        now = fields.Datetime.now()
        if self.state == "waiting":
            return self.date_due <= now
        return self.state == "sent" and bool(self.date_reminder) and self.date_reminder <= now

    # -- one batch ------------------------------------------------------------------------------

    def _process(self):
        reminded = self.filtered(lambda row: row.state == "sent")
        (self - reminded)._guarded(lambda rows: rows._send_first())
        reminded._guarded(lambda rows: rows._send_reminders())

    def _guarded(self, work):
        """Do something for these rows; whatever goes wrong with one costs that one only."""
        if not self:
            return
        try:
            with self.env.cr.savepoint():
                work(self)
                self.env.flush_all()
        except DATABASE_TRANSIENT:
            raise
        except Exception as error:
            self.env.invalidate_all(flush=False)
            if len(self) == 1:
                self._note_error(error)
                return
            middle = len(self) // 2
            self[:middle]._guarded(work)
            self[middle:]._guarded(work)

    def _note_error(self, error):
        """Set a row aside, or try it again later if the error goes away by itself."""
        if isinstance(error, UserError | ValidationError | AccessError):
            text = str(error)
        else:
            text = f"{type(error).__name__}: {error}"
        _logger.info("Requests for feedback, %s: %s", self, text)
        if isinstance(error, TRANSIENT) and self.tries < len(RETRY_MINUTES):
            at = fields.Datetime.now() + timedelta(minutes=RETRY_MINUTES[self.tries])
            name = "date_due" if self.state == "waiting" else "date_reminder"
            self.write({name: at, "tries": self.tries + 1, "error": text})
        elif self.state == "sent":
            # they were asked; only the reminder fails
            self.write({"date_reminder": False, "error": text})
        else:
            self._set_failed(text)

    def _send_first(self):
        rows = self._still_wanted()
        rows = rows._not_asked_lately()
        rows = rows._decided()
        rows._queue_mails()

    def _send_reminders(self):
        """Remind those who did not answer; they may have complained, or said no to it, since."""
        gone = self.filtered(
            lambda row: not row.partner_id or not row.survey_id.active
            or row.reminders >= row.rule_id.reminder_count
        )  # fmt: skip
        gone.write({"date_reminder": False})
        (self - gone)._decided()._queue_mails(is_reminder=True)

    # -- whether --------------------------------------------------------------------------------

    def _still_wanted(self):
        """Return those about something that is still so; skip the others."""
        now = fields.Datetime.now()
        reasons = {}
        for row in self:
            if not row.partner_id:
                reasons.setdefault("archived", []).append(row.id)
            elif not row.survey_id:
                reasons.setdefault("survey_gone", []).append(row.id)
            elif not row.survey_id.active:
                reasons.setdefault("survey_closed", []).append(row.id)
            elif row.delivery_id and row.delivery_id.state != "due":
                reasons.setdefault("left", []).append(row.id)
            elif not (row.case_id or row.delivery_id) and not row.rule_id.active:
                reasons.setdefault("rule_off", []).append(row.id)
            elif row._is_late(now):
                reasons.setdefault("too_late", []).append(row.id)
        for code, ids in reasons.items():
            self.browse(ids)._set_skipped(code)
        rows = self.browse(set(self.ids).difference(*reasons.values()))
        for rule, found in rows.grouped("rule_id").items():
            about = found.filtered(
                lambda row, rule=rule: row.res_id and row.res_model == rule.trigger_model
            )
            if about:
                still = rule._still(list(set(about.mapped("res_id"))))
                over = about.filtered(lambda row, still=still: row.res_id not in still)
                over._set_skipped("no_longer")
                rows -= over
        return rows

    def _is_late(self, now):
        """Tell whether it could have been asked long ago, or was held back until it makes no sense."""
        self.ensure_one()
        if not self.reason_code and not self.tries:
            return self.date_due < now - timedelta(days=LATE_DAYS)
        first = self.date_event or self.create_date
        if self.rule_id.trigger_model and self.res_model == self.rule_id.trigger_model:
            first += timedelta(**{self.rule_id.delay_unit: self.rule_id.delay_count})
        return now > first + timedelta(days=self.rule_id.expire_days or LATE_DAYS)

    def _not_asked_lately(self):
        """Return those whom nobody asked the same metric lately; skip the others. One query.

        Whose case was solved is asked again on purpose.
        """
        asked = self.filtered(lambda row: not row.case_id and row.rule_id.throttle_days)
        found = asked._asked_before({row.id: row.rule_id.throttle_days for row in asked})
        for row in self.browse(found):
            date, days = found[row.id]
            row._set_skipped("asked_lately", {"date": date, "days": days})
        return self.browse(row.id for row in self if row.id not in found)

    def _asked_before(self, days):
        """Return ``{ask id: (when they were asked the same metric, within how many days not again)}``.

        :param days: ``{ask id: days}``
        """
        if not days:
            return {}
        return {
            ask_id: (fields.Datetime.to_string(date), limit)
            for ask_id, date, limit in self.env.execute_query(
                SQL(
                    """
                    SELECT ask.id, MAX(other.date_sent), asked.days
                      FROM unnest(%s::int[], %s::int[]) AS asked(id, days)
                      JOIN hc_ask AS ask ON ask.id = asked.id
                      JOIN hc_ask AS other ON other.partner_id = ask.partner_id AND other.id <> ask.id
                       AND other.company_id = ask.company_id
                       AND (other.metric = ask.metric
                            OR ask.metric IS NULL AND other.survey_id = ask.survey_id)
                     WHERE other.date_sent > %s::timestamp - asked.days * INTERVAL '1 day'
                     GROUP BY ask.id, asked.days
                    """,
                    list(days),
                    list(days.values()),
                    fields.Datetime.now(),
                )
            )
        }

    def _decided(self):
        """Ask whether they may be contacted; mark who may not, or not now; return the others."""
        now = fields.Datetime.now()
        allowed = []
        for (company, purpose, again), rows in self.grouped(
            lambda row: (row.company_id, row._purpose(), bool(row.case_id))
        ).items():
            partners = rows.partner_id.with_context(hc_ask_again=again)
            decisions = partners._hc_contact_decisions("email", purpose.key, now, company=company)
            for row in rows:
                decision = decisions[row.partner_id.id]
                if decision.answer == YES:
                    allowed.append(row.id)
                elif decision.answer == LATER:
                    until = decision.until
                    if not until or until <= now:
                        until = now + timedelta(hours=ASK_AGAIN_HOURS)
                    row._set_postponed(until, decision.code, decision.args)
                else:
                    row._set_skipped(decision.code, decision.args)
        (self - self.browse(allowed))._log()
        return self.browse(row for row in self.ids if row in set(allowed))
