from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SurveysCommon


@tagged("post_install", "-at_install")
class TestFeedbackRows(SurveysCommon):
    """From what customers do on the host's pages to rows of feedback."""

    def test_a_score_with_its_comment_is_one_row(self):
        self.person.user_id = self.salesman
        answer = self.answer(3, "The driver left it outside", self.person)
        feedback = self.feedback_of(answer)
        self.assertEqual(len(feedback), 1)
        self.assertRecordValues(
            feedback,
            [
                {
                    "metric": "nps",
                    "score": 3,
                    "band": "bad",
                    "is_scored": True,
                    "scale_min": 0,
                    "scale_max": 10,
                    "comment": "The driver left it outside",
                    "partner_id": self.person.id,
                    "commercial_partner_id": self.person.id,
                    "user_id": self.salesman.id,
                    "company_id": self.company.id,
                    "source": "survey",
                    "question_id": self.question.id,
                    "survey_id": self.survey.id,
                    "is_counted": True,
                    "sentiment": "unknown",
                }
            ],
        )

    def test_zero_is_an_answer(self):
        """Trap 1: the host saves the number 0 as skipped; here it is the answer it looks like."""
        self.assertEqual(self.feedback_of(self.answer("0", "never again")).score, 0)
        self.assertTrue(self.feedback_of(self.answer("0")).is_scored)
        answer = self.survey.sudo()._create_answer(check_attempts=False)
        answer._save_lines(self.question, 0)
        self.Feedback._hc_make_pending()
        self.assertRecordValues(self.feedback_of(answer), [{"score": 0, "is_scored": True}])

    def test_off_the_scale_is_no_score(self):
        """Trap 2: the host stored 999."""
        self.assertFalse(self.feedback_of(self.answer_by_line(999)))
        remark = self.feedback_of(self.answer_by_line(999, "well"))
        self.assertFalse(remark.is_scored)
        self.assertFalse(remark.metric)

    def answer_by_line(self, score, comment=None):
        """As an import or a script does, without the host's pages and their checks."""
        answer = self.env["survey.user_input"].create({"survey_id": self.survey.id})
        values = [
            {"question_id": self.question.id, "answer_type": "scale", "value_scale": score},
        ]
        if comment:
            values.append(
                {
                    "question_id": self.why.id,
                    "answer_type": "text_box",
                    "value_text_box": comment,
                }
            )
        with patch.object(
            type(self.env["survey.user_input.line"]), "_check_metric_answer", create=True
        ):
            self.env["survey.user_input.line"].create(
                [{"user_input_id": answer.id, **vals} for vals in values]
            )
        self.Feedback._hc_make_pending()
        return answer

    def test_clicked_and_left(self):
        """Trap 5: the answer stays in progress; the score counts all the same."""
        answer = self.answer(9, partner=self.person, done=False)
        self.assertEqual(answer.state, "in_progress")
        self.assertEqual(self.feedback_of(answer).band, "good")

    def test_done_twice_is_one_row_and_one_follow_up(self):
        """Trap 6."""
        with patch.object(type(self.Feedback), "_follow_up") as follow_up:
            answer = self.answer(2, "bad", self.person)
            answer._mark_done()
            answer._save_lines(self.question, "2")
            self.Feedback._hc_make_pending()
        self.assertEqual(len(self.feedback_of(answer)), 1)
        self.assertEqual(follow_up.call_count, 1)

    def test_ended_session_makes_nothing(self):
        """Trap 7: the host sets all answers done, invitations too."""
        invited = self.survey._create_answer(partner=self.person, check_attempts=False)
        self.survey.action_start_session()
        self.survey.action_end_session()
        self.Feedback._hc_make_pending()
        self.assertEqual(invited.state, "done")
        self.assertFalse(self.feedback_of(invited))

    def test_correction_changes_the_row(self):
        answer = self.answer(9, "fine", self.person)
        feedback = self.feedback_of(answer)
        with patch.object(type(self.Feedback), "_follow_up", autospec=True) as follow_up:
            answer._save_lines(self.question, "1")
            answer._save_lines(self.why, "not fine")
            self.Feedback._hc_make_pending()
        self.assertEqual(follow_up.call_count, 1)
        self.assertEqual(follow_up.call_args.args[0], feedback)
        self.assertRecordValues(
            feedback,
            [{"score": 1, "band": "bad", "comment": "not fine", "partner_id": self.person.id}],
        )

    def test_answer_taken_back(self):
        answer = self.answer(9, partner=self.person)
        answer._save_lines(self.question, "")
        self.Feedback._hc_make_pending()
        self.assertFalse(self.feedback_of(answer))

    def test_remark_without_score(self):
        answer = self.answer("", "you asked, so I tell you", self.person)
        feedback = self.feedback_of(answer)
        self.assertRecordValues(
            feedback, [{"is_scored": False, "metric": False, "band": False, "score": 0}]
        )

    def test_test_entry_and_suspect_count_nowhere_and_nothing_follows(self):
        with patch.object(type(self.Feedback), "_follow_up") as follow_up:
            trial = self.feedback_of(self.answer(1, "x", test_entry=True))
            machine = self.answer(partner=self.person)
            machine.is_suspect = True
            machine._save_lines(self.question, "1")
            self.Feedback._hc_make_pending()
        self.assertEqual((trial.is_test, trial.is_counted), (True, False))
        suspect = self.feedback_of(machine)
        self.assertEqual((suspect.is_suspect, suspect.is_counted), (True, False))
        follow_up.assert_not_called()
        with patch.object(type(self.Feedback), "_follow_up") as follow_up:
            machine.is_suspect = False
            self.Feedback._hc_make_pending()
        self.assertTrue(suspect.is_counted)
        self.assertEqual(follow_up.call_count, 1)

    def test_two_metrics_have_their_own_comments(self):
        effort, more, name = self.env["survey.question"].create(
            [
                {
                    "survey_id": self.survey.id,
                    "sequence": 3,
                    "title": "It was easy",
                    "question_type": "scale",
                    "scale_min": 1,
                    "scale_max": 7,
                    "metric": "ces",
                },
                {
                    "survey_id": self.survey.id,
                    "sequence": 4,
                    "title": "Details",
                    "question_type": "char_box",
                },
                {
                    "survey_id": self.survey.id,
                    "sequence": 5,
                    "title": "Your nickname",
                    "question_type": "char_box",
                    "save_as_nickname": True,
                },
            ]
        )
        answer = self.answer(10, "great", done=False)
        answer._save_lines(effort, "6")
        answer._save_lines(more, "quick")
        answer._save_lines(name, "Rosi")
        answer._mark_done()
        self.Feedback._hc_make_pending()
        rows = self.feedback_of(answer).sorted("id")
        self.assertEqual(rows.mapped("metric"), ["nps", "ces"])
        self.assertEqual(rows.mapped("comment"), ["great", "quick"])
        self.assertEqual(rows.mapped("band"), ["good", "good"])

    def test_colleagues_answers_are_no_feedback(self):
        self.question.metric = "enps"
        self.assertFalse(self.feedback_of(self.answer(1, "boss", self.person)))

    def test_failing_follow_up_does_not_lose_the_answer(self):
        with (
            patch.object(type(self.Feedback), "_follow_up", side_effect=ValueError),
            mute_logger("odoo.addons.hc_crm_surveys.models.feedback.hc_feedback_record"),
        ):
            answer = self.answer(2, "bad", self.person)
        self.assertEqual(answer.state, "done")
        self.assertEqual(self.feedback_of(answer).score, 2)

    def test_catching_up(self):
        answer = self.answer(4, "slow", self.person)
        self.feedback_of(answer).unlink()
        self.catch_up()
        feedback = self.feedback_of(answer)
        self.assertRecordValues(feedback, [{"score": 4, "comment": "slow"}])
        self.catch_up()
        self.assertEqual(self.feedback_of(answer), feedback)

    def test_old_answers_are_read_but_open_nothing(self):
        answer = self.answer(4, "slow", self.person)
        self.feedback_of(answer).unlink()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE survey_user_input_line SET create_date = %s WHERE user_input_id = %s",
            [fields.Datetime.now() - timedelta(days=60), answer.id],
        )
        with (
            patch.object(type(self.Feedback), "_follow_up", autospec=True) as follow_up,
            patch.object(type(self.Feedback), "_read_texts", autospec=True) as read,
        ):
            self.catch_up()
        followed = [call.args[0] for call in follow_up.call_args_list]
        self.assertNotIn(self.feedback_of(answer), followed)
        self.assertIn(self.feedback_of(answer), [call.args[0] for call in read.call_args_list])
        age = fields.Datetime.now() - self.feedback_of(answer).date
        self.assertGreater(age, timedelta(days=59))

    def test_answer_deleted(self):
        answer = self.answer(4, "slow", self.person)
        feedback = self.feedback_of(answer)
        answer.unlink()
        self.assertFalse(feedback.exists())

    def test_survey_deleted_the_figures_stay(self):
        answer = self.answer(4, "slow", self.person)
        feedback = self.feedback_of(answer)
        self.survey.unlink()
        self.env.invalidate_all()
        self.assertTrue(feedback.exists())
        self.assertFalse(feedback.survey_id)
        self.assertEqual(feedback.score, 4)

    def test_other_metric_means_something_else(self):
        feedback = self.feedback_of(self.answer(7, "fine", self.person))
        self.question.write({"metric": "own", "metric_good_from": 7, "metric_bad_to": 3})
        feedback.invalidate_recordset()
        self.assertRecordValues(feedback, [{"metric": "own", "band": "good"}])
        self.question.metric = False
        self.assertFalse(feedback.exists())

    def test_answer_of_an_ask_says_what_it_is_about(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.person.id,
                "user_id": self.salesman.id,
                "order_line": [
                    fields.Command.create(
                        {"product_id": self.env["product.product"].create({"name": "Chair", "type": "consu"}).id}
                    )
                ],
            }
        )  # fmt: skip
        answer = self.answer(partner=self.person, done=False)
        ask = self.env["hc.ask"].create(
            {
                "company_id": self.company.id,
                "survey_id": self.survey.id,
                "partner_id": self.person.id,
                "res_model": "sale.order",
                "res_id": order.id,
                "touchpoint": "delivery",
                "user_input_id": answer.id,
                "state": "sent",
            }
        )
        with patch.object(type(ask), "_set_answered", create=True) as set_answered:
            answer._save_lines(self.question, "10")
            self.Feedback._hc_make_pending()
        self.assertEqual(set_answered.call_count, 1)
        self.assertRecordValues(
            self.feedback_of(answer),
            [
                {
                    "ask_id": ask.id,
                    "touchpoint": "delivery",
                    "res_model": "sale.order",
                    "res_id": order.id,
                    "user_id": self.salesman.id,
                    "product_id": order.order_line.product_id.id,
                }
            ],
        )


@tagged("post_install", "-at_install")
class TestFeedbackOthers(SurveysCommon):
    """Ratings, conversations, and what other code records."""

    def rate(self, rating, **kwargs):
        record = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.person.id,
                "partner_id": self.person.id,
                "rated_partner_id": self.salesman.partner_id.id,
                "rating": rating,
                "consumed": True,
                **kwargs,
            }
        )
        self.Feedback._hc_make_pending()
        return record

    def of(self, record):
        return self.Feedback.search(self.Feedback._hc_of(record._name, record.ids))

    def test_rating(self):
        rating = self.rate(4, feedback="kind")
        self.assertRecordValues(
            self.of(rating),
            [
                {
                    "source": "rating",
                    "metric": "own",
                    "score": 4,
                    "band": "good",
                    "scale_max": 5,
                    "comment": "kind",
                    "user_id": self.salesman.id,
                    "partner_id": self.person.id,
                }
            ],
        )
        self.assertEqual(self.of(self.rate(3)).band, "neutral")
        self.assertEqual(self.of(self.rate(1)).band, "bad")
        self.assertFalse(self.of(self.rate(0)), "a comment without a rating")
        self.assertFalse(self.of(self.rate(5, consumed=False)), "asked, not answered yet")
        rating.write({"rating": 1, "feedback": "rude"})
        self.Feedback._hc_make_pending()
        self.assertRecordValues(self.of(rating), [{"score": 1, "band": "bad", "comment": "rude"}])
        rating.reset()
        self.Feedback._hc_make_pending()
        self.assertFalse(self.of(rating))
        other = self.rate(2)
        rows = self.of(other)
        other.unlink()
        self.assertFalse(rows.exists())

    def test_catching_up_with_ratings(self):
        rating = self.rate(2)
        self.of(rating).unlink()
        self.catch_up()
        self.assertEqual(self.of(rating).score, 2)

    def test_conversation_is_feedback_if_somebody_says_so(self):
        happy = self.env["hc.interaction"].create(
            {"partner_id": self.person.id, "summary": "Chatted", "sentiment": "2"}
        )
        complaint = self.env["hc.interaction"].create(
            {
                "partner_id": self.person.id,
                "summary": "The chair wobbles",
                "body": "<p>since Monday</p>",
                "sentiment": "-1",
                "is_feedback": True,
                "direction": "in",
            }
        )
        self.Feedback._hc_make_pending()
        self.assertFalse(self.of(happy))
        self.assertRecordValues(
            self.of(complaint),
            [
                {
                    "source": "interaction",
                    "is_scored": False,
                    "sentiment": "negative",
                    "sentiment_by": "person",
                    "comment": "The chair wobbles\nsince Monday",
                    "partner_id": self.person.id,
                }
            ],
        )
        complaint.is_feedback = False
        self.Feedback._hc_make_pending()
        self.assertFalse(self.of(complaint))

    def test_record_many_in_few_queries(self):
        def values(count, start):
            return [
                {
                    "origin_model": "x",
                    "origin_id": start + n,
                    "source": "card",
                    "metric": "csat",
                    "score": 1 + n % 5,
                    "partner_id": self.person.id,
                }
                for n in range(count)
            ]

        self.Feedback._hc_record(values(1, 0))

        def count_queries(rows):
            before = self.env.cr.sql_log_count
            records = self.Feedback._hc_record(rows)
            self.assertEqual(len(records), len(rows))
            return self.env.cr.sql_log_count - before

        # what follows is not for many at once: nobody says 200 things in a moment
        with patch.object(type(self.Feedback), "_follow_up"):
            few, many = count_queries(values(2, 100)), count_queries(values(200, 1000))
        self.assertEqual(few, many)

    def test_order_of_rows_is_that_of_values(self):
        rows = self.Feedback._hc_record(
            [
                {
                    "origin_model": "x",
                    "origin_id": n,
                    "source": "card",
                    "metric": "csat",
                    "score": 1 + n % 5,
                }
                for n in (9, 3, 7)
            ]
        )
        self.assertEqual(rows.mapped("origin_id"), [9, 3, 7])

    def test_off_the_scale_is_refused(self):
        with self.assertRaises(ValueError):
            self.Feedback._hc_record([{"source": "card", "metric": "csat", "score": 6}])

    def test_null_bytes_and_long_texts(self):
        feedback = self.Feedback._hc_record([{"source": "card", "comment": "a\0b" + "x" * 10**6}])
        self.assertEqual(feedback.comment[:2], "ab")
        self.assertEqual(len(feedback.comment), 20_000)
