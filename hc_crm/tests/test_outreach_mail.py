from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MockEmail

from .common_outreach import OutreachCommon


@tagged("post_install", "-at_install")
class TestOutreachMail(OutreachCommon, MockEmail):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # at whatever hour of whatever day the tests run
        days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        cls.env["hc.contact.policy"]._for_company(cls.company).write(
            {"hour_from": 0, "hour_to": 24, "calendar_id": False}
            | {f"on_{day}": True for day in days}
        )

    def mail_plan(self, body="<p>Dear <t t-out='object.name'/>,</p>", start=True, **vals):
        template = self.make_template(body)
        return self.make_plan(
            [
                {"name": "mail", "type": "mail", "mail_template_id": template.id},
                {"name": "end", "type": "stop"},
            ],
            start=start,
            **vals,
        )

    def test_queued_then_sent(self):
        self.person.user_id = self.salesman
        plan = self.mail_plan()
        plan._enroll(self.person)
        self.work()
        [row] = self.Delivery.search([("plan_id", "=", plan.id)])
        self.assertEqual(row.state, "sending")
        mail = row.mail_id
        self.assertEqual(mail.subject, "For Rosa Testblum")
        self.assertIn("Dear Rosa Testblum", mail.body_html)
        self.assertEqual(mail.email_from, self.salesman.email_formatted)
        self.assertEqual((mail.model, mail.res_id), ("res.partner", self.person.id))
        self.assertFalse(mail.auto_delete)
        self.assertIn(f"outreach-{row.id}@", mail.message_id)
        self.assertIn(mail.mail_message_id, self.person.message_ids)

        self.work()
        self.assertEqual(row.state, "sending", "nobody sent it yet")
        message_id = mail.message_id
        with self.mock_mail_gateway():
            mail.send()
        self.assertEqual(mail.state, "sent")
        self.assertEqual(mail.message_id, message_id)
        self.assertEqual(row.state, "done")
        self.work()
        self.assertEqual(plan.enrollment_ids.state, "done")
        self.assertEqual(len(self._mails), 1)
        with self.mock_mail_gateway():
            mail.write({"state": "outgoing"})
            mail.send()
        self.assertFalse(self._mails, "handed over once already")

    def test_doubt(self):
        plan = self.mail_plan()
        plan._enroll(self.person)
        self.work()
        [row] = self.Delivery.search([("plan_id", "=", plan.id)])
        row.mail_id.hc_wire_date = self.now.replace(year=self.now.year - 1)
        self.work()
        self.assertEqual(row.state, "doubt")
        self.assertEqual(row.mail_id.state, "exception")
        with self.mock_mail_gateway():
            self.env["mail.mail"].process_email_queue(row.mail_id.ids)
        self.assertFalse(self._mails, "nobody but a person sends it again")

    def test_no_connection(self):
        plan = self.mail_plan()
        plan._enroll(self.person)
        self.work()
        [row] = self.Delivery.search([("plan_id", "=", plan.id)])

        def connect(*args, **kwargs):
            raise ConnectionRefusedError("nobody there")

        with self.mock_mail_gateway():
            self.patch(self.registry["ir.mail_server"], "_connect__", connect)
            row.mail_id.send()
        self.assertEqual((row.state, row.tries), ("sending", 1))
        self.assertEqual(row.mail_id.state, "outgoing")
        self.assertGreater(row.mail_id.scheduled_date, self.now)
        self.assertIn("nobody there", row.error)

    def test_gap_costs_one(self):
        people = self.make_partners(3, function="Boss")
        people[1].function = False
        plan = self.mail_plan("<p>Dear <t t-out='object.function'/>,</p>", start=False)
        with self.assertRaisesRegex(UserError, "mail.*object.function"):
            plan.action_start()
        plan._start()
        plan._enroll(people)
        self.work()
        rows = self.Delivery.search([("plan_id", "=", plan.id)])
        self.assertEqual(rows.filtered(lambda row: row.state == "failed").partner_id, people[1])
        self.assertEqual(len(rows.filtered(lambda row: row.state == "sending")), 2)
        self.assertEqual(len(plan.activity_ids), 1)

    def test_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        plan = self.mail_plan()
        template = plan.live_version_id.step_ids[0].mail_template_id
        template.with_context(lang="fr_FR").body_html = "<p>Bonjour <t t-out='object.name'/>,</p>"
        self.person.lang = "fr_FR"
        plan._enroll(self.person | self.contact)
        self.work()
        mails = self.Delivery.search([("plan_id", "=", plan.id)]).grouped("partner_id")
        self.assertIn("Bonjour Rosa", mails[self.person].mail_id.body_html)
        self.assertIn("Dear Brandon", mails[self.contact].mail_id.body_html)

    def test_template_gone(self):
        plan = self.mail_plan()
        plan._enroll(self.person)
        plan.live_version_id.step_ids.mail_template_id.unlink()
        self.work()
        [row] = self.Delivery.search([("plan_id", "=", plan.id)])
        self.assertEqual(row.state, "failed")
        self.assertIn("template", row.error)
        self.assertEqual(plan.activity_ids.user_id, plan.user_id)
