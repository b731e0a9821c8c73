from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.tests import tagged

from .common_outreach import OutreachAdminsCommon


@tagged("post_install", "-at_install")
class TestOutreachOwn(OutreachAdminsCommon):
    """What only buttons and our own code say, by whatever way somebody else tries to."""

    def draft(self, user=None, **vals):
        return self.make_plan([self.quiet], start=False, user_id=(user or self.manager).id, **vals)

    def mine(self, **context):
        return self.env["hc.outreach.plan"].with_user(self.manager).with_context(**context)

    def test_not_by_defaults(self):
        """A context comes with every call: it starts no plan, and nobody else answers for it."""
        wished = {
            "default_state": "running",
            "default_author_id": SUPERUSER_ID,
            "default_entry_author_id": SUPERUSER_ID,
            "default_approver_id": self.boss.id,
            "default_is_template": True,
            "default_number": 7,
        }
        made = self.mine(**wished).create({"name": "Wished", "partner_domain": "[]"})
        ready = self.env.ref("hc_crm.outreach_plan_welcome").with_user(self.manager)
        used = ready.with_context(**wished).action_use_template()["res_id"]
        for plan in made | made.browse(used):
            self.assertEqual((plan.state, plan.is_template), ("draft", False))
            self.assertFalse(plan.approver_id)
            self.assertEqual(plan.draft_version_id.mapped("number"), [1])
            self.assertEqual(plan.draft_version_id.state, "draft")
        self.assertEqual((made.author_id, made.entry_author_id), (self.manager, self.manager))
        # as somebody saved them, too
        self.env["ir.default"].set("hc.outreach.plan", "state", "running", user_id=self.manager.id)
        self.assertEqual(self.mine().create({"name": "Saved"}).state, "draft")
        self.env["ir.default"].set("hc.outreach.plan", "late_days", 3, user_id=self.manager.id)
        self.assertEqual(self.mine().create({"name": "Theirs to say"}).late_days, 3)

    def test_author_of_a_branch_not_by_defaults(self):
        plan = self.draft()
        step = (
            self.env["hc.outreach.step"]
            .with_user(self.manager)
            .with_context(default_branch_author_id=SUPERUSER_ID)
            .create({"version_id": plan.draft_version_id.id, "type": "branch"})
        )
        self.assertEqual(step.branch_author_id, self.manager)

    def test_a_step_stays_in_its_plan(self):
        """Its plan says with whose rights it runs, and its company who sees it."""
        admin = self.env.ref("base.user_admin")
        plan, other = self.draft(), self.draft(admin)
        steps = plan.draft_version_id.step_ids.with_user(self.manager)
        foreign = {"plan_id": other.id, "company_id": self.other_company.id}
        steps.write(foreign)
        steps |= steps.create({"version_id": plan.draft_version_id.id, "type": "stop", **foreign})
        steps |= steps.with_context(default_plan_id=other.id, default_company_id=False).create(
            {"version_id": plan.draft_version_id.id, "type": "stop"}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(len(steps), 3)
        for step in steps:
            self.assertEqual((step.plan_id, step.company_id), (plan, self.company))

    def test_ready_plans_belong_to_all_companies(self):
        ready = self.env.ref("hc_crm.outreach_plan_welcome")
        for user in (self.manager, self.boss):
            plan = ready.with_user(user)
            step = plan.version_ids.step_ids[:1]
            for function, args in (
                (plan.write, ({"name": "x"},)),
                (plan.write, ({"active": False},)),
                (plan.write, ({"company_id": self.company.id},)),
                (plan.action_pilot, ()),
                (plan.unlink, ()),
                (step.write, ({"name": "x"},)),
                (step.unlink, ()),
                (step.create, ({"version_id": step.version_id.id, "type": "stop"},)),
            ):
                self.refused("all companies", function, *args)
        self.assertFalse(ready.company_id)
        # who answers for all companies may
        ready.with_user(self.env.ref("base.user_admin")).active = False
        self.assertFalse(ready.active)

    def test_a_pilot_that_grows_lets_them_in(self):
        """By the button, an import or the API: nobody is left waiting for a button that is gone."""
        plan = self.draft(pilot_share=1)
        plan._start()
        people = self.make_partners(20)
        plan._enroll(people)
        waiting = plan.enrollment_ids.filtered(lambda one: one.state == "waiting")
        self.assertGreater(len(waiting), 10)
        mine = plan.with_user(self.manager)
        mine.pilot_share = 1
        self.assertEqual(set(waiting.mapped("state")), {"waiting"})
        mine.write({"pilot_share": 100})
        self.assertNotIn("waiting", plan.enrollment_ids.mapped("state"))
        self.work()
        self.assertEqual(people.category_id, self.category)

    def test_a_second_tab_is_not_asked_about_doubles(self):
        ways = {"entry_type": "silence", "entry_days": 400}
        one, two = self.draft(**ways), self.draft(**ways)
        one._start()
        self.assertEqual(
            two.with_user(self.manager).action_start()["res_model"], "hc.outreach.double"
        )
        two._start()
        self.refused("runs already", two.with_user(self.manager).action_start)
        self.refused("does not wait", two.with_user(self.manager).action_approve)

    def test_what_the_database_cannot_hold(self):
        plan = self.draft().with_user(self.manager)
        step = plan.draft_version_id.step_ids.with_user(self.manager)
        for record, vals, label in (
            (plan, {"name": "a\x00"}, "Name"),
            (plan, {"entry_partner_path": "\x00"}, "Field of the Customer"),
            (plan, {"sequence": 10**12}, "Sequence"),
            (plan, {"user_id": -(2**40)}, "Responsible"),
            (plan, {"human_days": 10**9}, "Days to Wait after It"),
            (plan, {"human_days": -2}, "Days to Wait after It"),
            (step, {"text": "\x00"}, "Text"),
            (step, {"field_value": "\x00"}, "Field Value"),
            (step, {"wait_count": 2**31}, "Wait Count"),
        ):
            self.refused(label, record.write, vals)
        self.refused("Name", plan.create, {"name": "\x00"})
        self.refused("Name", step.create, {"name": "\x00", "version_id": step.version_id.id})

    def test_reach_is_counted_when_it_may_change(self):
        """Counting everybody takes long in a large shop: not for a name, a goal, or the same words."""
        plan = self.draft(partner_domain="[('function', '=', 'x')]")
        plan._start()
        mine = plan.with_user(self.manager)
        Plan = self.registry["hc.outreach.plan"]
        with patch.object(Plan, "_count_recipients", lambda self: counted.append(self.id) or 0):
            for vals in (
                {"name": "Other name"},
                {"description": "x", "sequence": 3, "color": 2},
                {"goal_type": "order", "goal_days": 9},
                {"human_days": 3, "trouble_action": "skip"},
                {"exit_domain": "[('function', '=', 'y')]"},
                {"daily_limit": 7, "late_days": 9},
            ):
                counted = []
                mine.write(vals)
                self.assertFalse(counted, vals)
            for vals in (
                {"partner_domain": "[]"},
                {"include_existing": True},
                {"recipient": "customer"},
            ):
                counted = []
                mine.write(vals)
                self.assertEqual(counted, [plan.id, plan.id], "before and after")
            counted = []
            plan.write({"partner_domain": "[]"})
            self.assertFalse(counted, "our own code is not asked")
            mine.action_stop()
            mine.write({"partner_domain": "[('id', '>', 0)]"})
            self.assertFalse(counted, "counted when it starts")
