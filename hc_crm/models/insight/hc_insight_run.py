import logging
from datetime import date, datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.constants import GC_UNLINK_LIMIT

from odoo.addons.base.models.ir_cron import _intervalTypes

from . import insight_stage as stage

_logger = logging.getLogger(__name__)

KEEP_DAYS = 90  # what was done hour by hour
KINDS = [
    ("full", "All customers"),
    ("incremental", "Customers with news"),
    ("history", "Past months"),
]


class HcInsightRun(models.Model):
    """One pass over a company's customers: when, how long, what came out, how good it is."""

    _name = "hc.insight.run"
    _description = "Insight Run"
    _order = "id desc"
    _rec_name = "date_start"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", readonly=True
    )
    kind = fields.Selection(KINDS, required=True, default="incremental", readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("left", "Left to another run"),
        ],
        required=True,
        default="waiting",
        index=True,
        readonly=True,
    )
    as_of = fields.Date(string="As of", readonly=True)
    date_start = fields.Datetime(string="Started", readonly=True)
    date_end = fields.Datetime(string="Ended", readonly=True)
    duration = fields.Float(string="Duration (s)", digits=(16, 1), readonly=True, aggregator=None)
    phase = fields.Char(readonly=True)
    progress = fields.Float(digits=(16, 0), readonly=True, aggregator=None)
    customer_count = fields.Integer(string="Customers", readonly=True)
    changed_count = fields.Integer(string="Looked at", readonly=True)
    method = fields.Selection(
        [("model", "Model"), ("rule", "One-line rule"), ("none", "Not enough history")],
        readonly=True,
    )
    params = fields.Json(readonly=True, prefetch=False)
    accuracy = fields.Json(readonly=True, prefetch=False)
    warnings = fields.Json(readonly=True, prefetch=False)
    warning_text = fields.Text(string="Mind", compute="_compute_warning_text")
    error = fields.Text(readonly=True)
    user_id = fields.Many2one("res.users", string="Started by", readonly=True, ondelete="set null")

    def init(self):
        result = super().init()
        # what a run of an older version has put down may mean something else
        stage.drop_all(self.env.cr)
        return result

    def _compute_warning_text(self):
        for run in self:
            run.warning_text = "\n".join(run._warning_texts()) or False

    @api.depends("kind", "as_of", "company_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for run in self:
            run.display_name = f"{kinds[run.kind]}, {format_date(self.env, run.as_of)}"

    # ------------------------------------------------------------
    # asking for a run
    # ------------------------------------------------------------

    @api.model
    def _request(self, company, kind, user):
        """Have a run done in the background; return the one that is waiting or under way already."""
        run = self.search(
            [("company_id", "=", company.id), ("state", "in", ("waiting", "running"))], limit=1
        )
        if not run:
            run = self.create({"company_id": company.id, "kind": kind, "user_id": user.id})
        self.env.ref("hc_crm.hc_insight_run_cron")._trigger()
        return run

    @api.model
    def hc_get_progress(self, company_id=False):
        """Return how far the latest run of a company is.

        :return: ``{id, state, phase, progress, customers, error, date_end, duration}``, or False
        """
        run = self.search(
            [("company_id", "=", self._readable_company(company_id).id), ("kind", "!=", "history")],
            limit=1,
        )
        if not run:
            return False
        # superuser: who may read the run may read whether its background job is switched on
        cron = self.env.ref("hc_crm.hc_insight_run_cron").sudo()
        return {
            "id": run.id,
            "state": run.state,
            "phase": run.phase
            or (
                self.env._("Waiting for the background job “%(job)s”", job=cron.name)
                if run.state == "waiting" and cron.active
                else self.env._(
                    "The background job “%(job)s” is switched off: switch it on under Settings, "
                    "Technical, Scheduled Actions.",
                    job=cron.name,
                )
                if run.state == "waiting"
                else ""
            ),
            "progress": run.progress,
            "customers": run.changed_count,
            "error": run.error or "",
            "date_end": fields.Datetime.to_string(run.date_end) if run.date_end else False,
            "duration": run.duration,
        }

    @api.model
    def _readable_company(self, company_id=False):
        """Return the company asked for, if the user works in it now.

        :raise AccessError: for another one
        """
        if not company_id:
            return self.env.company
        if isinstance(company_id, bool) or not isinstance(company_id, int):
            raise ValidationError(self.env._("The company must be given by its number."))
        if company_id not in self.env.companies.ids:
            raise AccessError(self.env._("You do not work in this company at the moment."))
        return self.env["res.company"].browse(company_id)

    @api.model
    def _cron_run(self):
        """Do what was asked for, or look at customers with news, of each company in turn."""
        configs = self._configs_to_run()
        for done, config in enumerate(configs, start=1):
            company = config.company_id
            asked = self.search(
                [("company_id", "=", company.id), ("state", "in", ("waiting", "running"))], limit=1
            )
            try:
                self._run(company, asked.kind or "incremental", commit=True)
            except Exception:
                # one company's trouble is not the next one's
                self.env.cr.rollback()
                _logger.exception("Insight of %s could not be worked out", company.name)
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(configs) - done):
                break

    @api.model
    def _configs_to_run(self):
        """Return the settings of the companies that want insight, the longest waiting first.

        Where the background job asks again within one turn, because its time was over: those not yet done.
        """
        Config = self.env["hc.insight.config"]
        for company in self.env["res.company"].search(Domain.TRUE):
            Config._for_company(company)
        latest = dict(
            self._read_group(
                [("state", "in", ("done", "failed")), ("kind", "!=", "history")],
                ["company_id"],
                ["date_start:max"],
            )
        )
        asked = self.search([("state", "in", ("waiting", "running"))]).company_id
        configs = Config.search([("is_active", "=", True)]).sorted(
            lambda config: (
                config.company_id not in asked,
                latest.get(config.company_id) or datetime.min,
            )
        )
        turn = self._turn_start()
        return configs.filtered(
            lambda config: (
                config.company_id in asked or (latest.get(config.company_id) or datetime.min) < turn
            )
        )

    @api.model
    def _turn_start(self):
        """Return when the background job was due: whoever was looked at since then is done for this turn."""
        cron = self.env["ir.cron"].browse(self.env.context.get("cron_id"))
        if not cron:
            return datetime.max
        due = cron.nextcall
        if due > fields.Datetime.now():
            # asked for between two turns
            due -= _intervalTypes[cron.interval_type](cron.interval_number)
        return due

    @api.autovacuum
    def _gc_runs(self):
        """Runs of old are of no use to anybody; the full ones show how accuracy moved."""
        domain = [
            ("kind", "!=", "full"),
            ("create_date", "<", fields.Datetime.subtract(fields.Datetime.now(), days=KEEP_DAYS)),
        ]
        runs = self.search(domain, limit=GC_UNLINK_LIMIT)
        runs.unlink()
        return len(runs), len(runs) == GC_UNLINK_LIMIT

    # ------------------------------------------------------------
    # how good is this?
    # ------------------------------------------------------------

    @api.model
    def hc_get_accuracy(self, company_id=False):
        """Return what came of predictions on the company's own past, beside the one-line rule.

        :return: see the client action ``hc_insight.accuracy``
        """
        self.check_access("read")
        company = self._readable_company(company_id)
        domain = [("company_id", "=", company.id), ("kind", "=", "full"), ("state", "=", "done")]
        run = self.search(domain, limit=1)
        can_run = self.env["hc.insight.config"].has_access("write")
        if not run:
            return {
                "company": {"id": company.id, "name": company.name},
                "empty": self.env._(
                    "Insight has not been worked out yet. It starts by itself within the hour, or at "
                    "once with “Run now”."
                ),
                "can_run": can_run,
            }
        accuracy = run.accuracy or {}
        warnings = run._warning_texts()
        answer = {
            "company": {"id": company.id, "name": company.name},
            "run": {
                "id": run.id,
                "date": fields.Datetime.to_string(run.date_start),
                "kind": run.kind,
            },
            "can_run": can_run,
            "warnings": warnings,
            "method": run.method,
            "history": self._accuracy_history(domain),
        }
        if not accuracy.get("deciles"):
            return answer | {
                "empty": self.env._(
                    "Not enough history to check predictions against: that takes about %(customers)s "
                    "customers who bought more than once, and some months of sales.",
                    customers=self.env["hc.insight.config"]
                    ._for_company(company)
                    .min_rank_customers,
                )
            }
        return answer | run._accuracy_values(accuracy)

    def _range_text(self, accuracy):
        """Return how often the value that came lay in the range that would have been shown."""
        inside = accuracy.get("interval_inside")
        if not inside:
            return ""
        return self.env._(
            "Of 100 customers, %(inside)s spent what the range for them would have said; 80 is meant.",
            inside=round(100 * inside),
        )

    @api.model
    def _accuracy_history(self, domain):
        """Return how accuracy moved: the last run of each day."""
        by_day = {
            past.as_of: {
                "date": fields.Date.to_string(past.as_of),
                "auc": past.accuracy.get("auc_used"),
                "method": past.method,
            }
            for past in self.search(domain, limit=48).sorted("id")
            if past.accuracy
        }
        return [by_day[day] for day in sorted(by_day)]

    def _accuracy_values(self, accuracy):
        """Return the back-test of this run as the accuracy page shows it."""
        self.ensure_one()
        best = max(accuracy["deciles"], key=lambda decile: decile["predicted"])
        texts = {
            "model": self.env._(
                "The model is used: on your own past it told who buys again better than the simple rule "
                "“who bought lately will buy again”."
            ),
            "rule": self.env._(
                "The simple rule “who bought lately will buy again” is used: on your own past no model "
                "told better who buys again."
            ),
            "none": self.env._("There is not enough history to predict anything."),
        }
        return {
            "sentence": self.env._(
                "Of 100 customers rated most likely to buy again, %(actual)s did within %(days)s days; "
                "%(predicted)s were expected.",
                actual=round(100 * best["actual"]),
                predicted=round(100 * best["predicted"]),
                days=accuracy["horizon_days"],
            ),
            "method_text": texts[self.method],
            "range_text": self._range_text(accuracy),
            "sample": accuracy["customers"],
            "horizon_days": accuracy["horizon_days"],
            "cutoff": fields.Date.to_string(date.fromordinal(accuracy["date_cutoff"])),
            "auc": {
                "model": accuracy["auc_model"],
                "rule": accuracy["auc_rule"],
                "used": accuracy["auc_used"],
            },
            "correlation": {
                "model": accuracy["correlation_model"],
                "rule": accuracy["correlation_rule"],
            },
            "total": {
                "predicted": accuracy["total_predicted"],
                "actual": accuracy["total_actual"],
                "rule": accuracy["total_rule"],
            },
            "calibration_error": accuracy["calibration_error"],
            "deciles": accuracy["deciles"],
            "value_deciles": accuracy["value_deciles"],
        }
