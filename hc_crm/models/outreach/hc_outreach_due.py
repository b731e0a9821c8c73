"""When a step is due: the waits of ``hc.outreach.step``, for many customers at once."""

from datetime import timedelta

import pytz

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...engine.outreach import due
from ..consent.contact_decision import array

# What a wait may be at most: ten years, in its unit.
MAX_WAIT = {
    "minutes": due.MAX_DAYS * 24 * 60,
    "hours": due.MAX_DAYS * 24,
    "days": due.MAX_DAYS,
    "workdays": due.MAX_DAYS // 7 * 5,
    "weeks": due.MAX_DAYS // 7,
    "months": due.MAX_DAYS // 31,
}
# Days of a working calendar looked at beyond those asked for: a summer closing, Christmas.
SPARE_DAYS = 45


class HcOutreachStep(models.Model):
    _inherit = "hc.outreach.step"

    @api.constrains("wait_type", "wait_count", "wait_unit", "wait_hour")
    def _check_wait(self):
        for step in self:
            count, most = step.wait_count, MAX_WAIT[step.wait_unit]
            if step.wait_type == "after" and count < 1:
                raise ValidationError(
                    self.env._(
                        "Wait: %(count)s is no time to wait. Give 1 or more, or choose “At once”.",
                        count=count,
                    )
                )
            if step.wait_type in ("after", "date") and abs(count) > (
                most if step.wait_type == "after" else due.MAX_DAYS
            ):
                raise ValidationError(
                    self.env._(
                        "Wait: %(count)s is more than ten years. Is there a digit too many?",
                        count=count,
                    )
                )
            if step.wait_type in ("until", "date") and not (
                step.wait_hour == due.ANY_HOUR or 0 <= step.wait_hour < 24
            ):
                raise ValidationError(
                    self.env._(
                        "Hour: %(hour)s is no hour of the day. Give 0 to 23:59, or −1 for any hour.",
                        hour=step.wait_hour,
                    )
                )

    @api.constrains("draft_hours", "deadline_days", "task_expire_days", "branch_days")
    def _check_windows(self):
        least = {"draft_hours": 1, "deadline_days": 0, "task_expire_days": 0, "branch_days": 0}
        for step in self:
            for name, minimum in least.items():
                most = due.MAX_DAYS * (24 if name == "draft_hours" else 1)
                if not minimum <= step[name] <= most:
                    raise ValidationError(
                        self.env._(
                            "%(field)s: %(value)s does not work. Give %(minimum)s or more, "
                            "and no more than ten years.",
                            field=self._fields[name]._description_string(self.env),
                            value=step[name],
                            minimum=minimum,
                        )
                    )

    def _due_at(self, rows, after, zones=None):
        """When this step is due for each of ``rows``. Constant queries, whatever their number.

        :param rows: records of ``hc.outreach.delivery`` or ``hc.outreach.enrollment``; or, for those who
            have none yet (a simulation), tuples ``(key, partner id, moment that began the plan or None)``
        :param after: naive UTC at which the step before ended (or the plan began); for all, or
            ``{id or key: moment}``
        :param zones: ``{partner id: time zone}`` by who looked it up already
        :return: ``{id or key: naive UTC}``. May lie in the past (a birthday that is over): then it is due.
        """
        self.ensure_one()
        if not rows:
            return {}
        kind, unit = self.wait_type, self.wait_unit
        company = self.company_id or self.env.company
        if self._is_alike():
            # the same for everybody, wherever they live: nothing about them needs to be read
            is_records = isinstance(rows, models.BaseModel)
            keys = rows._ids if is_records else [key for key, _partner, _occurred in rows]
            if not isinstance(after, dict):
                return dict.fromkeys(keys, self._due_after({after}, company)[after])
            found = self._due_after({after[key] for key in keys}, company)
            return {key: found[after[key]] for key in keys}
        moment_of = after.__getitem__ if isinstance(after, dict) else lambda _key: after
        rows = self._due_rows(rows)
        if zones is None:
            partners = self.env["res.partner"].browse(
                {partner for _key, partner, _occurred in rows}
            )
            zones = partners._hc_timezones(company)
        if kind == "after":
            return self._due_each(
                rows, zones, moment_of, lambda at, tz: due.shift(at, self.wait_count, unit, tz)
            )
        if kind == "date":
            occurred_of = {
                key: occurred or moment_of(key) for key, _partner, occurred in rows
            }.__getitem__
            return self._due_each(
                rows,
                zones,
                occurred_of,
                lambda at, tz: due.around(at, self.wait_count, self.wait_hour, tz),
            )
        workdays = None
        if self.wait_weekday == "work":
            moments = [moment_of(key) for key, _partner, _occurred in rows]
            workdays = self._work_days(
                company.sudo().resource_calendar_id, min(moments), max(moments)
            )
        return self._due_each(
            rows,
            zones,
            moment_of,
            lambda at, tz: due.next_at(at, self.wait_weekday, self.wait_hour, tz, workdays),
        )

    def _is_alike(self):
        """Whether the wait is as long for everybody, wherever they live."""
        return self.wait_type == "none" or (
            self.wait_type == "after" and self.wait_unit in ("minutes", "hours", "workdays")
        )

    def _due_alike(self, after):
        """Return when this step is due after a moment (both naive UTC) for everybody, or None."""
        self.ensure_one()
        if not self._is_alike():
            return None
        return self._due_after({after}, self.company_id or self.env.company)[after]

    def _due_after(self, moments, company):
        """Return ``{moment: when this step is due after it}``, for waits that are alike for everybody."""
        if self.wait_type == "none":
            return {moment: moment for moment in moments}
        if self.wait_unit != "workdays":
            wait = timedelta(**{self.wait_unit: self.wait_count})
            return {moment: moment + wait for moment in moments}
        # Our working days, so also in our own time zone.
        calendar = company.sudo().resource_calendar_id
        workdays = self._work_days(
            calendar, min(moments), max(moments) + timedelta(days=self.wait_count * 2)
        )
        return {
            moment: due.shift_workdays(moment, self.wait_count, calendar.tz, workdays)
            for moment in moments
        }

    @api.model
    def _due_rows(self, rows):
        """Return ``[(key, partner id, moment that began the plan)]`` in one query, not record by record."""
        if not isinstance(rows, models.BaseModel):
            return list(rows)
        rows.flush_model(["partner_id"])
        self.env["hc.outreach.enrollment"].flush_model(["date_occurred"])
        enrollment = SQL("e.id = r.enrollment_id")
        if rows._name == "hc.outreach.enrollment":
            enrollment = SQL("e.id = r.id")
        return self.env.execute_query(
            SQL(
                """
                SELECT r.id, r.partner_id, e.date_occurred
                  FROM %s AS r JOIN hc_outreach_enrollment AS e ON %s
                 WHERE r.id = ANY(%s)
                """,
                SQL.identifier(rows._table),
                enrollment,
                array(rows._ids),
            )
        )

    @api.model
    def _due_each(self, rows, zones, moment_of, compute):
        """Each different moment and zone is computed once: thousands often share a few."""
        known, result = {}, {}
        for key, partner, _occurred in rows:
            case = (moment_of(key), zones[partner])
            if case not in known:
                known[case] = compute(*case)
            result[key] = known[case]
        return result

    @api.model
    def _work_days(self, calendar, since, until, resource=None):
        """Return the sorted days between two moments (naive UTC) and some weeks on that are worked.

        By working hours without public holidays (and without the time off of ``resource``); none without a
        calendar, or with one without hours: the caller then takes Monday to Friday.
        """
        if not calendar:
            return []
        start = pytz.utc.localize(since - timedelta(days=1))
        stop = pytz.utc.localize(until + timedelta(days=SPARE_DAYS))
        # sudo: working hours of the company, whoever runs the plan
        intervals = calendar.sudo()._work_intervals_batch(start, stop, resources=resource)
        tz = due.zone(calendar.tz)
        return sorted(
            {
                begin.astimezone(tz).date()
                for begin, _end, _meta in intervals[resource.id if resource else False]
            }
        )

    @api.model
    def _work_time_after(self, calendar, hours, moment, resource=None):
        """Return the moment (naive UTC) after ``hours`` of working time; real time without a calendar."""
        found = calendar and calendar.sudo().plan_hours(
            hours, pytz.utc.localize(moment), compute_leaves=True, resource=resource
        )
        if not found:
            return moment + timedelta(hours=hours)
        return found.astimezone(pytz.utc).replace(tzinfo=None) if found.tzinfo else found

    # -- in words -------------------------------------------------------------------------------------

    def _wait_text(self):
        """Say when the step happens, as the flow shows it."""
        self.ensure_one()
        count = self.wait_count
        if self.wait_type == "none":
            return self.env._("At once")
        if self.wait_type == "after":
            labels = {
                "minutes": self.env._("%(count)s minutes later", count=count),
                "hours": self.env._("%(count)s hours later", count=count),
                "days": self.env._("%(count)s days later", count=count),
                "workdays": self.env._("%(count)s working days later", count=count),
                "weeks": self.env._("%(count)s weeks later", count=count),
                "months": self.env._("%(count)s months later", count=count),
            }
            one = {
                "minutes": self.env._("1 minute later"),
                "hours": self.env._("1 hour later"),
                "days": self.env._("1 day later"),
                "workdays": self.env._("1 working day later"),
                "weeks": self.env._("1 week later"),
                "months": self.env._("1 month later"),
            }
            return one[self.wait_unit] if count == 1 else labels[self.wait_unit]
        any_hour = self.wait_hour == due.ANY_HOUR
        minutes = round(max(self.wait_hour, 0) * 60)
        hour = f"{minutes // 60}:{minutes % 60:02}"
        if self.wait_type == "until":
            return self._next_text(None if any_hour else hour)
        if not count:
            text = self.env._("On the day itself")
        elif count < 0:
            text = self.env._("%(count)s days before the day", count=-count)
        else:
            text = self.env._("%(count)s days after the day", count=count)
        return (
            text if any_hour else self.env._("%(text)s, %(hour)s their time", text=text, hour=hour)
        )

    def _next_text(self, hour):
        """Say on which day comes next what waits for a weekday, an hour (“9:00”), or both."""
        if self.wait_weekday == "any":
            if hour is None:
                return self.env._("At once")
            return self.env._("At the next %(hour)s, their time", hour=hour)
        if self.wait_weekday == "work":
            if hour is None:
                return self.env._("On the next working day")
            return self.env._("On the next working day, %(hour)s their time", hour=hour)
        day = dict(self._fields["wait_weekday"]._description_selection(self.env))[self.wait_weekday]
        if hour is None:
            return self.env._("On the next %(day)s", day=day)
        return self.env._("On the next %(day)s, %(hour)s their time", day=day, hour=hour)
