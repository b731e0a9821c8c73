import math
from contextlib import suppress

from odoo import fields, models

from ...engine.feedback.metric import whole_number

# The longest text an answer can have, in characters: ten pages. Nobody reads more, and a form field that
# takes a megabyte is an invitation to fill the disk.
TEXT_MAX = 20_000
LINE_MAX = 1_000  # of one line of text, and of a remark beside choices
TEXTS = ("text_box", "char_box")
# what a float column can hold without loss of meaning; more is no number anybody typed
NUMBER_MAX = 1e15


class SurveyQuestion(models.Model):
    """What the host's checks let through: a score of 999, another question's choice, a megabyte of text."""

    _inherit = "survey.question"

    def validate_question(self, answer, comment=None):
        self.ensure_one()
        problem = self._answer_problem(answer, comment)
        if problem:
            return {self.id: problem}
        return super().validate_question(answer, comment)

    def _answer_problem(self, answer, comment=None):
        """Return why this can be no answer to the question, in words for who answers; empty if it can.

        Whether an answer is required is the host's business: nothing at all is no problem here.
        """
        self.ensure_one()
        if comment and not isinstance(comment, str):
            return self.env._("The remark is not a text.")
        if comment and (problem := self._text_problem(comment, LINE_MAX)):
            return problem
        if answer is None or answer is False or answer == "" or answer == []:
            return ""
        kind = self.question_type
        if kind == "scale":
            return self._scale_problem(answer)
        if kind in TEXTS:
            if not isinstance(answer, str):
                return self.env._("The answer is not a text.")
            return self._text_problem(answer, TEXT_MAX if kind == "text_box" else LINE_MAX)
        if kind == "numerical_box":
            return self._number_problem(answer)
        if kind in ("date", "datetime"):
            return self._date_problem(answer)
        if kind in ("simple_choice", "multiple_choice"):
            return self._choice_problem(answer, self.suggested_answer_ids)
        if kind == "matrix":
            return self._matrix_problem(answer)
        return ""

    def _text_problem(self, text, most):
        if "\x00" in text:
            return self.env._("The text holds a sign that cannot be kept. Type it again.")
        if len(text) > most:
            return self.env._(
                "The text is too long: %(length)s characters, %(most)s are the most.",
                length=len(text),
                most=most,
            )
        return ""

    def _scale_problem(self, answer):
        score = self._score_of(answer)
        if score is None or not self.scale_min <= score <= self.scale_max:
            return self.env._(
                "Choose a whole number from %(low)s to %(high)s.",
                low=self.scale_min,
                high=self.scale_max,
            )
        return ""

    def _number_problem(self, answer):
        wrong = self.env._("This is not a number")
        if not isinstance(answer, (str, int, float)) or isinstance(answer, bool):
            return wrong
        try:
            number = float(answer)
        except (ValueError, OverflowError):
            return wrong
        return "" if math.isfinite(number) and abs(number) <= NUMBER_MAX else wrong

    def _date_problem(self, answer):
        field = fields.Datetime if self.question_type == "datetime" else fields.Date
        with suppress(ValueError):
            if isinstance(answer, str) and field.from_string(answer):
                return ""
        return self.env._("This is not a date")

    def _choice_problem(self, answer, choices):
        chosen = answer if isinstance(answer, list) else [answer]
        known = set(choices.ids)
        for one in chosen:
            if one not in ("", None, False) and self._id_of(one) not in known:
                return self.env._("Choose from the answers of this question.")
        return ""

    def _matrix_problem(self, answer):
        wrong = self.env._("Choose from the answers of this question.")
        if not isinstance(answer, dict):
            return wrong
        rows = set(self.matrix_row_ids.ids)
        for row, chosen in answer.items():
            if self._id_of(row) not in rows or not isinstance(chosen, list):
                return wrong
            if problem := self._choice_problem(chosen, self.suggested_answer_ids):
                return problem
            if self.matrix_subtype == "simple" and len(chosen) > 1:
                return self.env._("Choose one answer in each row.")
        return ""

    @staticmethod
    def _score_of(answer):
        """Return a score as a whole number; 0 is one. None if it is none.

        >>> [SurveyQuestion._score_of(one) for one in ("0", 0, " 9 ", 10)]
        [0, 0, 9, 10]
        >>> [SurveyQuestion._score_of(one) for one in (True, 9.0, "9.0", "-1", "²", "9" * 99, [9], None)]
        [None, None, None, None, None, None, None, None]
        """
        if isinstance(answer, int) and not isinstance(answer, bool):
            return answer if 0 <= answer <= 99 else None
        return whole_number(answer) if isinstance(answer, str) else None

    @staticmethod
    def _id_of(value):
        """Return the id that came as a number or as text, None if it is none."""
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
            return int(value)
        return None
