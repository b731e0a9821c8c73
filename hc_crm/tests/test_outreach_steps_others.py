import hashlib
import hmac
import json
import socket
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.hc_crm.models.consent.contact_decision import ContactDecision
from odoo.addons.hc_crm.models.outreach import webhook_http

from .common_outreach import OutreachCommon

ADDRESS = "https://hooks.shop.example/new?x=1"


@tagged("post_install", "-at_install")
class TestOutreachOtherSteps(OutreachCommon):
    """Notes, tags, fields, opportunities, text messages, other systems, server actions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person.user_id = cls.salesman
        cls.tag = cls.env["res.partner.category"].create({"name": "Looked after"})

    def run_step(self, partners=None, start=True, plan_vals=None, **step):
        plan = self.make_plan(
            [step | {"name": "it"}, {"type": "note", "name": "end", "text": "end"}],
            **{"user_id": self.manager.id} | (plan_vals or {}),
        )
        plan._enroll(partners or self.person)
        self.work()
        return self.Delivery.search(
            [("plan_id", "=", plan.id), ("step_id.name", "=", "it")], order="id"
        )

    def problems(self, **step):
        plan = self.make_plan([step], start=False, user_id=self.manager.id)
        return " ".join(plan.draft_version_id.step_ids._step_problems())

    # -- notes, tags, opportunities -------------------------------------------------------------------

    def test_note(self):
        delivery = self.run_step(type="note", text="Likes {{ object.name }} <b>bold</b>")
        self.assertEqual(delivery.state, "done")
        note = self.person.message_ids[1]
        self.assertIn("Likes Rosa Testblum &lt;b&gt;bold", note.body)
        self.assertTrue(note.is_internal or note.subtype_id == self.env.ref("mail.mt_note"))
        self.run_step(type="note", text="Mind her", note_mention=True)
        note = self.person.message_ids.filtered(lambda m: "Mind her" in m.body)
        self.assertEqual(note.partner_ids, self.salesman.partner_id)
        self.assertIn("write the note", self.problems(type="note", text=" "))

    def test_text_with_fields(self):
        """Only fields everybody may read, no code."""
        for text in (
            "{{ object.user_id.password }}",
            "{{ object.signup_token }}",
            "{{ object.company_id.secret }}",
            "{{ object.env['res.users'].search([]) }}",
            "{{ 1 + 1 }}",
            "{{ object.child_ids }}",
            "Dear {{ object.name",
        ):
            with self.subTest(text=text):
                self.assertTrue(self.problems(type="note", text=text))
        self.assertFalse(self.problems(type="note", text="{{ object.user_id.name ||| nobody }}"))
        delivery = self.run_step(type="note", text="By {{ object.user_id.name ||| nobody }}.")
        self.assertIn("By Sam Salesman.", self.person.message_ids[1].body)
        self.assertEqual(delivery.state, "done")

    def test_tag(self):
        self.run_step(type="tag", category_id=self.tag.id)
        self.assertIn(self.tag, self.person.category_id)
        self.run_step(type="tag", category_id=self.tag.id)
        self.run_step(type="tag", category_id=self.tag.id, category_way="remove")
        self.assertNotIn(self.tag, self.person.category_id)
        self.assertIn("tag", self.problems(type="tag"))

    def test_deleted_meanwhile(self):
        """What a running step needs is deleted: its rows fail, saying so; the others' plans go on."""
        gone = self.env["res.partner.category"].create({"name": "Gone"})
        plan = self.make_plan([{"type": "tag", "category_id": gone.id}], user_id=self.manager.id)
        gone.unlink()
        other = self.make_plan(
            [{"type": "tag", "category_id": self.tag.id}], user_id=self.manager.id
        )
        (plan | other)[0]._enroll(self.person)
        other._enroll(self.person)
        self.work()
        self.assertEqual(plan.enrollment_ids.delivery_ids.state, "failed")
        self.assertIn("tag was deleted", plan.enrollment_ids.delivery_ids.error)
        self.assertEqual(other.enrollment_ids.delivery_ids.state, "done")

    def test_lead(self):
        team = self.env["crm.team"].create({"name": "Care"})
        delivery = self.run_step(
            type="lead", team_id=team.id, summary="Talk to {{ object.name }}", text="<i>x</i>"
        )
        lead = delivery.lead_id
        self.assertEqual(lead.name, "Talk to Rosa Testblum")
        self.assertEqual((lead.partner_id, lead.team_id), (self.person, team))
        self.assertEqual((lead.user_id, lead.type), (self.salesman, "opportunity"))
        self.assertIn("&lt;i&gt;", lead.description)
        partners = self.make_partners(3)
        rows = self.run_step(partners, type="lead")
        self.assertEqual(len(rows.lead_id), 3)
        self.work()
        self.assertEqual(self.env["crm.lead"].search_count([("partner_id", "in", partners.ids)]), 3)

    # -- fields ---------------------------------------------------------------------------------------

    def field(self, name):
        return self.env["ir.model.fields"]._get("res.partner", name).id

    def test_fields_written(self):
        industry = self.env["res.partner.industry"].search([], limit=1)
        for name, text, value in (
            ("function", "Gardener", "Gardener"),
            ("lang", self.env.lang or "en_US", self.env.lang or "en_US"),
            ("industry_id", industry.name, industry),
            ("function", "", False),
        ):
            with self.subTest(name=name):
                row = self.run_step(type="field", field_id=self.field(name), field_value=text)
                self.assertEqual(row.state, "done", row.error)
                self.assertEqual(self.person[name], value)

    def test_fields_closed(self):
        """No rights, no companies, nothing computed."""
        for name in (
            "company_id",
            "active",
            "user_id",
            "parent_id",
            "is_company",
            "partner_share",
            "commercial_partner_id",
            "display_name",
            "email",
            "category_id",
            "create_date",
        ):
            with self.subTest(name=name):
                plan = self.make_plan([{"type": "note", "text": "x"}], start=False)
                step = plan.draft_version_id.step_ids
                self.refused(
                    "Field",
                    step.write,
                    {"type": "field", "field_id": self.field(name), "field_value": "1"},
                )

    def test_fields_wrong_values(self):
        plan = self.make_plan([{"type": "note", "text": "x"}], start=False)
        step = plan.draft_version_id.step_ids
        for name, value in (
            ("lang", "xx_XX"),
            ("industry_id", "999999999"),
            ("industry_id", "No such industry"),
            ("function", "x" * 300),
        ):
            with self.subTest(name=name):
                vals = {"type": "field", "field_id": self.field(name), "field_value": value}
                self.refused("Value", step.write, vals)

    # -- text messages --------------------------------------------------------------------------------

    def test_sms(self):
        if "sms.sms" not in self.env:
            self.assertNotIn("sms", self.env["hc.outreach.step"]._step_types())
            return
        belgium = self.env.ref("base.be")
        numbers = self.env["res.partner"].create(
            [
                {"name": "Ann", "phone": "+32 470 55 01 02", "country_id": belgium.id},
                {"name": "Ben", "phone": False, "country_id": belgium.id},
                {"name": "Cas", "phone": "12", "country_id": belgium.id},
            ]
        )
        with self.at_noon():
            rows = self.run_step(numbers, type="sms", text="Dear {{ object.name }}, all well?")
        states = {row.partner_id.name: (row.state, row.reason_code) for row in rows}
        self.assertEqual(states["Ann"][0], "done")
        self.assertEqual(states["Ben"], ("skipped", "no_address"))
        self.assertEqual(states["Cas"], ("skipped", "invalid_address"))
        sms = self.env["sms.sms"].search([("partner_id", "in", numbers.ids)])
        self.assertEqual(sms.mapped("body"), ["Dear Ann, all well?"])
        self.assertEqual((sms.number, sms.state), ("+32470550102", "outgoing"))

    def at_noon(self):
        """Text messages wait for the hours in which people may be written to."""
        return patch.object(
            type(self.env["res.partner"]),
            "_hc_contact_decisions",
            lambda partners, *args, **options: dict.fromkeys(partners.ids, ContactDecision("yes")),
        )

    def test_sms_with_a_gap(self):
        if "sms.sms" not in self.env:
            self.skipTest("the app for text messages is not installed")
        self.person.write({"phone": "+32 470 55 01 03", "city": False})
        with self.at_noon():
            row = self.run_step(type="sms", text="Greetings to {{ object.city }}")
        self.assertEqual(row.state, "failed")
        self.assertIn("city", row.error)

    # -- other systems --------------------------------------------------------------------------------

    def webhook(self, answer=(200, "ok"), calls=None, **step):
        calls = [] if calls is None else calls

        def post(url, body, headers):
            calls.append((url, body, headers))
            if isinstance(answer, Exception):
                raise answer
            return answer

        row = self.run_step(type="webhook", webhook_url=ADDRESS, webhook_secret="s3cret", **step)
        with patch.object(webhook_http, "post", post):
            self.call(row)
        return row, calls

    def call(self, row, **later):
        commits = []
        rows = self.at(**later)._webhooks_waiting().filtered(lambda one: one.id in row.ids)
        for one in rows:
            one.sudo()._call_webhook(commit=lambda one=one: commits.append(one.webhook_date))
        return commits

    def test_webhook(self):
        row, calls = self.webhook()
        self.assertEqual(row.state, "done")
        [(url, body, headers)] = calls
        self.assertEqual(url, ADDRESS)
        told = json.loads(body)
        self.assertEqual((told["id"], told["customer"]["name"]), (row.id, "Rosa Testblum"))
        signed = headers["X-HC-Timestamp"].encode() + b"." + body
        expected = hmac.new(b"s3cret", signed, hashlib.sha256).hexdigest()
        self.assertEqual(headers["X-HC-Signature"], f"sha256={expected}")
        self.assertTrue(headers["Idempotency-Key"].endswith(f"-{row.id}"))
        self.work()
        self.assertEqual([name for name, *_rest in self.rows(row.plan_id)], ["it", "end"])
        self.assertFalse(self.call(row), "it is told once")

    def test_webhook_marked_before_the_call(self):
        row = self.run_step(type="webhook", webhook_url=ADDRESS)
        self.assertEqual((row.state, row.webhook_date), ("sending", False))
        seen = []
        with patch.object(webhook_http, "post", lambda *args: seen.append(1) or (200, "")):
            commits = self.call(row)
        self.assertTrue(commits[0], "the mark is committed before the wire")
        self.assertEqual(len(commits), 2)

    def test_webhook_in_doubt(self):
        """What a crash cut off is shown, and not done again by itself."""
        row = self.run_step(type="webhook", webhook_url=ADDRESS)
        row.sudo()._mark({"webhook_date": self.now - timedelta(hours=1)})
        self.Delivery.sudo()._webhooks_in_doubt()
        self.assertEqual(row.state, "doubt")
        self.env["hc.outreach.delivery"].sudo()._harvest()
        self.assertEqual(row.state, "doubt")
        self.assertFalse(self.call(row))

    def test_webhook_tries_again(self):
        row, calls = self.webhook(answer=(503, "busy"))
        self.assertEqual((row.state, row.webhook_date, row.tries), ("sending", False, 1))
        self.assertGreater(row.date_due, self.now)
        with patch.object(webhook_http, "post", lambda *args: calls.append(args) or (204, "")):
            self.assertFalse(self.call(row), "not at once")
            self.call(row, minutes=5)
        self.assertEqual(row.state, "done")
        keys = {headers["Idempotency-Key"] for _url, _body, headers in calls}
        self.assertEqual((len(calls), len(keys)), (2, 1))
        row, _calls = self.webhook(answer=ConnectionError("no route"))
        self.assertEqual(row.state, "sending")
        row, _calls = self.webhook(answer=(404, "no such page"))
        self.assertEqual(row.state, "failed")
        self.assertIn("404", row.error)
        row, _calls = self.webhook(answer=webhook_http.Refused("private"))
        self.assertEqual(row.state, "failed")
        self.assertIn("own network", row.error)

    def test_webhook_addresses(self):
        plan = self.make_plan([{"type": "webhook", "webhook_url": ADDRESS}], start=False)
        step = plan.draft_version_id.step_ids
        for url in (
            "ftp://shop.example/x",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "http://127.0.0.1/x",
            "http://[::1]/x",
            "http://169.254.169.254/latest",
            "http://10.0.0.1",
            "http://localhost:8069/web",
            "https://user:pw@shop.example",
            "https://",
            "http://shop.example:99999/",
        ):
            with self.subTest(url=url):
                self.refused("Address", step.write, {"webhook_url": url})

    def test_webhook_name_that_leads_inside(self):
        """What counts is where the name leads at the time of the call."""

        def resolve(host, port, **options):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.168.1.5", port))]

        with patch.object(socket, "getaddrinfo", resolve), self.assertRaises(webhook_http.Refused):
            webhook_http.post("http://innocent.example/", b"{}", {})

    # -- server actions -------------------------------------------------------------------------------

    def action(self, code, model="res.partner"):
        return self.env["ir.actions.server"].create(
            {
                "name": "Do it",
                "model_id": self.env["ir.model"]._get_id(model),
                "state": "code",
                "code": code,
            }
        )

    def test_action_runs_as_the_responsible(self):
        admin = self.env.ref("base.user_admin")
        action = self.action("record.write({'function': env.user.login})")
        row = self.run_step(type="action", action_id=action.id, plan_vals={"user_id": admin.id})
        self.assertEqual(row.state, "done", row.error)
        self.assertEqual(self.person.function, admin.login)
        row = self.run_step(type="action", action_id=action.id)
        self.assertEqual(self.person.function, self.manager.login)
        forbidden = self.action("env['ir.config_parameter'].set_param('x', 'y')")
        row = self.run_step(type="action", action_id=forbidden.id)
        self.assertEqual(row.state, "failed")
        self.assertFalse(self.env["ir.config_parameter"].sudo().get_param("x"))

    def test_action_not_with_rights_of_others(self):
        """An administrator of Customer Care cannot borrow the rights of Odoo's."""
        action = self.action("record.write({'function': 'x'})")
        plan = self.make_plan(
            [{"type": "note", "text": "x"}], start=False, user_id=self.env.ref("base.user_admin").id
        )
        step = plan.draft_version_id.step_ids.with_user(self.manager)
        self.refused("rights", step.write, {"type": "action", "action_id": action.id})
        plan.user_id = self.manager
        step.write({"type": "action", "action_id": action.id})
        self.refused(
            "rights",
            plan.with_user(self.manager).write,
            {"user_id": self.env.ref("base.user_admin").id},
        )

    def test_action_about_other_records(self):
        wrong = self.action("pass", "res.country")
        plan = self.make_plan([{"type": "note", "text": "x"}], start=False)
        with self.assertRaises(ValidationError):
            plan.draft_version_id.step_ids.write({"type": "action", "action_id": wrong.id})

    # -- handed to a person ---------------------------------------------------------------------------

    def test_given_to_a_person(self):
        """While something is wrong, people do what we would have done by ourselves; the reason stands there."""
        self.env["hc.contact.pause"].create(
            {
                "partner_id": self.person.id,
                "reason": "Bereavement",
                "date_from": self.now.date() - timedelta(days=1),
                "date_to": self.now.date() + timedelta(days=9),
            }
        )
        template = self.make_template()
        row = self.run_step(
            type="mail", mail_template_id=template.id, plan_vals={"trouble_action": "task"}
        )
        self.assertEqual((row.state, row.user_id), ("open", self.salesman))
        self.assertEqual(row.reason_code, "pause")
        self.assertIn("In person", row.activity_id.summary)
        self.assertIn("Test plan", row.activity_id.note)
        self.assertFalse(row.mail_id)
        row.with_user(self.salesman).action_outcome("reached", note="Called her")
        self.work()
        self.assertEqual(row.state, "done")
        self.assertFalse(row.mail_id)
        self.assertEqual([name for name, *_rest in self.rows(row.plan_id)], ["it", "end"])

    def test_every_step_says_what_it_does(self):
        for key in self.env["hc.outreach.step"]._step_types():
            with self.subTest(key=key):
                plan = self.make_plan([{"type": key}], start=False, user_id=self.manager.id)
                self.assertTrue(plan.draft_version_id.step_ids._step_text())
