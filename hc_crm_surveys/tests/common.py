from unittest.mock import patch

from odoo.addons.hc_crm.tests.common import HcCommon


class SurveysCommon(HcCommon):
    """The world of hc_crm, with a survey that asks whether they would recommend us, and why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env["survey.survey"].create(
            {"title": "How was it?", "access_mode": "public"}
        )
        cls.question, cls.why = cls.env["survey.question"].create(
            [
                {
                    "survey_id": cls.survey.id,
                    "sequence": 1,
                    "title": "Would you recommend us?",
                    "question_type": "scale",
                    "scale_min": 0,
                    "scale_max": 10,
                    "metric": "nps",
                },
                {
                    "survey_id": cls.survey.id,
                    "sequence": 2,
                    "title": "Why?",
                    "question_type": "text_box",
                },
            ]
        )
        cls.Feedback = cls.env["hc.feedback"]

    def answer(self, score=None, comment=None, partner=None, survey=None, done=True, **kwargs):
        """Answer the survey as the host does; return the answer, its feedback made."""
        survey = survey or self.survey
        answer = survey.sudo()._create_answer(
            partner=partner or False, check_attempts=False, **kwargs
        )
        answer._mark_in_progress()
        if score is not None:
            answer._save_lines(self.question, str(score))
        if comment is not None:
            answer._save_lines(self.why, comment)
        if done:
            answer._mark_done()
        self.Feedback._hc_make_pending()
        return answer

    def feedback_of(self, answer):
        return self.Feedback.search([("user_input_id", "=", answer.id)])

    def catch_up(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=1000):
            self.Feedback._cron_catch_up()
