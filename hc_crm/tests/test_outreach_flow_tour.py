from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
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

    def test_the_shipped_welcome_greets_a_new_customer(self):
        """From “Use It” to the thank-you on the timeline, by the jobs that do it every hour."""
        Plan = self.env["hc.outreach.plan"]
        ready = self.env.ref("hc_crm.outreach_plan_welcome")
        admin = self.env.ref("base.user_admin")
        other = Plan.browse(ready.with_user(admin).action_use_template()["res_id"])
        other._start()
        before = Plan.search([])
        self.start_tour("/odoo/outreach-ready", "hc_outreach_welcome_tour", login="admin")
        plan = Plan.search([]) - before
        self.assertEqual((len(plan), plan.state), (1, "running"))
        self.assertNotEqual(plan.name, other.name)
        self.assertIn("knows that", str(plan.message_ids.mapped("body")))
        (Plan.search([("state", "=", "running")]) - plan).action_stop()
        today = self.env["hc.insight.purchase"]._today(self.company)
        self.env["hc.customer.insight"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "computed_at": fields.Datetime.now(),
                "health_band": "middle",
                "first_purchase_date": today,
            }
        )
        now = fields.Datetime.now()
        cr = self.env.cr
        with (
            self.mock_mail_gateway(),
            patch.object(self.registry["ir.cron"], "_commit_progress", lambda *args, **kw: 100),
            # the jobs commit after each batch; here all of it belongs to the test
            patch.object(cr, "commit", cr.flush),
            patch.object(cr, "rollback", lambda: None),
        ):
            for days in (1, 2):  # the day after; then at ten o'clock
                with freeze_time(now + timedelta(days=days)):
                    Plan._cron_enter()
                    self.env["hc.outreach.delivery"]._cron_work()
                    self.env["mail.mail"].process_email_queue()
        [delivery] = self.env["hc.outreach.delivery"].search(
            [
                ("plan_id", "=", plan.id),
                ("partner_id", "=", self.customer.id),
                ("type", "=", "mail"),
            ]
        )
        self.assertEqual(delivery.state, "done")
        self.start_tour(
            f"/odoo/contacts/{self.customer.id}",
            "hc_outreach_welcome_happened_tour",
            login="admin",
        )

    def test_simulate_pilot_expand(self):
        admin = self.env.ref("base.user_admin")
        plan = self.env["hc.outreach.plan"].browse(
            self.template.with_user(admin).action_use_template()["res_id"]
        )
        self.start_tour(f"/odoo/outreach-plans/{plan.id}", "hc_outreach_pilot_tour", login="admin")
        self.assertEqual((plan.state, plan.pilot_share), ("running", 100))
