from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

from odoo import SUPERUSER_ID, api, fields
from odoo.service.model import retrying
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged

PRESSES = 4


@tagged("post_install", "-at_install")
class TestAnswerParallel(BaseCase):
    """The button pressed twice: transactions of their own, as in different workers, and really committed."""

    def connect(self, work):
        with db_connect(get_db_name()).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            result = work(env)
            # real rows are needed: other transactions must see them
            cr.commit()  # pylint: disable=unknown-option-value,invalid-commit
            return result

    def make(self, env):
        survey = env["survey.survey"].create({"title": "Parallel", "questions_layout": "one_page"})
        env["survey.question"].create(
            [
                {"survey_id": survey.id, "title": "Recommend?", "metric": "nps", "sequence": 1},
                {
                    "survey_id": survey.id,
                    "title": "Why?",
                    "question_type": "text_box",
                    "sequence": 2,
                },
            ]
        )
        ask = env["hc.ask"].create(
            {
                "company_id": env.company.id,
                "survey_id": survey.id,
                "state": "sent",
                "date_sent": fields.Datetime.now() - timedelta(days=1),
            }
        )
        return survey.id, ask.id

    def remove(self, env):
        answers = env["survey.user_input"].search([("survey_id", "=", self.survey_id)])
        env["hc.feedback"].search([("user_input_id", "in", answers.ids)]).unlink()
        answers.unlink()
        env["hc.ask"].browse(self.ask_id).unlink()
        env["survey.survey"].browse(self.survey_id).unlink()

    def press(self, barrier, score, outcomes):
        def answer(env):
            barrier.wait(timeout=30)
            opened = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=5)

            def store():
                env["hc.ask"].browse(self.ask_id)._answer(
                    score, f"Words {score}", "pointer", opened
                )

            retrying(store, env)

        try:
            self.connect(answer)
            outcomes.append(score)
        except Exception as error:
            outcomes.append(error)

    def test_one_answer(self):
        self.survey_id, self.ask_id = self.connect(self.make)
        self.addCleanup(self.connect, self.remove)
        barrier, outcomes = Barrier(PRESSES), []
        threads = [
            Thread(target=self.press, args=(barrier, 10 - number, outcomes))
            for number in range(PRESSES)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=90)
        self.assertEqual(sorted(outcomes), [7, 8, 9, 10])

        def read(env):
            answers = env["survey.user_input"].search([("survey_id", "=", self.survey_id)])
            lines = [
                (line.value_scale, line.value_text_box) for line in answers.user_input_line_ids
            ]
            ask = env["hc.ask"].browse(self.ask_id)
            feedback = env["hc.feedback"].search([("user_input_id", "in", answers.ids)])
            return len(answers), sorted(lines, key=str), ask.user_input_id == answers, len(feedback)

        count, lines, is_theirs, feedback = self.connect(read)
        self.assertEqual((count, len(lines), is_theirs, feedback), (1, 2, True, 1))
        # score and words of one and the same press
        self.assertIn(lines, [[(0, f"Words {n}"), (n, False)] for n in (7, 8, 9, 10)])
