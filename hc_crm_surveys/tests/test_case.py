from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.hc_crm_surveys.models.case.hc_feedback import OpenedMeanwhileError

from .common_case import CaseCommon

MONDAY = datetime(2026, 11, 23, 9, 0)


@tagged("post_install", "-at_install")
class TestCaseRules(CaseCommon):
    """Which feedback becomes a case, and never twice."""

    def test_low_score_opens(self):
        feedback = self.say(2, "The driver left it in the rain")
        case = feedback.case_id
        self.assertTrue(case)
        self.assertEqual(case.partner_id, self.person)
        self.assertEqual(case.user_id, self.salesman)
        self.assertEqual(case.rule_id, self.rule)
        self.assertIn("2 of 10", case.name)
        self.assertIn("driver left it", case.name)
        self.assertTrue(case.is_open)
        activity = case.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.salesman)

    def test_good_score_opens_none(self):
        self.assertFalse(self.say(9, "Lovely").case_id)
        self.assertFalse(self.say(7).case_id)

    def test_survey_answer(self):
        """The way of the host: an answer from a survey, marked done twice, is one case."""
        answer = self.answer(score=1, comment="Never came", partner=self.person)
        answer._mark_done()
        self.Feedback._hc_make_pending()
        cases = self.Case.search([("partner_id", "=", self.person.id)])
        self.assertEqual(len(cases), 1)

    def test_idempotent(self):
        feedback = self.say(2, "Late")
        case = feedback.case_id
        messages = len(case.message_ids)
        feedback._follow_up()
        feedback._follow_up()
        self.assertEqual(self.Case.search_count([("partner_id", "=", self.person.id)]), 1)
        self.assertEqual(len(case.message_ids), messages)

    def test_test_and_suspect_open_none(self):
        for name in ("is_test", "is_suspect"):
            feedback = self.say(0, "Awful", **{name: True})
            feedback._follow_case()
            self.assertFalse(feedback.case_id, name)

    def test_same_person_joins(self):
        first = self.say(2, "Late")
        second = self.say(1, "And now it is <b>broken</b>")
        self.assertEqual(first.case_id, second.case_id)
        bodies = " ".join(first.case_id.message_ids.mapped("body"))
        self.assertIn("complained again", bodies)
        self.assertIn("&lt;b&gt;broken", bodies, "what people write is text")

    def test_after_solution_a_new_one(self):
        first = self.solve(self.say(2, "Late").case_id)
        second = self.say(3, "Something else").case_id
        self.assertNotEqual(first, second)

    def test_race(self):
        """Another request opened the case and we cannot see it yet: the request is tried again."""
        self.say(2, "Late")
        feedback = self.say(9, "x")
        Case = type(self.Case)
        with (
            patch.object(Case, "_open_of", return_value=self.Case.browse()),
            patch.object(Case, "_check_no_other"),
            self.assertRaises(OpenedMeanwhileError),
        ):
            feedback._to_case(self.rule)
        self.assertEqual(self.Case.search_count([("partner_id", "=", self.person.id)]), 1)

    def test_deleted_case_stays_deleted(self):
        feedback = self.say(2, "Late")
        feedback.case_id.unlink()
        feedback._follow_up()
        self.assertFalse(feedback.case_id)

    def test_keywords(self):
        rule = self.Rule.create(
            {
                "name": "Words",
                "keywords": "Lawyer, never again, allerg*",
                "priority": "1",
                "sequence": 1,
            }
        )
        other = self.company_customer
        for text, opens in (
            ("I call my lawyer.", True),
            ("My lawyers", False),
            ("NEVER   again!", True),
            ("An allergic reaction", True),
            ("outlawyer", False),
        ):
            partner = self.env["res.partner"].create({"name": text})
            case = self.say(9, text, partner=partner).case_id
            self.assertEqual(bool(case), opens, text)
            if opens:
                self.assertEqual((case.rule_id, case.priority), (rule, "1"))
        self.assertFalse(self.say(None, "All fine", partner=other).case_id)

    def test_tone_source_topic(self):
        topic = self.env["hc.feedback.topic"].create({"name": "Zebra", "key": "zebra_test"})
        self.rule.unlink()
        self.Rule.create({"name": "Tone", "sentiment": "negative", "source": "interaction"})
        by_topic = self.Rule.create({"name": "Topic", "topic_ids": [Command.set(topic.ids)]})
        self.assertFalse(self.say(None, "x", sentiment="negative").case_id, "another way")
        self.assertTrue(
            self.say(
                None, "x", sentiment="negative", source="interaction", sentiment_by="person"
            ).case_id
        )
        feedback = self.say(None, "x", partner=self.company_customer)
        self.assertFalse(feedback.case_id)
        feedback.topic_ids = topic
        feedback._follow_case()
        self.assertEqual(feedback.case_id.rule_id, by_topic)

    def test_good_score_before_tone(self):
        self.Rule.create({"name": "Tone", "sentiment": "negative"})
        self.assertFalse(
            self.say(10, "Not bad", sentiment="negative", sentiment_by="person").case_id
        )

    def test_customers_of_a_rule(self):
        self.rule.partner_domain = "[('is_company', '=', True)]"
        self.assertFalse(self.say(1).case_id)
        self.assertTrue(self.say(1, partner=self.company_customer).case_id)

    def test_unknown_person(self):
        self.assertFalse(self.say(1, partner=False).case_id)
        self.rule.is_anonymous = True
        case = self.say(1, "A card", partner=False).case_id
        self.assertTrue(case)
        self.assertNotEqual(case, self.say(1, "Another card", partner=False).case_id)

    def test_order_of_rules(self):
        urgent = self.Rule.create(
            {"name": "Very low", "band": "bad", "metric": "nps", "priority": "1", "sequence": 1}
        )
        self.assertEqual(self.say(1).case_id.rule_id, urgent)

    def test_rule_of_another_company(self):
        self.rule.company_id = self.other_company
        self.assertFalse(self.say(1).case_id)

    def test_broken_rule_loses_nothing(self):
        self.rule.flush_recordset()
        self.env.cr.execute(
            "UPDATE hc_feedback_case_rule SET partner_domain = %s WHERE id = %s",
            ["[('gone', '=', 1)]", self.rule.id],
        )
        self.env.invalidate_all()
        good = self.Rule.create({"name": "Good one", "band": "bad", "sequence": 90})
        with self.assertLogs("odoo.addons.hc_crm_surveys", "WARNING"):
            self.assertEqual(self.say(1).case_id.rule_id, good)

    def test_bad_rules(self):
        for vals, words in (
            ({"name": "All"}, "all feedback"),
            ({"name": "x", "band": "bad", "hours_answer": 0}, "Answer Within"),
            ({"name": "x", "band": "bad", "hours_answer": float("nan")}, "Answer Within"),
            ({"name": "x", "band": "bad", "hours_answer": 9, "hours_solve": 2}, "Solve Within"),
            ({"name": "x", "keywords": " , *"}, "Keywords"),
            (
                {"name": "x", "band": "bad", "partner_domain": "[('nope', '=', 1)]"},
                "Only Customers",
            ),
            ({"name": "x", "band": "bad", "partner_domain": "import os"}, "Only Customers"),
            ({"name": "x", "band": "bad", "action": "thank", "way": "task"}, "Score"),
            ({"name": "x", "band": "good", "action": "thank"}, "Letter"),
            ({"name": "x", "band": "good", "again_days": 0}, "Not Again"),
        ):
            with self.assertRaisesRegex(ValidationError, words), self.cr.savepoint():
                self.Rule.create(vals)


@tagged("post_install", "-at_install")
class TestCaseOwner(CaseCommon):
    """Whose it is: the rule's person, the customer's, the topic's, the company's; nobody who is away."""

    def owner(self):
        partner = self.env["res.partner"].create(
            {"name": "Someone", "user_id": self.salesman.id, "parent_id": self.company_customer.id}
        )
        return self.say(1, partner=partner).case_id.user_id

    def away(self, user):
        resource = self.env["resource.resource"].create(
            {"name": user.name, "user_id": user.id, "company_id": self.company.id}
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holidays",
                "resource_id": resource.id,
                "calendar_id": resource.calendar_id.id,
                "date_from": fields.Datetime.now() - timedelta(days=1),
                "date_to": fields.Datetime.now() + timedelta(days=5),
            }
        )

    def test_chain(self):
        self.company.hc_case_user_id = self.seller_all
        self.assertEqual(self.owner(), self.salesman)
        self.rule.user_id = self.manager
        self.assertEqual(self.owner(), self.manager)
        self.away(self.manager)
        self.assertEqual(self.owner(), self.salesman, "the rule's person is away")
        self.salesman.active = False
        self.assertEqual(self.owner(), self.seller_all, "the salesperson left")

    def test_topic(self):
        topic = self.env["hc.feedback.topic"].create(
            {"name": "Zebra", "key": "zebra_test", "user_id": self.manager.id}
        )
        case = self.Case.create({"name": "x", "topic_ids": [Command.set(topic.ids)]})
        self.assertEqual(case.user_id, self.manager)

    def test_all_away(self):
        self.away(self.salesman)
        self.assertEqual(self.owner(), self.salesman, "somebody has to be named")

    def test_nobody(self):
        case = self.say(1, partner=self.company_customer).case_id
        self.assertFalse(case.user_id)
        self.assertFalse(case.activity_ids)
        self.assertIn(case, self.Case.search([("user_id", "=", False), ("is_open", "=", True)]))

    def test_other_company_is_no_owner(self):
        self.person.user_id = self.stranger
        self.assertFalse(self.say(1).case_id.user_id)


@tagged("post_install", "-at_install")
class TestCaseTimes(CaseCommon):
    """Working hours, first answers and escalation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "9 to 17",
                "tz": "UTC",
                "company_id": cls.company.id,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {"name": "d", "dayofweek": str(day), "hour_from": 9, "hour_to": 17}
                    )
                    for day in range(5)
                ],
            }
        )
        cls.company.resource_calendar_id = cls.calendar

    def test_due_in_working_hours(self):
        with freeze_time(datetime(2026, 11, 20, 15, 0)):  # Friday afternoon
            case = self.say(1).case_id
            self.assertEqual(case.date_due_answer, datetime(2026, 11, 23, 15, 0))
            self.assertEqual(case.date_due, datetime(2026, 11, 27, 15, 0))

    def test_public_holiday(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "date_from": datetime(2026, 11, 23, 0, 0),
                "date_to": datetime(2026, 11, 23, 23, 59),
            }
        )
        with freeze_time(datetime(2026, 11, 20, 15, 0)):
            self.assertEqual(self.say(1).case_id.date_due_answer, datetime(2026, 11, 24, 15, 0))

    def test_nobody_ever_works(self):
        self.calendar.attendance_ids.unlink()
        with freeze_time(MONDAY):
            self.assertEqual(self.say(1).case_id.date_due_answer, MONDAY + timedelta(hours=8))

    def test_first_answer_by_interaction(self):
        with freeze_time(datetime(2026, 11, 20, 15, 0)):
            case = self.say(1).case_id
        with freeze_time(datetime(2026, 11, 23, 11, 0)):
            vals = {"partner_id": self.person.id, "summary": "Called", "user_id": self.salesman.id,
                    "date": datetime(2026, 11, 23, 11, 0)}  # fmt: skip
            Interaction = self.env["hc.interaction"]
            Interaction.create([{**vals, "direction": "in"}, {**vals, "is_automated": True}])
            Interaction.create({**vals, "date": datetime(2026, 11, 19, 9, 0)})
            Interaction.create({**vals, "partner_id": self.company_customer.id})
            self.assertFalse(
                case.date_answered, "theirs, a machine's, from before, somebody else's"
            )
            Interaction.create(vals)
        self.assertEqual(case.date_answered, datetime(2026, 11, 23, 11, 0))
        self.assertEqual(case.hours_to_answer, 4.0, "Friday 15 to 17, Monday 9 to 11")
        self.assertEqual(case.activity_ids.summary, "Solve the case")

    def test_first_answer_by_mail(self):
        case = self.say(1).case_id
        as_salesman = case.with_user(self.salesman)
        as_salesman.message_post(body="note", subtype_xmlid="mail.mt_note")
        as_salesman.message_post(body="to a colleague", partner_ids=self.manager.partner_id.ids,
                                 message_type="comment", subtype_xmlid="mail.mt_comment")  # fmt: skip
        self.assertFalse(case.date_answered)
        as_salesman.message_post(body="Sorry", partner_ids=self.person.ids,
                                 message_type="comment", subtype_xmlid="mail.mt_comment")  # fmt: skip
        self.assertTrue(case.date_answered)

    def test_first_answer_from_the_customer(self):
        case = self.say(1).case_id
        self.person.message_post(body="by itself", partner_ids=self.person.ids,
                                 author_id=self.env.ref("base.partner_root").id,
                                 message_type="auto_comment", subtype_xmlid="mail.mt_comment")  # fmt: skip
        self.assertFalse(case.date_answered)
        self.person.with_user(self.salesman).message_post(
            body="Sorry", partner_ids=self.person.ids, message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )  # fmt: skip
        self.assertTrue(case.date_answered)

    def test_overdue_and_escalation(self):
        self.company.hc_case_escalate_user_id = self.seller_all
        with freeze_time(MONDAY):
            case = self.say(1).case_id
            self.assertEqual(case.due_state, "ok")
        with freeze_time(MONDAY + timedelta(hours=5)):
            case.invalidate_recordset()
            self.assertEqual(case.due_state, "soon")
        with freeze_time(MONDAY + timedelta(days=1, hours=1)):
            case.invalidate_recordset()
            self.assertEqual(case.due_state, "late")
            self.assertIn(case, self.Case.search([("is_overdue", "=", True)]))
            self.assertNotIn(case, self.Case.search([("is_overdue", "=", False)]))
            self.run_cron("hc.feedback.case", "_cron_escalate")
            self.run_cron("hc.feedback.case", "_cron_escalate")
        self.assertEqual(case.priority, "1")
        told = case.activity_ids.filtered(lambda a: a.user_id == self.seller_all)
        self.assertEqual(len(told), 1, "once")

    def test_averages_of_those_there_are(self):
        with freeze_time(MONDAY):
            one = self.say(1).case_id
            self.say(1, partner=self.company_customer)
        with freeze_time(MONDAY + timedelta(hours=4)):
            self.solve(one)
        [(answer, solve, recovered)] = self.Case._read_group(
            [("id", "in", (one | self.Case.search([])).ids), ("partner_id", "in",
              (self.person | self.company_customer).ids)],
            [], ["hours_to_answer:avg", "hours_to_solve:avg", "recovered:avg"],
        )  # fmt: skip
        self.assertEqual((answer, solve), (4.0, 4.0))
        self.assertFalse(recovered, "nobody told us yet")


@tagged("post_install", "-at_install")
class TestCaseLife(CaseCommon):
    """From opening to the customer's verdict."""

    def test_solving_needs_why_and_what(self):
        case = self.say(1).case_id
        with self.assertRaisesRegex(UserError, "Root Cause, What Was Done"):
            case.stage_id = self.stage_solved
        case.cause_id = self.cause
        with self.assertRaisesRegex(UserError, "first: What Was Done"):
            case.stage_id = self.stage_solved
        with self.assertRaisesRegex(UserError, "What Was Done"):
            case.write({"stage_id": self.stage_closed.id, "solution": "   "})
        case.write({"stage_id": self.stage_solved.id, "solution": "New one sent"})
        self.assertFalse(case.is_open)
        self.assertTrue(case.date_solved and case.date_answered)
        self.assertFalse(case.activity_ids)
        self.assertEqual(case.date_ask, case.date_solved + timedelta(days=7))

    def test_open_again(self):
        case = self.solve(self.say(1).case_id)
        case.action_reopen()
        self.assertTrue(case.is_open)
        self.assertFalse(case.date_solved or case.date_ask)
        self.assertEqual(case.reopen_count, 1)
        self.assertTrue(case.activity_ids)

    def test_open_again_with_another_open(self):
        case = self.solve(self.say(1).case_id)
        other = self.say(1).case_id
        with self.assertRaisesRegex(UserError, "open case already"):
            case.action_reopen()
        self.assertTrue(other.is_open)

    def ask(self, case):
        """As the helper for asking does it."""
        return self.env["hc.ask"].create(
            {
                "company_id": case.company_id.id,
                "survey_id": self.survey.id,
                "partner_id": case.partner_id.id,
                "case_id": case.id,
                "state": "sent",
            }
        )

    def test_asked_again_once(self):
        with freeze_time(MONDAY):
            case = self.solve(self.say(1).case_id)
        asked = []
        with patch.object(
            type(self.env["hc.ask"]), "_hc_ask_again", lambda self, c: asked.append(c), create=True
        ):
            with freeze_time(MONDAY + timedelta(days=6)):
                self.run_cron("hc.feedback.case", "_cron_ask_again")
            self.assertNotIn(case, asked)
            with freeze_time(MONDAY + timedelta(days=8)):
                self.run_cron("hc.feedback.case", "_cron_ask_again")
                self.run_cron("hc.feedback.case", "_cron_ask_again")
        self.assertEqual(asked.count(case), 1)

    def test_ask_now_says_when(self):
        case = self.solve(self.say(1, survey_id=self.survey.id).case_id).with_user(self.salesman)
        rules = self.env["hc.ask.rule"].with_context(active_test=False)
        rules.search([]).unlink()
        with self.assertRaisesRegex(UserError, "nothing to ask"), self.cr.savepoint():
            case.action_ask_now()
        self.assertFalse(case.date_asked)
        rules.create({"name": "Again", "trigger": "manual", "survey_id": self.survey.id})
        told = case.action_ask_now()["params"]
        self.assertEqual(told["type"], "warning", "they turned to us just now")
        self.assertIn("is not asked at once", told["message"])
        self.assertIn(self.person.name, told["message"])
        with self.assertRaisesRegex(UserError, "asked already"):
            case.action_ask_now()

    def test_never_asked_when_the_company_says_so(self):
        self.company.hc_case_ask_days = 0
        self.assertFalse(self.solve(self.say(1).case_id).date_ask)

    def test_recovered(self):
        case = self.solve(self.say(2).case_id)
        after = self.say(9, "All good now", ask_id=self.ask(case).id)
        self.assertFalse(after.case_id, "an answer to a case is none of its own")
        self.assertEqual(
            (case.verdict, case.verdict_feedback_id, case.score_before, case.score_after),
            ("better", after, 20.0, 90.0),
        )
        self.assertEqual(case.recovered, 100)
        self.assertEqual(case.stage_id, self.stage_closed)
        messages = len(case.message_ids)
        after._follow_up()
        self.assertEqual(len(case.message_ids), messages, "said once")

    def test_still_bad_opens_again(self):
        case = self.solve(self.say(2).case_id)
        after = self.say(1, "Worse", ask_id=self.ask(case).id)
        self.assertEqual((case.verdict, case.recovered), ("worse", 0))
        self.assertTrue(case.is_open)
        self.assertEqual(case.priority, "1")
        after._follow_up()
        self.assertEqual(case.reopen_count, 1)

    def test_still_bad_while_another_is_open(self):
        case = self.solve(self.say(2).case_id)
        other = self.say(1, "Another thing").case_id
        self.say(2, "Not really", ask_id=self.ask(case).id)
        self.assertEqual(case.verdict, "same")
        self.assertFalse(case.is_open)
        self.assertEqual(other.priority, "1")
        self.assertIn("Not really", " ".join(other.message_ids.mapped("body")))

    def test_complaint_holds_everything_back(self):
        decide = self.person._hc_contact_decision
        self.assertNotEqual(decide("email", "feedback").code, "complaint")
        case = self.say(2).case_id
        decision = decide("email", "feedback")
        self.assertEqual((decision.answer, decision.code), ("later", "complaint"))
        self.assertIn(case.name, decision.reason(self.env))
        self.solve(case)
        self.assertNotEqual(decide("email", "feedback").code, "complaint")

    def test_bad_feeling_is_set_right(self):
        self.env["hc.interaction"].create(
            {"partner_id": self.person.id, "summary": "Angry", "direction": "in", "sentiment": "-2",
             "date": fields.Datetime.now() - timedelta(days=5)}
        )  # fmt: skip
        code = self.person._hc_contact_decision("email", "feedback", human_days=0).code
        self.assertEqual(code, "complaint")
        self.solve(self.Case.create({"name": "Angry", "partner_id": self.person.id}))
        self.assertNotEqual(
            self.person._hc_contact_decision("email", "feedback", human_days=0).code, "complaint"
        )

    def test_stages_are_not_changed_behind_cases(self):
        case = self.say(1).case_id
        with self.assertRaisesRegex(UserError, "cases stand in it"):
            case.stage_id.is_solved = True
        with self.assertRaisesRegex(UserError, "cases stand in it"):
            case.stage_id.unlink()

    def test_company_stays(self):
        with self.assertRaisesRegex(UserError, "Company"):
            self.say(1).case_id.company_id = self.other_company

    def test_archived_owner(self):
        case = self.say(1).case_id
        self.company.hc_case_user_id = self.seller_all
        self.salesman.active = False
        with freeze_time(fields.Datetime.now() + timedelta(days=20)):
            self.run_cron("hc.feedback.case", "_cron_escalate")
        self.assertIn(
            self.seller_all, case.activity_ids.user_id, "somebody who is here hears of it"
        )

    def test_review_page(self):
        for url in ("javascript:alert(1)", "shop.example", "https://", "http://a b.example"):
            with self.assertRaisesRegex(ValidationError, "Review Page"), self.cr.savepoint():
                self.company.hc_review_url = url
        self.company.hc_review_url = "https://reviews.example/shop"

    def test_the_brief_says_it_once(self):
        self.say(1, "The box was wet").case_id.sudo()
        lines = self.person.with_user(self.salesman).hc_get_brief()["lines"]
        self.assertEqual(len([line for line in lines if "box was wet" in line["text"]]), 1)
        self.say(2, "And now the second one")
        lines = self.person.with_user(self.salesman).hc_get_brief()["lines"]
        self.assertTrue([line for line in lines if "second one" in line["text"]])

    def test_a_long_remark_is_cut_with_a_mark(self):
        remark = self.say(comment="I do not blame the girl, " * 5)
        self.assertEqual((len(remark.display_name), remark.display_name[-1]), (80, "…"))

    def test_brief_and_timeline(self):
        case = self.say(2, "The driver left it in the rain").case_id
        brief = self.person.with_user(self.salesman).hc_get_brief()
        self.assertEqual(brief["lines"][0]["res_model"], "hc.feedback.case")
        entries = self.env["hc.timeline"].with_user(self.salesman)
        rows = entries.search([("partner_id", "=", self.person.id), ("source", "=", "case")])
        self.assertEqual(rows.mapped("res_id"), case.ids)

    def test_open_from_customer_and_feedback(self):
        as_salesman = self.person.with_user(self.salesman)
        action = as_salesman.action_hc_open_case()
        self.assertFalse(action["res_id"])
        self.assertEqual(action["context"]["default_partner_id"], self.person.id)
        feedback = self.say(8, "Hm")
        action = feedback.with_user(self.salesman).action_hc_open_case()
        case = self.Case.browse(action["res_id"])
        self.assertEqual(case, feedback.case_id)
        self.assertEqual(as_salesman.action_hc_open_case()["res_id"], case.id)
        with self.assertRaisesRegex(UserError, "open case already"):
            self.Case.create({"name": "Twice", "partner_id": self.person.id})

    def test_bad_input(self):
        case = self.say(1).case_id
        for vals, words in (
            ({"name": " "}, "What Happened"),
            ({"name": "x" * 301}, "What Happened"),
            ({"solution": "x" * 20_001}, "What Was Done"),
            ({"goodwill_amount": -1}, "Worth"),
            ({"goodwill_amount": float("nan")}, "Worth"),
            ({"user_id": self.portal.id}, "Owner"),
        ):
            with self.assertRaisesRegex(ValidationError, words), self.cr.savepoint():
                case.write(vals)
        as_salesman = case.with_user(self.salesman)
        for vals in ({"verdict": "better"}, {"date_solved": "2026-01-01"}, {"recovered": 100},
                     {"is_open": False}, {"date_answered": False}):  # fmt: skip
            with self.assertRaises(UserError), self.cr.savepoint():
                as_salesman.write(vals)
        for name in ("partner_id", "user_id", "cause_id", "stage_id"):
            with self.assertRaises(UserError), self.cr.savepoint():
                as_salesman.write({name: 2**40})
        as_salesman.solution = "nul\x00byte"
        self.assertEqual(case.solution, "nulbyte")
