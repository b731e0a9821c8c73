import logging
from datetime import timedelta

from psycopg2.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from .hc_outreach_entry import EntryScope, Missing

_logger = logging.getLogger(__name__)

LATE_DAYS = 7  # what was noted afterwards still counts so many days after it was due
# A change of these makes it another entry: what fits already by then is not news.
ENTRY_FIELDS = {
    "entry_type", "entry_model_id", "entry_domain", "entry_partner_path", "entry_date_field_id",
    "entry_source", "entry_days", "entry_yearly", "entry_segment_id", "entry_segment_way",
    "entry_persona_id", "entry_figure", "entry_value", "entry_occasion", "entry_feedback",
}  # fmt: skip
CONDITION_FIELDS = {
    "partner_domain",
    "exit_domain",
    "goal_type",
    "goal_domain",
    "goal_days",
    "reentry",
    "reentry_days",
}
CANDIDATES = SQL(
    "SELECT partner_id, occurrence, res_model, res_id, date_occurred FROM hc_outreach_candidate"
)


class HcOutreachPlan(models.Model):
    """Who enters a plan, and when it was last looked at.

    How a pass works (``_cron_enter``): each running plan in turn has what is new since its last pass written
    to a temporary table, in one query; only if there is something are people enrolled from it. What is new is
    bounded by ``entry_watermark``: ``{"since": moment, "start": moment or null, "day": last day looked
    at}``. ``since`` is the start of the oldest transaction that was open when the last pass began, so that
    what such a one writes later is not overlooked; that the same thing is read twice is harmless, because
    enrollments are unique. After a pause or an outage what was missed is made up for, as far back as
    ``late_days`` allows.
    """

    _inherit = "hc.outreach.plan"

    entry_source = fields.Selection(selection="_selection_entry_source", string="What Happens")
    entry_domain_model = fields.Char(
        compute="_compute_entry_domain_model", help="Of what records the conditions speak."
    )
    entry_occasion = fields.Selection(
        [("birthday", "Birthday"), ("anniversary", "Anniversary"), ("other", "Another day")],
        string="Occasion",
        default="birthday",
    )
    entry_feedback = fields.Selection(
        [("any", "Any"), ("good", "Good"), ("bad", "Bad")], string="Feedback", default="any"
    )
    date_entry = fields.Datetime(
        string="Entry Looked at", readonly=True, copy=False, help="When newcomers were looked for."
    )
    entry_field_names = fields.Json(
        compute="_compute_entry_field_names", help="Fields that the chosen way to enter asks for."
    )

    @api.depends("entry_type")
    def _compute_entry_field_names(self):
        entry = self.env["hc.outreach.entry"]
        for plan in self:
            plan.entry_field_names = entry._entry_fields(plan.entry_type)

    @api.model
    def _selection_entry_source(self):
        """Every source of the timeline whose app is installed."""
        sources = self.env["hc.outreach.entry"].sudo()._event_sources()
        return [(key, found[0].label(self.env)) for key, found in sources.items()]

    @api.depends("entry_type", "entry_source", "entry_model_id")
    def _compute_entry_domain_model(self):
        entry = self.env["hc.outreach.entry"].sudo()
        for plan in self:
            plan.entry_domain_model = entry._domain_model(plan.sudo())

    @api.depends(*sorted(ENTRY_FIELDS), "reentry", "reentry_days", "recipient")
    @api.depends_context("lang")
    def _compute_entry_text(self):
        return super()._compute_entry_text()

    @api.constrains(*sorted(ENTRY_FIELDS | CONDITION_FIELDS))
    def _check_entry(self):
        """Refuse what is wrong; what is missing is said when the plan is to start."""
        entry = self.env["hc.outreach.entry"].sudo()
        for plan in self:
            for problem in entry._entry_check(plan) + entry._condition_check(plan):
                if not isinstance(problem, Missing):
                    raise ValidationError(problem)

    def _own_problems(self):
        entry = self.env["hc.outreach.entry"].sudo()
        return super()._own_problems() + entry._entry_check(self.sudo())

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") in ("draft", "done"):
            self._entry_forget()
        elif vals.get("state") == "running":
            self.filtered(lambda plan: not plan.entry_watermark)._entry_start()
        elif not ENTRY_FIELDS.isdisjoint(vals):
            begun = self.filtered("entry_watermark")
            begun._entry_forget()
            begun._entry_start(anew=True)
        return result

    # -- starting -------------------------------------------------------------------------------

    def _entry_forget(self):
        self.env["hc.outreach.seen"].sudo().search([("plan_id", "in", self.ids)]).unlink()
        self.sudo().write({"entry_watermark": False, "entry_error": False, "date_entry": False})

    def _entry_start(self, anew=False):
        """Remember from when on things count; called when a plan begins to run.

        :param anew: another way to enter was chosen while it ran: what fits already does not count, even if
            existing customers were wanted
        :raise ValidationError: something is missing or wrong
        """
        entry = self.env["hc.outreach.entry"].sudo()
        for plan in self.sudo():
            if problems := entry._entry_check(plan) + entry._condition_check(plan):
                raise ValidationError("\n".join(problems))
            self.env.flush_all()
            if plan.include_existing and not anew:
                watermark = {"since": None, "start": None, "day": None}
            else:
                entry._call("start", plan)
                watermark = {
                    "since": self._oldest_transaction(),
                    "start": fields.Datetime.to_string(fields.Datetime.now()),
                    "day": fields.Date.to_string(entry._today(plan)),
                }
            plan.write(
                {
                    "entry_watermark": watermark,
                    "date_started": plan.date_started or fields.Datetime.now(),
                }
            )

    @api.model
    def _oldest_transaction(self):
        """Return since when somebody may be writing what cannot be seen yet, as UTC string."""
        return self.env["hc.insight.run"]._oldest_transaction()

    def _entry_scope(self):
        """Return what is new since the last pass, as :class:`EntryScope`."""
        self.ensure_one()
        mark = self.entry_watermark or {}
        today = self.env["hc.outreach.entry"]._today(self)
        day = fields.Date.to_date(mark.get("day"))
        start = fields.Datetime.to_datetime(mark.get("start"))
        if day and self.late_days > 0:
            # what lies further back makes no sense any more
            day = max(day, today - timedelta(days=self.late_days))
        if start and self.late_days > 0:
            start = max(start, fields.Datetime.now() - timedelta(days=self.late_days))
        late = day and today - timedelta(days=LATE_DAYS)
        if late and start:
            late = max(late, start.date())
        return EntryScope(
            now=fields.Datetime.now(),
            since=fields.Datetime.to_datetime(mark.get("since")),
            start=start,
            day_from=day and min(day, today),
            day_to=today,
            late_from=late and min(late, today),
        )

    # -- entering -------------------------------------------------------------------------------

    @api.model
    def _cron_enter(self):
        """Let newcomers into every running plan, those looked at longest ago first."""
        domain = [("state", "=", "running"), ("is_template", "=", False)]
        plans = self.search(domain, order="date_entry nulls first, id")
        # Asked before the snapshot of the passes is taken: whoever is not seen by them is seen here.
        oldest = self._oldest_transaction()
        progress = self.env["ir.cron"]
        if not progress._commit_progress(remaining=len(plans)):
            return
        for left, plan in zip(range(len(plans) - 1, -1, -1), plans, strict=True):
            plan._enter_guarded(oldest)
            if not progress._commit_progress(1, remaining=left):
                break

    def _enter_guarded(self, oldest=None):
        """Let newcomers into one plan; what goes wrong is written on it, and the others go on.

        :return: how many entered
        """
        self.ensure_one()
        locked = self.try_lock_for_update(allow_referencing=True)
        if not locked:
            return 0  # somebody is at it
        plan = locked.with_company(locked.company_id)
        try:
            # compiling such a query takes longer than running it
            self.env.cr.execute("SELECT set_config('jit', 'off', true)")
            self._make_candidates_table()
            with self.env.cr.savepoint():
                entered = plan._enter(oldest or self._oldest_transaction())
                self.env.flush_all()
        except (SerializationFailure, LockNotAvailable, DeadlockDetected):
            self.env.invalidate_all(flush=False)
            return 0  # somebody enrolls the same people: the next pass sees what is left
        except Exception as error:
            self.env.invalidate_all(flush=False)
            if not isinstance(error, UserError):
                _logger.exception("Nobody could enter plan %s", plan.id)
            plan._entry_failed(
                str(error) if isinstance(error, UserError) else plan._unforeseen(error)
            )
            return 0
        return entered

    def _enter(self, oldest):
        """Enroll who is new; remember up to where that was."""
        entry = self.env["hc.outreach.entry"].sudo()
        if problems := entry._entry_check(self) + entry._condition_check(self):
            raise ValidationError("\n".join(problems))
        if not self.entry_watermark:
            self._entry_start()
        self.env.flush_all()
        scope = self._entry_scope()
        rows = entry._call("", self, scope)
        entered = 0
        if rows is not None:
            cr = self.env.cr
            cr.execute("DELETE FROM hc_outreach_candidate")
            cr.execute(
                SQL(
                    "INSERT INTO hc_outreach_candidate "
                    "(partner_id, occurrence, res_model, res_id, date_occurred) %s",
                    rows,
                )
            )
            if cr.rowcount:
                if cr.rowcount > 1000:
                    cr.execute("ANALYZE hc_outreach_candidate")
                entered = len(self._enroll_from(entry._customers(CANDIDATES)))
            entry._call("done", self)
        vals = {
            "date_entry": fields.Datetime.now(),
            "entry_watermark": dict(
                self.entry_watermark, since=oldest, day=fields.Date.to_string(scope.day_to)
            ),
        }
        if self.entry_error:
            vals["entry_error"] = False
        self.write(vals)
        return entered

    @api.model
    def _make_candidates_table(self):
        self.env.cr.execute(
            """
            CREATE TEMPORARY TABLE IF NOT EXISTS hc_outreach_candidate (
                partner_id int, occurrence varchar, res_model varchar, res_id int, date_occurred timestamp
            ) ON COMMIT DELETE ROWS
            """
        )

    def _unforeseen(self, error):
        return self.env._(
            "Nobody can enter at the moment: %(error)s", error=str(error).strip().split("\n")[0]
        )

    def _entry_failed(self, text):
        """Write on the plan why nobody enters, and tell its responsible once."""
        self.ensure_one()
        if self.entry_error == text:
            return
        is_new = not self.entry_error
        self.write({"entry_error": text, "date_entry": fields.Datetime.now()})
        if is_new and self.user_id.active:
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("Nobody enters “%(plan)s” any more", plan=self.name),
                note=text,
                user_id=self.user_id.id,
            )

    def _rests_on_figures(self):
        """Whether people come in because of what was worked out about them."""
        self.ensure_one()
        return self.env["hc.outreach.entry"].sudo()._entry_profiled(self.sudo())
