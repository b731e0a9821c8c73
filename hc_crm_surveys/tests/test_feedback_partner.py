from ast import literal_eval
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import tagged

from .common import SurveysCommon


@tagged("post_install", "-at_install")
class TestFeedbackOfPartner(SurveysCommon):
    """Feedback where people meet it: timeline, brief, conditions, copy; and what becomes of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person.user_id = cls.salesman

    def rate(self, rating, partner=None):
        partner = partner or self.person
        record = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": partner.id,
                "partner_id": partner.id,
                "rating": rating,
                "feedback": "so so",
                "consumed": True,
            }
        )
        self.Feedback._hc_make_pending()
        return record

    # -- rights -----------------------------------------------------------------------------------

    def test_rights(self):
        mine = self.feedback_of(self.answer(3, "mine", self.person))
        others = self.feedback_of(self.answer(3, "others", self.company_customer))
        both = (mine | others).ids
        for user, seen in (
            (self.salesman, mine),
            (self.seller_all, mine | others),
            (self.manager, mine | others),
            (self.stranger, self.Feedback),
        ):
            found = self.Feedback.with_user(user).search([("id", "in", both)])
            self.assertEqual(found, seen.with_user(user), user.name)
        for user in (self.portal, self.public):
            with self.assertRaises(AccessError):
                self.Feedback.with_user(user).search([])
        with self.assertRaises(AccessError):
            others.with_user(self.salesman).read(["comment"])
        with self.assertRaises(AccessError):
            mine.with_user(self.salesman).write({"score": 10})
        with self.assertRaises(AccessError):
            mine.with_user(self.seller_all).unlink()

    def test_colleague_concerned_sees_it(self):
        feedback = self.Feedback._hc_record(
            [
                {
                    "source": "card", "comment": "x", "partner_id": self.company_customer.id,
                    "user_id": self.salesman.id,
                }
            ]
        )  # fmt: skip
        self.assertTrue(feedback.with_user(self.salesman).comment)

    # -- timeline ---------------------------------------------------------------------------------

    def entries(self, user=None):
        timeline = self.env["hc.timeline"].with_user(user or self.seller_all)
        return timeline.hc_get_page(self.person.id, {})["entries"]

    def test_timeline_has_every_answer_once(self):
        self.answer(2, "The box was wet", self.person)
        self.rate(5)
        entries = [
            entry for entry in self.entries() if entry["source"] in ("feedback", "survey", "rating")
        ]
        self.assertEqual([entry["source"] for entry in entries], ["feedback", "feedback"])
        by_title = {entry["title"]: entry for entry in entries}
        self.assertEqual(by_title["NPS 2 of 10"]["feeling"], -2)
        self.assertEqual(by_title["NPS 2 of 10"]["preview"], "The box was wet")
        self.assertEqual(by_title["NPS 2 of 10"]["channel"], "survey")
        self.assertEqual(by_title["Rating 5 of 5"]["feeling"], 2)
        self.assertEqual(by_title["Rating 5 of 5"]["channel"], "rating")

    def test_timeline_keeps_what_is_no_feedback(self):
        """A quiz without a metric is an answer of the host as before."""
        self.env["survey.question"].create(
            {"survey_id": self.survey.id, "title": "Age", "question_type": "numerical_box"}
        )
        quiz = self.env["survey.survey"].create({"title": "A quiz"})
        answer = quiz._create_answer(partner=self.person, check_attempts=False)
        answer._mark_in_progress()
        answer._mark_done()
        officer = self.seller_all
        officer.group_ids |= self.env.ref("survey.group_survey_manager")
        found = [entry["title"] for entry in self.entries(officer) if entry["source"] == "survey"]
        self.assertEqual(found, ["A quiz"])

    def test_timeline_leaves_out_trials_and_strangers(self):
        self.answer(2, "trial", self.person, test_entry=True)
        self.assertFalse([e for e in self.entries() if e["source"] == "feedback"])
        self.answer(2, "real", self.person)
        self.assertTrue([e for e in self.entries(self.salesman) if e["source"] == "feedback"])
        self.person.user_id = self.seller_all
        self.Feedback.search([("partner_id", "=", self.person.id)]).user_id = False
        self.assertFalse([e for e in self.entries(self.salesman) if e["source"] == "feedback"])

    def test_conversation_stands_there_once(self):
        self.env["hc.interaction"].create(
            {"partner_id": self.person.id, "summary": "It wobbles", "is_feedback": True}
        )
        self.Feedback._hc_make_pending()
        sources = [entry["source"] for entry in self.entries()]
        self.assertEqual(sources.count("interaction"), 1)
        self.assertNotIn("feedback", sources)

    # -- brief ------------------------------------------------------------------------------------

    def brief(self, user=None):
        return self.person.with_user(user or self.salesman).hc_get_brief()

    def test_bad_answer_is_the_first_thing_to_know(self):
        self.env["hc.feedback.case.rule"].search([]).active = False
        self.answer(3, "The driver left it outside", self.person)
        problem = next(line for line in self.brief()["lines"] if line["kind"] == "problem")
        self.assertEqual(problem["text"], "NPS 3 of 10: “The driver left it outside”")
        self.assertEqual(problem["res_model"], "hc.feedback")
        self.assertEqual(
            len([line for line in self.brief()["lines"] if line["res_model"] == "hc.feedback"]), 1
        )
        self.answer(10, "all is well again", self.person)
        self.assertFalse([line for line in self.brief()["lines"] if line["kind"] == "problem"])

    def test_chips_are_the_last_answers(self):
        for score in (9, 3, 7, 10):
            self.answer(score, partner=self.person)
        chips = [c for c in self.brief()["chips"] if c["key"].startswith("feedback_")]
        self.assertEqual(
            [chip["text"] for chip in chips], ["NPS 10 of 10", "NPS 7 of 10", "NPS 3 of 10"]
        )
        self.assertEqual([chip["tone"] for chip in chips], ["success", "", "danger"])

    def test_opening_the_form_asks_no_more(self):
        for score in (9, 3):
            self.answer(score, partner=self.person)
        views = self.env["res.partner"].with_user(self.salesman).get_views([(False, "form")])
        names = views["models"]["res.partner"]["fields"]
        self.assertNotIn("hc_feedback_ids", names)

    # -- conditions, outreach, insight ------------------------------------------------------------

    def test_condition_on_feedback_goes_through_the_rules(self):
        self.answer(10, partner=self.person)
        self.answer(10, partner=self.company_customer)
        domain = Domain("hc_feedback_ids", "any", [("band", "=", "good")])
        both = self.person | self.company_customer
        found = self.env["res.partner"].with_user(self.salesman).search(domain) & both
        self.assertEqual(found, self.person)
        self.assertEqual(
            self.env["res.partner"].with_user(self.manager).search(domain) & both, both
        )

    def test_silent_promoters_is_a_condition_that_works(self):
        segment = self.env.ref("hc_crm_surveys.hc_segment_silent_promoters")
        self.answer(10, partner=self.person)
        conditions = literal_eval(segment.domain)
        self.assertFalse(self.env["res.partner"].search(conditions) & self.person, "not silent")
        self.env["hc.customer.insight"].create(
            {
                "partner_id": self.person.id,
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "status": "late",
                "computed_at": fields.Datetime.now(),
            }
        )
        self.assertEqual(self.env["res.partner"].search(conditions) & self.person, self.person)

    def test_outreach_begins_with_feedback(self):
        bad = self.feedback_of(self.answer(3, "bad", self.person))
        good = self.feedback_of(self.answer(10, "good", self.person))
        rating = self.rate(1)
        self.answer(0, partner=self.person, test_entry=True)
        plan = self.env["hc.outreach.plan"].create({"name": "x", "entry_type": "feedback"})

        def found(kind):
            plan.entry_feedback = kind
            rows = self.env["hc.outreach.entry"]._feedback_rows(plan, None)
            self.env.flush_all()
            return {
                row[1]
                for select in rows
                for row in self.env.execute_query(select)
                if row[0] == self.person.id
            }

        self.assertEqual(found("bad"), {f"hc.feedback,{bad.id}", f"rating.rating,{rating.id}"})
        self.assertEqual(found("good"), {f"hc.feedback,{good.id}"})
        self.assertEqual(len(found("any")), 3)

    def test_feelings_of_insight_count_once(self):
        from odoo.addons.hc_crm.models.preference.hc_contact_event import (
            EventScope,
        )

        self.answer(0, "bad", self.person)
        self.rate(5)
        self.env.flush_all()
        scope = EventScope(
            until=fields.Datetime.now() + timedelta(minutes=1),
            partner_ids=self.person.ids,
            company_id=self.company.id,
        )
        rows = [
            (row[2], row[3], row[5])
            for select in self.env["hc.contact.event"]._selects(scope)
            for row in self.env.execute_query(select)
            if row[2] == "feedback"
        ]
        self.assertEqual(sorted(rows), [("feedback", "rating", 2.0), ("feedback", "survey", -2.0)])

    # -- copy, erasing, deleting, merging ---------------------------------------------------------

    def test_copy(self):
        self.answer(3, "left outside", self.person)
        self.env["hc.interaction"].create(
            {"partner_id": self.person.id, "summary": "A note of ours", "is_feedback": True}
        )
        self.Feedback._hc_make_pending()
        section = next(s for s in self.person._hc_export() if s["key"] == "feedback")
        texts = {row["Text"] for row in section["rows"]}
        self.assertEqual(texts, {"left outside", ""})
        self.assertEqual({row["Score"] for row in section["rows"]}, {3, ""})

    def test_erased(self):
        answer = self.answer(3, "I am Rosa of Blum Street", self.person)
        answer.write({"email": "rosa@blum.example", "nickname": "Rosi"})
        feedback = self.feedback_of(answer)
        self.person._hc_erase()
        self.Feedback._hc_make_pending()
        self.assertTrue(feedback.exists())
        self.assertRecordValues(
            feedback,
            [{"partner_id": False, "commercial_partner_id": False, "comment": False, "score": 3}],
        )
        answer.invalidate_recordset()
        self.assertRecordValues(answer, [{"partner_id": False, "email": False, "nickname": False}])
        self.assertNotIn(
            "I am Rosa of Blum Street", answer.user_input_line_ids.mapped("value_text_box")
        )
        # and catching up later brings nothing back
        self.Feedback._hc_make("survey.user_input", answer.ids)
        self.assertRecordValues(feedback, [{"partner_id": False, "comment": False, "score": 3}])

    def test_deleted(self):
        """Trap 12: the host leaves e-mail and nickname on the answer."""
        email, nick = self.env["survey.question"].create(
            [
                {
                    "survey_id": self.survey.id, "title": "Mail", "question_type": "char_box",
                    "validation_email": True, "save_as_email": True,
                },
                {
                    "survey_id": self.survey.id, "title": "Nick", "question_type": "char_box",
                    "save_as_nickname": True,
                },
            ]
        )  # fmt: skip
        answer = self.answer(3, "bad", self.contact, done=False)
        answer._save_lines(email, "brandon@linden.example")
        answer._save_lines(nick, "Brandy")
        answer._mark_done()
        self.Feedback._hc_make_pending()
        feedback = self.feedback_of(answer)
        self.contact.unlink()
        answer.invalidate_recordset()
        feedback.invalidate_recordset()
        self.assertRecordValues(answer, [{"partner_id": False, "email": False, "nickname": False}])
        self.assertFalse(
            [text for text in answer.user_input_line_ids.mapped("value_char_box") if text]
        )
        self.assertRecordValues(
            feedback,
            [{"partner_id": False, "commercial_partner_id": False, "score": 3, "comment": "bad"}],
        )

    def test_merged(self):
        feedback = self.feedback_of(self.answer(3, "bad", self.contact))
        self.assertEqual(feedback.commercial_partner_id, self.company_customer)
        own = self.answer(9, "good", self.person)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.contact | self.person).ids, self.person)
        feedback.invalidate_recordset()
        self.assertRecordValues(
            feedback,
            [
                {
                    "partner_id": self.person.id,
                    "commercial_partner_id": self.person.commercial_partner_id.id,
                }
            ],
        )
        self.assertEqual(
            self.feedback_of(own).commercial_partner_id, self.person.commercial_partner_id
        )

    def test_moved_to_another_company(self):
        feedback = self.feedback_of(self.answer(3, "bad", self.contact))
        self.contact.parent_id = False
        self.assertEqual(feedback.commercial_partner_id, self.contact)
