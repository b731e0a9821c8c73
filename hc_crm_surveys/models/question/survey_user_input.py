from odoo import fields, models
from odoo.exceptions import ValidationError


class SurveyUserInput(models.Model):
    """Answers are checked once more where they are saved, whoever saves them."""

    _inherit = "survey.user_input"

    is_suspect = fields.Boolean(
        string="Probably No Person",
        readonly=True,
        help="Sent in a way no person sends: kept, but not counted.",
    )

    def _save_lines(self, question, answer, comment=None, overwrite_existing=True):
        self.ensure_one()
        if question.survey_id and question.survey_id != self.survey_id:
            raise ValidationError(
                self.env._(
                    "“%(question)s” is a question of another survey.", question=question.title or ""
                )
            )
        if question.question_type == "scale" and type(answer) is int:
            answer = str(answer)  # the host takes the number 0 for no answer at all
        if problem := question._answer_problem(answer, comment):
            raise ValidationError(
                self.env._(
                    "%(question)s: %(problem)s", question=question.title or "", problem=problem
                )
            )
        if not overwrite_existing and self._can_be_corrected():
            overwrite_existing = True
        return super()._save_lines(question, answer, comment, overwrite_existing)

    def _can_be_corrected(self):
        """Tell whether what was said may be sent once more before the last page, though nobody can go back.

        The host refuses that, so that no test is taken twice. But a score that came by the button of a mail
        stands already when the rest of its page is sent; and when one answer of a page is refused, the host
        has stored the others: who corrects it would never get any further.
        """
        self.ensure_one()
        if self.state == "done":
            return False
        survey = self.survey_id
        is_test = survey.scoring_type != "no_scoring"
        return self._is_asked() or (not is_test and bool(survey._metric_question()))

    def _is_asked(self):
        """Tell whether these answers belong to somebody we asked by a personal link."""
        self.ensure_one()
        return bool(
            self.env["hc.ask"].sudo().search_count([("user_input_id", "=", self.id)], limit=1)
        )
