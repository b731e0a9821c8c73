from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

# Of the host's ratings from 1 to 5: the two best and the two worst faces.
GOOD_FROM, BAD_TO = 4, 2


class HcOutreachEntry(models.AbstractModel):
    """They told us how it was.

    How to add feedback of another app: override ``_feedback_rows``.
    """

    _inherit = "hc.outreach.entry"

    @api.model
    def _entries(self):
        return super()._entries() | {"feedback": self.env._("They give feedback")}

    def _entry_fields_feedback(self):
        return ["entry_feedback", "recipient"]

    def _entry_check_feedback(self, plan):
        if not plan.entry_feedback:
            return [self._missing("entry_feedback")]
        if not self._feedback_rows(plan, None):
            return [
                self._missing_text(
                    self.env._("No app that collects ratings or feedback is installed.")
                )
            ]
        return []

    def _entry_text_feedback(self, plan):
        return {
            "good": self.env._("Every customer who gives good feedback"),
            "bad": self.env._("Every customer who gives bad feedback"),
        }.get(plan.entry_feedback) or self.env._("Every customer who gives feedback")

    @api.model
    def _feedback_rows(self, plan, start, since=None):
        """Return a list of SELECTs with the columns of ``_entry_<key>``, one per kind of feedback.

        :param start: naive UTC: what was given before does not count; or None
        :param since: naive UTC: only what was written since then; or None
        """
        if "rating.rating" not in self.env:
            return []
        limits = {
            "good": Domain("rating", ">=", GOOD_FROM),
            "bad": Domain("rating", "<=", BAD_TO),
        }
        domain = Domain("consumed", "=", True) & Domain("rating", ">=", 1)
        domain &= limits.get(plan.entry_feedback, Domain.TRUE)
        ratings = self.env["rating.rating"]._search(domain)
        date = SQL("COALESCE(r.rated_on, r.write_date)")
        company = self.env["hc.contact.event"]._rated_company()
        where = [
            SQL("r.id IN %s", ratings.subselect()),
            SQL("r.partner_id IS NOT NULL"),
            SQL("(%s IS NULL OR %s = %s)", company, company, plan.company_id.id),
        ]
        if start:
            where.append(SQL("date_trunc('second', %s) >= %s", date, start))
        if since:
            where.append(SQL("r.write_date >= %s", since))
        return [
            SQL(
                "SELECT r.partner_id, ('rating.rating,' || r.id)::varchar, 'rating.rating'::varchar, r.id, %s "
                "FROM rating_rating AS r WHERE %s",
                date,
                SQL(" AND ").join(where),
            )
        ]

    def _entry_feedback(self, plan, scope):
        rows = self._feedback_rows(plan, scope.start, scope.since)
        return SQL(" UNION ALL ").join(rows) if rows else None

    def _entry_expected_feedback(self, plan, since):
        start, _until = self._moments(plan, since, since)
        rows = self._feedback_rows(plan, start)
        return self._count(SQL(" UNION ALL ").join(rows)) if rows else None
