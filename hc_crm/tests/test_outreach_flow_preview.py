from datetime import datetime
from unittest.mock import patch

from markupsafe import Markup

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCommon

from ..engine.outreach.merge_fields import mark_inline, mark_qweb
from ..models.consent.contact_decision import ContactDecision
from .common_outreach_flow import OutreachFlowCommon


@tagged("post_install", "-at_install")
class TestOutreachFlowPreview(OutreachFlowCommon, MailCommon):
    def preview(self, step=None, partner=None):
        step = self.mail if step is None else step
        return self.as_manager(step).hc_preview((partner or self.person).id)

    def test_mail_for_a_real_customer_with_what_is_missing(self):
        self.mail.mail_template_id.body_html += Markup('<p>Your town: <t t-out="object.city"/></p>')
        shown = self.preview()
        self.assertEqual(shown["kind"], "mail")
        self.assertEqual(shown["subject"], "Welcome, Rosa Testblum")
        self.assertIn("Dear Rosa Testblum", shown["body"])
        self.assertIn("rosa@blum.example", shown["to"])
        self.assertEqual([gap["expression"] for gap in shown["missing"]], ["object.city"])
        self.assertIn('<mark class="o_hc_flow_missing">object.city</mark>', shown["body"])
        self.person.city = "Ghent"
        shown = self.preview()
        self.assertEqual(shown["missing"], [])
        self.assertIn("Ghent", shown["body"])

    def test_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.mail.mail_template_id
        template.with_context(lang="fr_FR").subject = "Bienvenue, {{ object.name }}"
        self.person.lang = "fr_FR"
        shown = self.preview()
        self.assertEqual(shown["subject"], "Bienvenue, Rosa Testblum")
        self.assertIn("French", shown["lang"])

    def test_names_are_no_markup(self):
        self.person.name = "Rosa <script>alert(1)</script>"
        shown = self.preview()
        self.assertNotIn("<script>", shown["subject"])
        self.assertNotIn("<script>", shown["body"])

    def test_broken_template_is_told_in_words(self):
        self.mail.mail_template_id.body_html = (
            "<p><t t-out=\"1 // (0 if object.name == 'Rosa Testblum' else 1)\"/></p>"
        )
        shown = self.preview()
        self.assertIn("division", shown["error"])
        self.assertNotIn("Traceback", shown["error"])
        self.assertFalse(self.preview(partner=self.contact)["error"])
        self.assertEqual(self.preview(self.call)["error"], False)

    def test_no_template(self):
        self.mail.mail_template_id = False
        self.assertIn("template", self.preview()["error"])

    def test_task(self):
        shown = self.preview(self.call)
        self.assertEqual(shown["kind"], "text")
        self.assertIn("Ask how the first weeks went", shown["subject"])

    def test_decision_of_today(self):
        later = ContactDecision("later", "complaint", None)
        with patch.object(
            self.registry["res.partner"],
            "_hc_contact_decisions",
            lambda partners, *args, **kwargs: dict.fromkeys(partners.ids, later),
        ):
            shown = self.preview()
        self.assertEqual(shown["decision"]["answer"], "later")
        self.assertIn("Would wait", shown["decision"]["text"])
        with patch.object(
            self.registry["res.partner"],
            "_hc_contact_decisions",
            lambda partners, *args, **kwargs: dict.fromkeys(partners.ids, ContactDecision("yes")),
        ):
            self.assertEqual(self.preview()["decision"]["text"], "Would be sent now.")

    def test_when_it_would_be_sent_on_their_clock(self):
        self.person.write({"country_id": self.env.ref("base.jp").id, "tz": "Asia/Tokyo"})
        later = ContactDecision("later", "quiet_hours", datetime(2026, 11, 25, 0, 0))
        with patch.object(
            self.registry["res.partner"],
            "_hc_contact_decisions",
            lambda partners, *args, **kwargs: dict.fromkeys(partners.ids, later),
        ):
            text = self.preview()["decision"]["text"]
        self.assertIn("Would be sent at", text)
        self.assertIn("9:00", text)
        self.assertIn("their time", text)

    def test_about_the_record_with_which_the_plan_began(self):
        self.enroll(self.person | self.contact)
        lead = self.env["crm.lead"].create({"name": "Blue scarves", "partner_id": self.person.id})
        self.env["hc.outreach.enrollment"].sudo().search(
            [("plan_id", "=", self.plan.id), ("partner_id", "=", self.person.id)]
        ).write({"res_model": "crm.lead", "res_id": lead.id})
        self.mail.mail_template_id = self.env["mail.template"].create(
            {
                "name": "About a lead",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "subject": "Your wish: {{ object.name }}",
                "body_html": '<p>We saw <t t-out="object.name"/></p>',
            }
        )
        # who may not read leads does not read them here either
        self.assertIn("Lead", self.preview()["error"])
        self.manager.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        shown = self.preview()
        self.assertFalse(shown["error"])
        self.assertEqual(shown["subject"], "Your wish: Blue scarves")
        self.assertIn("rosa@blum.example", shown["to"])
        # of others the plan knows no lead
        self.assertIn("About a lead", self.preview(partner=self.contact)["error"])
        lead.unlink()
        self.assertIn("About a lead", self.preview()["error"])

    def test_customers_inside_first(self):
        self.enroll(self.contact)
        customers = self.as_manager().hc_get_preview_customers(step_id=self.mail.id)
        self.assertEqual(customers[0]["id"], self.contact.id)
        self.assertIn("waits", customers[0]["why"])
        self.assertLessEqual(len(customers), 20)
        self.assertEqual(len({one["id"] for one in customers}), len(customers))

    def test_rights(self):
        for user in (self.salesman, self.seller_all, self.stranger, self.portal):
            with self.assertRaises(AccessError):
                self.mail.with_user(user).hc_preview(self.person.id)
            with self.assertRaises(AccessError):
                self.plan.with_user(user).hc_get_preview_customers()
            with self.assertRaises(AccessError):
                self.mail.with_user(user).hc_send_test(self.person.id)
            with self.assertRaises(AccessError):
                self.plan.with_user(user).hc_simulate()

    def test_a_customer_of_another_company_is_not_shown(self):
        foreign = self.env["res.partner"].create(
            {"name": "Foreign", "company_id": self.other_company.id, "email": "a@b.example"}
        )
        with self.assertRaises(AccessError):
            self.preview(partner=foreign)
        with self.assertRaises(ValidationError):
            self.as_manager(self.mail).hc_preview("1")
        with self.assertRaises(UserError):
            self.as_manager(self.mail).hc_preview(2**30)

    def test_test_mail_goes_to_me_and_nowhere_else(self):
        messages = len(self.person.message_ids)
        attempts = self.env["hc.contact.attempt"].search_count([])
        with self.mock_mail_gateway():
            text = self.as_manager(self.mail).hc_send_test(self.person.id)
        self.assertIn(self.manager.email, text)
        [mail] = self._mails
        self.assertEqual(mail["email_to"], [self.manager.email_formatted])
        self.assertTrue(mail["subject"].startswith("[Test]"))
        self.assertIn("This is a test", mail["body"])
        self.assertEqual(len(self.person.message_ids), messages)
        self.assertEqual(self.env["hc.contact.attempt"].search_count([]), attempts)

    def test_marks(self):
        self.assertEqual(mark_inline("{{ object.name ||| you }}"), "{{ object.name ||| you }}")
        self.assertIn(" or ", mark_inline("{{ object.name }}"))
        kept = '<p><t t-out="object.name">you</t></p>'
        self.assertEqual(mark_qweb(kept), kept)
