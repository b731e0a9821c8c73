from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_outreach import OutreachAdminsCommon

LATER = {"wait_type": "after", "wait_unit": "days", "wait_count": 1}


@tagged("post_install", "-at_install")
class TestOutreachApproval(OutreachAdminsCommon):
    """What a second person looks at, and approved, is what happens."""

    def steps(self, plan, user=None):
        return plan.draft_version_id.step_ids.with_user(user or self.manager)

    def test_what_is_looked_at_is_locked(self):
        self.set_approval_above(1)
        plan = self.make_plan([{"type": "branch"}], start=False, user_id=self.manager.id)
        self.steps(plan).create(
            {
                "version_id": plan.draft_version_id.id,
                "type": "stop",
                "parent_id": self.steps(plan).id,
                "lane": "yes",
            }
        )
        mine = plan.with_user(self.manager)
        mine.action_start()
        self.assertEqual(plan.state, "approval")
        branch = self.steps(plan)[:1]
        for function, args in (
            (branch.write, ({"name": "x"},)),
            (branch.unlink, ()),
            (branch.hc_delete, ()),
            (branch.hc_duplicate, ()),
            (mine.hc_add_step, ("stop",)),
            (mine.action_edit, ()),
            (mine.write, ({"partner_domain": "[]"},)),
            (mine.write, ({"include_existing": True},)),
        ):
            self.refused("looking at", function, *args)
        self.refused("not under way", mine.action_publish)
        self.assertFalse(mine.hc_get_flow()["editable"])
        mine.action_reject()
        branch.name = "x"
        self.assertTrue(mine.hc_get_flow()["editable"])

    def test_all_that_is_looked_at_is_locked(self):
        """For what, in whose name, how often, until when: who approves sees what will be."""
        self.set_approval_above(1)
        news = self.env.ref("hc_crm.hc_consent_purpose_news")
        plan = self.make_plan([self.quiet], start=False, user_id=self.manager.id)
        mine = plan.with_user(self.manager)
        mine.action_start()
        for vals in (
            {"purpose_id": news.id},
            {"user_id": self.boss.id},
            {"reentry": "occurrence"},
            {"reentry_days": 1},
            {"exit_domain": "[('id', '=', 0)]"},
            {"exit_on_reply": False},
            {"human_days": 0},
            {"human_by_rule": False},
            {"trouble_action": "skip"},
            {"priority": "3"},
            {"holdout_share": 50},
            {"pilot_share": 99},
            {"daily_limit": 10},
            {"company_id": self.company.id},
        ):
            self.refused("looking at", mine.write, vals)
        # what nothing hangs on, and what is said about it
        mine.write({"name": "Clearer", "description": "Why", "color": 3, "sequence": 4})
        mine.message_post(body="Have a look, please")
        mine.activity_schedule("mail.mail_activity_data_todo", user_id=self.boss.id)
        mine.action_reject()
        mine.purpose_id = news

    def test_what_was_approved_goes_on_so(self):
        """Not by another purpose, which needs no yes, nor more often, once nobody looks any more."""
        service = self.env.ref("hc_crm.hc_consent_purpose_service")
        self.set_approval_above(1)
        plan = self.make_plan(
            [self.quiet], start=False, user_id=self.manager.id, reentry="days", reentry_days=90
        )
        mine = plan.with_user(self.manager)
        mine.action_start()
        plan.with_user(self.second).action_approve()
        wanted = ({"purpose_id": service.id}, {"reentry": "occurrence"}, {"reentry_days": 1})
        for state in ("running", "paused"):
            plan.state = state
            for vals in wanted:
                self.refused("approved", mine.write, vals)
            mine.write({"purpose_id": plan.purpose_id.id, "reentry_days": 90, "human_days": 3})
        mine.action_stop()
        for vals in wanted:
            mine.write(vals)
        mine.action_start()
        self.assertEqual(plan.state, "approval")
        # nobody had to look at a small one
        self.set_approval_above(10**6)
        small = self.make_plan([self.quiet], user_id=self.manager.id).with_user(self.manager)
        small.write({"purpose_id": service.id, "reentry": "once"})
        self.assertEqual(small.purpose_id, service)

    def test_words_that_are_looked_at_are_locked(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.set_approval_above(1)
        template, other = self.make_template(), self.make_template()
        mail = {"type": "mail", "mail_template_id": template.id, **LATER}
        plan = self.make_plan([mail], start=False, user_id=self.manager.id)
        mine, words = (
            plan.with_user(self.manager),
            template.with_user(self.env.ref("base.user_admin")),
        )
        words.subject = "Before"

        def locked():
            self.refused("looking at the plan", words.write, {"body_html": "<p>Other</p>"})
            self.refused("looking at the plan", words.write, {"email_from": "x@y.example"})
            self.refused(
                "looking at the plan",
                words.update_field_translations,
                "subject",
                {"fr_FR": "Autre chose"},
            )
            words.name = "What we call it"
            other.with_user(words.env.user).subject = "Elsewhere"

        mine.action_start()
        self.assertEqual(plan.state, "approval")
        locked()
        plan.with_user(self.second).action_approve()
        words.subject = "Corrected"
        mine.action_edit()
        mine.action_publish()
        self.assertTrue(plan.publish_asked_by_id)
        locked()
        mine.action_reject()
        words.subject = "Again"
        self.assertEqual(template.subject, "Again")

    def test_approved_steps_are_locked(self):
        self.set_approval_above(1)
        plan = self.make_plan([self.quiet], start=False, user_id=self.manager.id)
        steps = self.steps(plan)
        plan.with_user(self.manager).action_start()
        plan.with_user(self.second).action_approve()
        self.assertEqual(plan.state, "running")
        self.refused("live", steps.write, {"name": "x"})
        self.refused("live", steps.unlink)

    def test_changed_steps_are_approved_again(self):
        self.set_approval_above(1)
        plan = self.make_plan(
            [{"name": "old", **self.quiet, **LATER}], start=False, user_id=self.manager.id
        )
        mine = plan.with_user(self.manager)
        mine.action_start()
        plan.with_user(self.second).action_approve()
        plan._enroll(self.person)
        old = plan.live_version_id
        mine.action_edit()
        self.steps(plan).name = "new"
        mine.action_publish(True)
        self.assertEqual((plan.live_version_id, plan.state), (old, "running"))
        self.assertEqual(plan.publish_asked_by_id, self.manager)
        self.refused("looking at", self.steps(plan).write, {"name": "newer"})
        self.refused("looking at", mine.action_publish, True)
        self.refused("yourself", mine.action_approve)
        for user in (self.salesman, self.seller_all, self.stranger):
            with self.assertRaises(AccessError):
                plan.with_user(user).action_approve()
        # not yet: what runs goes on, and it is changed and asked for anew
        plan.with_user(self.second).action_reject()
        self.assertEqual((plan.live_version_id, plan.state), (old, "running"))
        self.steps(plan).name = "newer"
        mine.action_publish(True)
        plan.with_user(self.second).action_approve()
        self.assertEqual(plan.live_version_id.step_ids.name, "newer")
        self.assertEqual(plan.live_version_id.user_id, self.second)
        self.assertEqual(plan.enrollment_ids.version_id, plan.live_version_id, "they were moved")
        self.assertFalse(plan.publish_asked_by_id)
        # taken back by whoever asked
        mine.action_edit()
        mine.action_publish()
        mine.action_discard()
        self.assertFalse(plan.publish_asked_by_id)
        self.refused("does not wait", plan.with_user(self.second).action_approve)

    def test_small_plans_are_published_at_once(self):
        plan = self.make_plan([self.quiet])
        plan.with_user(self.manager).action_edit()
        plan.with_user(self.manager).action_publish()
        self.assertEqual(plan.live_version_id.number, 2)

    def test_not_widened_past_approval(self):
        people = self.make_partners(4, function="Wide")
        people[0].function = "Narrow"
        self.set_approval_above(2)
        narrow, wide = (f"[('function', '=', '{name}')]" for name in ("Narrow", "Wide"))
        plan = self.make_plan(
            [self.quiet], start=False, partner_domain=narrow, user_id=self.manager.id
        )
        mine = plan.with_user(self.manager)
        mine.action_start()
        self.assertEqual(plan.state, "running")
        self.refused("somebody else has a look", mine.write, {"partner_domain": wide})
        self.assertEqual(plan.partner_domain, narrow)
        mine.action_pause()
        self.refused("somebody else has a look", mine.write, {"partner_domain": wide})
        # the buttons lead through the second person
        mine.action_stop()
        mine.partner_domain = wide
        mine.action_start()
        self.assertEqual(plan.state, "approval")
        plan.with_user(self.second).action_approve()
        # approved for these, not for everybody
        self.refused("somebody else has a look", mine.write, {"partner_domain": "[]"})
        mine.partner_domain = narrow
        self.assertEqual(plan.partner_domain, narrow, "fewer are nobody's worry")
        self.refused("somebody else has a look", mine.write, {"partner_domain": wide})
        # an approval of another time does not count
        mine.action_stop()
        mine.action_start()
        self.assertEqual((plan.state, plan.date_approved), ("running", False))
