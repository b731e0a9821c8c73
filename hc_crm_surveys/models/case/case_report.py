from odoo import models
from odoo.tools import SQL

# Averages over those cases only of which there is something to say.
KNOWN = {
    "hours_to_answer:avg": "date_answered",
    "hours_to_solve:avg": "date_solved",
    "recovered:avg": "verdict",
    "score_before:avg": "verdict",
    "score_after:avg": "verdict",
}


class HcFeedbackCase(models.Model):
    _inherit = "hc.feedback.case"

    def _read_group_select(self, aggregate_spec, query):
        """The average time to an answer is that of the cases that were answered."""
        known = KNOWN.get(aggregate_spec)
        if not known:
            return super()._read_group_select(aggregate_spec, query)
        name = aggregate_spec.split(":")[0]
        return SQL(
            "AVG(%s) FILTER (WHERE %s IS NOT NULL)",
            self._field_to_sql(self._table, name, query),
            self._field_to_sql(self._table, known, query),
        )
