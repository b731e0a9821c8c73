from ast import literal_eval
from datetime import timedelta

from lxml import html

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MockEmail

from .common_outreach import OutreachCommon

# A report that a mail could not be delivered (RFC 3464), with the headers of the mail.
BOUNCE = """Return-Path: <>
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-Id: <bounce-1@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1

--part
Content-Type: text/rfc822-headers

Return-Path: <{to}>
From: shop@ours.example
To: {address}
Subject: For you
Message-Id: {message_id}

--part--
"""


@tagged("post_install", "-at_install")
class TestOutreachMailGuard(OutreachCommon, MockEmail):
    """What our mails carry, and what becomes of them after they left."""

    def row(self, step=None, send=False, partner=None, **vals):
        template = self.make_template()
        plan = self.make_plan(
            [
                {"name": "mail", "type": "mail", "mail_template_id": template.id} | (step or {}),
                self.quiet,
            ],
            user_id=self.manager.id,
            **vals,
        )
        plan._enroll(partner or self.person)
        self.work()
        row = self.Delivery.search([("plan_id", "=", plan.id)], order="id", limit=1)
        if send:
            with self.mock_mail_gateway():
                row.mail_id.send()
        return row

    def attempt(self, row):
        return self.env["hc.contact.attempt"].search(
            [("res_model", "=", row._name), ("res_id", "=", row.id)]
        )

    def purpose_of(self, basis):
        purpose = self.env["hc.consent.purpose"].search([("basis", "=", basis)], limit=1)
        self.assertTrue(purpose)
        return purpose

    # -- headers and footer -----------------------------------------------------------------------

    def test_headers(self):
        row = self.row(send=True)
        [sent] = self._mails
        headers = sent["headers"]
        links = self.person._hc_contact_links(self.purpose, company=self.company)[self.person.id]
        self.assertEqual(headers["List-Unsubscribe"], f"<{links['one_click']}>")
        self.assertEqual(headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        self.assertEqual(headers["Auto-Submitted"], "auto-generated")
        self.assertEqual(headers["X-Auto-Response-Suppress"], "OOF")
        uuid = self.env["ir.config_parameter"].get_param("database.uuid")
        self.assertEqual(sent["message_id"], f"<outreach-{row.id}@{uuid}.hc-crm>")
        self.assertEqual(row.message_id.message_id, sent["message_id"], "an answer finds it")
        self.assertTrue(sent["reply_to"])

    def test_footer(self):
        row = self.row(send=True)
        [sent] = self._mails
        links = self.person._hc_contact_links(self.purpose, company=self.company)[self.person.id]
        for body in (row.mail_id.body_html, sent["body"]):
            hrefs = html.fromstring(body).xpath("//a/@href")
            self.assertIn(links["preferences"], hrefs)
            self.assertIn(links["unsubscribe"], hrefs)
        # on the timeline stands what we wrote, without the personal links
        self.assertNotIn("/care/", row.message_id.body)

    def test_of_orders_nobody_unsubscribes(self):
        self.row(send=True, purpose_id=self.purpose_of("contract").id)
        [sent] = self._mails
        self.assertNotIn("List-Unsubscribe", sent["headers"])
        hrefs = html.fromstring(sent["body"]).xpath("//a/@href")
        self.assertTrue(any("/care/" in href for href in hrefs), "what to get can be chosen")
        self.assertFalse(any("/unsubscribe/" in href for href in hrefs))

    def test_draft_of_a_colleague(self):
        """They sent it: no machine did, and the ledger of contacts knows."""
        self.person.user_id = self.salesman
        row = self.row({"type": "draft"})
        self.assertFalse(self.attempt(row), "nobody was turned to yet")
        row.with_user(self.salesman).action_send_draft(body="<p>Dear Rosa, yours, Sam</p>")
        self.assertEqual(row.state, "sending")
        headers = literal_eval(row.mail_id.headers)
        self.assertNotIn("Auto-Submitted", headers)
        self.assertIn("List-Unsubscribe", headers)
        attempt = self.attempt(row)
        self.assertEqual((attempt.outcome, attempt.by_person), ("sent", True))
        self.assertEqual(attempt.is_budgeted, self.purpose.is_budgeted)
        self.assertTrue(attempt.is_budgeted)
        self.assertEqual(attempt.message_id, row.message_id)
        self.assertEqual(attempt.partner_id, self.person)

    def test_draft_nobody_looked_at(self):
        self.person.user_id = self.salesman
        row = self.row({"type": "draft", "draft_fallback": "send"})
        row.sudo()._expire_one()
        self.work()
        self.assertEqual(row.state, "sending", row.reason)
        attempt = self.attempt(row)
        self.assertEqual((attempt.outcome, attempt.by_person), ("sent", False))
        self.assertTrue(attempt.is_budgeted)
        self.assertEqual(literal_eval(row.mail_id.headers)["Auto-Submitted"], "auto-generated")

    def test_draft_left_out_is_no_contact(self):
        self.person.user_id = self.salesman
        row = self.row({"type": "draft"})
        row.with_user(self.salesman).action_skip_draft()
        self.assertNotIn("sent", self.attempt(row).mapped("outcome"))

    # -- they came back ---------------------------------------------------------------------------

    def bounce(self, message_id):
        alias = f"{self.env.company.bounce_email or 'bounce@ours.example'}"
        report = BOUNCE.format(to=alias, address=self.person.email, message_id=message_id)
        with self.mock_mail_gateway():
            self.env["mail.thread"].message_process(None, report)

    def test_bounced(self):
        row = self.row(send=True)
        self.assertEqual(row.state, "done")
        self.work()
        self.bounce(row.mail_id.message_id)
        self.assertEqual((row.state, row.reason_code), ("done", "bounced"))
        self.assertIn("came back", row.reason)
        self.assertEqual(row.enrollment_id.state, "done", "what the plan did since stays done")
        attempt = self.attempt(row)
        self.assertEqual((attempt.outcome, attempt.reason_code), ("dropped", "bounced"))
        explained = row.enrollment_id.with_user(self.manager).hc_explain()
        self.assertIn("came back", str(explained))

    def test_bounced_in_doubt(self):
        """It came back: so it was sent, and nobody needs to decide."""
        row = self.in_doubt()
        self.bounce(row.mail_id.message_id)
        self.assertEqual((row.state, row.reason_code), ("done", "bounced"))
        self.work()
        self.assertEqual(row.enrollment_id.state, "done")

    def test_bounce_of_others(self):
        row = self.row(send=True)
        self.bounce("<somebody-elses@mail.example>")
        self.assertFalse(row.reason_code)

    # -- in doubt ---------------------------------------------------------------------------------

    def in_doubt(self, **vals):
        row = self.row(**vals)
        row.mail_id.hc_wire_date = self.now - timedelta(days=1)
        self.work()
        self.assertEqual((row.state, row.mail_id.state), ("doubt", "exception"))
        self.assertEqual(self.attempt(row).outcome, "doubt")
        return row

    def test_it_arrived(self):
        row = self.in_doubt()
        row.with_user(self.manager).action_arrived()
        self.assertEqual((row.state, row.mail_id.state), ("done", "sent"))
        self.assertEqual(self.attempt(row).outcome, "sent")
        self.work()
        self.assertEqual(row.enrollment_id.state, "done")
        with self.mock_mail_gateway():
            self.env["mail.mail"].process_email_queue(row.mail_id.ids)
        self.assertFalse(self._mails)
        self.refused("Reload", row.with_user(self.manager).action_arrived)
        self.refused("Reload", row.with_user(self.manager).action_send_again)

    def test_send_again(self):
        row = self.in_doubt()
        number = row.mail_id.message_id
        row.with_user(self.manager).action_send_again()
        self.assertEqual((row.state, row.mail_id.state), ("sending", "outgoing"))
        with self.mock_mail_gateway():
            row.mail_id.send()
        self.assertEqual([sent["message_id"] for sent in self._mails], [number])
        self.assertEqual(row.state, "done")
        with self.mock_mail_gateway():
            row.mail_id.send()
        self.assertFalse(self._mails, "once more, not twice")

    def test_send_again_when_the_mail_is_gone(self):
        row = self.in_doubt()
        row.mail_id.sudo().unlink()
        row.with_user(self.manager).action_send_again()
        self.work()
        self.assertEqual(row.state, "sending", row.reason)
        self.assertTrue(row.mail_id)

    def test_left_out_in_doubt(self):
        row = self.in_doubt()
        row.with_user(self.manager).action_skip()
        self.assertEqual((row.state, row.reason_code), ("skipped", "by_hand"))
        self.work()
        self.assertEqual(row.enrollment_id.state, "done")

    def test_who_decides(self):
        self.person.user_id = self.salesman
        row = self.in_doubt()
        for user in (self.salesman, self.seller_all, self.stranger, self.portal):
            for button in ("action_arrived", "action_send_again", "action_skip", "action_retry"):
                with self.assertRaises(AccessError):
                    getattr(row.with_user(user), button)()
        with self.assertRaises(UserError):
            row.with_user(self.manager).action_retry()
        self.assertEqual(row.state, "doubt")
