from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_today import TodayCommon


@tagged("post_install", "-at_install")
class TestToday(TodayCommon):
    """What is owed today, in the order to do it, and what becomes of it."""

    def act(self, section, record, act, note=None, values=None, user=None):
        return self.as_user(user).hc_act(section, self.ref(record), act, note, values)

    def item(self, section, record, user=None):
        return self.as_user(user).hc_get_item(section, self.ref(record))

    # -- the list -----------------------------------------------------------------------------------

    def test_nothing_owed(self):
        found = self.as_user().hc_get_list()
        self.assertEqual(found["sections"], [])
        self.assertIs(found["next"], False)
        self.assertTrue(found["mine"])
        self.assertEqual(found["colleagues"], [])
        self.promise(days=2)
        self.milestone(days=20)
        found = self.as_user().hc_get_list()
        self.assertEqual(found["sections"], [])
        self.assertIn("Send samples", found["next"], "the first that comes")
        self.assertIn("Rosa Testblum", found["next"])

    def test_each_kind_once_and_in_order(self):
        call, card = self.delivery("call"), self.delivery("card")
        draft = self.delivery("draft", subject="Thank you", body="<p>Dear Rosa</p>")
        own = self.call_activity()
        promise, birthday = self.promise(days=-2), self.milestone(days=3)
        found = self.as_user().hc_get_list()
        self.assertEqual(
            [(s["key"], [line["ref"] for line in s["lines"]]) for s in found["sections"]],
            [
                ("calls", [self.ref(call), self.ref(own)]),
                ("tasks", [self.ref(card)]),
                ("drafts", [self.ref(draft)]),
                ("promises", [self.ref(promise)]),
                ("milestones", [self.ref(birthday)]),
            ],
        )
        lines = {line["ref"]: line for s in found["sections"] for line in s["lines"]}
        self.assertEqual(lines[self.ref(promise)]["days_late"], 2)
        self.assertEqual(lines[self.ref(promise)]["why"], "Send samples")
        self.assertEqual(lines[self.ref(birthday)]["days_late"], 0)
        self.assertEqual(
            lines[self.ref(birthday)]["due"],
            fields.Date.to_string(self.today + timedelta(days=3)),
        )
        self.assertEqual(lines[self.ref(call)]["why"], "Call them")
        self.assertEqual(lines[self.ref(draft)]["why"], "Thank you")
        self.assertEqual(lines[self.ref(call)]["partner"]["id"], self.person.id)

    def test_the_latest_first(self):
        late, later = self.call_activity(days=-1), self.call_activity(days=-4)
        self.call_activity(days=1)
        self.assertEqual(self.refs(), {"calls": [self.ref(later), self.ref(late)]})

    def test_a_promise_that_is_a_call_is_shown_once(self):
        promise = self.promise()
        promise.activity_id.activity_type_id = self.env.ref("mail.mail_activity_data_call")
        self.assertEqual(self.refs(), {"promises": [self.ref(promise)]})

    def test_calls_of_leads_and_orders(self):
        lead = self.env["crm.lead"].create(
            {"name": "Curtains", "partner_id": self.person.id, "user_id": self.salesman.id}
        )
        stray = self.env["crm.lead"].create({"name": "A stray lead", "user_id": self.salesman.id})
        closed = self.env["crm.lead"].create({"name": "Not theirs", "user_id": self.seller_all.id})
        first, second = self.call_activity(lead, days=-1), self.call_activity(stray)
        self.call_activity(closed)
        found = self.as_user().hc_get_list()["sections"][0]["lines"]
        self.assertEqual([line["ref"] for line in found], [self.ref(first), self.ref(second)])
        self.assertEqual([line["name"] for line in found], ["Rosa Testblum", "A stray lead"])
        item = self.item("calls", second)
        self.assertIs(item["partner"], False)
        self.assertEqual(item["document"]["res_id"], stray.id)
        self.assertEqual(self.item("calls", first)["partner"]["id"], self.person.id)

    def test_birthdays_are_for_who_looks_after_the_customer(self):
        fact = self.milestone(days=6)
        company = self.milestone(partner=self.contact, days=1)
        self.milestone(partner=self.company_customer, days=7, occasion="anniversary")
        self.assertEqual(self.refs(), {"milestones": [self.ref(fact)]})
        self.company_customer.user_id = self.salesman
        self.assertEqual(self.refs(), {"milestones": [self.ref(company), self.ref(fact)]})
        self.contact.user_id = self.seller_all
        self.assertEqual(self.refs(), {"milestones": [self.ref(fact)]})
        self.assertEqual(self.refs(self.seller_all), {"milestones": [self.ref(company)]})

    def test_queries_do_not_grow(self):
        """As many for two of each kind as for twelve."""

        def fill(numbers):
            for number in numbers:
                partner = self.env["res.partner"].create(
                    {"name": f"Customer {number}", "user_id": self.salesman.id}
                )
                for kind in ("call", "card", "draft"):
                    self.delivery(kind, partner)
                self.promise(partner=partner)
                self.milestone(partner=partner)
                self.call_activity(partner)
                self.call_activity(
                    self.env["crm.lead"].create(
                        {
                            "name": "Lead",
                            "partner_id": partner.id,
                            "user_id": self.salesman.id,
                        }
                    )
                )

        def count():
            model = self.as_user()
            model.hc_get_list()
            model = self.as_user()
            start = self.env.cr.sql_log_count
            found = model.hc_get_list()
            return self.env.cr.sql_log_count - start, sum(
                len(section["lines"]) for section in found["sections"]
            )

        fill(range(2))
        few, lines = count()
        self.assertEqual(lines, 14)
        fill(range(2, 12))
        many, lines = count()
        self.assertEqual(lines, 84)
        self.assertEqual(few, many)
        self.assertLess(many, 45)

    # -- what stands beside ---------------------------------------------------------------------------

    def test_item_of_a_call(self):
        call = self.delivery("call", text="<p>Say hello</p><p>Ask about the hem</p><p>Third</p>")
        item = self.item("calls", call)
        # the line says what to do; here stands what it is good for
        self.assertEqual(item["goal"], call.plan_id.description or "")
        self.assertEqual([o["text"] for o in item["openers"]], ["Say hello", "Ask about the hem"])
        self.assertEqual(item["phones"], [{"label": "Rosa Testblum", "number": "+32 2 555 01 01"}])
        self.assertIn("Check-in", item["why"])
        self.assertEqual([act["hotkey"] for act in item["acts"]], ["r", "v", "l", "n"])

    def test_openers_without_words_of_a_plan(self):
        own = self.call_activity(note="<p>She asked for <b>silk</b></p>")
        item = self.item("calls", own)
        self.assertEqual(len(item["openers"]), 2)
        self.assertIn("Sam Salesman", item["openers"][0]["text"])
        self.assertEqual(item["hint"], "She asked for *silk*")
        self.promise(days=-3)
        opener = self.item("calls", own)["openers"][0]
        self.assertIn("late", opener["text"])
        self.assertIn("Send samples", opener["source"])

    def test_letters_are_free_and_unique(self):
        records = {
            "calls": self.delivery("call"),
            "tasks": self.delivery("card"),
            "drafts": self.delivery("draft"),
            "promises": self.promise(),
            "milestones": self.milestone(),
        }
        for section, record in records.items():
            keys = [act["hotkey"] for act in self.item(section, record)["acts"]]
            self.assertEqual(len(keys), len(set(keys)), section)
            self.assertFalse(set(keys) & set("jkmu?"), section)

    # -- acting -----------------------------------------------------------------------------------------

    def test_outcomes_of_a_plan_call(self):
        call = self.delivery("call")
        day = fields.Date.to_string(self.today + timedelta(days=5))
        result = self.act("calls", call, "later", "busy", {"date": day})
        self.assertIn("Put off", result["message"])
        self.assertEqual(call.activity_id.date_deadline, self.today + timedelta(days=5))
        self.assertEqual(call.state, "open")
        with self.assertRaisesRegex(UserError, "choose a day from tomorrow"):
            self.act("calls", call, "later", None, {"date": fields.Date.to_string(self.today)})
        with self.assertRaisesRegex(UserError, "choose a day from tomorrow"):
            self.act("calls", call, "later", None, {"date": "some day"})
        self.act("calls", call, "reached", "She is glad")
        self.assertRecordValues(call, [{"state": "done", "outcome": "reached"}])
        self.assertIn("She is glad", call.note)
        with self.assertRaisesRegex(UserError, "off the list"):
            self.act("calls", call, "voicemail")

    def test_task_is_no_call(self):
        card = self.delivery("card")
        with self.assertRaisesRegex(UserError, "off the list"):
            self.act("calls", card, "reached")
        with self.assertRaisesRegex(UserError, "There is no “voicemail”"):
            self.act("tasks", card, "voicemail")
        self.act("tasks", card, "not_needed")
        self.assertEqual(card.outcome, "not_needed")

    def test_drafts(self):
        """What is typed goes to the plan's own methods; why something is not sent must be said."""
        draft = self.delivery("draft", subject="Hello", body="<p>Dear Rosa</p>")
        item = self.item("drafts", draft)
        self.assertEqual(item["draft"], {"subject": "Hello", "body": "<p>Dear Rosa</p>"})
        self.assertIn("not sent at all", item["hint"])
        calls = []

        def record(name):
            def method(self, *args, **kwargs):
                calls.append((name, self.ids, args, kwargs))
                return {"state": "later", "reason": "It is Sunday there."}

            return method

        with patch.multiple(
            type(draft), action_send_draft=record("send"), action_skip_draft=record("skip")
        ):
            result = self.act(
                "drafts", draft, "send", None, {"subject": "Hi", "body": "<p>You</p>", "x": 1}
            )
            self.assertIn("It is Sunday there.", result["message"])
            self.act("drafts", draft, "send")
            with self.assertRaisesRegex(UserError, "say in a word why"):
                self.act("drafts", draft, "skip", "  ")
            self.act("drafts", draft, "skip", "wrong moment")
            with self.assertRaisesRegex(UserError, "There is no “edit”"):
                self.act("drafts", draft, "edit")
        self.assertEqual(
            calls,
            [
                ("send", draft.ids, (), {"subject": "Hi", "body": "<p>You</p>"}),
                ("send", draft.ids, (), {}),
                ("skip", draft.ids, ("wrong moment",), {}),
            ],
        )

    def test_own_call_done_and_taken_back(self):
        for act in ("reached", "voicemail", "not_needed"):
            with self.subTest(act=act):
                call = self.call_activity()
                before = self.person.message_ids
                result = self.act("calls", call, act, "Spoke about silk")
                self.assertFalse(call.active)
                message = self.person.message_ids - before
                self.assertEqual(len(message), 1)
                self.assertIn("Spoke about silk", message.body)
                self.assertEqual(
                    bool(message.mail_activity_type_id),
                    act != "not_needed",
                    "who was not called was not in touch",
                )
                self.as_user().hc_undo("calls", result["undo"])
                self.assertTrue(call.active)
                self.assertFalse(message.exists())
                self.assertEqual(self.refs(), {"calls": [self.ref(call)]})
                call.unlink()

    def test_own_call_later_and_taken_back(self):
        call = self.call_activity(days=-1)
        day = fields.Date.to_string(self.today + timedelta(days=1))
        result = self.act("calls", call, "later", None, {"date": day})
        self.assertEqual(self.refs(), {})
        self.assertIn("a call", self.as_user().hc_get_list()["next"])
        self.as_user().hc_undo("calls", result["undo"])
        self.assertEqual(call.date_deadline, self.today - timedelta(days=1))

    def test_promise_kept_broken_moved_and_taken_back(self):
        for act, state in (("kept", "kept"), ("broken", "broken"), ("later", "open")):
            with self.subTest(act=act):
                promise = self.promise()
                day = fields.Date.to_string(self.today + timedelta(days=8))
                result = self.act("promises", promise, act, "told her", {"date": day})
                self.assertEqual(promise.state, state)
                self.assertNotIn("promises", self.refs())
                self.as_user().hc_undo("promises", result["undo"])
                self.assertRecordValues(promise, [{"state": "open", "date_due": self.today}])
                self.assertTrue(promise.activity_id.active)
                self.assertEqual(self.refs(), {"promises": [self.ref(promise)]})
                promise.unlink()

    def test_greeted_once_a_year(self):
        fact = self.milestone(days=2)
        self.env["ir.config_parameter"].set_param("hc_crm.fact_reminder", "True")
        fact._remind()
        reminder = self.env["mail.activity"].search([("res_id", "=", self.person.id)])
        self.assertEqual(len(reminder), 1)
        result = self.act("milestones", fact, "greeted", "sang", {"choice": "letter"})
        self.assertFalse(reminder.exists(), "nobody needs to be reminded of it any more")
        logged = self.env["hc.interaction"].search([("partner_id", "=", self.person.id)])
        self.assertEqual(logged.channel_key, "letter")
        self.assertEqual(logged.user_id, self.salesman)
        self.assertIn("sang", logged.summary)
        self.assertEqual(self.refs(), {})
        with self.assertRaisesRegex(UserError, "off the list"):
            self.act("milestones", fact, "greeted")
        self.as_user().hc_undo("milestones", result["undo"])
        self.assertFalse(logged.exists())
        self.assertEqual(self.refs(), {"milestones": [self.ref(fact)]})
        self.act("milestones", fact, "not_needed")
        self.assertEqual(self.refs(), {})
        # next year it is due again
        fact.date_greeted = fields.Date.subtract(fact.next_date, years=1)
        self.assertEqual(self.refs(), {"milestones": [self.ref(fact)]})

    def test_sensitive_milestone_leaves_no_trace(self):
        fact = self.milestone(sensitivity="sensitive")
        self.act("milestones", fact, "greeted", None, {"choice": "call"})
        self.assertFalse(self.env["hc.interaction"].search([("partner_id", "=", self.person.id)]))
        self.assertEqual(self.refs(), {})

    def test_write_a_mail(self):
        fact = self.milestone()
        result = self.act("milestones", fact, "mail")
        self.assertEqual(result["action"]["res_model"], "mail.compose.message")
        self.assertEqual(self.refs(), {"milestones": [self.ref(fact)]}, "not done by opening it")

    def test_bad_input(self):
        call = self.call_activity()
        model = self.as_user()
        for section, ref in (
            ("calls", "res.users,1"),
            ("calls", f"mail.activity,{call.id},1"),
            ("calls", f"mail.activity,{call.id}'"),
            ("calls", "mail.activity"),
            ("calls", "mail.activity,99999999999999"),
            ("calls", None),
            ("nothing", self.ref(call)),
            (["calls"], self.ref(call)),
            ("promises", self.ref(call)),
        ):
            with self.subTest(ref=ref), self.assertRaises(UserError):
                model.hc_get_item(section, ref)
        with self.assertRaisesRegex(UserError, "off the list"):
            model.hc_get_item("calls", "mail.activity,999999999")
        with self.assertRaisesRegex(ValidationError, "Note"):
            self.act("calls", call, "reached", "x" * 2001)
        with self.assertRaisesRegex(UserError, "no “kept”"):
            self.act("calls", call, "kept")
        for undo in (None, "x", {}, {"ref": 1}, {"ref": "res.users,1"}):
            with self.subTest(undo=undo), self.assertRaises(UserError):
                model.hc_undo("calls", undo)
        day = call.date_deadline
        for date in ("tomorrow", "2026-02-31", "2026-13-01", 20261124, ["2026-11-24"]):
            undo = {"ref": self.ref(call), "act": "later", "date": date}
            with self.subTest(undo=undo), self.assertRaisesRegex(UserError, "is no day"):
                model.hc_undo("calls", undo)
        self.assertEqual(call.date_deadline, day)
        self.assertTrue(call.active)

    def test_undo_deletes_only_own_words(self):
        call = self.call_activity()
        other = self.person.with_user(self.seller_all).message_post(body="Of a colleague")
        result = self.act("calls", call, "reached")
        self.as_user().hc_undo("calls", {**result["undo"], "message": other.id})
        self.assertTrue(other.exists())

    # -- rights -----------------------------------------------------------------------------------------

    def test_of_colleagues(self):
        call, promise = self.delivery("call"), self.promise()
        mine = {"calls": [self.ref(call)], "promises": [self.ref(promise)]}
        self.assertEqual(self.refs(), mine)
        self.assertEqual(self.refs(self.seller_all), {}, "the list is one's own")
        for user in (self.seller_all, self.manager):
            self.assertEqual(self.refs(user, of=self.salesman), mine)
            found = self.as_user(user).hc_get_list(self.salesman.id)
            self.assertFalse(found["mine"])
            self.assertIn(self.salesman.id, [c["id"] for c in found["colleagues"]])
            self.assertNotIn(self.stranger.id, [c["id"] for c in found["colleagues"]])
        with self.assertRaises(AccessError):
            self.refs(self.salesman, of=self.seller_all)
        with self.assertRaises(AccessError):
            self.refs(self.manager, of=self.stranger)
        for wrong in ("1 OR 1=1", {}, [], True, 2**40):
            with self.assertRaises(ValidationError):
                self.as_user(self.manager).hc_get_list(wrong)
        self.act("calls", call, "reached", user=self.manager)
        self.assertEqual(call.outcome, "reached")

    def test_not_anothers_task(self):
        """The customer is mine and so I may read what is done for them; the task is a colleague's."""
        call = self.delivery("call", user=self.seller_all)
        self.assertEqual(self.refs(), {})
        with self.assertRaises(AccessError):
            self.act("calls", call, "reached")
        hidden = self.delivery("call", partner=self.contact, user=self.seller_all)
        with self.assertRaises(AccessError):
            self.item("calls", hidden)
        self.assertEqual((call | hidden).mapped("state"), ["open", "open"])

    def test_other_company(self):
        records = {
            "calls": self.delivery("call"),
            "promises": self.promise(),
        }
        self.assertEqual(self.refs(self.stranger), {})
        for section, record in records.items():
            with self.assertRaises(AccessError):
                self.item(section, record, user=self.stranger)

    def test_sensitive_days(self):
        fact = self.milestone(sensitivity="sensitive")
        self.assertEqual(self.refs(), {"milestones": [self.ref(fact)]})
        self.assertEqual(self.refs(self.manager, of=self.salesman), self.refs())
        self.assertEqual(self.refs(self.seller_all, of=self.salesman), {})
        with self.assertRaises(AccessError):
            self.item("milestones", fact, user=self.seller_all)

    def test_outsiders(self):
        promise = self.promise()
        for user in (self.portal, self.public):
            model = self.as_user(user)
            with self.assertRaises(AccessError):
                model.hc_get_list()
            with self.assertRaises(AccessError):
                model.hc_get_item("promises", self.ref(promise))
            with self.assertRaises(AccessError):
                model.hc_act("promises", self.ref(promise), "kept")
            with self.assertRaises(AccessError):
                model.hc_undo("promises", {"ref": self.ref(promise)})
        self.assertEqual(promise.state, "open")
