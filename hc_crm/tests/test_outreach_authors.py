from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .common_outreach import OutreachAdminsCommon

SECRET = "[('sale_order_ids.client_order_ref', '=', 'SECRET')]"


@tagged("post_install", "-at_install")
class TestOutreachAuthors(OutreachAdminsCommon):
    """A condition sees what whoever wrote it may see, and never more because of somebody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sale.order"].create(
            {
                "partner_id": cls.person.id,
                "user_id": cls.seller_all.id,
                "client_order_ref": "SECRET",
            }
        )

    def state_after(self, plan):
        plan._enroll(self.person)
        self.work()
        return plan.enrollment_ids.state

    def test_each_condition_its_own(self):
        plan = self.make_plan([self.quiet], user_id=self.manager.id)
        plan.with_user(self.manager).exit_domain = SECRET
        plan.with_user(self.boss).write(
            {"goal_domain": SECRET, "partner_domain": "[('name', '!=', 'x')]"}
        )
        self.assertEqual(plan.exit_author_id, self.manager)
        self.assertEqual((plan.goal_author_id, plan.author_id), (self.boss, self.boss))
        # whoever wrote it does not see the order: nobody learns of it by who leaves
        self.assertEqual(self.state_after(plan), "done")
        again = self.make_plan([self.quiet], user_id=self.manager.id)
        again.with_user(self.boss).exit_domain = SECRET
        self.assertEqual(self.state_after(again), "exited")
        self.assertEqual(again.enrollment_ids.exit_code, "exit_condition")

    def test_the_way_in_is_one_sentence(self):
        plan = self.make_plan([self.quiet], start=False)
        plan.with_user(self.boss).write(
            {
                "entry_type": "record",
                "entry_model_id": self.env["ir.model"]._get_id("sale.order"),
                "entry_domain": "[('state', '=', 'sale')]",
            }
        )
        self.assertEqual(plan.entry_author_id, self.boss)
        plan.with_user(self.manager).entry_partner_path = "partner_invoice_id"
        self.assertEqual(plan.entry_author_id, self.manager)
        plan.with_user(self.boss).name = "Another name"
        self.assertEqual(plan.entry_author_id, self.manager)

    def test_branches(self):
        def outcome(user):
            plan = self.make_plan(
                [{"name": "ask", "type": "branch", "children": {"yes": [{"type": "stop"}]}}],
                start=False,
            )
            [branch] = plan.draft_version_id.step_ids.filtered(lambda step: step.type == "branch")
            branch.with_user(user).branch_domain = SECRET
            self.assertEqual(branch.branch_author_id, user)
            # what another one changes later does not lend it their rights
            plan.with_user(self.boss).exit_domain = "[('name', '=', 'Nobody')]"
            branch.with_user(self.boss).name = "ask them"
            plan._start()
            plan._enroll(self.person)
            self.work()
            return self.rows(plan)[0][2]

        self.assertEqual(outcome(self.manager), "no")
        self.assertEqual(outcome(self.boss), "yes")

    def test_versions_and_copies_keep_the_author(self):
        plan = self.make_plan([{"type": "branch", "children": {"yes": [self.quiet]}}], start=False)
        plan.with_user(self.manager).write({"exit_domain": SECRET, "partner_domain": "[]"})
        branch = plan.draft_version_id.step_ids.filtered(lambda step: step.type == "branch")
        branch.with_user(self.manager).branch_domain = SECRET
        twin = branch.with_user(self.boss).hc_duplicate()
        self.assertEqual(branch.browse(twin).branch_author_id, self.manager)
        copy = plan.with_user(self.boss).copy({"exit_author_id": 1, "author_id": 1}).sudo()
        self.assertEqual(copy.exit_author_id, self.manager)
        self.assertEqual(copy.author_id, self.manager)
        branches = copy.draft_version_id.step_ids.filtered(lambda step: step.type == "branch")
        self.assertEqual(branches.branch_author_id, self.manager)
        plan._start()
        plan.with_user(self.boss).action_edit()
        branches = plan.draft_version_id.step_ids.filtered(lambda step: step.type == "branch")
        self.assertEqual(branches.branch_author_id, self.manager)

    def test_nobody_names_another_author(self):
        plan = self.make_plan([{"type": "branch"}], start=False)
        plan.with_user(self.manager).write(
            {"exit_domain": SECRET, "exit_author_id": self.boss.id, "author_id": 1}
        )
        self.assertEqual(plan.exit_author_id, self.manager)
        branch = plan.draft_version_id.step_ids.with_user(self.manager)
        branch.write({"branch_domain": SECRET, "branch_author_id": self.boss.id})
        self.assertEqual(branch.branch_author_id, self.manager)
        new = branch.create(
            {
                "version_id": plan.draft_version_id.id,
                "type": "branch",
                "branch_domain": SECRET,
                "branch_author_id": 1,
            }
        )
        self.assertEqual(new.branch_author_id, self.manager)

    def test_author_deleted(self):
        """It is shown and waits for somebody who answers for it; other plans go on."""
        author = mail_new_test_user(
            self.env,
            login="hc_guard_gone",
            groups="sales_team.group_sale_salesman_all_leads,hc_crm.hc_crm_group_manager",
        )
        plan, other = (self.make_plan([self.quiet], user_id=self.manager.id) for _two in "ab")
        plan.with_user(author).write({"exit_domain": SECRET, "partner_domain": SECRET})
        plan._enroll(self.person)
        author.unlink()
        self.assertFalse(plan.exit_author_id)
        other._enroll(self.person)
        self.work()
        [row] = plan.enrollment_ids.delivery_ids
        self.assertEqual(row.state, "failed")
        self.assertIn("Nobody answers", row.error)
        self.assertEqual(other.enrollment_ids.state, "done")
        plan._enter_guarded()
        self.assertIn("Nobody answers", plan.entry_error)
        flow = plan.with_user(self.manager).hc_get_flow()
        self.assertEqual(len(flow["steps"]), 1, "it can be looked at")
        plan.with_user(self.manager).write({"exit_domain": "[]", "partner_domain": "[]"})
        row.with_user(self.manager).action_retry()
        self.work()
        self.assertEqual(row.state, "done")
