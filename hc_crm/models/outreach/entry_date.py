from odoo import api, fields, models
from odoo.tools import SQL

from .hc_outreach_entry import MAX_DAYS


class HcOutreachEntry(models.AbstractModel):
    """A day comes: so many days before or after a date of a record, once or every year.

    “Still open after five days” is one of these, too: the conditions are asked on that day.
    """

    _inherit = "hc.outreach.entry"

    @api.model
    def _entries(self):
        return super()._entries() | {"date": self.env._("A day comes, or lies some days back")}

    def _entry_fields_date(self):
        return [
            "entry_model_id", "entry_date_field_id", "entry_days", "entry_yearly", "entry_domain",
            "entry_partner_path", "recipient",
        ]  # fmt: skip

    def _entry_check_date(self, plan):
        problems = self._check_model(plan) + self._check_days(plan, -MAX_DAYS)
        field = plan.entry_date_field_id
        if not field:
            problems.append(self._missing("entry_date_field_id"))
        elif (model := self._model(plan)) is not None:
            if field.model != model._name or not self._is_day(model, field.name):
                problems.append(
                    self.env._(
                        "%(field)s: %(model)s has no stored date %(name)s. Choose another.",
                        field=self._label("entry_date_field_id"),
                        model=model._description,
                        name=field.name,
                    )
                )
        return problems

    def _is_day(self, model, name):
        field = model._fields.get(name)
        return bool(field is not None and field.store and field.type in ("date", "datetime"))

    def _entry_text_date(self, plan):
        if not (plan.entry_model_id and plan.entry_date_field_id):
            return ""
        return self._days_text(
            plan.entry_days,
            self.env._(
                "“%(day)s” of their %(what)s",
                day=plan.entry_date_field_id.field_description,
                what=plan.entry_model_id.name,
            )
            if plan.entry_model_id.model != "res.partner"
            else self.env._("“%(day)s”", day=plan.entry_date_field_id.field_description),
        ) + (self.env._(", every year") if plan.entry_yearly else "")

    def _days_text(self, days, what):
        if days > 1:
            return self.env._("Every customer, %(days)s days after %(what)s", days=days, what=what)
        if days == 1:
            return self.env._("Every customer, the day after %(what)s", what=what)
        if days == -1:
            return self.env._("Every customer, the day before %(what)s", what=what)
        if days < -1:
            return self.env._(
                "Every customer, %(days)s days before %(what)s", days=-days, what=what
            )
        return self.env._("Every customer, on the day: %(what)s", what=what)

    def _entry_date(self, plan, scope):
        return self._date_rows(
            plan,
            scope.day_from,
            scope.day_to,
            scope.since,
            None if plan.entry_yearly else scope.late_from,
        )

    def _entry_forecast_date(self, plan, date_from, date_to):
        return self._date_rows(plan, date_from, date_to)

    def _date_rows(self, plan, day_from, day_to, since=None, late_from=None):
        model, query, partner = self._records(plan)
        table = model._table
        key = SQL.identifier(table, "id")
        name = plan.entry_date_field_id.name
        day = model._field_to_sql(table, name, query)
        if model._fields[name].type == "datetime":
            day = SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", day, self._timezone(plan))
        query.add_where(SQL("%s IS NOT NULL", day))
        rows = query.select(
            SQL("%s AS partner_id", partner),
            SQL("%s AS res_id", key),
            SQL("%s AS day", day),
            SQL("%s AS written", self._written_sql(model) or SQL("NULL::timestamp")),
        )
        return self._day_rows(
            plan, rows, model._name, plan.entry_yearly, day_from, day_to, since, late_from
        )

    def _day_rows(self, plan, rows, model, yearly, day_from, day_to, since=None, late_from=None,
                  occurrence=None):  # fmt: skip
        """Return the SELECT of those whose day is due.

        29 February is kept on the 28th in years without one, as everywhere (see ``hc.fact``): adding years
        does so in PostgreSQL.

        :param rows: SELECT of partner_id, res_id, day, written
        :param day_from: first day due, or None; what comes every year only looks back one year then
        :param since: naive UTC, with ``late_from``: what was written since then is due from that day on
        :param occurrence: SQL over ``due`` and ``kept``, or None for record and day
        """
        days = plan.entry_days
        if yearly:
            if day_from is None:
                day_from = day_to
            first, last = (fields.Date.subtract(day, days=days).year for day in (day_from, day_to))
            kept = SQL(
                """
                CROSS JOIN UNNEST(%s::int[]) AS coming_year(year)
                JOIN LATERAL (
                    SELECT (due.day + make_interval(
                        years => coming_year.year - EXTRACT(YEAR FROM due.day)::int))::date AS kept
                ) AS coming ON coming.kept > due.day
                """,
                list(range(first, last + 1)),
            )
            occurrence = occurrence or SQL(
                "(%s || ',' || due.res_id || ',' || EXTRACT(YEAR FROM kept)::int)::varchar", model
            )
        else:
            kept = SQL("JOIN LATERAL (SELECT due.day AS kept) AS coming ON TRUE")
            occurrence = occurrence or SQL(
                "(%s || ',' || due.res_id || ',' || kept)::varchar", model
            )
        # compared on the side of the record's own day, so that nothing is computed for rows not wanted
        where = SQL("kept <= %s::date - %s::int", day_to, days)
        if day_from:
            inside = SQL("kept >= %s::date - %s::int", day_from, days)
            if since and late_from:
                inside = SQL(
                    "(%s OR (due.written >= %s AND kept >= %s::date - %s::int))",
                    inside, since, late_from, days,
                )  # fmt: skip
            where = SQL("%s AND %s", where, inside)
        return SQL(
            """
            SELECT due.partner_id, %(occurrence)s, %(model)s::varchar, due.res_id,
                   ((kept + %(days)s::int)::timestamp AT TIME ZONE %(tz)s AT TIME ZONE 'UTC')
              FROM (%(rows)s) AS due %(kept)s
             WHERE %(where)s
            """,
            occurrence=occurrence,
            model=model,
            days=days,
            tz=self._timezone(plan),
            rows=rows,
            kept=kept,
            where=where,
        )
