from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..timeline.timeline_host_sources import MessageSource
from ..timeline.timeline_source import Scope


class HcOutreachEntry(models.AbstractModel):
    """Something happened with the customer: any entry of the timeline."""

    _inherit = "hc.outreach.entry"

    @api.model
    def _entries(self):
        return super()._entries() | {"event": self.env._("Something happens with the customer")}

    def _entry_fields_event(self):
        return ["entry_source", "entry_domain", "recipient"]

    def _entry_model_event(self, plan):
        sources = self._event_sources().get(plan.entry_source)
        return sources and sources[0].model

    @api.model
    def _event_sources(self):
        """Return the timeline's sources whose app is installed, as ``{key: [source]}``."""
        found = {}
        for source in self.env["hc.timeline"]._get_sources():
            if source._available(self.env):
                found.setdefault(source.key, []).append(source)
        return found

    def _entry_check_event(self, plan):
        if not plan.entry_source:
            return [self._missing("entry_source")]
        sources = self._event_sources().get(plan.entry_source)
        if not sources:
            return [
                self.env._(
                    "%(field)s: “%(name)s” is not on the timeline any more. Its app or source was "
                    "removed; choose another.",
                    field=self._label("entry_source"),
                    name=plan.entry_source,
                )
            ]
        return self._check_domain(
            plan, "entry_domain", self._seen_by_author(plan, sources[0].model)
        )

    def _entry_text_event(self, plan):
        sources = self._event_sources().get(plan.entry_source)
        if not sources:
            return ""
        label = sources[0].label(self.env)
        if plan.entry_domain and plan.entry_domain != "[]":
            return self.env._(
                "Every customer with a new “%(what)s” that meets the conditions", what=label
            )
        return self.env._("Every customer with a new “%(what)s”", what=label)

    def _entry_event(self, plan, scope):
        return self._event_rows(plan, scope.start, scope.now, scope.since)

    def _event_rows(self, plan, start, until, since=None):
        """Return the SELECT of entries of the timeline dated within a period.

        :param start: naive UTC, or None
        :param since: naive UTC: only what is dated or was written since then
        """
        sources = self._event_sources().get(plan.entry_source)
        if not sources:
            raise ValidationError("\n".join(self._entry_check_event(plan)))
        model = self._seen_by_author(plan, sources[0].model)
        if start and model._fields[sources[0].date].type == "date":
            # on that day at whatever hour
            start = start.replace(hour=0, minute=0, second=0, microsecond=0)
        bounds = Scope(date_from=start, date_to=until, everyone=True)
        selects = [select for source in sources for select in source._selects(self.env, bounds)]
        if not selects:
            return None
        domain = self._own_domain(plan, "entry_domain", model)
        if start:
            # said of the column itself: the source's own bound is on whole seconds, which no index knows
            domain &= Domain(sources[0].date, ">=", start)
        fitting = model._search(domain)
        where = [SQL("event.res_id IN %s", fitting.subselect())]
        if any(isinstance(source, MessageSource) for source in sources):
            # what we write, or the system, is nothing that happened to us
            where.append(SQL("event.direction = 'in'"))
        join = SQL()
        if since:
            recent = SQL("event.date >= %s", since)
            if written := self._written_sql(model, "document"):
                join = SQL(
                    "JOIN %s AS document ON document.id = event.res_id",
                    SQL.identifier(model._table),
                )
                recent = SQL("(%s OR %s >= %s)", recent, written, since)
            where.append(recent)
        return SQL(
            """
            SELECT event.partner_id, (event.res_model || ',' || event.res_id)::varchar,
                   event.res_model::varchar, event.res_id, event.date
              FROM (%s) AS event %s WHERE %s
            """,
            SQL(" UNION ALL ").join(selects),
            join,
            SQL(" AND ").join(where),
        )

    def _entry_forecast_event(self, plan, date_from, date_to):
        """A meeting in the calendar is known in advance; what else will happen is not."""
        if plan.entry_source != "meeting":
            return None
        return self._event_rows(plan, *self._moments(plan, date_from, date_to))

    def _entry_expected_event(self, plan, since):
        rows = self._event_rows(plan, *self._moments(plan, since, self._today(plan)))
        return rows and self._count(rows)
