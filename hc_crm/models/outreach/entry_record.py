from odoo import api, models
from odoo.tools import SQL

BULK = 1000  # rows from which on it pays to count them for the planner


class HcOutreachEntry(models.AbstractModel):
    """A record meets conditions: an order is delivered, an opportunity won.

    What fitted when the plan started, or had its turn, is kept in ``hc.outreach.seen``. What makes a record
    fit may be another record, or time that passed: so all that fit are looked at, and not only those
    written lately, unless the conditions are about nothing but what is written on the record itself.
    """

    _inherit = "hc.outreach.entry"

    @api.model
    def _entries(self):
        return super()._entries() | {"record": self.env._("A record meets conditions")}

    def _entry_fields_record(self):
        return ["entry_model_id", "entry_domain", "entry_partner_path", "recipient"]

    def _entry_check_record(self, plan):
        problems = self._check_model(plan)
        if not problems and self._read_domain(plan, "entry_domain", self._model(plan)).is_true():
            problems.append(self._no_condition())
        return problems

    def _no_condition(self):
        return self._missing_text(
            self.env._(
                "%(field)s: add at least one condition, else every new record would fit.",
                field=self._label("entry_domain"),
            )
        )

    def _entry_text_record(self, plan):
        model = self._model(plan)
        if model is None:
            return ""
        return self.env._(
            "Every customer whose %(what)s meets the conditions", what=plan.entry_model_id.name
        )

    def _entry_record(self, plan, scope):
        model, query, partner = self._records(plan)
        query.add_where(
            SQL(
                "NOT EXISTS (SELECT 1 FROM hc_outreach_seen AS seen WHERE seen.plan_id = %s "
                "AND seen.res_id = %s)",
                plan.id,
                SQL.identifier(model._table, "id"),
            )
        )
        written = self._written_sql(model)
        if scope.since and written and self._is_of_its_own(plan, model):
            query.add_where(SQL("%s >= %s", written, scope.since))
        return query.select(
            partner,
            SQL("(%s || %s)::varchar", f"{model._name},", SQL.identifier(model._table, "id")),
            SQL("%s::varchar", model._name),
            SQL.identifier(model._table, "id"),
            # when it came to fit nobody knows better than when it was last written
            SQL("LEAST(%s, %s::timestamp)", written or scope.now, scope.now),
        )

    def _is_of_its_own(self, plan, model):
        """Tell whether a record can come to fit only by being written."""
        for condition in self._read_domain(plan, "entry_domain", model).iter_conditions():
            field = model._fields.get(condition.field_expr)
            if field is None or not field.store or not field.column_type:
                return False
            # what is worked out or related changes without a trace in write_date; days come by themselves
            if field.compute or field.related or field.company_dependent:
                return False
            if field.type in ("date", "datetime") or condition.operator in ("any", "not any"):
                return False
            if condition.operator in ("child_of", "parent_of") or (
                field.relational
                and not isinstance(condition.value, int | bool | list | tuple | set)
            ):
                return False
        return True

    def _entry_start_record(self, plan):
        model, query, _partner = self._records(plan)
        self._see(plan, query.select(SQL("%s AS res_id", SQL.identifier(model._table, "id"))))

    def _entry_done_record(self, plan):
        self._see(plan, SQL("SELECT res_id FROM hc_outreach_candidate"))

    def _see(self, plan, rows):
        """Remember that the plan has seen the records of a SELECT (res_id)."""
        self.env.cr.execute(
            SQL(
                "INSERT INTO hc_outreach_seen (plan_id, res_id) SELECT DISTINCT %s, rows.res_id "
                "FROM (%s) AS rows ON CONFLICT DO NOTHING",
                plan.id,
                rows,
            )
        )
        if self.env.cr.rowcount > BULK:
            # what the planner believes of a table just filled makes it read all of it for each row
            self.env.cr.execute("ANALYZE hc_outreach_seen")

    def _entry_expected_record(self, plan, since):
        """As many as came in before or, for a plan that never ran, fit now and were written lately."""
        if plan.date_started:
            return self._count_entered(plan, since)
        model, query, _partner = self._records(plan)
        if (written := self._written_sql(model)) is None:
            return None
        query.add_where(SQL("%s >= %s", written, since))
        return self._count(query.select(SQL.identifier(model._table, "id")))
