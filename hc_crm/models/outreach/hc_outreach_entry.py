from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..segment.condition import read
from ..timeline.timeline_source import Source

MAX_DAYS = 3660  # ten years before or after a day; who waits longer mistook the field
MONTH_DAYS = 30  # what cannot be known in advance is expected to go on as in the last so many days


class Missing(str):
    """Something of a plan that is not filled in yet: no reason to refuse a draft."""

    __slots__ = ()


@dataclass(frozen=True)
class EntryScope:
    """What is new for a plan. ``None`` means "not bounded".

    :param now: naive UTC; what is to come does not count yet
    :param since: naive UTC; what was written before was seen by an earlier pass
    :param start: naive UTC; what happened before does not count
    :param day_from: first day that is due, inclusive, in the company's time zone
    :param day_to: last day that is due, inclusive
    :param late_from: what was noted since ``since`` may be due from this day on: nobody is lost because a
        delivery was entered two days late
    """

    now: datetime
    day_to: date
    since: datetime | None = None
    start: datetime | None = None
    day_from: date | None = None
    late_from: date | None = None


class HcOutreachEntry(models.AbstractModel):
    """How people come into plans.

    How to add a way: an override of ``_entries()`` adds ``{key: label}``, and these methods say the rest,
    all of them called as superuser:

    - ``_entry_<key>(plan, scope)``: SELECT (``SQL``) of what is new, see :class:`EntryScope`; None: nobody
      enters by themselves. Columns: ``partner_id``; ``occurrence`` varchar, what makes it the same event
      when it is seen again; ``res_model`` varchar; ``res_id`` int; ``date_occurred`` naive UTC.
      Who of them is enrolled (conditions, company, profiling, re-entry, pilot, hold-out) is decided
      in ``plan._enroll_from``, so it need not care.
    - ``_entry_fields_<key>()``: names of the fields of the plan that it asks for.
    - ``_entry_check_<key>(plan)``: list of sentences, what is wrong; those of class :class:`Missing` only
      keep the plan from starting, the others from being saved.
    - ``_entry_text_<key>(plan)``: in words, to go on with “, once”.
    - optional: ``_entry_model_<key>(plan)``, the model that ``entry_domain`` speaks of, where it is not
      ``entry_model_id``; ``_entry_profiled_<key>(plan)``, True when it rests on what was worked out about the person;
      ``_entry_start_<key>(plan)``, called when the plan starts, and ``_entry_done_<key>(plan)`` after a
      pass, both for what has to be remembered; ``_entry_forecast_<key>(plan, date_from, date_to)``,
      a SELECT as above of what is known in advance; ``_entry_expected_<key>(plan, since)``, SELECT of one
      number: how many there were since then, where nothing is known in advance.
    """

    _name = "hc.outreach.entry"
    _description = "Ways into Outreach Plans"

    # -- the registry ---------------------------------------------------------------------------

    @api.model
    def _entries(self):
        return {"manual": self.env._("By hand or by another system")}

    @api.model
    def _entry_selection(self):
        return list(self._entries().items())

    def _call(self, prefix, plan, *args, default=None):
        """Call ``_entry_<prefix>_<key>`` of the plan's way to enter, if there is one."""
        name = f"_entry_{prefix}_{plan.entry_type}" if prefix else f"_entry_{plan.entry_type}"
        method = getattr(self, name, None)
        return method(plan, *args) if method else default

    @api.model
    def _entry_fields(self, key):
        """Return the names of the plan's fields that a form shows for this way to enter."""
        method = getattr(self, f"_entry_fields_{key}", None)
        return method() if method else []

    @api.model
    def _domain_model(self, plan):
        """Return the name of the model that ``entry_domain`` speaks of, or False."""
        return self._call("model", plan, default=plan.entry_model_id.model) or False

    @api.model
    def _entry_profiled(self, plan):
        """Tell whether the plan rests on something that was worked out about the person."""
        return bool(self._call("profiled", plan, default=False))

    @api.model
    def _entry_check(self, plan):
        """Return sentences about what is missing or wrong with how people enter; [] when all is well."""
        if plan.entry_type not in self._entries():
            return [
                self.env._(
                    "“Begins”: the app that brought this way to begin is gone. Choose another."
                )
            ]
        problems = self._call("check", plan, default=[])
        if plan.goal_type == "domain" and not read_or_none(plan.goal_domain):
            problems.append(
                Missing(self.env._("%(field)s: add a condition.", field=self._label("goal_domain")))
            )
        if plan.goal_type != "none" and not 1 <= plan.goal_days <= MAX_DAYS:
            problems.append(self._days_problem("goal_days", 1))
        if plan.reentry == "days" and not 1 <= plan.reentry_days <= MAX_DAYS:
            problems.append(self._days_problem("reentry_days", 1))
        return problems

    @api.model
    def _condition_check(self, plan):
        """Return sentences about conditions over the person that do not work."""
        names = ["partner_domain", "exit_domain"]
        if plan.goal_type == "domain":
            names.append("goal_domain")
        return [
            text
            for name in names
            if (plan[name] or "[]") != "[]"
            for text in self._check_domain(plan, name, plan._as_author(of=name))
        ]

    @api.model
    def _entry_text(self, plan):
        """Return in the reader's language who enters, when, and how often."""
        # superuser: whoever may read a plan may know what it is about
        plan = plan.sudo()
        text = self.sudo()._call("text", plan) or self._entries().get(plan.entry_type, "")
        if plan.entry_type == "manual":
            return text
        again = {
            "once": self.env._("%(entry)s, once", entry=text),
            "days": self.env._(
                "%(entry)s, again after %(days)s days at the earliest",
                entry=text,
                days=plan.reentry_days,
            ),
        }
        return again.get(plan.reentry) or self.env._("%(entry)s, each time", entry=text)

    # -- candidates -----------------------------------------------------------------------------

    @api.model
    def _customers(self, rows):
        """Return those of ``rows`` who are customers: colleagues are in meetings, too."""
        return SQL(
            """
            SELECT candidate.partner_id, candidate.occurrence, candidate.res_model, candidate.res_id,
                   candidate.date_occurred
              FROM (%s) AS candidate(partner_id, occurrence, res_model, res_id, date_occurred)
              JOIN res_partner AS person ON person.id = candidate.partner_id
             WHERE person.partner_share AND person.id NOT IN (SELECT partner_id FROM res_company)
            """,
            rows,
        )

    @api.model
    def _candidates(self, plan, rows):
        """Return those of ``rows`` who would be enrolled, were it now: as ``plan._enroll_from`` asks."""
        return SQL(
            """
            SELECT DISTINCT ON (%(key)s) target.id AS partner_id, candidate.occurrence,
                   candidate.res_model, candidate.res_id, candidate.date_occurred
              FROM (%(rows)s) AS candidate
              JOIN res_partner AS partner ON partner.id = candidate.partner_id
              JOIN res_partner AS target ON target.id = %(recipient)s
             WHERE target.id IN (%(eligible)s) AND %(again)s
               AND NOT EXISTS (
                   SELECT 1 FROM hc_outreach_enrollment AS known
                    WHERE known.plan_id = %(plan)s AND known.partner_id = target.id
                      AND known.occurrence = candidate.occurrence)
             ORDER BY %(key)s, candidate.date_occurred
            """,
            # several events are one reason, unless each of them is meant
            key=SQL("target.id, candidate.occurrence")
            if plan.reentry == "occurrence"
            else SQL("target.id"),
            rows=self._customers(rows),
            recipient=SQL(
                "partner.commercial_partner_id" if plan.recipient == "customer" else "partner.id"
            ),
            eligible=plan._eligible_query().select(),
            again=plan._again_sql(fields.Datetime.now()),
            plan=plan.id,
        )

    @api.model
    def _forecast(self, plan, date_from, date_to):
        """Return who will enter in a period to come, as far as anybody can know.

        :param date_from: first day, a date
        :param date_to: last day, a date
        :return: (SELECT as of ``_candidates`` or None, number expected beside): exactly one of them
            tells something. What cannot be known in advance is expected to go on as in the last 30 days.
        """
        # superuser: whom a plan reaches does not depend on who asks; what is told of them, does
        entry, plan = self.sudo(), plan.sudo()
        if problems := entry._entry_check(plan):
            raise ValidationError("\n".join(problems))
        self.env.flush_all()
        rows = entry._call("forecast", plan, date_from, date_to)
        if rows is not None:
            return entry._candidates(plan, rows), 0
        since = entry._today(plan) - timedelta(days=MONTH_DAYS)
        count = entry._call("expected", plan, since)
        if count is None:
            return None, 0
        [[number]] = self.env.execute_query(count)
        return None, round((number or 0) * ((date_to - date_from).days + 1) / MONTH_DAYS)

    # -- helpers for the ways to enter ----------------------------------------------------------

    @api.model
    def _today(self, plan):
        return self.env["hc.insight.purchase"]._today(plan.company_id)

    @api.model
    def _timezone(self, plan):
        return self.env["hc.insight.purchase"]._timezone(plan.company_id)

    @api.model
    def _label(self, name):
        """Return the label of a field of a plan, to name it in sentences."""
        label = self.env["hc.outreach.plan"]._fields[name]._description_string(self.env)
        return self.env._("“%(label)s”", label=label)

    def _days_problem(self, name, least):
        return self.env._(
            "%(field)s: give a whole number of days from %(least)s to %(most)s.",
            field=self._label(name),
            least=least,
            most=MAX_DAYS,
        )

    def _check_days(self, plan, least=1):
        days = plan.entry_days
        return [] if least <= days <= MAX_DAYS else [self._days_problem("entry_days", least)]

    def _missing(self, name):
        return Missing(self.env._("%(field)s: choose one.", field=self._label(name)))

    def _missing_text(self, text):
        return Missing(text)

    def _read_domain(self, plan, name, model):
        """Return a condition of the plan as a domain over ``model``.

        :raise ValidationError: it cannot be read, or names what is not there
        """
        try:
            domain = Domain(read(plan[name]))
            domain.validate(model)
            # with its values: “soon” is no date
            model._search(domain)
        except (ValueError, TypeError, KeyError, UserError, NotImplementedError) as error:
            raise ValidationError(
                self.env._(
                    "%(field)s: the conditions over %(model)s do not work: %(error)s. Set them anew with "
                    "the filter editor.",
                    field=self._label(name),
                    model=model._description,
                    error=str(error).rstrip("."),
                )
            ) from error
        return domain

    def _check_domain(self, plan, name, model):
        try:
            self._read_domain(plan, name, model)
        except ValidationError as error:
            return [str(error)]
        return []

    def _own_domain(self, plan, name, model):
        """Return the condition, with no record of another company."""
        domain = self._read_domain(plan, name, model)
        for company in ("company_id", "record_company_id"):
            field = model._fields.get(company)
            if field is not None and field.store and field.comodel_name == "res.company":
                return domain & Domain(company, "in", [False, plan.company_id.id])
        return domain

    def _model(self, plan):
        """Return the model whose records let the plan begin, or None; as its author sees it."""
        name = plan.entry_model_id.model
        model = self.env.get(name) if name else None
        if model is None or model._abstract or model._transient or not model._auto:
            return None
        return self._seen_by_author(plan, name)

    def _seen_by_author(self, plan, name):
        """Return a model as the author of the conditions sees it, or they would ask about anything."""
        return plan._as_author(name, of="entry_domain").with_context(active_test=True)

    def _check_model(self, plan):
        """Return what is wrong with model, conditions and the way to the customer."""
        if not plan.entry_model_id:
            return [self._missing("entry_model_id")]
        model = self._model(plan)
        if model is None:
            return [
                self.env._(
                    "%(field)s: %(model)s is not installed any more, or holds no lasting records. "
                    "Choose others.",
                    field=self._label("entry_model_id"),
                    model=plan.entry_model_id.model,
                )
            ]
        problems = self._check_domain(plan, "entry_domain", model)
        if self._find_path(model, plan.entry_partner_path) is None:
            problems.append(
                self.env._(
                    "%(field)s: %(path)s of %(model)s does not lead to a contact.",
                    field=self._label("entry_partner_path"),
                    path=plan.entry_partner_path or "partner_id",
                    model=model._description,
                )
            )
        return problems

    def _find_path(self, model, path):
        """Return the stored way from a model to its customer, or None when there is none."""
        if not path:
            path = "id" if model._name == "res.partner" else "partner_id"
        if model._name == "res.partner" and path == "id":
            return path
        *names, last = path.split(".")
        for name in names:
            field = model._fields.get(name)
            if field is None or field.type != "many2one" or not field.store:
                return None
            if field.comodel_name not in self.env:
                return None
            model = self.env[field.comodel_name]
        field = model._fields.get(last)
        if field is None or not field.store or field.type not in ("many2one", "many2many"):
            return path if last == "id" and model._name == "res.partner" and names else None
        return path if field.comodel_name == "res.partner" else None

    def _records(self, plan):
        """Return (model, ``Query`` of the records that fit, SQL of the partner)."""
        model = self._model(plan)
        query = model._search(self._own_domain(plan, "entry_domain", model))
        path = self._find_path(model, plan.entry_partner_path)
        source = Source("entry", 0, model._name, label=None, partner=path)
        partner = source._partner_sql(self.env, query)
        query.add_where(SQL("%s IS NOT NULL", partner))
        return model, query, partner

    def _moments(self, plan, date_from, date_to):
        """Return the first and the last moment of a period of days, naive UTC."""
        tz = pytz.timezone(self._timezone(plan))

        def moment(day, clock):
            local = tz.localize(datetime.combine(day, clock))
            return local.astimezone(pytz.utc).replace(tzinfo=None)

        return moment(date_from, time.min), moment(date_to, time(23, 59, 59))

    def _count(self, rows):
        return SQL("SELECT COUNT(*) FROM (%s) AS rows", rows)

    def _count_entered(self, plan, since):
        return SQL(
            "SELECT COUNT(*) FROM hc_outreach_enrollment WHERE plan_id = %s AND date_entered >= %s",
            plan.id,
            since,
        )

    def _written_sql(self, model, alias=None):
        """Return the column of when a record was last written, or None without one."""
        if not model._log_access or "write_date" not in model._fields:
            return None
        return SQL.identifier(alias or model._table, "write_date")


def read_or_none(text):
    """Return the conditions written in ``text``, or None when it is no domain."""
    try:
        return read(text)
    except ValueError:
        return None
