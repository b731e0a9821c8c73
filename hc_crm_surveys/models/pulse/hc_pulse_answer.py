import hashlib
import json

from odoo import api, fields, models
from odoo.tools import SQL


class HcPulseToken(models.Model):
    """A right to answer once, which nobody's name is on. Only its hash is kept, and only until it is used."""

    _name = "hc.pulse.token"
    _description = "Right to Answer a Pulse"
    _log_access = False

    pulse_id = fields.Many2one("hc.pulse", required=True, index=True, ondelete="cascade")
    digest = fields.Char(required=True)
    team = fields.Char()

    _digest_unique = models.UniqueIndex("(digest)")

    @api.model
    def _digest(self, code):
        # the code has 192 random bits: nothing is gained by a slow hash
        return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


class HcPulseAnswer(models.Model):
    """One answer to one question, of nobody in particular.

    No person, no user, no time; answers to several questions are not tied to each other. Whenever one comes
    in, all answers of the round are written anew in a random order: neither ids, nor the place in the table,
    nor the transaction that wrote a row tell when it came. They are deleted when the round closes.
    """

    _name = "hc.pulse.answer"
    _description = "Answer of Nobody in Particular"
    _log_access = False

    pulse_id = fields.Many2one("hc.pulse", required=True, index=True, ondelete="cascade")
    question_id = fields.Many2one("hc.pulse.question", required=True, ondelete="cascade")
    team = fields.Char()
    score = fields.Integer()
    comment = fields.Text()

    @api.model
    def _mix_in(self, pulse, team, answers):
        """Add answers to those of a round and shuffle all of them.

        :param answers: ``[(question id, score or None, comment or None)]``
        """
        rows = [
            {"question_id": question, "score": score, "comment": comment, "team": team or None}
            for question, score, comment in answers
        ]
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                WITH old AS (
                    DELETE FROM hc_pulse_answer WHERE pulse_id = %(pulse)s
                    RETURNING question_id, score, comment, team
                )
                INSERT INTO hc_pulse_answer (pulse_id, question_id, score, comment, team)
                SELECT %(pulse)s, question_id, score, comment, team FROM (
                    SELECT * FROM old
                     UNION ALL
                    SELECT * FROM jsonb_to_recordset(%(rows)s)
                        AS new(question_id int, score int, comment text, team varchar)
                ) AS every ORDER BY random()
                RETURNING 1
                """,
                pulse=pulse.id,
                rows=json.dumps(rows),
            )
        )
        self.env["hc.pulse.answer"].invalidate_model(flush=False)
