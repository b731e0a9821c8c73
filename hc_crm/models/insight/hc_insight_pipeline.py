import logging
import time
from datetime import timedelta

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine import insight as engine
from ...engine.insight.risk import FEATURES
from ...engine.insight.status import typical_gap
from . import insight_stage as stage
from .copy_arrays import write_arrays

_logger = logging.getLogger(__name__)

# What the numbers of a fitted model mean; a model that was fitted to other meanings is fitted anew.
ENGINE = [list(engine.FACTORS), list(FEATURES)]
RUN_LOCK = 471_900_303  # class of our advisory locks; the second key is the company
BATCH = 50_000  # customers worked out between two commits
FULL_EVERY_DAYS = 7  # the model is fitted anew this often
RECENT_DAYS = 365
# settings that the fitted model depends on: once they change it is fitted anew
FITTED_WITH = (
    "purchase_source",
    "count_pos",
    "horizon_days",
    "min_rank_customers",
    "min_value_customers",
    "min_purchases",
)


class HcInsightRun(models.Model):
    """The work of a run.

    It reads purchases and signals in one query each, works everything out in numpy (``engine.insight``),
    puts the result down in batches, and publishes them in one transaction, so that readers see the run
    before or this one and never a mixture. Killed half-way, the next run goes on: the fitted model and the
    batches that were put down are kept. Of two at once, the second leaves.
    """

    _inherit = "hc.insight.run"

    @api.model
    def _run(self, company, kind="incremental", as_of=None, commit=False):
        """Look at the customers of ``company``.

        :param kind: ``full``: all; ``incremental``: those with news, or all where there is no model yet or
            it is old; ``history``: the ends of the last twelve months, for which there is no line yet
        :param as_of: day as which it is done, for tests and measurements; by default today
        :param commit: commit after each batch; only for crons and scripts
        :return: the run; ``state`` says what became of it
        """
        # superuser: insight does not depend on who presses the button
        self = self.sudo()
        config = self.env["hc.insight.config"]._for_company(company)
        today = self.env["hc.insight.purchase"]._today(company)
        as_of = fields.Date.to_date(as_of) or today
        if as_of > today:
            raise UserError(self.env._("The day of a run must not lie in the future."))
        self.env.flush_all()
        if not self._lock(company, commit):
            run = self.create(
                {
                    "company_id": company.id,
                    "kind": kind,
                    "state": "left",
                    "as_of": as_of,
                    "date_start": fields.Datetime.now(),
                    "date_end": fields.Datetime.now(),
                    "error": self.env._(
                        "Another run for %(company)s is under way; this one left it to that.",
                        company=company.name,
                    ),
                }
            )
            self._keep(commit)
            return run
        try:
            run = self._begin(config, kind, as_of)
            self._keep(commit)
            run._work_guarded(config, commit)
        finally:
            self._unlock(company, commit)
        return run

    def _lock(self, company, commit):
        """Return whether we may run; the lock is the session's where the run commits after each batch."""
        [[locked]] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_lock(%s, %s)", RUN_LOCK, company.id)
            if commit
            else SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", RUN_LOCK, company.id)
        )
        if locked:
            # compiling these queries takes longer than running them
            self.env.cr.execute(SQL("SELECT set_config('jit', 'off', %s)", not commit))
            # From here on nobody else writes. What was read before may be older than what the last run wrote.
            self._keep(commit)
        return locked

    def _unlock(self, company, commit):
        if not commit:
            return  # both go with the transaction
        # an error may have broken the transaction, in which the lock could not be given back
        self.env.cr.rollback()
        self.env.cr.execute("RESET jit")
        self.env.cr.execute(SQL("SELECT pg_advisory_unlock(%s, %s)", RUN_LOCK, company.id))

    def _begin(self, config, kind, as_of):
        """Return the run to work on: one that was killed half-way or asked for, or a new one."""
        company = config.company_id
        unfinished = self.search(
            [("company_id", "=", company.id), ("state", "in", ("running", "waiting"))]
        )
        # nobody works on it, or the lock would not be ours
        known = {"engine": ENGINE, "settings": self._settings_fitted(config)}
        # what it put down must fit what is put down from now on
        killed = unfinished.filtered(
            lambda run: (
                run.state == "running"
                and run.as_of == as_of
                and {name: (run.params or {}).get(name) for name in known} == known
            )
        )[:1]
        asked = unfinished.filtered(lambda run: run.state == "waiting" and run.kind == kind)[:1]
        old = unfinished - killed - asked
        old.filtered(lambda run: run.state == "running").write(
            {
                "state": "failed",
                "error": self.env._("It was interrupted; a later run did the work."),
            }
        )
        if killed and (kind == "incremental" or killed.kind == kind):
            asked.write(
                {"state": "left", "error": self.env._("An interrupted run went on instead.")}
            )
            _logger.info("Insight run %s of %s goes on", killed.id, company.name)
            return killed
        killed.write(
            {
                "state": "failed",
                "error": self.env._("It was interrupted; a later run did the work."),
            }
        )
        # what a failed one put down
        stage.drop(self.env.cr, company.id)
        vals = {
            "state": "running",
            "kind": kind,
            "as_of": as_of,
            "date_start": fields.Datetime.now(),
            "progress": 0,
            "params": {"since": self._oldest_transaction()} | known,
        }
        if asked:
            asked.write(vals)
            return asked
        return self.create(vals | {"company_id": company.id, "user_id": self.env.uid})

    def _oldest_transaction(self):
        """Return since when somebody may be writing what this run cannot see yet, as UTC string."""
        [[oldest]] = self.env.execute_query(
            SQL(
                """
                SELECT MIN(xact_start) AT TIME ZONE 'UTC' FROM pg_stat_activity
                 WHERE datname = CURRENT_DATABASE() AND backend_type = 'client backend'
                """
            )
        )
        return fields.Datetime.to_string(oldest or fields.Datetime.now())

    def _work_guarded(self, config, commit):
        """Do the work; what goes wrong is written on the run and nothing half-done is left."""
        clock = time.monotonic()
        cr = self.env.cr
        savepoint = None if commit else cr.savepoint()
        failure = False
        try:
            if self.kind == "history":
                self._work_history(config)
            else:
                self._work(config, commit)
            self.env.flush_all()
        except Exception as error:
            if commit:
                cr.rollback()
            else:
                savepoint.rollback()
            self.env.invalidate_all()
            _logger.exception("Insight run %s of %s failed", self.id, config.company_id.name)
            failure = str(error) or type(error).__name__
        if savepoint:
            savepoint.close(rollback=False)
        now = fields.Datetime.now()
        vals = {
            "date_end": now,
            # what an interrupted run had worked before it is not known any more
            "duration": time.monotonic() - clock,
        }
        if failure:
            vals |= {"state": "failed", "error": failure}
        else:
            vals |= {"state": "done", "progress": 100, "phase": False, "error": False}
        self.write(vals)
        self._keep(commit)

    def _tell(self, phase, progress, commit, customers=0):
        """Say how far we are, and keep what is done so far."""
        self.write({"phase": phase, "progress": progress})
        self.env.flush_all()
        self._keep(commit, customers)

    @api.model
    def _keep(self, commit, customers=0):
        """Commit, where the caller wants that, and tell the background job how many are done."""
        if commit:
            self.env["ir.cron"]._commit_progress(customers)

    # ------------------------------------------------------------
    # customers as they are today
    # ------------------------------------------------------------

    def _work(self, config, commit):
        base = self._base_run(config) if self.kind == "incremental" else self.browse()
        if self.kind == "incremental" and not base:
            self.kind = "full"
        self._tell(self.env._("Reading purchases"), 5, commit)
        changed = in_touch = None
        if base:
            changed, in_touch = self._collect_changed(config, base)
        people = self.env["hc.insight.purchase"]._people(changed)
        purchases = self._read_purchases(config, changed, people)
        signals = self._read_signals(config, changed, people)
        fitted = self._fitted(config, base, purchases, commit)
        as_of = self.as_of.toordinal()
        documents = (
            self._sellers(config, purchases, people, changed is not None),
            self._purchases_kept(config, purchases, as_of),
        )
        summary = engine.summarize(
            purchases.customer, purchases.day, purchases.amount, as_of, RECENT_DAYS
        )
        if not base:
            self.customer_count = len(summary)
            self.params = self.params | {"typical_gap": typical_gap(summary)}
        customers = np.union1d(summary.customer, signals["partner_id"])
        past = self._read_past(config, changed)
        done, staged = self._staged(config)
        customers = customers[customers > done]
        for start in range(0, len(customers), BATCH):
            batch = customers[start : start + BATCH]
            arrays = self._score_batch(config, fitted, batch, summary, signals, documents)
            self._compare(arrays, past)
            write_arrays(self.env.cr, stage.table(config.company_id.id), stage.STAGED, arrays)
            staged += len(batch)
            self._tell(
                self.env._("Working out customers"),
                40 + 40 * (start + len(batch)) / len(customers),
                commit,
                len(batch),
            )
        self._tell(self.env._("Publishing"), 85, commit)
        self._publish(config, staged, changed)
        self.warnings = self._warnings(config, fitted, purchases, base)
        self.method = fitted.method
        self._tell(self.env._("Products and segments"), 92, commit)
        self._work_followers(config, in_touch)

    def _base_run(self, config):
        """Return the run whose model still holds, or nothing where all have to be looked at."""
        base = self.search(
            [
                ("company_id", "=", config.company_id.id),
                ("kind", "=", "full"),
                ("state", "=", "done"),
                ("as_of", "<=", self.as_of),
                ("as_of", ">", self.as_of - timedelta(days=FULL_EVERY_DAYS)),
            ],
            order="id desc",
            limit=1,
        )
        if base and (
            not base._fitted_model() or base.params.get("settings") != self._settings_fitted(config)
        ):
            return self.browse()
        return base

    def _fitted_model(self):
        """Return the model that this run has learnt, or None.

        None as well for one of an older version of the engine: what it learnt means something else now.
        """
        known = (self.params or {}).get("fitted")
        if not known or self.params.get("engine") != ENGINE:
            return None
        return engine.Fitted.from_dict(known)

    @api.model
    def _settings_fitted(self, config):
        return {name: config[name] for name in FITTED_WITH} | {
            "settings": self._settings_changed(config)
        }

    @api.model
    def _settings_changed(self, config):
        """What every figure depends on: a change of it is news of every customer."""
        return fields.Datetime.to_string(config.write_date)

    def _fitted(self, config, base, purchases, commit):
        """Return the fitted model: the base run's, the one an interrupted run had, or a new one."""
        known = (base or self).params or {}
        if fitted := (base or self)._fitted_model():
            if base:
                self.customer_count = base.customer_count
                self.params = self.params | {
                    "base": base.id,
                    "typical_gap": known["typical_gap"],
                }
            return fitted
        self._tell(self.env._("Learning from your own past"), 15, commit)
        fitted = engine.fit(
            purchases.customer,
            purchases.day,
            purchases.amount,
            self.as_of.toordinal(),
            config.horizon_days,
            min_rank=config.min_rank_customers,
            min_value=config.min_value_customers,
            min_purchases=config.min_purchases,
        )
        learnt = fitted.to_dict()
        self.params = (self.params or {}) | {
            "fitted": learnt,
            "engine": ENGINE,
            "settings": self._settings_fitted(config),
        }
        self.accuracy = learnt["accuracy"] or False
        self._tell(self.env._("Working out customers"), 40, commit)
        return fitted

    def _staged(self, config):
        """Return the last customer that this run has put down before it was interrupted, and how many."""
        stage.create(self.env.cr, config.company_id.id)
        [known] = self.env.execute_query(
            SQL(
                "SELECT COALESCE(MAX(partner_id), 0), COUNT(*) FROM %s",
                SQL.identifier(stage.table(config.company_id.id)),
            )
        )
        return known
