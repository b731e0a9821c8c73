from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.mail import html2plaintext

INTERACTION = "hc.interaction"
# the face a colleague gave it → how the words sounded; “neutral” is what they meant, not what they skipped
TONES = {"-2": "negative", "-1": "negative", "0": "neutral", "1": "positive", "2": "positive"}
FOLLOWED = {
    "is_feedback", "summary", "body", "partner_id", "date", "sentiment", "user_id", "company_id",
    "channel_id", "emotion_ids", "res_model", "res_id",
}  # fmt: skip


class HcInteraction(models.Model):
    """A conversation in which a customer complained or praised is feedback, if whoever logs it says so.

    A face alone does not make it one: that is how a colleague saw the customer, not what the customer said.
    """

    _inherit = "hc.interaction"

    is_feedback = fields.Boolean(
        string="Complaint or Praise",
        help="They told us what is good or bad: it stands among the feedback, and a complaint is followed up.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        interactions = super().create(vals_list)
        if said := interactions.filtered("is_feedback"):
            self.env["hc.feedback"]._hc_later(INTERACTION, said.ids)
        return interactions

    def write(self, vals):
        before = self.filtered("is_feedback")
        res = super().write(vals)
        if FOLLOWED & vals.keys() and (said := before | self.filtered("is_feedback")):
            self.env["hc.feedback"]._hc_later(INTERACTION, said.ids)
        return res

    def unlink(self):
        Feedback = self.env["hc.feedback"].sudo()
        # superuser: feedback is no more than its origin, whoever may delete that
        rows = Feedback.search(Feedback._hc_of(INTERACTION, self.ids))
        res = super().unlink()
        rows.unlink()
        return res


class HcFeedback(models.Model):
    """Rows from conversations."""

    _inherit = "hc.feedback"

    @api.model
    def _hc_origins(self):
        return super()._hc_origins() | {INTERACTION: "_hc_values_interaction"}

    def _hc_values_interaction(self, ids):
        """Return the values of rows of the interactions ``ids``; see ``_hc_origins``."""
        said = (
            self.env[INTERACTION]
            .sudo()
            .search_fetch([("id", "in", ids), ("is_feedback", "=", True)], list(FOLLOWED))
        )
        values_list = [
            {
                "origin_model": INTERACTION,
                "origin_id": interaction.id,
                "source": "mention" if interaction.channel_id.key == "social" else "interaction",
                "date": interaction.date,
                "partner_id": interaction.partner_id.id,
                "company_id": interaction.company_id.id,
                "user_id": interaction.user_id.id,
                "comment": "\n".join(
                    filter(None, (interaction.summary, html2plaintext(interaction.body or "").strip()))
                ),
                "sentiment": TONES.get(interaction.sentiment),
                "sentiment_by": "person" if interaction.sentiment else None,
                "emotion_ids": interaction.emotion_ids.ids,
                "res_model": interaction.res_model,
                "res_id": interaction.res_id,
            }
            for interaction in said
        ]  # fmt: skip
        return values_list, self._hc_of(INTERACTION, ids)

    @api.model
    def _hc_missing(self, model, after, limit):
        if model != INTERACTION:
            return super()._hc_missing(model, after, limit)
        self.env.flush_all()
        rows = self.env.execute_query(
            self._hc_missing_query(
                "hc_interaction", "i", INTERACTION, after, limit, SQL("i.is_feedback")
            )
        )
        return [interaction_id for [interaction_id] in rows]
