from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from .common_outreach_entry import EntryCommon

LATER = {"wait_type": "after", "wait_unit": "days", "wait_count": 1}


@tagged("post_install", "-at_install")
class TestOutreachGone(EntryCommon):
    """What a running plan needs goes away: it shows, and everybody else's plan goes on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_approval_above(1_000_000)
        cls.other_plan = cls.make_plan([cls.quiet], name="Other", user_id=cls.manager.id)
        cls.bystander = cls.make_partners(1)

    def begin(self, *steps, partners=None, **vals):
        """A plan with somebody inside, and another plan beside it."""
        plan = self.make_plan(
            [*steps, {"name": "end", **self.quiet}], user_id=self.manager.id, **vals
        )
        plan._enroll(partners or self.person)
        self.other_plan._enroll(self.bystander)
        return plan

    def work_on(self, plan, **later):
        self.work(**later)
        self.assertEqual(self.other_plan.enrollment_ids.state, "done", "the others go on")
        return self.Delivery.search([("plan_id", "=", plan.id)], order="id")

    def check_failed(self, plan, word):
        """It failed in words, the responsible was told once, and the list of what went wrong shows it."""
        [row] = self.work_on(plan)
        self.assertEqual(row.state, "failed")
        self.assertIn(word, row.error)
        self.assertTrue(row.is_trouble)
        self.assertEqual(plan.with_user(self.manager).problem_count, 1)
        self.assertEqual(plan.activity_ids.user_id, self.manager)
        self.assertEqual(len(plan.activity_ids), 1)
        explained = row.enrollment_id.with_user(self.manager).hc_explain()
        self.assertIn(word, str(explained))
        self.work()
        self.assertEqual(row.state, "failed", "it is not tried for ever")
        return row

    # -- things -----------------------------------------------------------------------------------

    def test_template_deleted_and_mended(self):
        template = self.make_template()
        plan = self.begin(
            {"name": "mail", "key": "m", "type": "mail", "mail_template_id": template.id}
        )
        template.unlink()
        row = self.check_failed(plan, "template")
        # the live steps stay as they are: another template comes with a new version
        mine = plan.with_user(self.manager)
        mine.action_edit()
        step = plan.draft_version_id.step_ids.filtered(lambda step: step.type == "mail")
        self.refused("template", mine.action_publish, True)
        step.mail_template_id = self.make_template()
        mine.action_publish(True)
        row.with_user(self.manager).action_retry()
        self.work()
        self.assertEqual((row.state, row.step_id), ("sending", step))

    def test_template_breaks(self):
        template = self.make_template()
        plan = self.begin({"type": "mail", "mail_template_id": template.id})
        # the host refuses to store it; what a template reads may go away later
        self.env.cr.execute(
            "UPDATE mail_template SET body_html = jsonb_build_object('en_US', %s) WHERE id = %s",
            ("<p t-out='object.no_such_field'/>", template.id),
        )
        template.invalidate_recordset()
        self.check_failed(plan, "no_such_field")

    def test_tag_deleted(self):
        tag = self.env["res.partner.category"].create({"name": "Gone"})
        plan = self.begin({"type": "tag", "category_id": tag.id})
        tag.unlink()
        self.check_failed(plan, "tag was deleted")

    def test_segment_deleted(self):
        segment = self.env["hc.segment"].create(
            {"name": "Gone", "domain": "[('name', '=', 'Rosa Testblum')]"}
        )
        plan = self.begin(
            {**self.quiet, **LATER}, entry_type="segment", entry_segment_id=segment.id
        )
        entering = self.make(
            "record",
            entry_model_id=self.env["ir.model"]._get_id("sale.order"),
            entry_domain="[('state', '=', 'sale')]",
        )
        segment.unlink()
        self.assertFalse(plan.entry_segment_id)
        plan._enter_guarded()
        self.assertIn("Segment", plan.entry_error)
        self.assertEqual(plan.activity_ids.user_id, self.manager)
        # those inside go on, and so does who enters elsewhere
        self.assertEqual(self.work_on(plan, days=2)[0].state, "done")
        self.order(self.person)
        self.enter(entering)
        self.assertEqual(self.inside(entering), self.person)
        plan.with_user(self.manager).action_pause()
        self.refused("Segment", plan.with_user(self.manager).action_resume)

    def test_colleague_deleted(self):
        """Who was to do it is gone: it goes to the responsible of the plan, who is still there."""
        leaving = mail_new_test_user(
            self.env, login="hc_gone_colleague", groups="sales_team.group_sale_salesman"
        )
        plan = self.begin({"type": "task", "user_rule": "user", "user_id": leaving.id, **LATER})
        leaving.unlink()
        row = self.work_on(plan, days=2)[:1]
        self.assertEqual((row.state, row.user_id), ("open", self.manager))

    def test_responsible_deleted(self):
        leaving = mail_new_test_user(
            self.env,
            login="hc_gone_responsible",
            groups="sales_team.group_sale_salesman,hc_crm.hc_crm_group_manager",
        )
        plan = self.begin({"type": "task", "user_rule": "plan"})
        plan.user_id = leaving
        leaving.unlink()
        [row] = self.work_on(plan)
        self.assertEqual(row.state, "failed")
        self.assertTrue(row.error)
        self.refused("responsible", plan._check_startable)
        # somebody takes over
        plan.with_user(self.manager).user_id = self.manager
        row.with_user(self.manager).action_retry()
        self.work()
        self.assertEqual((row.state, row.user_id), ("open", self.manager))

    def test_date_field_removed(self):
        """As when the app that brought it is uninstalled."""
        field = self.env["ir.model.fields"].create(
            {
                "name": "x_hc_renewal",
                "field_description": "Renewal",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "ttype": "date",
                "state": "manual",
            }
        )
        self.addCleanup(self.registry.reset_changes)
        self.person.x_hc_renewal = fields.Date.today() + timedelta(days=3)
        plan = self.make(
            "date",
            entry_model_id=field.model_id.id,
            entry_date_field_id=field.id,
            entry_days=0,
        )
        self.assertEqual(self.enter(plan, days=3), 1)
        field.unlink()
        self.assertFalse(plan.entry_date_field_id)
        plan._enter_guarded()
        self.assertIn("Day", plan.entry_error)
        self.assertEqual(len(plan.activity_ids), 1)
        plan._enter_guarded()
        self.assertEqual(len(plan.activity_ids), 1, "told once")
        self.assertTrue(plan.with_user(self.manager).hc_get_flow()["steps"])
        self.other_plan._enroll(self.bystander)
        self.work_on(plan, days=4)
        self.assertEqual(plan.enrollment_ids.state, "done", "those inside go on")

    def test_condition_on_what_is_gone(self):
        plan = self.begin({**self.quiet})
        plan.env.cr.execute(
            "UPDATE hc_outreach_plan SET exit_domain = %s WHERE id = %s",
            ("[('x_hc_gone', '=', 1)]", plan.id),
        )
        plan.invalidate_recordset()
        self.check_failed(plan, "x_hc_gone")

    def test_branch_on_what_is_gone(self):
        plan = self.begin({"type": "branch", "children": {"yes": [self.quiet]}})
        self.env.cr.execute(
            "UPDATE hc_outreach_step SET branch_domain = %s WHERE plan_id = %s AND type = 'branch'",
            ("[('x_hc_gone', '=', 1)]", plan.id),
        )
        plan.live_version_id.step_ids.invalidate_recordset()
        self.check_failed(plan, "x_hc_gone")

    # -- people -----------------------------------------------------------------------------------

    def left(self, plan, code):
        self.work_on(plan, days=2)
        rows = plan.enrollment_ids.grouped("partner_id")
        self.assertEqual((rows[self.person].state, rows[self.person].exit_code), ("exited", code))
        self.assertTrue(rows[self.person].exit_text)
        self.assertEqual(rows[self.contact].state, "done", "who is beside goes on")
        [row] = rows[self.person].delivery_ids
        self.assertEqual((row.state, row.reason_code), ("skipped", code))

    def begin_two(self):
        return self.begin({**self.quiet, **LATER}, partners=self.person | self.contact)

    def test_customer_switches_company(self):
        plan = self.begin_two()
        self.person.company_id = self.other_company
        self.left(plan, "other_company")

    def test_customer_archived(self):
        plan = self.begin_two()
        self.person.active = False
        self.left(plan, "archived")

    def test_customer_erased(self):
        plan = self.begin_two()
        self.person._hc_erase()
        self.assertEqual(
            self.Enrollment.search(
                [
                    ("plan_id", "=", plan.id),
                    ("partner_id", "=", self.person.id),
                    ("state", "=", "active"),
                ]
            ),
            self.Enrollment,
        )
        self.work_on(plan, days=2)
        rows = plan.enrollment_ids.filtered(lambda row: row.partner_id == self.contact)
        self.assertEqual(rows.state, "done")

    def test_customer_deleted(self):
        plan = self.begin_two()
        partner_id = self.person.id
        self.person.unlink()
        self.work_on(plan, days=2)
        self.assertEqual(plan.enrollment_ids.partner_id, self.contact)
        self.assertNoOrphans()
        self.env.cr.execute(
            "SELECT 1 FROM hc_outreach_delivery WHERE partner_id = %s", (partner_id,)
        )
        self.assertFalse(self.env.cr.fetchall())

    def test_no_address_or_none_that_works(self):
        template = self.make_template()
        for email in (False, "not an address"):
            with self.subTest(email=email):
                self.person.email = email
                plan = self.make_plan(
                    [{"type": "mail", "mail_template_id": template.id}, self.quiet],
                    user_id=self.manager.id,
                )
                plan._enroll(self.person | self.contact)
                self.work()
                rows = self.Delivery.search([("plan_id", "=", plan.id)])
                mine = rows.filtered(lambda row: row.partner_id == self.person)
                self.assertEqual(sorted(mine.mapped("state")), ["done", "skipped"])
                self.assertTrue(mine.filtered(lambda row: row.state == "skipped").reason)
                others = rows - mine
                self.assertEqual(others.state, "sending")

    # -- rows without a foreign key of their own ---------------------------------------------------

    def assertNoOrphans(self):
        """Links that the database does not check lead somewhere, all the same."""
        self.env.flush_all()
        for table, column, other in (
            ("hc_outreach_delivery", "step_id", "hc_outreach_step"),
            ("hc_outreach_delivery", "plan_id", "hc_outreach_plan"),
            ("hc_outreach_delivery", "company_id", "res_company"),
            ("hc_outreach_delivery", "partner_id", "res_partner"),
            ("hc_outreach_enrollment", "plan_id", "hc_outreach_plan"),
            ("hc_outreach_enrollment", "company_id", "res_company"),
            ("hc_outreach_enrollment", "step_id", "hc_outreach_step"),
        ):
            self.env.cr.execute(
                f"SELECT count(*) FROM {table} AS one WHERE one.{column} IS NOT NULL AND NOT EXISTS "
                f"(SELECT 1 FROM {other} AS other WHERE other.id = one.{column})"
            )
            self.assertEqual(self.env.cr.fetchone()[0], 0, f"{table}.{column}")

    def test_step_deleted(self):
        """Only code can delete a live step: its rows go with it, and nobody stands at it any more."""
        plan = self.begin({"name": "first", **self.quiet, **LATER})
        step = plan.live_version_id.step_ids.filtered(lambda step: step.name == "first")
        self.assertEqual(plan.enrollment_ids.step_id, step)
        step.sudo().unlink()
        self.assertFalse(plan.enrollment_ids.step_id)
        self.assertFalse(plan.enrollment_ids.delivery_ids)
        self.assertNoOrphans()

    def test_step_deleted_with_what_hangs_on_it(self):
        plan = self.begin(
            {"type": "branch", "children": {"no": [{"name": "below", **self.quiet, **LATER}]},
             "branch_domain": "[('name', '=', 'Nobody')]"}
        )  # fmt: skip
        self.work()
        below = plan.live_version_id.step_ids.filtered(lambda step: step.name == "below")
        self.assertEqual(plan.enrollment_ids.step_id, below)
        below.parent_id.sudo().unlink()
        self.assertFalse(below.exists())
        self.assertNoOrphans()
        self.work(days=3)

    def test_version_deleted(self):
        """Whoever moved to another version keeps nothing about a step of this one."""
        plan = self.begin({"name": "first", "key": "first", **self.quiet, **LATER})
        old = plan.live_version_id
        mine = plan.with_user(self.manager)
        mine.action_edit()
        gone = plan.draft_version_id.step_ids.filtered(lambda step: step.key == "first")
        gone.with_user(self.manager).unlink()
        mine.action_publish(True)
        with self.assertRaises(AccessError):
            old.with_user(self.manager).unlink()
        old.sudo().unlink()
        self.assertNoOrphans()
        self.work(days=2)
        self.assertEqual(plan.enrollment_ids.state, "done")

    def test_unused_plan_deleted(self):
        plan = self.make_plan([{"type": "branch", "children": {"yes": [self.quiet]}}], start=False)
        version, steps = plan.version_ids, plan.version_ids.step_ids
        plan.with_user(self.manager).unlink()
        self.assertFalse(version.exists() or steps.exists())
        self.assertNoOrphans()

    def test_company_of_a_plan_stays(self):
        company = self.env["res.company"].create({"name": "Short-lived"})
        plan = self.make_plan([self.quiet], start=False, user_id=False, company_id=company.id)
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            company.unlink()
        self.assertEqual(plan.company_id, company)
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            plan.company_id = False
            self.env.flush_all()
        self.assertNoOrphans()
