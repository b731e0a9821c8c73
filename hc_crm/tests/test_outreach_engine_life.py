from datetime import timedelta
from itertools import pairwise

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .common_outreach import OutreachCommon

END = {"name": "end", "type": "stop"}
LATER = {"wait_type": "after", "wait_unit": "days"}


@tagged("post_install", "-at_install")
class TestOutreachLife(OutreachCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = mail_new_test_user(
            cls.env,
            login="hc_manager_second",
            groups="sales_team.group_sale_salesman,hc_crm.hc_crm_group_manager",
        )
        cls.set_approval_above(1_000_000)

    def test_start_says_what_is_missing(self):
        plan = self.make_plan([{"name": "hello", "type": "mail"}], start=False)
        with self.assertRaisesRegex(UserError, "hello.*template"):
            plan.with_user(self.manager).action_start()
        self.assertEqual(plan.state, "draft")
        plan.draft_version_id.step_ids.unlink()
        with self.assertRaisesRegex(UserError, "no steps"):
            plan.with_user(self.manager).action_start()

    def test_second_pair_of_eyes(self):
        self.set_approval_above(1)
        plan = self.make_plan(
            [END], start=False, partner_domain="[('name', 'like', 'lin')]"
        ).with_user(self.manager)
        self.make_partners(3, name="lin")
        plan.action_start()
        self.assertEqual(plan.state, "approval")
        with self.assertRaisesRegex(UserError, "yourself"):
            plan.action_approve()
        plan.with_user(self.second).action_approve()
        self.assertEqual(plan.state, "running")
        self.assertEqual(plan.approver_id, self.second)

    def test_nobody_skips_the_buttons(self):
        plan = self.make_plan([END], start=False)
        plan.with_user(self.manager).write({"state": "running", "approver_id": self.manager.id})
        self.assertEqual(plan.state, "draft")
        self.assertFalse(plan.approver_id)
        for user in (self.salesman, self.seller_all, self.stranger):
            with self.assertRaises(AccessError):
                plan.with_user(user).action_start()
        plan._start()
        for button in ("action_pause", "action_stop", "action_edit"):
            with self.assertRaises(AccessError):
                getattr(plan.with_user(self.seller_all), button)()

    def test_live_steps_do_not_change(self):
        plan = self.make_plan([END])
        step = plan.live_version_id.step_ids
        with self.assertRaisesRegex(UserError, "live"):
            step.with_user(self.manager).name = "other"
        with self.assertRaisesRegex(UserError, "live"):
            step.with_user(self.manager).unlink()

    def test_pause_and_resume_without_a_flood(self):
        plan = self.make_plan([{"name": "wait", **self.quiet, **LATER, "wait_count": 1}, END])
        plan.late_days = 10
        people = self.make_partners(24)
        plan._enroll(people)
        rows = self.Delivery.search([("plan_id", "=", plan.id)])
        # they became due one a day, the oldest 23 days ago
        for number, row in enumerate(rows):
            row.date_due = row.date_first_due = self.now - timedelta(days=number, hours=1)
        plan.write({"state": "paused", "date_paused": self.now - timedelta(days=24)})
        self.work(days=1)
        self.assertEqual(set(rows.mapped("state")), {"due"}, "paused")
        plan.with_user(self.manager).action_resume()
        self.work()
        self.assertEqual(
            set(rows.filtered(lambda row: row.reason_code == "too_late").mapped("state")),
            {"skipped"},
        )
        self.assertEqual(len(rows.filtered(lambda row: row.state == "skipped")), 14)
        done = [len(rows.filtered(lambda row: row.state == "done"))]
        for day in range(1, 30):
            self.work(days=day)
            done.append(len(rows.filtered(lambda row: row.state == "done")))
        self.assertEqual(done[-1], 10, "nothing is lost")
        self.assertLessEqual(max(after - before for before, after in pairwise(done)), 2)
        self.assertLessEqual(done[0], 1)

    def test_stop(self):
        plan = self.make_plan([{"name": "later", "type": "branch", **LATER}, END])
        plan._enroll(self.person)
        plan.with_user(self.manager).action_stop()
        [row] = self.Delivery.search([("plan_id", "=", plan.id)])
        self.assertEqual((row.state, row.reason_code), ("skipped", "plan_ended"))
        self.assertEqual(plan.enrollment_ids.exit_code, "plan_ended")
        with self.assertRaisesRegex(UserError, "not running"):
            plan._enroll(self.contact)

    def test_pilot_holdout_expand(self):
        plan = self.make_plan([END], pilot_share=20, holdout_share=20)
        people = self.make_partners(400)
        plan._enroll(people)
        count = self.Enrollment.search_count
        here = [("plan_id", "=", plan.id)]
        held = count([*here, ("state", "=", "holdout")])
        pilot = self.Enrollment.search([*here, ("state", "=", "active")])
        self.assertTrue(40 < held < 130, held)
        self.assertTrue(30 < len(pilot) < 110, len(pilot))
        plan.with_user(self.manager).action_expand(50)
        more = self.Enrollment.search([*here, ("state", "=", "active")])
        self.assertLess(pilot, more)
        plan.with_user(self.manager).action_expand(100)
        self.assertEqual(count([*here, ("state", "=", "waiting")]), 0)
        self.assertEqual(count([*here, ("state", "=", "active")]), 400 - held)
        self.assertEqual(count([*here, ("state", "=", "holdout")]), held, "they stay")
        plan._enroll(people, "again")
        again = self.Enrollment.search([*here, ("occurrence", "=", "again")]).grouped("partner_id")
        for enrollment in self.Enrollment.search([*here, ("occurrence", "=", "once")]):
            self.assertEqual(
                enrollment.state == "holdout",
                again[enrollment.partner_id].state == "holdout",
                "the same person is always on the same side",
            )

    def test_daily_limit_spreads(self):
        plan = self.make_plan([END], daily_limit=4)
        plan._enroll(self.make_partners(10))
        begins = sorted(plan.enrollment_ids.mapped("date_begin"))
        self.assertEqual(
            [(begin.date() - begins[0].date()).days for begin in begins],
            [0] * 4 + [1] * 4 + [2] * 2,
        )
        plan._enroll(self.person)
        [last] = plan.enrollment_ids.filtered(lambda row: row.partner_id == self.person)
        self.assertEqual((last.date_begin.date() - begins[0].date()).days, 2)

    def test_reentry(self):
        once = self.make_plan([END], reentry="once")
        self.assertEqual(len(once._enroll(self.person, "a")), 1)
        self.assertFalse(once._enroll(self.person, "b"))
        days = self.make_plan([END], reentry="days", reentry_days=30)
        self.assertEqual(len(days._enroll(self.person, "a")), 1)
        self.assertFalse(days._enroll(self.person, "b"))
        days.enrollment_ids.date_entered = self.now - timedelta(days=31)
        self.assertEqual(len(days._enroll(self.person, "b")), 1)

    def test_who_may_not_come_in(self):
        plan = self.make_plan([END], partner_domain="[('function', '=', 'Boss')]")
        boss, archived, other, worker = self.make_partners(4, function="Boss")
        archived.active = False
        other.company_id = self.other_company
        worker.function = "Worker"
        self.assertEqual(plan._enroll(boss | archived | other | worker).partner_id, boss)

    def test_versions_finish_or_move(self):
        steps = [
            {"name": "one", **self.quiet, "key": "one"},
            {"name": "two", **self.quiet, "key": "two", **LATER, "wait_count": 2},
            {"name": "three", **self.quiet, "key": "three", **LATER, "wait_count": 2},
        ]
        plan = self.make_plan(steps)
        plan._enroll(self.person)
        self.work()
        plan = plan.with_user(self.manager)
        plan.action_edit()
        new = plan.draft_version_id.step_ids
        self.assertEqual(new.mapped("key"), ["one", "two", "three"])
        new.filtered(lambda step: step.key == "two").unlink()
        self.env["hc.outreach.step"].create(
            {
                "version_id": plan.draft_version_id.id,
                "name": "four",
                **self.quiet,
                "sequence": 99,
            }
        )
        plan.action_publish(move=True)
        self.work()
        self.work(days=3)
        self.work(days=6)
        self.assertEqual(
            [(name, state) for name, state, _outcome in self.rows(plan, self.person)],
            [("one", "done"), ("two", "skipped"), ("three", "done"), ("four", "done")],
        )
        self.assertEqual(plan.enrollment_ids.state, "done")
        self.assertEqual(plan.enrollment_ids.version_id, plan.live_version_id)

    def test_those_inside_finish_theirs(self):
        plan = self.make_plan([{"name": "old", **self.quiet, **LATER}, END])
        plan._enroll(self.person)
        plan.action_edit()
        plan.draft_version_id.step_ids.filtered(lambda step: step.name == "old").name = "new"
        plan.action_publish()
        plan._enroll(self.contact)
        self.work(days=4)
        self.assertEqual(self.rows(plan, self.person)[0][0], "old")
        self.assertEqual(self.rows(plan, self.contact)[0][0], "new")

    def test_use_template(self):
        ready = self.make_plan(
            [{"name": "hello", "type": "branch", "children": {"yes": [END]}}],
            start=False,
            is_template=True,
            company_id=False,
        )
        action = ready.with_user(self.manager).action_use_template()
        plan = self.env["hc.outreach.plan"].browse(action["res_id"])
        self.assertEqual((plan.company_id, plan.user_id), (self.company, self.manager))
        self.assertFalse(plan.is_template)
        steps = plan.draft_version_id.step_ids
        self.assertEqual(steps.mapped("name"), ["hello", "end"])
        self.assertEqual(steps[1].parent_id, steps[0])
        with self.assertRaisesRegex(UserError, "template"):
            ready.with_user(self.manager).action_start()

    def test_leaving(self):
        plan = self.make_plan([{"name": "later", "type": "branch", **LATER}, END])
        plan._enroll(self.person | self.contact)
        self.person.active = False
        rows = plan.enrollment_ids.grouped("partner_id")
        self.assertEqual(rows[self.person].exit_code, "archived")
        with self.assertRaises(AccessError):
            rows[self.contact].with_user(self.stranger).action_leave()
        rows[self.contact].with_user(self.manager).action_leave()
        self.assertEqual(rows[self.contact].exit_code, "by_hand")
        explained = rows[self.contact].with_user(self.manager).hc_explain()
        self.assertIn("colleague decided", explained["ended"])
        self.assertEqual([step["state"] for step in explained["steps"]], ["skipped"])

    def test_merged(self):
        plan = self.make_plan([{"name": "later", "type": "branch", **LATER}, END])
        twin, lone = self.make_partners(2)
        plan._enroll(self.person | twin)
        plan._enroll(lone, "other")
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.person | twin | lone).ids, self.person
        )
        rows = plan.enrollment_ids
        self.assertEqual(rows.partner_id, self.person)
        self.assertEqual(sorted(rows.mapped("state")), ["active", "active", "exited"])
        self.assertEqual(rows.filtered(lambda row: row.state == "exited").exit_code, "merged")
        self.work(days=2)
        self.assertEqual(len([row for row in self.rows(plan) if row[1] == "done"]), 4)

    def test_decide_about_trouble(self):
        plan = self.make_plan([{"name": "breaks", "type": "branch"}, END])
        Step = self.registry["hc.outreach.step"]

        def broken(step, rows):
            raise ValueError("no luck")

        people = self.make_partners(2)
        plan._enroll(people)
        with self.subTest("failed"):
            original = Step._run_branch
            Step._run_branch = broken
            self.addCleanup(setattr, Step, "_run_branch", original)
            self.work()
            Step._run_branch = original
        rows = self.Delivery.search([("plan_id", "=", plan.id)])
        self.assertEqual(set(rows.mapped("state")), {"failed"})
        self.assertEqual(len(plan.activity_ids), 1, "told once")
        with self.assertRaises(AccessError):
            rows[0].with_user(self.seller_all).action_retry()
        rows[0].with_user(self.manager).action_retry()
        rows[1].with_user(self.manager).action_skip()
        self.work()
        self.assertEqual(set(plan.enrollment_ids.mapped("state")), {"done"})
        with self.assertRaisesRegex(UserError, "Reload"):
            rows[1].with_user(self.manager).action_retry()

    def test_transient_error_is_tried_again(self):
        plan = self.make_plan([{"name": "net", "type": "branch"}, END])
        plan._enroll(self.person)
        Step = self.registry["hc.outreach.step"]
        original = Step._run_branch

        def broken(step, rows):
            raise ConnectionResetError("gone")

        Step._run_branch = broken
        self.addCleanup(setattr, Step, "_run_branch", original)
        self.work()
        [row] = self.Delivery.search([("plan_id", "=", plan.id)])
        self.assertEqual((row.state, row.tries), ("due", 1))
        self.assertTrue(row.is_trouble)
        self.assertIn(row, self.Delivery.search([("is_trouble", "=", True)]))
        Step._run_branch = original
        self.work(hours=1)
        self.assertEqual(row.state, "done")
        self.assertFalse(row.error)

    def test_ab_is_by_person(self):
        plan = self.make_plan(
            [{"name": "ab", "type": "branch", "branch_type": "ab", "branch_share": 30}]
        )
        people = self.make_partners(200)
        plan._enroll(people)
        plan._enroll(people, "again")
        self.work()
        rows = self.Delivery.search([("plan_id", "=", plan.id)])
        of = rows.grouped(lambda row: (row.partner_id, row.outcome))
        self.assertEqual(len(of), 200, "the same person, the same lane")
        self.assertTrue(60 < len(rows.filtered(lambda row: row.outcome == "a")) < 180)

    def test_branch_waits_for_an_order(self):
        plan = self.make_plan(
            [{"name": "bought", "type": "branch", "branch_type": "ordered", "branch_days": 5}]
        )
        buyer, other = self.make_partners(2)
        plan._enroll(buyer | other)
        self.work()
        self.assertEqual({row[1] for row in self.rows(plan)}, {"due"})
        order = self.env["sale.order"].create({"partner_id": buyer.id})
        order.write({"state": "sale", "date_order": self.now + timedelta(days=1)})
        self.work(days=2)
        self.assertEqual(self.rows(plan, buyer), [("bought", "done", "yes")])
        self.assertEqual(self.rows(plan, other)[0][1], "due")
        self.work(days=6)
        self.assertEqual(self.rows(plan, other), [("bought", "done", "no")])

    def test_used_plans_stay(self):
        plan = self.make_plan([END])
        plan._enroll(self.person)
        with self.assertRaisesRegex(UserError, "Archive"):
            plan.with_user(self.manager).unlink()
        with self.assertRaises(UserError):
            plan.active = False


@tagged("post_install", "-at_install")
class TestOutreachRights(OutreachCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.make_plan([{"name": "later", "type": "branch", **LATER}, END])
        cls.own, cls.foreign = cls.make_partners(2)
        cls.own.user_id = cls.salesman
        cls.foreign.user_id = cls.seller_all
        cls.plan._enroll(cls.own | cls.foreign)

    def seen(self, user, model="hc.outreach.enrollment"):
        return (
            self.env[model]
            .with_user(user)
            .search([("plan_id", "=", self.plan.id)])
            .sudo()
            .partner_id
        )

    def test_who_reads_what(self):
        for model in ("hc.outreach.enrollment", "hc.outreach.delivery"):
            self.assertEqual(self.seen(self.salesman, model), self.own)
            self.assertEqual(self.seen(self.seller_all, model), self.own | self.foreign)
            self.assertEqual(self.seen(self.manager, model), self.own | self.foreign)
            self.assertFalse(self.seen(self.stranger, model))
            for user in (self.portal, self.public):
                with self.assertRaises(AccessError):
                    self.seen(user, model)

    def test_nobody_writes_but_the_engine(self):
        for user in (self.salesman, self.seller_all, self.manager):
            for record in (self.plan.enrollment_ids[0], self.plan.enrollment_ids.delivery_ids[0]):
                with self.assertRaises(AccessError):
                    record.with_user(user).write({"state": "done"})
                with self.assertRaises(AccessError):
                    record.with_user(user).unlink()

    def test_figures_of_reasons(self):
        row = self.plan.enrollment_ids.delivery_ids[0]
        with self.assertRaises(AccessError):
            row.with_user(self.seller_all).read(["reason_args"])
        row.with_user(self.manager).read(["reason_args"])

    def test_enroll_by_hand(self):
        [person] = self.make_partners(1)
        person.user_id = self.salesman
        plan = self.plan.with_user(self.salesman)
        self.assertEqual(plan.hc_enroll(person.ids), {"entered": 1, "known": 0})
        self.assertEqual(plan.hc_enroll(person.ids), {"entered": 0, "known": 1})
        person.company_id = self.other_company
        with self.assertRaises(AccessError):
            plan.hc_enroll(person.ids)
        for wrong in ("1", ["1"], [True], [0], [2**40], []):
            with self.assertRaises(UserError):
                plan.hc_enroll(wrong)
        for user in (self.stranger, self.portal, self.public):
            with self.assertRaises(AccessError):
                self.plan.with_user(user).hc_enroll(self.own.ids)

    def test_health(self):
        health = self.env["hc.outreach.health"].with_user(self.manager).create({})
        self.assertGreaterEqual(health.later_count, 2)
        self.assertTrue(health.text)
        with self.assertRaises(AccessError):
            self.env["hc.outreach.health"].with_user(self.seller_all).create({})
