from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .rating_rating import RATING


class HcOutreachEntry(models.AbstractModel):
    """“They give feedback” means all of it; ratings are among it, under the occurrence they had before."""

    _inherit = "hc.outreach.entry"

    @api.model
    def _feedback_rows(self, plan, start, since=None):
        domain = Domain("is_counted", "=", True) & Domain("partner_id", "!=", False)
        domain &= Domain("company_id", "=", plan.company_id.id)
        tones = {"good": "positive", "bad": "negative"}
        if tone := tones.get(plan.entry_feedback):
            domain &= Domain("band", "=", plan.entry_feedback) | (
                Domain("is_scored", "=", False) & Domain("sentiment", "=", tone)
            )
        rows = self.env["hc.feedback"]._search(domain)
        where = [SQL("f.id IN %s", rows.subselect())]
        if start:
            where.append(SQL("date_trunc('second', f.date) >= %s", start))
        if since:
            where.append(SQL("f.write_date >= %s", since))
        is_rating = SQL("f.origin_model = %s", RATING)
        return [
            SQL(
                """
                SELECT f.partner_id,
                       CASE WHEN %(is_rating)s THEN 'rating.rating,' || f.origin_id
                            ELSE 'hc.feedback,' || f.id END::varchar,
                       CASE WHEN %(is_rating)s THEN 'rating.rating' ELSE 'hc.feedback' END::varchar,
                       CASE WHEN %(is_rating)s THEN f.origin_id ELSE f.id END, f.date
                  FROM hc_feedback AS f WHERE %(where)s
                """,
                is_rating=is_rating,
                where=SQL(" AND ").join(where),
            )
        ]
