from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tests.common import MailCommon

from .common_outreach_flow import make_welcome


@tagged("post_install", "-at_install")
class TestOutreachFlowTour(HttpCase, MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        admin = cls.env.ref("base.user_admin")
        cls.company = admin.company_id
        # however many contacts the database has, nobody is needed to approve
        policy = cls.env["hc.contact.policy"].search([("company_id", "=", cls.company.id)])
        if not policy:
            policy = policy.create({"company_id": cls.company.id})
        policy.write(
            {
                "approval_above": 10**6,
                "hour_from": 0,
                "hour_to": 24,
                "on_sunday": True,
                "calendar_id": False,
            }
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Tour Customer", "email": "tour@customer.example"}
        )
        cls.template = make_welcome(cls.env, name="Tour welcome")

    def test_start_from_a_ready_one_and_see_the_first_step_happen(self):
        before = self.env["hc.outreach.plan"].search([])
        self.start_tour("/odoo/outreach-plans", "hc_outreach_start_tour", login="admin")
        plan = self.env["hc.outreach.plan"].search([]) - before
        self.assertEqual((len(plan), plan.state), (1, "running"))
        self.assertFalse(plan.is_template)
        plan._enroll(self.customer, "tour")
        with self.mock_mail_gateway():
            self.env["hc.outreach.delivery"]._work()
            self.env["mail.mail"].process_email_queue()
        delivery = self.env["hc.outreach.delivery"].search(
            [("plan_id", "=", plan.id), ("type", "=", "mail")]
        )
        self.assertEqual(delivery.partner_id, self.customer)
        self.start_tour(
            f"/odoo/outreach-plans/{plan.id}", "hc_outreach_happened_tour", login="admin"
        )

    def test_simulate_pilot_expand(self):
        admin = self.env.ref("base.user_admin")
        plan = self.env["hc.outreach.plan"].browse(
            self.template.with_user(admin).action_use_template()["res_id"]
        )
        self.start_tour(f"/odoo/outreach-plans/{plan.id}", "hc_outreach_pilot_tour", login="admin")
        self.assertEqual((plan.state, plan.pilot_share), ("running", 100))
