from odoo import api, models
from odoo.tools import SQL

CARD = "hc.card"


class HcFeedback(models.Model):
    """Rows from comment cards."""

    _inherit = "hc.feedback"

    @api.model
    def _hc_origins(self):
        return super()._hc_origins() | {CARD: "_hc_values_card"}

    def _hc_values_card(self, ids):
        """Return the values of rows of the cards ``ids``; see ``_hc_origins``."""
        values_list = []
        for card in self.env[CARD].sudo().browse(ids).exists():
            question = card.question_id
            values = {
                "origin_model": CARD,
                "origin_id": card.id,
                "source": card.source,
                "date": card.date,
                "company_id": card.company_id.id,
                "partner_id": card.partner_id.id,
                "user_id": card.user_id.id,
                "comment": card.comment,
                "touchpoint": card.place_id.touchpoint,
                "survey_id": question.survey_id.id,
                "question_id": question.id,
                "is_suspect": card.is_suspect,
            }
            if card.answer and question.metric:
                values |= {
                    "metric": question.metric,
                    "score": int(card.answer),
                    "scale_min": question.scale_min,
                    "scale_max": question.scale_max,
                    "good_from": question.metric_good_from,
                    "bad_to": question.metric_bad_to,
                }
            values_list.append(values)
        return values_list, self._hc_of(CARD, ids)

    @api.model
    def _hc_missing(self, model, after, limit):
        if model != CARD:
            return super()._hc_missing(model, after, limit)
        self.env.flush_all()
        rows = self.env.execute_query(
            self._hc_missing_query("hc_card", "c", CARD, after, limit, SQL("TRUE"))
        )
        return [card_id for [card_id] in rows]
