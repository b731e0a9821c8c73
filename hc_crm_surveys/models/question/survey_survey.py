from odoo import models


class SurveySurvey(models.Model):
    """Which questions of a survey are asked in a mail and on the page behind it."""

    _inherit = "survey.survey"

    def _metric_question(self):
        """Return the question whose score is asked in the mail: the first that measures something.

        A question that depends on another answer, or may not be drawn, cannot be asked first. None of no survey:
        it may have been deleted since.
        """
        if not self:
            return self.question_ids
        self.ensure_one()
        return self.question_ids.filtered(
            lambda one: (
                one.metric and one.question_type == "scale" and not one.triggering_answer_ids
            )
        )[:1]

    def _comment_question(self):
        """Return the question that stands beside the score: the free text right after it, if there is one."""
        questions = self.question_ids
        metric = self._metric_question()
        if not metric:
            return questions.browse()
        following = questions[questions.ids.index(metric.id) + 1 :][:1]
        return following.filtered(
            lambda one: one.question_type == "text_box" and not one.triggering_answer_ids
        )
