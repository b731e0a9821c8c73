from odoo import api, models
from odoo.tools import SQL

RATING = "rating.rating"
# The host's faces and stars: five points, its own pages call 4 and 5 satisfied.
LOW, HIGH, GOOD_FROM, BAD_TO = 1, 5, 4, 2
FOLLOWED = {
    "rating", "feedback", "consumed", "partner_id", "rated_partner_id", "res_model_id", "res_id",
}  # fmt: skip


class RatingRating(models.Model):
    """Ratings of the host, given on whatever document, are feedback."""

    _inherit = "rating.rating"

    @api.model_create_multi
    def create(self, vals_list):
        ratings = super().create(vals_list)
        if consumed := ratings.filtered("consumed"):
            self.env["hc.feedback"]._hc_later(RATING, consumed.ids)
        return ratings

    def write(self, vals):
        res = super().write(vals)
        if FOLLOWED & vals.keys():
            self.env["hc.feedback"]._hc_later(RATING, self.ids)
        return res

    def unlink(self):
        Feedback = self.env["hc.feedback"].sudo()
        # superuser: feedback is no more than its origin, whoever may delete that
        rows = Feedback.search(Feedback._hc_of(RATING, self.ids))
        res = super().unlink()
        rows.unlink()
        return res


class HcFeedback(models.Model):
    """Rows from ratings."""

    _inherit = "hc.feedback"

    @api.model
    def _hc_origins(self):
        return super()._hc_origins() | {RATING: "_hc_values_rating"}

    def _hc_values_rating(self, ids):
        """Return the values of rows of the ratings ``ids``; see ``_hc_origins``."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT rating.id, ROUND(rating.rating)::int AS score, rating.feedback, rating.partner_id,
                       COALESCE(rating.rated_on, rating.write_date) AS date, rating.res_model,
                       rating.res_id, rated.user_id
                  FROM rating_rating AS rating
             LEFT JOIN LATERAL (
                       SELECT id AS user_id FROM res_users
                        WHERE res_users.partner_id = rating.rated_partner_id AND NOT res_users.share
                     ORDER BY id LIMIT 1
                       ) AS rated ON TRUE
                 WHERE rating.id = ANY(%s) AND rating.consumed AND rating.rating >= %s
              ORDER BY rating.id
                """,
                ids,
                LOW,
            )
        )
        values_list = [
            {
                "origin_model": RATING,
                "origin_id": row["id"],
                "source": "rating",
                "date": row["date"],
                "partner_id": row["partner_id"],
                "metric": "own",
                "score": row["score"],
                "scale_min": LOW,
                "scale_max": HIGH,
                "good_from": GOOD_FROM,
                "bad_to": BAD_TO,
                "comment": row["feedback"],
                "res_model": row["res_model"],
                "res_id": row["res_id"],
                "user_id": row["user_id"],
            }
            for row in rows
        ]
        return values_list, self._hc_of(RATING, ids)

    @api.model
    def _hc_missing(self, model, after, limit):
        if model != RATING:
            return super()._hc_missing(model, after, limit)
        self.env.flush_all()
        rows = self.env.execute_query(
            self._hc_missing_query(
                "rating_rating", "r", RATING, after, limit,
                SQL("r.consumed AND r.rating >= %s", LOW),
            )
        )  # fmt: skip
        return [rating_id for [rating_id] in rows]
