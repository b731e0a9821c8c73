from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_outreach import OutreachAdminsCommon

LATER = {"wait_type": "after", "wait_unit": "days", "wait_count": 1}
NUL = "\x00"


@tagged("post_install", "-at_install")
class TestOutreachGuard(OutreachAdminsCommon):
    """What is live, looked at or under way changes by its buttons only."""

    def steps(self, plan, user=None):
        return plan.draft_version_id.step_ids.with_user(user or self.manager)

    def test_a_step_stays_in_its_version(self):
        plan, other = (self.make_plan([self.quiet], start=False) for _two in "ab")
        step = self.steps(plan)
        self.refused("stays in its plan", step.write, {"version_id": other.draft_version_id.id})
        running = self.make_plan([self.quiet])
        self.refused("stays in its plan", step.write, {"version_id": running.live_version_id.id})
        self.refused(
            "live",
            step.create,
            {"version_id": running.live_version_id.id, "type": "stop"},
        )
        self.assertEqual(step.version_id, plan.draft_version_id)

    def test_server_action_needs_rights(self):
        """It runs as the responsible: nobody borrows their rights, by whatever way."""
        action = self.env["ir.actions.server"].create(
            {
                "name": "Do it",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": "record.write({'function': 'x'})",
            }
        )
        plan = self.make_plan([self.quiet], start=False, user_id=self.env.ref("base.user_admin").id)
        Step = self.env["hc.outreach.step"].with_user(self.manager)
        vals = {
            "version_id": plan.draft_version_id.id, "type": "action", "action_id": action.id,
        }  # fmt: skip
        self.refused("rights", Step.create, vals)
        # the parts one after the other
        step = Step.create(vals | {"type": "note", "text": "x"})
        self.refused("rights", step.write, {"type": "action"})
        mine = self.make_plan([self.quiet], start=False, user_id=self.manager.id)
        step = Step.create(vals | {"version_id": mine.draft_version_id.id})
        copy = mine.with_user(self.manager).copy()
        self.refused("rights", copy.write, {"user_id": self.env.ref("base.user_admin").id})
        self.assertTrue(step.exists())

    def test_versions_are_read_only(self):
        plan = self.make_plan([self.quiet])
        version = plan.live_version_id
        for user in (self.manager, self.boss, self.seller_all, self.salesman):
            own = version.with_user(user)
            self.assertTrue(own.read(["number", "state"]))
            for function, args in (
                (own.write, ({"state": "draft"},)),
                (own.unlink, ()),
                (own.create, ({"plan_id": plan.id, "number": 9},)),
                (own.copy, ()),
            ):
                with self.assertRaises(AccessError):
                    function(*args)
        for user in (self.stranger, self.portal, self.public):
            with self.assertRaises(AccessError):
                version.with_user(user).read(["number"])

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

    def test_words_that_are_looked_at_are_locked(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.set_approval_above(1)
        template, other = self.make_template(), self.make_template()
        mail = {"type": "mail", "mail_template_id": template.id, **LATER}
        plan = self.make_plan([mail], start=False, user_id=self.manager.id)
        mine, words = plan.with_user(self.manager), template.with_user(self.env.ref("base.user_admin"))
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

    def test_company_is_kept(self):
        self.manager.company_ids |= self.other_company
        plan = self.make_plan([self.quiet], user_id=self.manager.id, start=False)
        mine = plan.with_user(self.manager).with_context(
            allowed_company_ids=[self.company.id, self.other_company.id]
        )
        plan._start()
        for state in ("running", "paused", "done"):
            plan.state = state
            self.refused("stays there", mine.write, {"company_id": self.other_company.id})
        self.assertEqual(plan.company_id, self.company)
        draft = self.make_plan([self.quiet], user_id=self.manager.id, start=False)
        draft.with_user(self.manager).with_context(
            allowed_company_ids=[self.company.id, self.other_company.id]
        ).company_id = self.other_company
        self.assertEqual(draft.company_id, self.other_company)

    def test_bad_numbers(self):
        plan = self.make_plan([self.quiet], user_id=self.manager.id, entry_days=3)
        mine = plan.with_user(self.manager)
        for name, wrong in {
            "late_days": (-1, 3661),
            "daily_limit": (-1, 1_000_001),
            "pilot_share": (0, -5, 101),
            "holdout_share": (-1, 51),
        }.items():
            for value in wrong:
                with self.subTest(name=name, value=value):
                    label = plan._fields[name]._description_string(self.env)
                    self.refused(label, mine.write, {name: value})
        draft = self.make_plan(
            [self.quiet], start=False, user_id=self.manager.id, pilot_share=0, holdout_share=99
        ).with_user(self.manager)
        self.refused("pilot", draft.action_start)
        draft.pilot_share = 100
        self.refused("hold-out", draft.action_start)
        self.assertEqual(draft.state, "draft")
        self.refused("Pilot", mine.action_expand, "100")
        self.refused("Pilot", mine.action_expand, True)

    def test_conditions_are_refused_when_stored(self):
        plan = self.make_plan([{"type": "branch"}], start=False).with_user(self.manager)
        branch = self.steps(plan)
        for wrong in (
            "[('name', '=', ",
            "[('no_such_field', '=', 1)]",
            "[('create_date', '>', 'soon')]",
            "[('name', '=', '\\x00')]",
            "[('password', '=', 'x')]",
            "__import__('os').system('true')",
            "{}",
            "[('name', 'nearly', 'x')]",
        ):
            for record, name in (
                (branch, "branch_domain"), (plan, "partner_domain"), (plan, "exit_domain"),
            ):  # fmt: skip
                with self.subTest(wrong=wrong, name=name):
                    self.refused("do", record.write, {name: wrong})
            with self.subTest(wrong=wrong), self.assertRaises(ValidationError):
                branch.create(
                    {
                        "version_id": plan.draft_version_id.id,
                        "type": "branch",
                        "branch_domain": wrong,
                    }
                )

    def test_lanes_are_refused_when_stored(self):
        plan = self.make_plan(
            [{"type": "branch", "children": {"yes": [self.quiet]}}, {"type": "task"}], start=False
        )
        steps = self.steps(plan)
        branch = steps.filtered(lambda step: step.type == "branch")
        task = steps.filtered(lambda step: step.type == "task")
        child = branch.child_ids
        for parent, lane in (
            (branch, "maybe"), (branch, "a"), (branch, False), (task, "yes"), (child, "yes"),
        ):  # fmt: skip
            with self.subTest(parent=parent.type, lane=lane), self.assertRaises(UserError):
                steps.create(
                    {
                        "version_id": plan.draft_version_id.id,
                        "type": "stop",
                        "parent_id": parent.id,
                        "lane": lane,
                    }
                )
        # what hangs on it stays, by whatever name its way is called then
        branch.branch_type = "ab"
        self.assertEqual(child.lane, "a")
        branch.branch_type = "ordered"
        self.assertEqual(child.lane, "yes")
        self.refused("hangs on", branch.write, {"type": "stop"})
        inside = steps.create(
            {
                "version_id": plan.draft_version_id.id,
                "type": "stop",
                "parent_id": task.id,
                "lane": "reached",
            }
        )
        self.refused("hangs on", task.write, {"task_wait": False})
        inside.unlink()
        task.task_wait = False

    def test_cycles_are_refused(self):
        plan = self.make_plan(
            [{"type": "branch", "children": {"yes": [{"type": "branch", "name": "inner"}]}}],
            start=False,
        )
        outer, inner = self.steps(plan).sorted(lambda step: bool(step.parent_id))
        with self.assertRaises(ValidationError):
            outer.write({"parent_id": inner.id, "lane": "yes"})
        with self.assertRaises(ValidationError):
            outer.write({"parent_id": outer.id, "lane": "yes"})
        self.assertFalse(outer.parent_id)

    def test_waits(self):
        plan = self.make_plan([self.quiet], start=False)
        step = self.steps(plan)
        for count in (0, -1, 10**6):
            self.refused("Wait", step.write, {"wait_type": "after", "wait_count": count})
        # before the day is a way to wait; at once is another
        step.write({"wait_type": "date", "wait_count": -1})
        step.write({"wait_type": "none", "wait_count": 0})
        plan._start()
        plan._enroll(self.person)
        self.work()
        self.assertEqual(plan.enrollment_ids.state, "done")

    def test_nul(self):
        """The database takes no NUL: it is refused in words, never a traceback."""
        plan = self.make_plan([{"type": "note", "text": "x"}], user_id=self.manager.id)
        mine = plan.with_user(self.manager)
        self.refused("occurrence", mine.hc_enroll, self.person.ids, f"a{NUL}b")
        mine.action_edit()
        step = self.steps(plan)
        with self.assertRaises(UserError):
            mine.hc_add_step(NUL)
        with self.assertRaises(UserError):
            mine.action_open_deliveries(state=NUL)
        with self.assertRaises(UserError):
            step.branch_domain = f"[('name', '=', '{NUL}')]"
        self.person.user_id = self.manager
        plan._enroll(self.person)
        task = self.make_plan([{"type": "task", "name": "Call"}], user_id=self.manager.id)
        task._enroll(self.person)
        self.work()
        row = self.Delivery.search([("plan_id", "=", task.id)])
        self.assertEqual(row.state, "open")
        with self.assertRaises(UserError):
            row.with_user(self.manager).action_outcome(f"reached{NUL}")
        row.with_user(self.manager).action_outcome("reached", note=f"She{NUL} was in")
        self.env.flush_all()
        self.assertEqual(row.note, "She was in")
