from odoo import api, fields, models

from ..models.feedback.hc_feedback import SENTIMENTS


class HcFeedbackCorrection(models.TransientModel):
    """How an answer was understood, put right by a colleague who read it."""

    _name = "hc.feedback.correction"
    _description = "Correct How an Answer Was Understood"

    feedback_id = fields.Many2one("hc.feedback", required=True, readonly=True, ondelete="cascade")
    comment = fields.Text(related="feedback_id.comment")
    sentiment = fields.Selection(SENTIMENTS, string="Tone", required=True)
    topic_ids = fields.Many2many("hc.feedback.topic", string="Topics")
    emotion_ids = fields.Many2many("hc.emotion", string="Emotions")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        feedback = self.env["hc.feedback"].browse(values.get("feedback_id")).exists()
        if feedback:
            feedback.check_access("read")
            values |= {
                "sentiment": feedback.sentiment,
                "topic_ids": [(6, 0, feedback.topic_ids.ids)],
                "emotion_ids": [(6, 0, feedback.emotion_ids.ids)],
            }
        return values

    def action_save(self):
        """Keep what was changed; what was left as it was may still be read anew."""
        self.ensure_one()
        feedback = self.feedback_id
        if self.sentiment != feedback.sentiment:
            feedback.hc_set_tone(self.sentiment)
        if self.topic_ids != feedback.topic_ids:
            feedback.hc_set_topics(self.topic_ids.ids)
        if self.emotion_ids != feedback.emotion_ids:
            feedback.hc_set_emotions(self.emotion_ids.ids)
        return {"type": "ir.actions.act_window_close"}
