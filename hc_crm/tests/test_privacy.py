import io
import json
import zipfile
from datetime import timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import HcCommon


class PrivacyCommon(HcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.me = cls.person.with_user(1).with_context(
            allowed_company_ids=cls.company.ids, lang="en_US"
        )
        cls.product = cls.env["product.product"].create({"name": "Dahlia", "list_price": 5.0})

    @classmethod
    def order(cls, partner, company=None, confirm=False):
        company = company or cls.company
        order = cls.env["sale.order"].with_company(company).create(
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "order_line": [
                    fields.Command.create({"product_id": cls.product.id, "product_uom_qty": 2})
                ],
            }
        )  # fmt: skip
        if confirm:
            order.action_confirm()
        return order

    @classmethod
    def interaction(cls, partner, **vals):
        return cls.env["hc.interaction"].create(
            {
                "partner_id": partner.id,
                "summary": "Secret remark",
                "body": "<p>Secret body</p>",
                **vals,
            }
        )


@tagged("post_install", "-at_install")
class TestPrivacyCopy(PrivacyCommon):
    """The copy holds what is theirs, and nothing of anybody else."""

    def export(self, person=None):
        content = (person or self.me)._hc_export_zip()
        archive = zipfile.ZipFile(io.BytesIO(content))
        text = archive.read("my-data.json").decode()
        page = archive.read("my-data.html").decode()
        return json.loads(text)["data"], text + page

    def test_documents(self):
        confirmed, quotation, draft = (
            self.order(self.person, confirm=c) for c in (True, False, False)
        )
        quotation.action_quotation_sent()
        foreign = self.order(self.person, self.other_company, confirm=True)
        others = self.order(self.contact, confirm=True)
        data, _text = self.export()
        self.assertEqual(
            {row["Number"] for row in data["orders"]}, {confirmed.name, quotation.name}
        )
        self.assertNotIn(draft.name, str(data["orders"]))
        names = [row["Number"] for row in data["orders"]]
        self.assertTrue(foreign.name not in names or foreign.name == confirmed.name)
        self.assertEqual(len(names), 2)
        self.assertNotIn(others.name, names)
        self.assertIn("Dahlia", str(data["orders"]))

    def test_notes_of_colleagues_are_not_in_it(self):
        self.interaction(self.person)
        self.interaction(self.contact, summary="About Brandon")
        self.person.comment = "<p>Secret comment</p>"
        self.person.message_post(body="Secret note", subtype_xmlid="mail.mt_note")
        self.env["hc.fact"].create(
            [
                {
                    "partner_id": self.person.id,
                    "kind": "like",
                    "text": "Secret fact",
                    "source": "observed",
                },
                {
                    "partner_id": self.person.id,
                    "kind": "like",
                    "text": "Likes dahlias",
                    "source": "told",
                },
            ]
        )
        self.env["hc.contact.pause"].create(
            {"partner_id": self.person.id, "reason": "Secret reason"}
        )
        self.env["crm.lead"].create(
            {
                "name": "Secret lead",
                "partner_id": self.person.id,
                "description": "Secret description",
            }
        )
        self.env["hc.consent"]._hc_record(self.person, "news", "given", proof="Secret proof")
        data, text = self.export()
        self.assertNotIn("Secret", text)
        self.assertNotIn("Brandon", text)
        self.assertIn("Likes dahlias", text)
        self.assertEqual(len(data["contacts"]), 1)
        self.assertEqual(len(data["inquiries"]), 1)
        self.assertEqual(len(data["consents"]), 1)

    def test_messages(self):
        post = {"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        order = self.order(self.person, confirm=True)
        order.message_post(body="Your parcel left", partner_ids=self.person.ids, **post)
        order.message_post(body="Thank you!", author_id=self.person.id, **post)
        order.message_post(body="Secret for Brandon", partner_ids=self.contact.ids, **post)
        order.message_post(
            body="Secret among us", partner_ids=self.person.ids, subtype_xmlid="mail.mt_note"
        )
        foreign = self.order(self.person, self.other_company, confirm=True)
        foreign.message_post(body="Secret of Other Company", partner_ids=self.person.ids, **post)
        data, text = self.export()
        found = {(row["Direction"], row["Text"]) for row in data["messages"]}
        self.assertIn(("to you", "Your parcel left"), found)
        self.assertIn(("from you", "Thank you!"), found)
        self.assertNotIn("Secret", text)

    def test_other_company(self):
        self.env["hc.interaction"].create(
            {"partner_id": self.person.id, "company_id": self.other_company.id, "summary": "There"}
        )
        self.env["hc.consent"]._hc_record(self.person, "news", "given", company=self.other_company)
        data, _text = self.export()
        self.assertEqual((data["contacts"], data["consents"]), ([], []))

    def test_markup_is_text(self):
        self.person.name = "<script>alert(1)</script>"
        _data, text = self.export()
        self.assertIn("&lt;script&gt;", text)
        page = text[text.index("<!DOCTYPE") :]
        self.assertNotIn("<script", page)

    def test_what_is_worked_out_follows_the_setting(self):
        persona = self.env["hc.persona"].create(
            {"name": "Gardener Greta", "tagline": "Plants before she plans"}
        )
        self.env["hc.persona.membership"]._choose(self.person, persona)
        copy = self.export()[1]
        self.assertIn("Plants before she plans", copy)
        self.assertNotIn("Greta", copy, "what colleagues call them among each other")
        self.env["hc.contact.policy"]._for_company(self.company).show_inferences = False
        data, text = self.export()
        self.assertNotIn("Plants before", text)
        self.assertEqual(data["worked_out"], [])
        self.assertIn("Write to us and we send it to you", text)

    def test_other_apps_add_sections(self):
        Partner = type(self.env["res.partner"])
        sections = Partner._hc_export_sections

        def more(partner):
            extra = {"key": "cats", "label": "Cats", "rows": lambda: [{"Name": "Mia"}]}
            return [*sections(partner), extra]

        self.patch(Partner, "_hc_export_sections", more)
        data, text = self.export()
        self.assertEqual(data["cats"], [{"Name": "Mia"}])
        self.assertIn("Cats", text)


@tagged("post_install", "-at_install")
class TestPrivacyRequest(PrivacyCommon):
    def request(self, **vals):
        return self.env["hc.privacy.request"].create({"partner_id": self.person.id, **vals})

    def test_due_in_a_month_and_somebody_is_told(self):
        self.person.user_id = self.salesman
        request = self.request()
        self.assertEqual(request.date_due, fields.Date.today() + timedelta(days=30))
        self.assertEqual(request.activity_ids.user_id, self.salesman)
        self.person.user_id = False
        self.assertTrue(
            self.request(kind="correction").user_id.has_group("hc_crm.hc_crm_group_manager")
        )

    def test_late(self):
        request = self.request(date=fields.Datetime.now() - timedelta(days=31))
        self.assertTrue(request.is_late)
        late = self.env["hc.privacy.request"].search([("is_late", "=", True)])
        self.assertIn(request, late)
        request.state = "done"
        self.assertFalse(request.is_late)
        self.assertTrue(request.date_done)

    @mute_logger("odoo.sql_db")
    def test_one_open_of_a_kind(self):
        self.request()
        with self.assertRaises(IntegrityError):
            self.request()

    def test_refusal_needs_a_reason(self):
        request = self.request()
        with self.assertRaises(ValidationError):
            request.action_refuse()
        request.write({"outcome": "An open order needs the data.", "state": "refused"})
        with self.assertRaises(ValidationError):
            self.request(kind="correction", text="x" * 2001)

    def test_rights(self):
        self.person.user_id = self.seller_all
        request = self.request()
        Request = self.env["hc.privacy.request"]
        self.assertIn(request, Request.with_user(self.seller_all).search([]))
        self.assertIn(request, Request.with_user(self.manager).search([]))
        self.assertNotIn(request, Request.with_user(self.salesman).search([]))
        self.assertNotIn(request, Request.with_user(self.stranger).search([]))
        for user in (self.portal, self.public):
            with self.assertRaises(AccessError):
                Request.with_user(user).search([])
        with self.assertRaises(AccessError):
            request.with_user(self.manager).unlink()
        with self.assertRaises(AccessError):
            request.with_user(self.seller_all).action_erase()

    def test_privacy_lookup_finds_ours(self):
        fact = self.env["hc.fact"].create(
            {"partner_id": self.person.id, "kind": "like", "text": "Likes dahlias"}
        )
        wizard = self.env["privacy.lookup.wizard"].create(
            {"name": self.person.name, "email": self.person.email}
        )
        wizard.action_lookup()
        found = {(line.res_model, line.res_id) for line in wizard.line_ids}
        self.assertIn(("hc.fact", fact.id), found)
        self.assertIn(("res.partner", self.person.id), found)


@tagged("post_install", "-at_install")
class TestPrivacyErase(PrivacyCommon):
    """What can go goes; what law makes one keep stays as it was."""

    def fill(self):
        """Give the person one of everything."""
        partner = {"partner_id": self.person.id}
        self.env["hc.fact"].create({**partner, "kind": "like", "text": "Likes dahlias"})
        self.env["hc.partner.email"].create({**partner, "email": "private@blum.example"})
        self.env["hc.contact.hours"].create({**partner, "hour_from": 9, "hour_to": 12})
        call = self.env["hc.channel"].search([("key", "=", "call")])
        self.env["hc.channel.preference"].create({**partner, "channel_id": call.id})
        persona = self.env["hc.persona"].create({"name": "Gardener Greta"})
        self.env["hc.persona.membership"]._choose(self.person, persona)
        self.env["hc.promise"].create({**partner, "summary": "Samples", "date_due": "2030-01-01"})
        self.env["hc.customer.insight"].create(
            {
                **partner,
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "computed_at": fields.Datetime.now(),
            }
        )
        self.env["hc.contact.pause"].create({**partner, "reason": "Bereavement"})
        self.env["hc.consent"]._hc_record(self.person, "news", "given", proof="On a card")
        self.env["hc.consent"]._hc_record(self.person, "care", "withdrawn", proof="On the phone")
        self.interaction(self.person)
        self.env["hc.contact.attempt"].create(
            {
                **partner,
                "company_id": self.company.id,
                "channel_id": call.id,
                "date": fields.Datetime.now(),
                "outcome": "sent",
                "subject": "Hello Rosa",
                "res_model": "res.partner",
                "res_id": self.person.id,
            }
        )
        self.person._hc_contact_links()
        self.person.message_post(body="Rosa called")
        self.person.comment = "Rosa's comment"
        self.person.street = "Tulip Road 3"

    def counts(self):
        gone = (
            "hc.fact", "hc.partner.email", "hc.contact.hours", "hc.channel.preference",
            "hc.persona.membership", "hc.promise", "hc.customer.insight", "hc.contact.pause",
            "hc.interaction", "hc.contact.attempt", "hc.contact.link",
        )  # fmt: skip
        return {
            model: self.env[model].with_context(active_test=False).search_count(
                [("partner_id", "=", self.person.id)]
            )
            for model in gone
        }  # fmt: skip

    def test_everything_of_ours_goes(self):
        self.fill()
        self.assertNotIn(0, self.counts().values(), "the test fills everything")
        also = self.interaction(self.contact, participant_ids=[fields.Command.link(self.person.id)])
        self.person._hc_erase()
        self.assertEqual(set(self.counts().values()), {0})
        self.assertTrue(also.exists())
        self.assertFalse(also.participant_ids)
        consent = self.env["hc.consent"].search([("partner_id", "=", self.person.id)])
        self.assertEqual((consent.state, consent.proof), ("withdrawn", False))
        self.assertFalse(self.person.active)
        self.assertEqual(self.person.name, f"Erased person {self.person.id}")
        for name in ("email", "phone", "street", "comment"):
            self.assertFalse(self.person[name], name)
        self.assertFalse(self.person.message_ids.filtered(lambda m: "Rosa" in (m.body or "")))
        # nowhere in our tables is there a trace of the words
        self.env.flush_all()
        for model in self.env.values():
            if not model._name.startswith("hc.") or model._abstract or not model._auto:
                continue
            self.env.cr.execute(
                f'SELECT count(*) FROM "{model._table}" t WHERE t::text ILIKE %s',
                ["%blum.example%"],
            )
            self.assertEqual(self.env.cr.fetchone()[0], 0, model._name)

    def test_models_about_people_are_all_thought_of(self):
        """A model of ours that points at people has its section, or a reason to have none."""
        thought_of = {section["model"] for section in self.person._hc_erase_sections()}
        elsewhere = {
            # goes with the enrollment's own end; holds no words
            "hc.outreach.enrollment",
            "hc.preference.share",
        }
        missing = {
            model._name
            for model in self.env.values()
            if model._name.startswith("hc.")
            and model._auto
            and not model._abstract
            and not model._transient
            and "partner_id" in model._fields
            and model._fields["partner_id"].store
            and model._fields["partner_id"].comodel_name == "res.partner"
            and model._name not in thought_of
        }
        self.assertEqual(missing - elsewhere, set())

    def test_lawful_documents_stay(self):
        self.person.write({"street": "Tulip Road 3", "city": "Ghent"})
        kept = self.order(self.person, confirm=True)
        quotation = self.order(self.person)
        sent = self.order(self.person)
        sent.action_quotation_sent()
        total = kept.amount_total
        self.person._hc_erase()
        self.assertEqual((kept.exists(), kept.state, kept.amount_total), (kept, "sale", total))
        self.assertFalse(quotation.exists() or sent.exists())
        # what an invoice has to say
        self.assertEqual(
            (self.person.name, self.person.street, self.person.city),
            ("Rosa Testblum", "Tulip Road 3", "Ghent"),
        )
        self.assertFalse(self.person.email or self.person.phone or self.person.active)

    def test_preview_says_what_happens(self):
        self.fill()
        self.order(self.person, confirm=True)
        lines = {(line["model"], line["how"]): line for line in self.person._hc_erase_preview()}
        self.assertEqual(lines["sale.order", "keep"]["count"], 1)
        self.assertIn("Law", lines["sale.order", "keep"]["why"])
        self.assertEqual(lines["hc.fact", "delete"]["count"], 1)
        self.assertEqual(lines["hc.consent", "empty"]["count"], 1)

    def test_lead_meeting_and_portal(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "Rosa wants tulips",
                "partner_id": self.person.id,
                "contact_name": "Rosa Testblum",
                "description": "Rosa called",
                "expected_revenue": 100,
            }
        )
        event = self.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": "2026-01-05 10:00:00",
                "stop": "2026-01-05 11:00:00",
                "partner_ids": [fields.Command.set((self.person + self.contact).ids)],
            }
        )
        user = new_test_user(self.env, "rosa@blum.example", groups="base.group_portal")
        user.partner_id = self.person
        self.person._hc_erase()
        self.assertEqual(lead.expected_revenue, 100)
        self.assertNotIn("Rosa", f"{lead.name}{lead.contact_name}{lead.description}")
        self.assertFalse(lead.partner_id)
        self.assertEqual(event.partner_ids, self.contact)
        self.assertFalse(user.active)
        self.assertNotIn("rosa", user.login)

    def test_company_and_others_stay(self):
        self.company_customer.street = "Office Road 1"
        self.order(self.contact, confirm=True)
        self.contact._hc_erase()
        self.assertEqual(self.company_customer.street, "Office Road 1")
        self.assertTrue(self.company_customer.active)

    def test_leaves_plans(self):
        """Inside a plan of outreach they leave, with the outcome “erased”, before anything is emptied."""
        Enrollment = type(self.env["hc.outreach.enrollment"])
        with patch.object(Enrollment, "_hc_leave", create=True) as leave:
            self.person._hc_erase()
        # archiving them afterwards finds them gone already
        self.assertEqual(leave.call_args_list[0].args, (self.person, "erased"))

    def test_colleagues_are_not_erased(self):
        with self.assertRaises(UserError):
            self.salesman.partner_id._hc_erase()

    def test_dialog(self):
        self.fill()
        self.person.user_id = self.salesman
        request = self.env["hc.privacy.request"].create(
            {"partner_id": self.person.id, "text": "Rosa: please"}
        )
        action = request.with_user(self.manager).action_erase()
        dialog = self.env["hc.privacy.erase"].with_user(self.manager).browse(action["res_id"])
        self.assertIn("delete", dialog.line_ids.mapped("how"))
        with self.assertRaises(UserError):
            dialog.action_erase()
        dialog.is_sure = True
        dialog.action_erase()
        self.assertEqual(request.state, "done")
        self.assertIn("Deleted: ", request.outcome)
        self.assertFalse(request.text)
        log = self.env["privacy.log"].search([], limit=1, order="id desc")
        self.assertEqual(log.user_id, self.manager)
        self.assertNotIn("Rosa", log.anonymized_name)
        with self.assertRaises(AccessError):
            self.env["hc.privacy.erase"].with_user(self.salesman).create({"request_id": request.id})
