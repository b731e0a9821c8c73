from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_case import CaseCommon


class ImprovementCommon(CaseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule.unlink()
        cls.env["hc.contact.policy"]._for_company(cls.company).write(
            {
                "hour_from": 0,
                "hour_to": 24,
                "on_sunday": True,
                "calendar_id": False,
                "human_days": 0,
            }
        )
        cls.topic = cls.env["hc.feedback.topic"].create({"name": "Zebra", "key": "zebra_test"})
        cls.one = cls.say(3, "The zebra came late")
        cls.two = cls.say(4, "Zebra: slow", partner=cls.contact)
        cls.improvement = cls.env["hc.improvement"].create(
            {
                "name": "Zebras come the same day",
                "description": "<p>We bought a faster zebra.</p>",
                "words": "zebra",
                "topic_ids": [Command.set(cls.topic.ids)],
                "user_id": cls.salesman.id,
            }
        )
        cls.Notice = cls.env["hc.improvement.notice"]

    def send(self):
        self.run_cron("hc.improvement.notice", "_cron_send")

    def link_and_finish(self):
        self.improvement.write(
            {
                "feedback_ids": [Command.link(self.one.id), Command.link(self.two.id)],
                "state": "done",
            }
        )


@tagged("post_install", "-at_install")
class TestImprovement(ImprovementCommon):
    """You said, we did: exactly those who asked, once, if they want to hear."""

    def test_suggested(self):
        third = self.say(5, "nothing to do with it", partner=self.company_customer)
        third.topic_ids = self.topic
        trial = self.say(1, "zebra", is_test=True)
        found = self.env["hc.feedback"].search(self.improvement._suggested_domain())
        self.assertEqual(found, self.one | self.two | third)
        self.assertNotIn(trial, found)
        self.assertEqual(self.improvement.suggested_count, 3)
        action = self.improvement.action_suggest()
        self.one.with_context(**action["context"]).action_hc_link_improvement()
        self.assertEqual(self.improvement.feedback_ids, self.one)
        self.improvement.invalidate_recordset()
        self.assertEqual(self.improvement.suggested_count, 2)

    def test_words_are_no_patterns(self):
        self.improvement.write({"words": "100%, _", "topic_ids": [Command.clear()]})
        self.assertFalse(
            self.env["hc.feedback"].search(self.improvement._suggested_domain()) & self.one
        )
        self.improvement.words = " , "
        with self.assertRaisesRegex(UserError, "Topics"):
            self.improvement.action_suggest()

    def test_link_many_from_the_list(self):
        dialog = self.env["hc.improvement.link"].with_context(
            active_model="hc.feedback", active_ids=(self.one | self.two).ids
        )
        dialog.create({"improvement_id": self.improvement.id}).action_link()
        self.assertEqual(self.improvement.feedback_ids, self.one | self.two)
        action = dialog.create({"name": "A new one"}).action_link()
        new = self.env["hc.improvement"].browse(action["res_id"])
        self.assertEqual(new.feedback_ids, self.one | self.two)
        with self.assertRaisesRegex(UserError, "Improvement"):
            dialog.create({}).action_link()

    def test_done(self):
        with self.assertRaisesRegex(UserError, "not done yet"):
            self.improvement.action_preview()
        self.improvement.state = "done"
        self.assertEqual(self.improvement.date_done, fields.Date.context_today(self.improvement))
        self.improvement.description = "<p><br></p>"
        with self.assertRaisesRegex(UserError, "What We Did"):
            self.improvement.action_preview()
        with self.assertRaisesRegex(ValidationError, "Done On"):
            self.improvement.date_done = fields.Date.today() + timedelta(days=2)

    @freeze_time("2026-03-02 23:30:00")
    def test_done_where_it_is_tomorrow_already(self):
        self.manager.tz, self.salesman.tz = "Europe/Brussels", "America/New_York"
        self.improvement.with_user(self.manager).state = "done"
        self.assertEqual(str(self.improvement.date_done), "2026-03-03")
        self.improvement.with_user(self.salesman).description = "<p>A faster zebra.</p>"

    def test_told_is_not_typed_in(self):
        with self.assertRaisesRegex(UserError, "Customers Told"):
            self.improvement.with_user(self.salesman).state = "told"

    def test_preview_sends_nothing(self):
        self.link_and_finish()
        self.env["hc.consent"]._hc_record(self.contact, "feedback", "withdrawn")
        dialog = self.env["hc.improvement.inform"].browse(
            self.improvement.action_preview()["res_id"]
        )
        self.assertEqual((dialog.yes_count, dialog.later_count, dialog.never_count), (1, 0, 1))
        lines = {line.partner_id: line for line in dialog.line_ids}
        self.assertEqual(lines[self.person].answer, "yes")
        self.assertEqual(lines[self.contact].answer, "never")
        self.assertTrue(lines[self.contact].reason)
        self.assertIn("faster zebra", dialog.body)
        self.assertIn("The zebra came late", dialog.body)
        self.assertIn("Rosa", dialog.body)
        self.assertFalse(self.Notice.search([("improvement_id", "=", self.improvement.id)]))
        self.assertEqual(self.improvement.waiting_count, 2)

    def test_inform(self):
        self.link_and_finish()
        self.env["hc.consent"]._hc_record(self.contact, "feedback", "withdrawn")
        other = self.company_customer
        self.improvement._inform()
        self.assertEqual(self.improvement.state, "told")
        self.improvement._inform()
        notices = self.Notice.search([("improvement_id", "=", self.improvement.id)])
        self.assertEqual(notices.partner_id, self.person | self.contact)
        self.assertEqual(len(notices), 2, "one each")
        self.send()
        self.send()
        sent = notices.filtered(lambda n: n.state == "sent")
        self.assertEqual(sent.partner_id, self.person)
        self.assertEqual((notices - sent).reason_code, "withdrawn")
        mails = self.env["mail.mail"].search(
            [("recipient_ids", "in", (self.person | self.contact | other).ids)]
        )
        self.assertEqual(len(mails), 1)
        self.assertIn("faster zebra", mails.body_html)
        self.assertIn("unsubscribe", mails.body_html)
        self.improvement.invalidate_recordset()
        self.assertEqual((self.improvement.waiting_count, self.improvement.told_count), (0, 1))
        timeline = self.env["hc.timeline"].with_user(self.salesman)
        timeline = timeline.search([("partner_id", "=", self.person.id)])
        self.assertIn(
            sent.message_id.id,
            timeline.filtered(lambda t: t.res_model == "mail.message").mapped("res_id"),
        )

    def test_unhappy_about_something_else_since(self):
        """Their old complaint is the reason to write; a new one holds the letter back."""
        self.link_and_finish()
        self.assertEqual(self.improvement._who_hears()[self.person.id][0], "yes")
        self.env["hc.interaction"].create(
            {
                "partner_id": self.person.id,
                "summary": "Angry about the bill",
                "direction": "in",
                "sentiment": "-2",
                "date": fields.Datetime.now() + timedelta(seconds=2),
            }
        )
        with freeze_time(fields.Datetime.now() + timedelta(minutes=1)):
            answer, decision = self.improvement._who_hears()[self.person.id]
        self.assertEqual((answer, decision.code), ("later", "complaint"))

    def test_later_people_hear_too(self):
        self.link_and_finish()
        self.improvement._inform()
        late = self.say(4, "zebra", partner=self.company_customer)
        self.improvement.feedback_ids = [Command.link(late.id)]
        self.improvement.invalidate_recordset()
        self.assertEqual(self.improvement.waiting_count, 1)
        self.assertEqual(self.improvement._inform(), 1)

    def test_one_mailbox_one_letter(self):
        self.contact.email = self.person.email
        self.link_and_finish()
        self.improvement._inform()
        self.send()
        notices = self.Notice.search([("improvement_id", "=", self.improvement.id)])
        self.assertEqual(sorted(notices.mapped("state")), ["sent", "skipped"])

    def test_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.improvement.with_context(lang="fr_FR").description = "<p>Un zèbre plus rapide.</p>"
        self.person.lang = "fr_FR"
        self.link_and_finish()
        self.improvement._inform()
        self.send()
        notice = self.Notice.search([("partner_id", "=", self.person.id)])
        self.assertIn("Un zèbre plus rapide", notice.message_id.body)

    def test_unscored_tests_and_strangers_are_not_told(self):
        trial = self.say(1, "zebra", is_test=True, partner=self.company_customer)
        unknown = self.say(1, "zebra", partner=False)
        self.link_and_finish()
        self.improvement.feedback_ids = [Command.link(trial.id), Command.link(unknown.id)]
        self.assertEqual(set(self.improvement._people_waiting()), {self.person.id, self.contact.id})
        foreign = self.say(1, "zebra", company_id=self.other_company.id)
        with self.assertRaisesRegex(UserError, "another company"):
            self.improvement.feedback_ids = [Command.link(foreign.id)]

    def test_trial_to_me(self):
        self.link_and_finish()
        dialog = self.env["hc.improvement.inform"].browse(
            self.improvement.action_preview()["res_id"]
        )
        self.env.user.email = "me@shop.example"
        dialog.action_test()
        mail = self.env["mail.mail"].search(
            [("email_to", "ilike", "me@shop.example")], limit=1, order="id desc"
        )
        self.assertIn("faster zebra", mail.body_html)
        self.assertFalse(self.Notice.search([("improvement_id", "=", self.improvement.id)]))

    def test_measure(self):
        self.assertIn("as soon as", self.improvement.measure)
        done = fields.Date.today() - timedelta(days=10)
        for days, score, count in ((15, 3, 12), (5, 9, 11)):
            for _i in range(count):
                row = self.say(score, "zebra", date=fields.Datetime.now() - timedelta(days=days))
                row.topic_ids = self.topic
        self.improvement.write({"state": "done", "date_done": done})
        self.assertIn("−100 (−100 to −", self.improvement.measure)
        self.assertRegex(
            self.improvement.measure, r"12 answers\) before, 100 \(\d+ to 100, 11 answers\) after\."
        )
        self.assertNotIn("chance", self.improvement.measure)
        self.assertIn("not proof", self.improvement.measure)
        self.improvement.date_done = fields.Date.today() - timedelta(days=3)
        self.assertIn("too few answers", self.improvement.measure)

    def test_merge_and_erase(self):
        self.link_and_finish()
        self.improvement._inform()
        self.send()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.person | self.contact).ids, self.person, extra_checks=False
        )
        self.assertEqual(len(self.Notice.search([("improvement_id", "=", self.improvement.id)])), 1)
        self.person._hc_erase()
        self.assertFalse(self.Notice.search([("improvement_id", "=", self.improvement.id)]))

    def test_bad_input(self):
        for vals, words in (
            ({"name": "x" * 301}, "What Changes"),
            ({"name": "  "}, "What Changes"),
            ({"words": "x" * 1001}, "Words"),
            ({"user_id": self.portal.id}, "Owner"),
        ):
            with self.assertRaisesRegex(ValidationError, words), self.cr.savepoint():
                self.improvement.write(vals)
        with self.assertRaisesRegex(UserError, "Company"):
            self.improvement.company_id = self.other_company
        self.improvement.name = "nul\x00"
        self.assertEqual(self.improvement.name, "nul")


@tagged("post_install", "-at_install")
class TestImprovementRights(ImprovementCommon):
    def test_read(self):
        for user in (self.salesman, self.seller_all, self.manager):
            self.assertTrue(
                self.improvement.with_user(user).search([("id", "=", self.improvement.id)])
            )
        self.assertFalse(
            self.improvement.with_user(self.stranger).search([("id", "=", self.improvement.id)])
        )
        for user in (self.portal, self.public):
            with self.assertRaises(AccessError), mute_logger("odoo.models"):
                self.improvement.with_user(user).search([])

    def test_link_only_what_one_may_read(self):
        mine = self.improvement.with_user(self.salesman)
        mine.feedback_ids = [Command.link(self.one.id)]
        with self.assertRaises(AccessError):
            mine.feedback_ids = [Command.link(self.two.id)]

    def test_who_may_inform(self):
        self.link_and_finish()
        with self.assertRaises(AccessError):
            self.improvement.with_user(self.seller_all).action_preview()
        dialog = self.env["hc.improvement.inform"].with_user(self.salesman)
        dialog = dialog.browse(self.improvement.with_user(self.salesman).action_preview()["res_id"])
        self.assertEqual(dialog.line_ids.partner_id, self.person | self.contact)
        dialog.action_inform()
        notices = self.Notice.with_user(self.salesman).search(
            [("improvement_id", "=", self.improvement.id)]
        )
        self.assertEqual(notices.partner_id, self.person, "own customers only")
        self.assertEqual(
            len(
                self.Notice.with_user(self.manager).search(
                    [("improvement_id", "=", self.improvement.id)]
                )
            ),
            2,
        )
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            notices.write({"state": "waiting"})

    def test_names_of_hidden_people(self):
        hidden = self.env["res.partner"].create(
            {"name": "Hidden", "company_id": self.other_company.id, "email": "h@x.example"}
        )
        row = self.say(2, "zebra", partner=hidden, company_id=self.company.id)
        self.link_and_finish()
        self.improvement.feedback_ids = [Command.link(row.id)]
        dialog = self.env["hc.improvement.inform"].with_user(self.salesman)
        dialog = dialog.browse(self.improvement.with_user(self.salesman).action_preview()["res_id"])
        self.assertNotIn(hidden, dialog.sudo().line_ids.partner_id)
        self.assertEqual(dialog.hidden_count, 1)

    def test_a_line_by_hand_tells_nothing_of_hidden_people(self):
        """Lines of one's own dialog can be written by RPC; the letter is rendered as superuser."""
        hidden = self.env["res.partner"].create(
            {"name": "Hidden Heidi", "company_id": self.other_company.id, "email": "h@x.example"}
        )
        row = self.say(2, "zebra in Ohio", partner=hidden, company_id=self.company.id)
        self.link_and_finish()
        self.improvement.feedback_ids = [Command.link(row.id)]
        dialog = self.env["hc.improvement.inform"].with_user(self.salesman)
        dialog = dialog.browse(self.improvement.with_user(self.salesman).action_preview()["res_id"])
        dialog.line_ids.unlink()
        self.env["hc.improvement.inform.line"].with_user(self.salesman).create(
            {"inform_id": dialog.id, "partner_id": hidden.id, "answer": "yes"}
        )
        dialog.invalidate_recordset()
        self.assertNotIn("Heidi", str(dialog.body))
        self.assertNotIn("Ohio", str(dialog.body))

    def test_owner_is_handed_over_by_the_owner(self):
        self.improvement.user_id = self.manager
        with self.assertRaises(AccessError):
            self.improvement.with_user(self.salesman).user_id = self.salesman
        self.improvement.with_user(self.manager).user_id = self.salesman
        self.improvement.with_user(self.salesman).user_id = self.seller_all
        self.improvement.user_id = False
        self.improvement.with_user(self.salesman).user_id = self.salesman
