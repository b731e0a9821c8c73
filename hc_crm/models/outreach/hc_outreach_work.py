import logging
import random
import smtplib
import time

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..consent.contact_decision import array
from .hc_outreach_delivery_marks import GIVEN
from .own_context import Run

_logger = logging.getLogger(__name__)

# Rows worked in one transaction: large enough for set-based steps, small enough that a crash repeats little.
BATCH = 2000
# How many due rows are looked at to find a batch that no other worker holds.
LOOK_AHEAD = 2
# First number of the advisory locks by which workers keep apart who is being turned to: any constant that no
# other addon is likely to use.
TURN_LOCK = 471_900_404
# Errors that go away by themselves are tried again after so many minutes, then shown to a person.
RETRY_MINUTES = (2, 10, 30, 120, 360)
DATABASE_RETRIES = 5
TRANSIENT = (
    ConnectionError,
    TimeoutError,
    smtplib.SMTPServerDisconnected,
    smtplib.SMTPConnectError,
)
# Concurrent transactions, or the database going away: the whole batch starts anew.
DATABASE_TRANSIENT = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
)


class HcOutreachDelivery(models.Model):
    """The worker. Any number of processes, on any number of hosts, may work at once.

    A batch is one transaction: take due rows that nobody else holds, ask again right before each step
    whether it should still happen (``_allowed``), run the steps group by group, each with a savepoint, mark,
    commit. A group that fails is halved until the row is found that does; it is marked and the rest goes on.
    """

    _inherit = "hc.outreach.delivery"

    @api.model
    def _cron_work(self):
        """Work until nothing is due any more or the time of the job is over."""
        run = Run()
        work = self.env["hc.outreach.delivery"].sudo().with_context(hc_outreach_run=run)
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
                _logger.info("Outreach starts a batch anew: %s", error)
                time.sleep(random.uniform(0.05, 0.2) * retries)
                continue
            retries = 0
            seconds = self.env["ir.cron"]._commit_progress(done, remaining=left)
            if not done or seconds <= 0:
                break
        if run.given:
            self.sudo()._quietly(self.sudo()._announce_now, run.given)
            self.env.cr.commit()  # pylint: disable=unknown-option-value,invalid-commit

    @api.model
    def _work(self, rounds=1000, limit=None):
        """Work off whatever is due, without committing: for tests and small things done at once."""
        run = Run()
        work = self.env["hc.outreach.delivery"].sudo().with_context(hc_outreach_run=run)
        for _round in range(rounds):
            done, _left = work._work_batch(limit)
            if not done:
                break
        if run.given:
            work._announce_now(run.given)

    @api.model
    def _work_batch(self, limit=None, commit=False):
        """Work one batch.

        :param commit: other processes work too
        :return: (rows worked, rows still due, as far as it is known)
        """
        now, limit = self._now(), limit or BATCH
        self._quietly(self._expire, now)
        self._quietly(self._harvest)
        found = self.search(
            [
                ("state", "=", "due"),
                ("date_due", "<=", now),
                ("plan_id.state", "=", "running"),
            ],
            order="priority desc, date_due, id",
            limit=limit * LOOK_AHEAD,
        )
        if not found:
            return 0, 0
        people, held = found._turns(), {}
        try:
            if commit:
                # of the batch before: kept or taken back
                self.env.cr.cache.pop(GIVEN, None)
                people = held = self._hold(people, limit)
                # a new snapshot: it sees what others sent these people before we held them
                self.env.cr.commit()  # pylint: disable=unknown-option-value,invalid-commit
                self.env.invalidate_all()
            rows = found._take(people, limit, now)
            rows._process()
            self.env.flush_all()
            if commit:
                self.env.cr.commit()  # pylint: disable=unknown-option-value,invalid-commit
        finally:
            if held:
                self.env.cr.rollback()
                self._let_go(held)
        # with none done, the rest is other workers'
        return len(rows), max(len(found) - len(rows), 0) if rows else 0

    def _quietly(self, work, *args):
        """Do what goes before the work; whatever is wrong with it must not keep everybody waiting."""
        try:
            with self.env.cr.savepoint():
                work(*args)
        except DATABASE_TRANSIENT:
            raise
        except Exception:
            _logger.exception("Outreach could not %s", work.__name__)

    def _turns(self):
        """Return the people to whom these rows turn, by the row that comes first: one each in a batch."""
        partner_of = dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, partner_id FROM hc_outreach_delivery WHERE id = ANY(%s)",
                    array(self._ids),
                )
            )
        )
        turns = {}
        for row in self._ids:
            turns.setdefault(partner_of[row], row)
        return turns

    def _hold(self, people, limit):
        """Keep other workers from turning to the same people, until ``_let_go``; only so many."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM unnest(%s::int4[]) AS id WHERE pg_try_advisory_lock(%s, id) LIMIT %s",
                list(people),
                TURN_LOCK,
                limit,
            )
        )
        return {partner_id: people[partner_id] for [partner_id] in rows}

    def _let_go(self, people):
        self.env.execute_query(
            SQL(
                "SELECT pg_advisory_unlock(%s, id) FROM unnest(%s::int4[]) AS id",
                TURN_LOCK,
                list(people),
            )
        )

    def _take(self, people, limit, now):
        """Lock rows of a batch: at most one for each person, and only what is still due."""
        turns = set(people.values())
        mine = self.browse(row for row in self._ids if row in turns)
        rows = mine.try_lock_for_update(limit=limit)
        rows.invalidate_recordset(flush=False)
        return rows.filtered(lambda row: row.state == "due" and row.date_due <= now)

    def _expire(self, now):
        """Let plans go on that waited for a person in vain. Overridden where people have steps."""

    # -- one batch ------------------------------------------------------------------------------------

    def _process(self):
        allowed = self._guarded(lambda rows: rows._allowed())
        for step, rows in allowed.grouped("step_id").items():
            rows._guarded(lambda some, step=step: some._run_step(step))

    def _guarded(self, work):
        """Do something for these rows; whatever goes wrong with one costs that one only.

        :param work: function of rows
        :return: what it returned, for all rows that did not fail
        """
        if not self:
            return self
        try:
            with self.env.cr.savepoint():
                return work(self)
        except DATABASE_TRANSIENT:
            raise
        except Exception as error:
            if len(self) == 1:
                self._note_error(error)
                return self.browse()
            middle = len(self) // 2
            return self[:middle]._guarded(work) | self[middle:]._guarded(work)

    def _run_step(self, step):
        """Decide about the contact, and run what may happen now."""
        rows = self._decided(step)
        if not rows:
            return self
        kind = step.type
        if step.never_automate and not step.is_human and step._contact_channel():
            kind = "draft"
        run = getattr(step, f"_run_{kind}", None)
        if run is None:
            raise UserError(
                self.env._(
                    "Nobody knows how to do steps of the kind “%(kind)s” any more. The app that brought it "
                    "may have been removed.",
                    kind=step.type,
                )
            )
        run(rows)
        self._check_marked()
        return self

    def _check_marked(self):
        """Every row must have moved, or it would be due for ever."""
        self.flush_recordset(["state", "date_due"])
        stuck = self.env.execute_query(
            SQL(
                "SELECT 1 FROM hc_outreach_delivery WHERE id = ANY(%s) AND state = 'due' "
                "AND date_due <= %s LIMIT 1",
                array(self._ids),
                self._now(),
            )
        )
        if stuck:
            raise UserError(self.env._("The step ended without saying what came of it."))

    def _note_error(self, error):
        """Quarantine a row, or try it again later if the error goes away by itself."""
        text = self._error_text(error)
        _logger.info("Outreach, %s: %s", self, text)
        if isinstance(error, TRANSIENT) and self.tries < len(RETRY_MINUTES):
            self._set_retry(text)
        else:
            self._set_failed(text)

    def _set_retry(self, text):
        """Try again after a while that grows with each time."""
        now = self._now()
        for tries, rows in self.grouped("tries").items():
            minutes = RETRY_MINUTES[min(tries, len(RETRY_MINUTES) - 1)]
            rows._mark(
                {
                    "state": "due",
                    "date_due": fields.Datetime.add(now, minutes=minutes),
                    "tries": tries + 1,
                    "error": text,
                }
            )

    def _error_text(self, error):
        """What a person can do something with."""
        if isinstance(error, UserError | ValidationError | AccessError):
            return str(error)
        return f"{type(error).__name__}: {error}"
