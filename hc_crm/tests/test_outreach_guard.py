from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_outreach import OutreachAdminsCommon

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
