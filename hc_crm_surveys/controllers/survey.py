from odoo.http import request, route

from odoo.addons.survey.controllers.main import Survey


class SurveyAnswers(Survey):
    """The host's answer pages, for people we asked and for input the host did not expect."""

    def _fetch_from_access_token(self, survey_token, answer_token):
        # no token holds a null byte, and the database refuses to look for one
        if "\x00" in f"{survey_token}{answer_token}":
            return request.env["survey.survey"].sudo(), request.env["survey.user_input"].sudo()
        return super()._fetch_from_access_token(survey_token, answer_token)

    def _check_validity(
        self, survey_sudo, answer_sudo, answer_token, ensure_token=True, check_partner=True
    ):
        # who came by a personal link may be logged in as somebody else: a household shares a computer
        if answer_sudo and answer_token and check_partner and answer_sudo._is_asked():
            check_partner = False
        return super()._check_validity(
            survey_sudo, answer_sudo, answer_token, ensure_token=ensure_token, check_partner=check_partner
        )  # fmt: skip

    @route()
    def survey_submit(self, survey_token, answer_token, **post):
        if not self._is_shaped(survey_token, answer_token, post):
            return {}, {"error": "unauthorized"}
        _survey, answer = self._fetch_from_access_token(survey_token, answer_token)
        if answer.state == "new" and not answer.is_session_answer:
            access = self._get_access_data(survey_token, answer_token)
            if access["validity_code"] is True:
                answer._mark_in_progress()  # the host draws no next page of what was not begun
        return super().survey_submit(survey_token, answer_token, **post)

    def _is_shaped(self, survey_token, answer_token, post):
        """Tell whether pages and questions that the request names are those of the survey.

        The host takes any number for its own, and stores answers to another survey's question.
        """
        survey, _answer = self._fetch_from_access_token(survey_token, answer_token)
        known = set(survey.question_and_page_ids.ids)
        Question = request.env["survey.question"]
        for name in ("page_id", "question_id", "previous_page_id"):
            value = post.get(name)
            if value is None or value == "":
                continue
            number = Question._id_of(value)
            # 0 is the host's “before the first page”
            if number not in known and not (name == "previous_page_id" and number == 0):
                return False
        needed = {"page_per_section": "page_id", "page_per_question": "question_id"}
        name = needed.get(survey.questions_layout)
        return not survey or not name or survey.session_state or bool(post.get(name))

    def _extract_comment_from_answers(self, question, answers):
        # the number 0 is an answer; the host looks whether there is one by “if answers”
        if type(answers) is int:
            answers = str(answers)
        if not self._is_answer_shaped(question, answers):
            return (
                "\x00",
                None,
            )  # refused by validate_question, with the words for this kind of question
        return super()._extract_comment_from_answers(question, answers)

    @staticmethod
    def _is_answer_shaped(question, answers):
        """Tell whether the host can take the answer apart without stumbling."""
        if question.question_type == "matrix":
            if not answers:
                return True
            return isinstance(answers, dict) and isinstance(answers.get("comment", ""), str)
        parts = answers if isinstance(answers, list) else [answers]
        for part in parts:
            if isinstance(part, dict):
                if set(part) != {"comment"} or not isinstance(part["comment"], str):
                    return False
            elif isinstance(part, list):
                return False
        return True
