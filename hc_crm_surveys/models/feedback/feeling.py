"""What an answer says about how they feel, on the five faces of the timeline: −2 … 2."""

from odoo.tools import SQL


def feeling_sql(alias):
    """Return the SQL of the feeling of a row of ``hc_feedback``; NULL where nobody can tell.

    A score comes first: the best of its scale is 2, good 1, neutral 0, bad −1, and −2 in the lowest
    quarter of the scale. A remark without a score feels as it sounds.
    """
    row = SQL.identifier(alias)
    return SQL(
        """CASE WHEN %(f)s.is_scored THEN
                CASE WHEN %(f)s.band = 'good' AND %(f)s.score = %(f)s.scale_max THEN 2
                     WHEN %(f)s.band = 'good' THEN 1
                     WHEN %(f)s.band = 'neutral' THEN 0
                     WHEN 4 * (%(f)s.score - %(f)s.scale_min) < %(f)s.scale_max - %(f)s.scale_min THEN -2
                     ELSE -1 END
           WHEN %(f)s.sentiment = 'positive' THEN 1
           WHEN %(f)s.sentiment = 'negative' THEN -1
           WHEN %(f)s.sentiment = 'neutral' THEN 0 END""",
        f=row,
    )
