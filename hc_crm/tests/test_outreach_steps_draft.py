from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_outreach import OutreachCommon


@tagged("post_install", "-at_install")
class TestOutreachDrafts(OutreachCommon):
    """Messages that a colleague makes personal before they go out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        freezer = freeze_time("2026-06-10 10:00:00")  # a Wednesday
        freezer.start()
        cls.addClassCleanup(freezer.stop)
        cls.now = fields.Datetime.now()
        cls.company.resource_calendar_id.tz = "UTC"
        cls.company.partner_id.tz = "UTC"
        (cls.salesman | cls.seller_all | cls.manager).write({"tz": "UTC"})
        cls.person.write({"user_id": cls.salesman.id, "tz": "UTC"})
        cls.template = cls.make_template()

    def draft(self, start=True, template=None, **step):
        plan = self.make_plan(
            [
                {
                    "type": "draft",
                    "name": "Letter",
                    "mail_template_id": (template or self.template).id,
                    "draft_hours": 8,
                }
                | step,
                {"type": "note", "name": "end", "text": "end"},
            ],
            user_id=self.manager.id,
        )
        plan._enroll(self.person)
        self.work()
        return self.Delivery.search([("plan_id", "=", plan.id)], order="id", limit=1)

    def names(self, delivery):
        return [name for name, _state, _outcome in self.rows(delivery.plan_id)]

    def test_given(self):
        delivery = self.draft()
        self.assertEqual((delivery.state, delivery.user_id), ("open", self.salesman))
        self.assertTrue(delivery.is_draft)
        self.assertEqual(delivery.subject, "For Rosa Testblum")
        self.assertIn("Dear Rosa Testblum", delivery.body)
        self.assertIn("Letter", delivery.activity_id.summary)
        self.assertFalse(delivery.mail_id)
        # eight hours of working time from Wednesday at ten, not of the clock
        self.assertGreater(delivery.date_expire, self.now + timedelta(hours=20))
        self.assertLess(delivery.date_expire, self.now + timedelta(hours=27))

    def test_sent_as_the_colleague_wrote_it(self):
        delivery = self.draft()
        activity = delivery.activity_id
        answer = delivery.with_user(self.salesman).action_send_draft(
            subject="Your chairs",
            body="<p>Dear Rosa, how are they?<script>alert(1)</script></p>",
        )
        self.assertEqual(answer["state"], "sent")
        mail = delivery.mail_id
        self.assertEqual(mail.subject, "Your chairs")
        self.assertIn("how are they?", mail.body_html)
        self.assertNotIn("script", mail.body_html)
        self.assertFalse(activity.active)
        self.assertEqual(mail.recipient_ids, self.person)
        with self.assertRaises(UserError):
            delivery.with_user(self.salesman).action_send_draft()
        self.assertEqual(
            self.env["mail.mail"].search_count([("hc_delivery_id", "=", delivery.id)]), 1
        )

    def test_left_out(self):
        delivery = self.draft()
        activity = delivery.activity_id
        delivery.with_user(self.salesman).action_skip_draft("I shall call her")
        self.assertEqual((delivery.state, delivery.reason_code), ("skipped", "draft_dropped"))
        self.assertEqual(delivery.note, "I shall call her")
        self.assertFalse(activity.active)
        self.work()
        self.assertEqual(self.names(delivery), ["Letter", "end"])
        self.assertFalse(delivery.mail_id)

    def test_gaps_do_not_leave(self):
        """What was not filled in is refused, saying what it is; nothing is sent."""
        delivery = self.draft()
        mine = delivery.with_user(self.salesman)
        for subject, body, word in (
            ("Hello", "<p>Dear {{ object.name }},</p>", "gap"),
            ("For {{name}}", "<p>Dear Rosa,</p>", "gap"),
            ("Hello", "<p>Dear ,</p><p>how are you?</p>", "gap"),
            ("", "<p>Dear Rosa,</p>", "Subject"),
            ("Hello", "<p><br></p>", "Message"),
            ("x" * 301, "<p>Dear Rosa,</p>", "Subject"),
            (5, "<p>Dear Rosa,</p>", "Subject"),
            ("Hello", 5, "Message"),
        ):
            with self.subTest(subject=subject, body=body):
                self.refused(word, mine.action_send_draft, subject=subject, body=body)
        self.assertEqual(delivery.state, "open")
        self.assertFalse(delivery.mail_id)

    def test_empty_field_is_shown_to_the_colleague(self):
        template = self.make_template("<p>Dear Rosa of <t t-out='object.city'/>,</p>")
        delivery = self.draft(template=template)
        self.assertEqual(delivery.state, "open")
        self.assertIn("{{", delivery.body)
        self.refused("gap", delivery.with_user(self.salesman).action_send_draft)

    def test_changed_meanwhile(self):
        """Who has withdrawn their consent in between gets nothing."""
        delivery = self.draft()
        self.env["hc.consent"].create(
            {"partner_id": self.person.id, "purpose_id": self.purpose.id, "state": "withdrawn"}
        )
        answer = delivery.with_user(self.salesman).action_send_draft()
        self.assertEqual(answer["state"], "left_out")
        self.assertIn("no", answer["reason"])
        self.assertEqual((delivery.state, delivery.reason_code), ("skipped", "withdrawn"))
        self.assertFalse(delivery.mail_id)

    def test_at_night(self):
        """Sent late in the evening, it goes out in the morning."""
        self.set_rules(hour_from=9, hour_to=20)
        delivery = self.draft()
        with freeze_time("2026-06-10 22:30:00"):
            answer = delivery.with_user(self.salesman).action_send_draft(subject="Good night")
        self.assertEqual(answer["state"], "later")
        self.assertEqual((delivery.state, delivery.reason_code), ("due", "quiet_hours"))
        self.work(hours=24)
        self.assertEqual(delivery.state, "sending")
        self.assertEqual(delivery.mail_id.subject, "Good night")

    def test_window_over(self):
        delivery = self.draft(draft_fallback="drop")
        activity = delivery.activity_id
        self.work(days=2)
        self.assertEqual((delivery.state, delivery.reason_code), ("skipped", "draft_expired"))
        self.assertFalse(activity.exists())
        self.assertFalse(delivery.mail_id)
        delivery = self.draft(draft_fallback="send")
        self.work(days=2)
        self.assertEqual(delivery.state, "sending")
        self.assertEqual(delivery.mail_id.subject, "For Rosa Testblum")

    def test_window_over_while_something_is_wrong(self):
        """What nobody looked at is ours: it does not go to whom only people should turn now."""
        delivery = self.draft(draft_fallback="send")
        self.env["hc.contact.pause"].create(
            {"partner_id": self.person.id, "reason": "Bereavement", "date_from": "2026-06-01"}
        )
        self.work(days=2)
        self.assertNotIn(delivery.state, ("sending", "done"))
        self.assertFalse(delivery.mail_id)
        self.assertEqual(delivery.state, "open")
        self.assertFalse(delivery.is_draft)
        delivery.with_user(self.salesman).action_outcome("not_needed")
        self.assertEqual(delivery.state, "done")

    def test_done_another_way(self):
        delivery = self.draft()
        delivery.activity_id.with_user(self.salesman).action_feedback(feedback="Met her")
        self.assertEqual((delivery.state, delivery.reason_code), ("skipped", "draft_done"))
        delivery = self.draft()
        delivery.activity_id.with_user(self.salesman).unlink()
        self.assertEqual((delivery.state, delivery.reason_code), ("skipped", "draft_dropped"))

    def test_mail_never_automated(self):
        delivery = self.draft(type="mail", never_automate=True)
        self.assertEqual((delivery.state, delivery.is_draft), ("open", True))
        delivery.with_user(self.salesman).action_send_draft()
        self.assertEqual(delivery.state, "sending")

    def test_bad_templates(self):
        broken = self.make_template()
        # the host looks at it on saving; a field may go with its app afterwards
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE mail_template SET body_html = '{"en_US": "<t t-out=''object.gone''/>"}'
            WHERE id = %s""",
            [broken.id],
        )
        broken.invalidate_recordset()
        plan = self.make_plan(
            [{"type": "draft", "mail_template_id": broken.id}], start=False, user_id=self.manager.id
        )
        self.refused("does not work", plan._check_startable)
        good = self.make_template()
        delivery = self.draft(template=good)
        plan = delivery.plan_id
        good.unlink()
        plan._enroll(self.contact)
        self.work()
        row = plan.enrollment_ids.filtered(lambda e: e.partner_id == self.contact).delivery_ids
        self.assertEqual(row.state, "failed")
        self.assertIn("template", row.error)
        # what was written already still goes out
        delivery.with_user(self.salesman).action_send_draft()
        self.assertEqual(delivery.state, "sending")

    def test_without_address(self):
        self.person.email = False
        self.assertEqual(self.draft().state, "skipped")
        self.person.email = "rosa@blum.example"
        delivery = self.draft()
        self.person.email = "not an address"
        answer = delivery.with_user(self.salesman).action_send_draft()
        self.assertEqual(answer["state"], "left_out")
        self.assertFalse(delivery.mail_id)

    def test_rights(self):
        for user in (self.stranger, self.portal, self.public):
            delivery = self.draft().with_user(user)
            with self.assertRaises(AccessError):
                delivery.action_send_draft(body="<p>Mine</p>")
            with self.assertRaises(AccessError):
                delivery.action_skip_draft()
            self.assertEqual(delivery.sudo().state, "open")
        self.draft().with_user(self.manager).action_send_draft()
