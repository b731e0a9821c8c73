from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_outreach import OutreachCommon


@tagged("post_install", "-at_install")
class TestOutreachDouble(OutreachCommon):
    """The same people are not turned to twice without somebody having been told."""

    def setUp(self):
        super().setUp()
        Plan = self.env["hc.outreach.plan"]
        Plan.search([("state", "=", "running")]).action_stop()
        self.ready = self.env.ref("hc_crm.outreach_plan_welcome")
        Plan.search([("template_key", "=", "welcome"), ("is_template", "=", False)]).write(
            {"template_key": False}
        )
        policy = self.env["hc.contact.policy"]._for_company(self.company)
        policy.approval_above = 10**6

    def use(self):
        ready = self.ready.with_user(self.manager)
        return self.env["hc.outreach.plan"].browse(ready.action_use_template()["res_id"])

    def dialog(self, action):
        self.assertEqual(action["res_model"], "hc.outreach.double")
        return self.env["hc.outreach.double"].with_user(self.manager).browse(action["res_id"])

    def test_use_it_again(self):
        ready = self.ready.with_user(self.manager)
        first = self.env["hc.outreach.plan"].browse(ready.action_use_ready()["res_id"])
        self.assertEqual(first._name, "hc.outreach.plan")
        dialog = self.dialog(ready.action_use_ready())
        self.assertEqual(dialog.other_ids, first)
        self.assertIn(first.name, dialog.text)
        self.assertEqual(dialog.action_open_other()["res_id"], first.id)
        self.assertNotEqual(dialog.name, first.name)
        second = self.env["hc.outreach.plan"].browse(dialog.action_go_on()["res_id"])
        self.assertEqual((second.name, second.template_key), (dialog.name, "welcome"))
        self.assertNotIn(self.use().name, (first.name, second.name))

    def test_start_beside_one_that_runs(self):
        first, second = self.use(), self.use()
        first.with_user(self.manager).action_start()
        self.assertEqual(first.state, "running")
        dialog = self.dialog(second.with_user(self.manager).action_start())
        self.assertEqual(second.state, "draft", "nothing happened yet")
        self.assertIn(first.name, dialog.text)
        self.assertGreater(dialog.count, 0)
        dialog.action_go_on()
        self.assertEqual(second.state, "running")
        self.assertIn(first.name, str(second.message_ids.mapped("body")))

    def test_other_people_or_another_way_in_are_no_double(self):
        first, second, third = self.use(), self.use(), self.use()
        first.partner_domain = f"[('id', '=', {self.person.id})]"
        first.with_user(self.manager).action_start()
        second.partner_domain = f"[('id', '=', {self.contact.id})]"
        second.with_user(self.manager).action_start()
        third.entry_type = "manual"
        third.with_user(self.manager).action_start()
        self.assertEqual((second.state, third.state), ("running", "running"))

    def test_resume(self):
        first, second = self.use(), self.use()
        second.with_user(self.manager).action_start()
        second.with_user(self.manager).action_pause()
        first.with_user(self.manager).action_start()
        self.dialog(second.with_user(self.manager).action_resume())
        self.assertEqual(second.state, "paused")

    def test_rights(self):
        with self.assertRaises(AccessError):
            self.ready.with_user(self.salesman).action_use_ready()
        with self.assertRaises(AccessError):
            self.env["hc.outreach.double"].with_user(self.salesman).create(
                {"plan_id": self.ready.id, "act": "use"}
            )
