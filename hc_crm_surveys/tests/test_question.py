from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from ..engine.feedback.metric import Scale
from .common import SurveysCommon


@tagged("post_install", "-at_install")
class TestQuestion(SurveysCommon):
    """What a question measures, and which answers it takes."""

    def new(self, **values):
        return self.env["survey.question"].create(
            {"survey_id": self.survey.id, "title": "How was it?", **values}
        )

    # -- the metric -------------------------------------------------------------------------------

    def test_metric_sets_the_scale(self):
        for metric, ends in (
            ("nps", (0, 10)),
            ("enps", (0, 10)),
            ("ces", (1, 7)),
            ("csat", (1, 5)),
        ):
            question = self.new(metric=metric)
            self.assertEqual(question.question_type, "scale", metric)
            self.assertEqual((question.scale_min, question.scale_max), ends, metric)
            self.assertEqual(question.metric_good_from, question._scale().good_from, metric)
            self.assertEqual(question.metric_bad_to, question._scale().bad_to, metric)

    def test_metric_by_write(self):
        question = self.new(question_type="text_box")
        question.metric = "ces"
        self.assertEqual((question.question_type, question.scale_max), ("scale", 7))
        seven = self.new(question_type="scale", scale_min=1, scale_max=7)
        # a scale the metric can be asked on stays, any other is set
        (seven | self.question).write({"metric": "csat"})
        self.assertEqual((seven.scale_min, seven.scale_max), (1, 7))
        self.assertEqual((self.question.scale_min, self.question.scale_max), (1, 5))

    def test_metric_refuses_other_scales(self):
        cases = [
            ({"metric": "nps", "scale_max": 5, "scale_min": 1}, "0 – 10"),
            ({"metric": "ces", "scale_min": 1, "scale_max": 5}, "1 – 7"),
            ({"metric": "csat", "scale_min": 1, "scale_max": 4}, "1 – 5"),
            ({"metric": "nps", "question_type": "text_box"}, "Scale"),
            ({"metric": "nps", "is_page": True, "question_type": False}, "Scale"),
            ({"metric": "nps", "metric_display": "faces"}, "faces"),
            (
                {"metric": "csat", "scale_min": 1, "scale_max": 10, "metric_display": "stars"},
                "stars",
            ),
        ]
        for values, word in cases:
            with self.assertRaisesRegex(ValidationError, word), self.env.cr.savepoint():
                self.new(**values)
        with self.assertRaises(ValidationError):
            self.question.question_type = "date"
        with self.assertRaises(ValidationError):
            self.question.scale_max = 9

    def test_own_scale(self):
        question = self.new(metric="own", scale_min=2, scale_max=6)
        self.assertEqual(question._scale(), Scale(2, 6, 5, 3))
        question.write({"metric_good_from": 6, "metric_bad_to": 2})
        self.assertEqual(question._scale(), Scale(2, 6, 6, 2))
        with self.assertRaisesRegex(ValidationError, "Bad Up To"):
            question.write({"metric_good_from": 3, "metric_bad_to": 3})
        # its bands lie on the scale, whatever becomes of that
        question.write({"scale_min": 0, "scale_max": 1})
        self.assertEqual(question._scale(), Scale(0, 1, 1, 0))
        self.assertEqual(self.new(metric="own")._scale(), Scale(0, 10, 7, 3))

    def test_no_metric(self):
        question = self.new(question_type="scale")
        self.assertIsNone(question._scale())
        self.assertEqual(question._metric_caption(), "")

    def test_form(self):
        """The form of the host: choosing what is measured sets the rest, before saving."""
        form = Form(self.new(question_type="text_box"), "survey.survey_question_form")
        form.question_type = "scale"
        form.metric = "csat"
        self.assertEqual((form.question_type, form.scale_min, form.scale_max), ("scale", 1, 5))
        self.assertEqual((form.metric_good_from, form.metric_bad_to), (4, 2))
        form.metric_display = "faces"
        form.scale_max = 7
        self.assertEqual(form.metric_display, "numbers", "seven points have no faces")
        question = form.save()
        self.assertEqual(question._scale(), Scale(1, 7, 6, 2))

    def test_words(self):
        self.assertEqual(
            self.question._metric_end_labels(), ("Not at all likely", "", "Extremely likely")
        )
        points = self.question._metric_points()
        self.assertEqual([point["value"] for point in points], list(range(11)))
        self.assertEqual(points[9]["label"], "9 of 10")
        self.assertEqual(points[10]["label"], "10 of 10, Extremely likely")
        self.question.scale_max_label = "Gladly"
        self.assertEqual(self.question._metric_points()[10]["label"], "10 of 10, Gladly")
        self.assertEqual(self.question._metric_end_labels(), ("", "", "Gladly"))
        ease = self.new(metric="ces")
        self.assertEqual(ease._metric_caption(), "CES: share of answers from 5 to 7")
        ease.metric_summary = "mean"
        self.assertEqual(ease._metric_caption(), "CES: average, 1 to 7")
        faces = self.new(metric="csat", scale_min=1, scale_max=3, metric_display="faces")
        self.assertEqual([point["face"] for point in faces._metric_points()], ["1", "3", "5"])

    def test_copy(self):
        survey = self.survey.copy()
        question = survey._metric_question()
        self.assertNotEqual(question, self.question)
        self.assertEqual(question._scale(), self.question._scale())
        self.assertEqual(survey._comment_question().title, "Why?")

    # -- answers ----------------------------------------------------------------------------------

    def start(self):
        answer = self.survey._create_answer(partner=self.person, check_attempts=False)
        answer._mark_in_progress()
        return answer

    def test_zero_is_an_answer(self):
        """The host takes the number 0 for a question that was skipped."""
        for zero in (0, "0", " 0 "):
            answer = self.start()
            answer._save_lines(self.question, zero)
            self.assertRecordValues(
                answer.user_input_line_ids,
                [{"answer_type": "scale", "value_scale": 0, "skipped": False}],
            )

    def test_scores_out_of_range(self):
        """The host stored 999."""
        answer = self.start()
        for wrong in (
            999,
            "999",
            -1,
            "-1",
            11,
            "11",
            True,
            9.5,
            "9.5",
            "nine",
            ["9"],
            {"9": 9},
            "9" * 500,
        ):
            self.assertIn(self.question.id, self.question.validate_question(wrong), wrong)
            with self.assertRaises(ValidationError):
                answer._save_lines(self.question, wrong)
        self.assertFalse(answer.user_input_line_ids)
        for right in (0, "0", "10", 10):
            self.assertFalse(self.question.validate_question(right), right)

    def test_scale_without_metric(self):
        question = self.new(question_type="scale", scale_min=2, scale_max=4)
        self.assertTrue(question.validate_question("5"))
        self.assertTrue(question.validate_question("1"))
        self.assertFalse(question.validate_question("4"))

    def test_nothing_is_left_to_the_host(self):
        self.assertFalse(self.question.validate_question(""))
        self.assertFalse(self.question.validate_question([]))
        self.question.constr_mandatory = True
        self.assertTrue(self.question.validate_question(""))
        answer = self.start()
        answer._save_lines(self.question, "")
        self.assertTrue(answer.user_input_line_ids.skipped)

    def test_choices_of_another_question(self):
        Choice = self.env["survey.question.answer"]
        ours = self.new(question_type="multiple_choice")
        others = self.new(question_type="simple_choice")
        yes = Choice.create({"question_id": ours.id, "value": "Yes"})
        no = Choice.create({"question_id": others.id, "value": "No"})
        answer = self.start()
        self.assertFalse(ours.validate_question([str(yes.id)]))
        for wrong in (str(no.id), [yes.id, no.id], "x", 2**70, [{}], -1):
            self.assertTrue(ours.validate_question(wrong), wrong)
            with self.assertRaises(ValidationError):
                answer._save_lines(ours, wrong)
        matrix = self.new(question_type="matrix")
        row = Choice.create({"matrix_question_id": matrix.id, "value": "Row"})
        column = Choice.create({"question_id": matrix.id, "value": "Column"})
        self.assertFalse(matrix.validate_question({str(row.id): [column.id]}))
        for wrong in ({row.id: [no.id]}, {column.id: [column.id]}, {row.id: 5}, "x", ["x"], 5):
            self.assertTrue(matrix.validate_question(wrong), wrong)

    def test_question_of_another_survey(self):
        other = self.survey.copy()._metric_question()
        answer = self.start()
        with self.assertRaisesRegex(ValidationError, "another survey"):
            answer._save_lines(other, "9")
        self.assertFalse(answer.user_input_line_ids)

    def test_texts(self):
        answer = self.start()
        for wrong, word in (
            ("x" * 1_000_000, "20000 are the most"),
            ("a\x00b", "Type it again"),
            (5, "text"),
        ):
            with self.assertRaisesRegex(ValidationError, word):
                answer._save_lines(self.why, wrong)
        answer._save_lines(self.why, "x" * 20_000)
        self.assertEqual(len(answer.user_input_line_ids.value_text_box), 20_000)
        line = self.new(question_type="char_box")
        self.assertTrue(line.validate_question("x" * 1_001))

    def test_numbers_and_dates(self):
        number = self.new(question_type="numerical_box")
        for wrong in ("nan", "inf", "1e400", [1], {"a": 1}, "x", True):
            self.assertTrue(number.validate_question(wrong), wrong)
        self.assertFalse(number.validate_question("1.5"))
        date = self.new(question_type="date")
        for wrong in ("2026-13-01", [1], 5, "x"):
            self.assertTrue(date.validate_question(wrong), wrong)
        self.assertFalse(date.validate_question("2026-01-31"))
