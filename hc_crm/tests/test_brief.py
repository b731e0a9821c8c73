import json
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common_timeline import TimelineCommon


@tagged("post_install", "-at_install")
class TestBrief(TimelineCommon):
    """Three things to know, the most pressing first, each with where it comes from."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()

    def brief(self, partner=None, user=None, *here):
        self.env.flush_all()
        self.env.invalidate_all()
        return (partner or self.person).with_user(user or self.salesman).hc_get_brief(*here)

    def lines(self, *args):
        return self.brief(*args)["lines"]

    def kinds(self, *args):
        return [line["kind"] for line in self.lines(*args)]

    def promise(self, days, partner=None, summary="Call back", user=None, **vals):
        return (
            self.env["hc.promise"]
            .with_user(user or self.salesman)
            .create(
                {
                    "partner_id": (partner or self.person).id,
                    "summary": summary,
                    "date_due": self.today + timedelta(days=days),
                    **vals,
                }
            )
        )

    def fact(self, kind, text, partner=None, **vals):
        return self.env["hc.fact"].create(
            {"partner_id": (partner or self.person).id, "kind": kind, "text": text, **vals}
        )

    def test_nothing_known(self):
        brief = self.brief()
        self.assertEqual(
            brief["partner"], {"id": self.person.id, "name": "Rosa Testblum", "is_company": False}
        )
        self.assertEqual(brief["lines"], [])
        self.assertEqual(brief["promises"], {"open": 0, "late": 0})
        for part in ("persona", "feeling", "last_contact"):
            self.assertIs(brief[part], False)

    def test_one_of_each_kind_first(self):
        self.promise(-2, summary="Late one")
        self.promise(-5, summary="Later one")
        self.promise(2, summary="Coming one")
        self.make_interaction("call", sentiment="-2", days=2)
        self.fact("access", "Needs a ramp")
        self.fact("like", "Tea")
        lines = self.lines()
        self.assertEqual([line["kind"] for line in lines], ["promise", "problem", "do"])
        self.assertIn("Later one", lines[0]["text"], "the longest overdue")
        self.assertEqual(lines[0]["tone"], "danger")
        self.assertIn("Sam Salesman", lines[0]["source"])
        self.assertIn(self.marks["call"], lines[1]["text"])
        self.assertIn("Needs a ramp", lines[2]["text"])
        self.assertEqual(self.brief()["promises"], {"open": 3, "late": 2})

    def test_free_places_go_to_what_presses_most(self):
        for number in range(4):
            self.promise(-2 - number, summary=f"Promise {number}")
        lines = self.lines()
        self.assertEqual([line["kind"] for line in lines], ["promise"] * 3)
        self.assertIn("Promise 3", lines[0]["text"])
        self.fact("avoid", "Never before ten")
        lines = self.lines()
        self.assertEqual(len(lines), 3)
        self.assertIn("Never before ten", str(lines))

    def test_late_before_answer_before_open(self):
        self.post("mail", self.person, days=5)
        self.promise(-1, summary="Late")
        self.promise(4, summary="Open")
        lines = self.lines()
        self.assertEqual([line["kind"] for line in lines], ["promise", "answer", "promise"])
        self.assertIn("Late", lines[0]["text"])
        self.assertIn("Open", lines[2]["text"])

    def test_unanswered_mail(self):
        self.post("mail", self.person, days=5)
        (line,) = self.lines()
        self.assertEqual((line["kind"], line["tone"]), ("answer", "danger"))
        self.assertIn("5 days", line["text"])
        self.assertIn(self.marks["mail"], line["text"])
        self.assertEqual((line["res_model"], line["res_id"]), ("res.partner", self.person.id))
        self.assertIn("Rosa", line["source"])
        # an automatic answer is none
        self.post(
            "auto",
            self.person,
            days=4,
            author=self.salesman.partner_id,
            message_type="email_outgoing",
        )
        self.assertEqual(self.kinds(), ["answer"])
        # a note to ourselves is none either
        self.post(
            "note",
            self.person,
            days=4,
            author=self.salesman.partner_id,
            message_type="comment",
            internal=True,
        )
        self.assertEqual(self.kinds(), ["answer"])
        for name, answer in (
            ("mail", lambda: self.post("answer", self.person, days=3, author=self.salesman.partner_id,
                                       message_type="comment")),
            ("call", lambda: self.make_interaction("call", days=3)),
        ):  # fmt: skip
            with self.subTest(answer=name):
                record = answer()
                self.assertEqual(self.kinds(), [])
                record.unlink()
                self.assertEqual(self.kinds(), ["answer"])

    def test_mail_of_today_is_not_owed_yet(self):
        self.post("mail", self.person, days=0)
        self.assertEqual(self.kinds(), [])
        self.assertEqual(self.brief()["last_contact"]["days"], 0)

    def test_feelings_grow_old(self):
        call = self.make_interaction("call", sentiment="-1", days=80)
        (line,) = self.lines()
        self.assertEqual((line["kind"], line["tone"]), ("problem", "warning"))
        self.assertIn("Unhappy", line["text"])
        call.date = self.days_ago(100)
        self.assertEqual(self.kinds(), [], "after 90 days it is history")
        self.assertEqual(self.brief()["feeling"]["value"], -1)
        call.date = self.days_ago(400)
        self.assertIs(self.brief()["feeling"], False)
        call.write({"date": self.days_ago(100), "sentiment": "2"})
        self.assertEqual(self.kinds(), ["feeling"])
        call.sentiment = "0"
        self.assertEqual(self.kinds(), [])
        self.assertEqual(self.brief()["feeling"]["value"], 0)
        self.assertEqual(self.brief()["feeling"]["label"], "Neutral")

    def test_newest_feeling_counts(self):
        self.make_interaction("bad", sentiment="-2", days=10)
        self.make_interaction("good", sentiment="1", days=5)
        self.make_interaction("none", days=1)
        feeling = self.brief()["feeling"]
        self.assertEqual(feeling["value"], 1)
        self.assertEqual(
            (feeling["res_model"], feeling["res_id"]), ("hc.interaction", self.records["good"].id)
        )
        self.assertEqual(self.kinds(), ["feeling"])

    def test_a_rating_is_a_feeling(self):
        if not self.has("rating"):
            self.skipTest("ratings are not installed")
        order = self.make_order("order", user=self.salesman)
        self.make_rating("rating", order, 1)
        self.assertEqual(self.brief()["feeling"]["value"], -2)
        order.user_id = self.seller_all
        self.assertIs(self.brief()["feeling"], False, "of an order the reader may not open")
        self.assertNotIn(self.marks["rating"], json.dumps(self.brief()))

    def test_facts(self):
        self.fact("like", "Green tea")
        self.fact("avoid", "No calls on Friday")
        self.fact("access", "Large print")
        self.fact("family", "Two sons")
        lines = self.lines()
        self.assertEqual([line["kind"] for line in lines], ["do", "dont", "do"])
        for line, text in zip(
            lines, ("Large print", "No calls on Friday", "Green tea"), strict=True
        ):
            self.assertIn(text, line["text"])
            self.assertEqual(line["source"], "Good to know")
            self.assertEqual(line["res_model"], "hc.fact")

    def test_milestone(self):
        birthday = self.today + timedelta(days=3)
        self.fact("milestone", "Birthday", date=birthday.replace(year=2000 if birthday.month == 2 else 1990),
                  occasion="birthday", yearly=True)  # fmt: skip
        (line,) = self.lines()
        self.assertEqual(line["kind"], "milestone")
        self.assertIn(str(birthday.year), line["text"], "the coming one, not the day of birth")

    def test_expired_facts(self):
        self.fact(
            "like",
            "Old taste",
            date_learned=self.days_ago(50).date(),
            date_expiry=self.days_ago(1).date(),
        )
        self.assertEqual(self.kinds(), [])

    def test_persona(self):
        persona = self.env["hc.persona"].create(
            {
                "name": "Busy Brenda",
                "trait_ids": [
                    Command.create({"kind": "do", "name": "Come to the point"}),
                    Command.create({"kind": "dont", "name": "No small talk"}),
                ],
            }
        )
        self.person.persona_id = persona
        brief = self.brief()
        self.assertEqual(brief["persona"]["name"], "Busy Brenda")
        self.assertIn(f"/{persona.id}/", brief["persona"]["portrait_url"])
        self.assertEqual([line["kind"] for line in brief["lines"]], ["do", "dont"])
        for line in brief["lines"]:
            self.assertEqual((line["res_model"], line["res_id"]), ("hc.persona", persona.id))
            self.assertIn("Busy Brenda", line["source"])
        # What is known of this very person goes before what is true of people like them.
        self.fact("avoid", "Never the first name")
        self.assertIn("Never the first name", self.lines()[0]["text"])

    def test_not_mentioned_on_itself(self):
        order = self.make_order("order", user=self.salesman)
        self.post("mail", order, days=5)
        self.assertEqual(self.kinds(), ["answer"])
        self.assertEqual(self.lines()[0]["res_id"], order.id)
        self.assertEqual(self.kinds(None, None, "sale.order", order.id), [])
        self.assertEqual(self.kinds(None, None, "sale.order", order.id + 1), ["answer"])
        self.assertEqual(self.kinds(None, None, "crm.lead", order.id), ["answer"])
        promise = self.promise(-3)
        self.assertEqual(self.kinds(None, None, "hc.promise", promise.id), ["answer"])

    def test_company_and_contact(self):
        self.promise(-2, partner=self.contact, summary="To the contact")
        self.promise(-3, partner=self.company_customer, summary="To the company")
        self.make_interaction("call", partner=self.contact, sentiment="-1", days=3)
        for partner in (self.contact, self.company_customer):
            with self.subTest(partner=partner.name):
                brief = self.brief(partner)
                self.assertEqual(brief["promises"], {"open": 2, "late": 2})
                self.assertEqual(brief["feeling"]["value"], -1)
                self.assertEqual(brief["last_contact"]["days"], 3)
        colleague = self.contact.copy({"name": "Bea Linden"})
        self.fact("like", "Espresso", partner=self.contact)
        self.fact("like", "Parking in the yard", partner=self.company_customer)
        text = json.dumps(self.brief(colleague))
        self.assertNotIn("Espresso", text, "a taste is a person's own")
        self.assertIn(
            "Espresso", json.dumps([f.text for f in self.company_customer._hc_brief_facts()])
        )

    def test_last_contact(self):
        self.make_order("order")  # a document is no talk
        self.post("log", self.person, days=0, author=self.salesman.partner_id, message_type="notification",
                  internal=True)  # fmt: skip
        self.make_meeting("ahead", days=-3)
        self.assertIs(self.brief()["last_contact"], False)
        call = self.make_interaction("call", days=12, channel="call")
        last = self.brief()["last_contact"]
        self.assertEqual(
            (last["days"], last["channel"], last["user_name"], last["icon"]),
            (12, "call", "Sam Salesman", "fa-phone"),
        )
        self.assertEqual((last["res_model"], last["res_id"]), ("hc.interaction", call.id))
        self.post(
            "mail", self.person, days=2, author=self.seller_all.partner_id, message_type="comment"
        )
        last = self.brief()["last_contact"]
        self.assertEqual(
            (last["days"], last["channel"], last["user_name"]), (2, "email", "Ada Alldocs")
        )
        self.make_meeting("talk", days=1)
        self.assertEqual(self.brief()["last_contact"]["channel"], "meeting")

    def test_rights(self):
        self.promise(
            -2, user=self.stranger, company_id=self.other_company.id, summary="Of the others"
        )
        self.fact("avoid", "Very private", sensitivity="sensitive")
        order = self.make_order("order", user=self.seller_all)
        self.post("mail", order, days=4)
        brief = self.brief()
        self.assertEqual(brief["promises"], {"open": 0, "late": 0})
        self.assertEqual(brief["lines"], [])
        self.assertIs(brief["last_contact"], False)
        self.assertIn("Of the others", json.dumps(self.brief(None, self.stranger)))
        self.assertIn("Very private", json.dumps(self.brief(None, self.manager)))
        self.assertIn(self.marks["mail"], json.dumps(self.brief(None, self.seller_all)))
        for user in (self.portal, self.public):
            with self.assertRaises(AccessError):
                self.brief(None, user)

    def test_employee_without_sales(self):
        """The contact form is open to every employee; without our group there is no brief on it."""
        clerk = new_test_user(
            self.env, "hc_clerk", groups="base.group_user,base.group_partner_manager"
        )
        self.promise(-2)
        self.make_interaction("call", sentiment="-2")
        view = self.env["res.partner"].with_user(clerk).get_view(view_type="form")
        self.assertNotIn("hc_brief", view["arch"])
        with self.assertRaises(AccessError):
            self.brief(None, clerk)

    def test_archived_customer(self):
        self.promise(-2)
        self.person.active = False
        self.assertEqual(self.kinds(), ["promise"])

    def test_meeting_is_about_its_customer(self):
        meeting = self.make_meeting("meeting", partners=self.salesman.partner_id | self.person)
        self.assertEqual(meeting.with_user(self.salesman).hc_brief_partner_id, self.person)
        inside = self.make_meeting("inside", partners=self.salesman.partner_id)
        self.assertFalse(inside.with_user(self.salesman).hc_brief_partner_id)

    def test_queries_do_not_grow(self):
        def queries():
            self.brief(None, self.seller_all)
            self.env.flush_all()
            self.env.invalidate_all()
            count = self.env.cr.sql_log_count
            self.person.with_user(self.seller_all).hc_get_brief()
            return self.env.cr.sql_log_count - count

        def more(rounds):
            for number in range(rounds):
                self.promise(-number - 1)
                self.make_order(f"order{number}")
                self.make_interaction(f"call{number}", sentiment="-1")
                self.post(f"mail{number}", self.person)

        more(4)
        few = queries()
        more(20)
        # Which kinds of entries are the newest three may differ by a table or two; their number may not
        # matter: twenty of each kind were added.
        self.assertLessEqual(queries(), few + 3)
