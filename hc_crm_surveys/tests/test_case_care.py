from contextlib import suppress
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.hc_crm_surveys import uninstall_hook

from .common_case import CaseCommon


@tagged("post_install", "-at_install")
class TestCaseToday(CaseCommon):
    """Cases on the worklist."""

    def today(self, user=None):
        return self.env["hc.today"].with_user(user or self.salesman)

    def lines(self, user=None):
        sections = {s["key"]: s["lines"] for s in self.today(user).hc_get_list()["sections"]}
        return sections.get("cases", [])

    def act(self, case, act, note=None, values=None):
        return self.today().hc_act("cases", f"hc.feedback.case,{case.id}", act, note, values)

    def test_list(self):
        case = self.say(2, "Late").case_id
        case.date_due = case.date_due_answer = fields.Datetime.now() + timedelta(days=3)
        self.assertEqual(self.lines(), [], "not due yet")
        self.assertIn("case", self.today().hc_get_list()["next"])
        case.priority = "1"
        self.assertEqual([line["ref"] for line in self.lines()], [f"hc.feedback.case,{case.id}"])
        case.write({"priority": "0", "date_due_answer": fields.Datetime.now() - timedelta(days=2)})
        [line] = self.lines()
        self.assertEqual(line["partner"]["id"], self.person.id)
        self.assertGreaterEqual(line["days_late"], 1)
        self.assertEqual(self.lines(self.manager), [])

    def test_item(self):
        case = self.say(2, "Late and wet").case_id
        item = self.today().hc_get_item("cases", f"hc.feedback.case,{case.id}")
        self.assertIn("Late and wet", item["openers"][0]["text"])
        self.assertEqual([act["key"] for act in item["acts"]], ["called", "solved", "later"])
        hotkeys = [act["hotkey"] for act in item["acts"]]
        self.assertFalse(set(hotkeys) & set("jkmu?"))

    def test_called_and_undone(self):
        case = self.say(2, "Late").case_id
        with self.assertRaises(UserError):
            self.act(case, "called")
        result = self.act(case, "called", "We talked")
        self.assertTrue(case.date_answered)
        interaction = self.env["hc.interaction"].search(
            [("res_id", "=", case.id), ("res_model", "=", case._name)]
        )
        self.assertEqual(interaction.summary, "We talked")
        self.today().hc_undo("cases", result["undo"])
        self.assertFalse(interaction.exists())
        self.assertFalse(case.date_answered)

    def test_solved_and_undone(self):
        case = self.say(2, "Late").case_id
        with self.assertRaisesRegex(UserError, "Root Cause"):
            self.act(case, "solved", "New one sent", {"choice": "999999"})
        with self.assertRaisesRegex(UserError, "Note"):
            self.act(case, "solved", None, {"choice": str(self.cause.id)})
        result = self.act(case, "solved", "New one sent", {"choice": str(self.cause.id)})
        self.assertEqual((case.stage_id, case.solution), (self.stage_solved, "New one sent"))
        with self.assertRaises(UserError):
            self.act(case, "solved", "Again", {"choice": str(self.cause.id)})
        self.today().hc_undo("cases", result["undo"])
        self.assertTrue(case.is_open)
        self.assertEqual(case.reopen_count, 0)

    def test_later(self):
        case = self.say(2, "Late").case_id
        day = fields.Date.today() + timedelta(days=4)
        result = self.act(case, "later", None, {"date": str(day)})
        self.assertEqual(case.date_due.date(), day)
        for undo in ({"date": "nonsense"}, {"date": 5}, {"date": False}):
            with suppress(UserError):
                self.today().hc_undo("cases", {**result["undo"], **undo})
        self.today().hc_undo("cases", result["undo"])
        self.assertNotEqual(case.date_due.date(), day)

    def test_others_cannot_act(self):
        case = self.say(2, "Late").case_id
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.env["hc.today"].with_user(self.stranger).hc_act(
                "cases", f"hc.feedback.case,{case.id}", "called", "x"
            )


@tagged("post_install", "-at_install")
class TestCasePeople(CaseCommon):
    """Merged, erased, exported."""

    def merge(self, kept, *others):
        people = kept.union(*others)
        self.env["base.partner.merge.automatic.wizard"]._merge(people.ids, kept, extra_checks=False)

    def test_merged_customers_have_one_case(self):
        twin = self.env["res.partner"].create(
            {"name": "Rosa Testblum", "user_id": self.salesman.id}
        )
        one = self.say(2, "Late").case_id
        two = self.say(1, "Broken", partner=twin).case_id
        two.write({"priority": "1", "description": "On the phone"})
        two.message_post(body="We spoke")
        feedback = two.feedback_ids
        self.merge(self.person, twin)
        self.assertFalse(two.exists())
        self.assertEqual(one.partner_id, self.person)
        self.assertEqual(feedback.case_id, one)
        self.assertEqual(one.priority, "1")
        self.assertIn("On the phone", one.description)
        self.assertIn("We spoke", " ".join(one.message_ids.mapped("body")))
        self.assertEqual(self.Case.search_count([("partner_id", "=", self.person.id)]), 1)

    def test_solved_cases_stay_apart(self):
        twin = self.env["res.partner"].create({"name": "Rosa Testblum"})
        self.solve(self.say(1, partner=twin).case_id)
        self.say(2)
        self.merge(self.person, twin)
        self.assertEqual(self.Case.search_count([("partner_id", "=", self.person.id)]), 2)

    def test_erased(self):
        case = self.say(2, "My secret words").case_id
        case.message_post(body="Rosa said")
        case.write({"goodwill": "A scarf for Rosa", "description": "Rosa again"})
        self.person._hc_erase()
        self.assertTrue(case.exists())
        self.assertFalse(case.partner_id or case.is_open or case.goodwill or case.activity_ids)
        told = " ".join([case.name, case.description or "", *case.message_ids.mapped("body")])
        for word in ("Rosa", "secret"):
            self.assertNotIn(word, told)

    def test_nothing_holds_stages_when_we_go(self):
        case = self.solve(self.say(2, "Late").case_id)
        case.action_reopen()
        activities = case.activity_ids
        self.assertTrue(activities)
        uninstall_hook(self.env)
        self.assertFalse(self.Case.search([]))
        self.assertFalse(activities.exists())
        self.env["hc.feedback.cause"].search([]).unlink()
        self.env["hc.feedback.case.stage"].search([]).unlink()

    def test_exported(self):
        case = self.solve(self.say(2, "Late").case_id)
        [section] = [s for s in self.person._hc_export() if s["key"] == "cases"]
        self.assertEqual(len(section["rows"]), 1)
        self.assertIn(case.solution, section["rows"][0].values())


@tagged("post_install", "-at_install")
class TestCaseRights(CaseCommon):
    """Own customers, all, none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.say(2, "Late").case_id
        cls.foreign = cls.say(2, "Late", partner=cls.company_customer).case_id

    def test_read(self):
        both = self.case | self.foreign
        for user, seen in (
            (self.salesman, self.case),
            (self.seller_all, both),
            (self.manager, both),
            (self.stranger, self.Case),
        ):
            found = self.Case.with_user(user).search([("id", "in", both.ids)])
            self.assertEqual(found, seen.with_user(user), user.login)
        for user in (self.portal, self.public):
            with self.assertRaises(AccessError), mute_logger("odoo.models"):
                self.Case.with_user(user).search([])

    def test_salesperson(self):
        mine, other = self.case.with_user(self.salesman), self.foreign.with_user(self.salesman)
        mine.solution = "x"
        self.solve(mine)
        self.assertFalse(mine.is_open)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            other.solution = "x"
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            mine.unlink()
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.rule.with_user(self.salesman).name = "x"

    def test_no_link_to_what_one_may_not_read(self):
        hidden = self.env["res.partner"].create(
            {"name": "Hidden", "company_id": self.other_company.id}
        )
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.Case.with_user(self.salesman).create({"name": "x", "partner_id": hidden.id})
        self.company_customer.user_id = self.manager
        with self.assertRaises(UserError) as caught:
            self.Case.with_user(self.salesman).create(
                {"name": "x", "partner_id": self.company_customer.id}
            )
        self.assertNotIn("2 of 10", str(caught.exception), "a colleague's case is not named")

    def test_feedback_of_others(self):
        feedback = self.say(8, "x", partner=self.env["res.partner"].create({"name": "Nobody's"}))
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            feedback.with_user(self.salesman).action_hc_open_case()

    def test_manager(self):
        self.rule.with_user(self.manager).name = "y"
        self.foreign.with_user(self.manager).unlink()

    def test_thanks(self):
        thanks = self.env["hc.feedback.thanks"]
        for user in (self.salesman, self.manager):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                thanks.with_user(user).create({})
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            thanks.with_user(self.portal).search([])


@tagged("post_install", "-at_install")
class TestThanks(CaseCommon):
    """Who is happy is thanked, once in a while, when they may be written to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Thanks = cls.env["hc.feedback.thanks"]
        cls.thank = cls.Rule.create(
            {
                "name": "Thank",
                "metric": "nps",
                "band": "good",
                "action": "thank",
                "template_id": cls.env.ref("hc_crm_surveys.mail_template_thank").id,
                "again_days": 100,
            }
        )
        cls.env["hc.contact.policy"]._for_company(cls.company).write(
            {
                "hour_from": 0,
                "hour_to": 24,
                "on_sunday": True,
                "calendar_id": False,
                "human_days": 0,
            }
        )

    def rows(self, partner=None):
        return self.Thanks.search([("partner_id", "=", (partner or self.person).id)])

    def send(self):
        self.run_cron("hc.feedback.thanks", "_cron_send")

    def test_once(self):
        self.say(10, "Lovely")
        self.say(9, "Again")
        row = self.rows()
        self.assertEqual((row.state, row.action), ("waiting", "thank"))
        self.send()
        self.assertEqual(row.state, "sent", row.error or row.reason)
        mail = self.env["mail.mail"].search([("mail_message_id", "=", row.message_id.id)])
        self.assertEqual(mail.recipient_ids, self.person)
        self.assertIn("Rosa", mail.body_html)
        self.assertIn("unsubscribe", mail.body_html)
        self.send()
        self.assertEqual(
            self.env["mail.mail"].search_count([("recipient_ids", "in", self.person.ids)]), 1
        )
        self.say(10, "And again")
        self.assertEqual(len(self.rows()), 1)
        attempt = self.env["hc.contact.attempt"].search(
            [("res_model", "=", row._name), ("res_id", "=", row.id)]
        )
        self.assertEqual(attempt.outcome, "sent")

    def test_again_after_the_days(self):
        self.say(10)
        self.send()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE hc_feedback_thanks SET create_date = create_date - interval '101 days'"
        )
        self.env.invalidate_all()
        self.say(10)
        self.assertEqual(len(self.rows()), 2)

    def test_no_consent(self):
        self.env["hc.consent"]._hc_record(self.person, "care", "withdrawn")
        self.say(10)
        self.send()
        row = self.rows()
        self.assertEqual((row.state, row.reason_code), ("skipped", "withdrawn"))

    def test_not_with_an_open_case(self):
        self.say(1)
        self.say(10)
        self.assertFalse(self.rows())
        happy = self.company_customer
        self.say(10, partner=happy)
        self.say(1, partner=happy)
        self.send()
        self.assertEqual(self.rows(happy).reason_code, "complaint")

    def test_review_needs_its_page(self):
        self.thank.write(
            {
                "action": "review",
                "template_id": self.env.ref("hc_crm_surveys.mail_template_review").id,
            }
        )
        self.say(10)
        self.assertFalse(self.rows())
        self.company.hc_review_url = "https://reviews.example/shop"
        self.say(10)
        self.send()
        body = self.rows().message_id.body
        self.assertIn("https://reviews.example/shop", body)

    def test_task(self):
        self.thank.way = "task"
        self.say(10, "Lovely")
        activity = self.person.activity_ids.filtered(lambda a: a.user_id == self.salesman)
        self.assertEqual(activity.summary, "Thank them")
        self.assertIn("Lovely", activity.note)
        self.assertEqual(self.rows().state, "sent")

    def test_broken_letter_stops_nobody_else(self):
        self.thank.template_id = self.env["mail.template"].create(
            {
                "name": "Broken for some",
                "model_id": self.env.ref("base.model_res_partner").id,
                "subject": "Hi {{ object.name }}",
                "body_html": "<p>Hi <t t-out=\"1 / (0 if object.name == 'Rosa Testblum' else 1)\"/></p>",
            }
        )
        self.say(10)
        self.say(10, partner=self.company_customer)
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self.send()
        self.assertEqual(self.rows().state, "failed")
        self.assertTrue(self.rows().error)
        self.assertEqual(self.rows(self.company_customer).state, "sent")

    def test_merged_people_are_thanked_once(self):
        twin = self.env["res.partner"].create({"name": "Rosa", "email": "r@x.example"})
        self.say(10)
        self.say(10, partner=twin)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.person | twin).ids, self.person, extra_checks=False
        )
        self.assertEqual(len(self.rows()), 1)
