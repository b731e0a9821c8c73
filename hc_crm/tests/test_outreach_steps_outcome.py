from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_outreach_task import OutreachTaskCommon


@tagged("post_install", "-at_install")
class TestOutreachTaskOutcomes(OutreachTaskCommon):
    """What came of a colleague's task: who says so, by which way, and how the plan goes on."""

    def interactions(self):
        return self.env["hc.interaction"].search(
            [
                ("partner_id", "=", self.person.id),
                ("external_ref", "like", "hc.outreach.delivery,%"),
            ]
        )

    def test_outcomes_and_lanes(self):
        for outcome in ("reached", "voicemail", "not_needed", "not_done"):
            with self.subTest(outcome=outcome):
                plan = self.plan()
                delivery = self.enroll(plan)
                activity = delivery.activity_id
                before = len(self.interactions())
                delivery.with_user(self.salesman).action_outcome(outcome, note="They are fine")
                self.work()
                self.assertEqual((delivery.state, delivery.outcome), ("done", outcome))
                self.assertEqual(delivery.note, "They are fine")
                self.assertFalse(activity.active)
                self.assertEqual(self.names(plan), ["Call", outcome, "end"])
                logged = len(self.interactions()) - before
                self.assertEqual(logged, 1 if outcome in ("reached", "voicemail") else 0)
        last = self.interactions()[0]
        self.assertEqual(last.channel_key, "call")
        self.assertEqual((last.direction, last.user_id), ("out", self.salesman))
        self.assertIn("They are fine", last.body)
        message = self.person.message_ids.filtered("mail_activity_type_id")[0]
        self.assertIn("They are fine", message.body)
        self.assertEqual(message.author_id, self.salesman.partner_id)

    def test_done_in_odoos_own_way(self):
        plan = self.plan()
        delivery = self.enroll(plan)
        delivery.activity_id.with_user(self.salesman).action_feedback(feedback="Nice talk")
        self.assertEqual((delivery.state, delivery.outcome), ("done", "reached"))
        self.assertEqual(delivery.note, "Nice talk")
        self.assertEqual(len(self.interactions()), 1)
        with self.assertRaises(UserError):
            delivery.with_user(self.salesman).action_outcome("voicemail")
        self.assertEqual(len(self.interactions()), 1)

    def test_deleted_activity(self):
        delivery = self.enroll(self.plan())
        delivery.activity_id.with_user(self.salesman).unlink()
        self.assertEqual((delivery.state, delivery.outcome), ("done", "not_needed"))
        self.assertFalse(self.interactions())

    def test_what_only_our_code_tells(self):
        """A caller's context neither does away with a task nor says what came of it, nor what time it is."""
        told = {
            "hc_outreach_quiet": True,
            "hc_outreach_outcome": ["won the lottery", 5],
            "hc_outreach_now": "1999-01-01 00:00:00",
            "hc_outreach_run": "x",
        }
        delivery = self.enroll(self.plan())
        delivery.activity_id.with_user(self.salesman).with_context(**told).unlink()
        self.assertEqual((delivery.state, delivery.outcome), ("done", "not_needed"))
        delivery = self.enroll(self.plan())
        activity = delivery.activity_id.with_user(self.salesman)
        activity.with_context(**told).action_feedback(feedback="Nice talk")
        self.assertEqual((delivery.state, delivery.outcome), ("done", "reached"))
        self.assertEqual((delivery.note, delivery.date_done), ("Nice talk", self.now))
        for odd in (5, "hey", ["x"], {"a": 1}):
            delivery = self.enroll(self.plan())
            activity = delivery.activity_id.with_user(self.salesman)
            activity.with_context(hc_outreach_outcome=odd).action_feedback(feedback="x")
            self.assertEqual(delivery.outcome, "reached")
        delivery = self.enroll(self.plan()).with_user(self.salesman).with_context(**told)
        delivery.action_outcome("reached")
        self.assertEqual(delivery.date_done, self.now)

    def test_later(self):
        delivery = self.enroll(self.plan())
        mine = delivery.with_user(self.salesman)
        mine.action_outcome("later", note="On holiday", later_date="2026-06-30")
        self.assertEqual(delivery.state, "open")
        self.assertEqual(delivery.activity_id.date_deadline, date(2026, 6, 30))
        self.assertEqual(delivery.date_expire.date(), date(2026, 7, 15))
        # put off in the chatter: the same
        delivery.activity_id.with_user(self.salesman).date_deadline = date(2026, 7, 1)
        self.assertEqual(delivery.date_expire.date(), date(2026, 7, 16))
        for day in ("2026-06-09", "soon", None, "2099-01-01", 5):
            with self.subTest(day=day):
                self.refused("Date", mine.action_outcome, "later", later_date=day)
        mine.action_outcome("reached", note="Back now")
        self.assertEqual(delivery.note, "On holiday\nBack now")

    def test_passed_on(self):
        delivery = self.enroll(self.plan())
        delivery.activity_id.user_id = self.seller_all
        self.assertEqual(delivery.user_id, self.seller_all)

    def test_not_done_in_time(self):
        plan = self.plan()
        delivery = self.enroll(plan)
        activity = delivery.activity_id
        self.work(days=16)
        self.assertEqual(delivery.state, "open")
        self.work(days=17)
        self.work(days=17)
        self.assertEqual((delivery.state, delivery.outcome), ("done", "not_done"))
        self.assertFalse(activity.exists())
        self.assertEqual(self.names(plan), ["Call", "not_done", "end"])

    def test_plan_does_not_wait(self):
        plan = self.plan({"task_wait": False, "children": {}})
        delivery = self.enroll(plan)
        self.assertEqual(self.names(plan), ["Call", "end"])
        delivery.activity_id.with_user(self.salesman).action_feedback(feedback="Nice talk")
        self.assertEqual(delivery.outcome, "reached")
        self.assertEqual(len(self.interactions()), 1)
        self.assertEqual(self.names(plan), ["Call", "end"])

    def test_bad_input(self):
        delivery = self.enroll(self.plan()).with_user(self.salesman)
        self.refused("Outcome", delivery.action_outcome, "won the lottery")
        self.refused("Note", delivery.action_outcome, "reached", note="x" * 10_001)
        self.refused("Note", delivery.action_outcome, "reached", note=["x"])
        with self.assertRaises(UserError):
            delivery.action_send_draft()
        self.assertEqual(delivery.state, "open")

    def test_who_may_say(self):
        for user, error in (
            (self.salesman, None),
            (self.seller_all, None),
            (self.manager, None),
            (self.stranger, AccessError),
            (self.portal, AccessError),
            (self.public, AccessError),
        ):
            with self.subTest(user=user.login):
                delivery = self.enroll(self.plan()).with_user(user)
                if error:
                    with self.assertRaises(error):
                        delivery.action_outcome("reached")
                else:
                    delivery.action_outcome("reached")
                delivery = delivery.sudo()
                self.assertEqual(delivery.state, "open" if error else "done")
                self.work()
                (delivery.enrollment_id.sudo())._leave("by_hand")

    def test_colleague_without_rights_on_the_customer(self):
        """A task of somebody else, of a customer one may read but not write."""
        reader = self.seller_all
        writable = self.env.ref("base.group_partner_manager")
        reader.group_ids -= writable
        if self.person.with_user(reader).has_access("write"):
            self.skipTest("every salesperson may write contacts here")
        delivery = self.enroll(self.plan()).with_user(reader)
        with self.assertRaises(AccessError):
            delivery.action_outcome("reached")
