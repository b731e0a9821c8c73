from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import HcCommon


@tagged("post_install", "-at_install")
class TestInteractionLog(HcCommon):
    """The “Log interaction” dialog, as each role uses it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.call = cls.env.ref("hc_crm.hc_channel_call")
        cls.counter = cls.env.ref("hc_crm.hc_channel_counter")
        cls.tomorrow = fields.Date.today() + timedelta(days=1)

    def log_form(self, records, user=None):
        """Open the dialog as the web client does: from a record, or from several in a list."""
        model = self.env["hc.interaction.log"].with_user(user or self.salesman)
        return Form(model.with_context(active_model=records._name, active_ids=records.ids))

    def logged(self, *partners):
        return self.env["hc.interaction"].search(
            [("partner_id", "in", [partner.id for partner in partners])]
        )

    def test_one_line_is_enough(self):
        with self.log_form(self.contact) as form:
            form.summary = "  Asked about the blue chairs "
        result = form.record.action_log()
        interaction = self.logged(self.contact)
        self.assertRecordValues(
            interaction,
            [
                {
                    "partner_id": self.contact.id,
                    "summary": "Asked about the blue chairs",
                    "channel_id": self.call.id,
                    "direction": "out",
                    "sentiment": False,
                    "user_id": self.salesman.id,
                    "promise_id": False,
                    "res_model": False,
                    "origin": "manual",
                }
            ],
        )
        self.assertEqual(result["params"]["next"]["type"], "ir.actions.act_window_close")

    def test_everything(self):
        joy = self.env.ref("hc_crm.hc_emotion_joy")
        happened = fields.Datetime.now() - timedelta(days=2)
        with self.log_form(self.contact) as form:
            form.summary = "Visited the shop"
            form.channel_id = self.env.ref("hc_crm.hc_channel_visit")
            form.sentiment = "2"
            form.show_more = True
            form.date = happened
            form.duration = 0.5
            form.participant_ids.add(self.person)
            form.emotion_ids.add(joy)
            form.body = "<p>Long story<script>alert(1)</script></p>"
            form.promise_summary = "Send samples"
            self.assertEqual(form.promise_date, fields.Date.today() + timedelta(days=7), "proposed")
            form.promise_date = self.tomorrow
        form.record.action_log()
        interaction = self.logged(self.contact)
        self.assertEqual(interaction.date, happened.replace(microsecond=0))
        self.assertEqual(interaction.participant_ids, self.person)
        self.assertEqual(interaction.emotion_ids, joy)
        self.assertEqual(interaction.sentiment, "2")
        self.assertNotIn("<script", interaction.body)
        promise = interaction.promise_id
        self.assertRecordValues(
            promise,
            [
                {
                    "summary": "Send samples",
                    "partner_id": self.contact.id,
                    "user_id": self.salesman.id,
                    "date_due": self.tomorrow,
                    "state": "open",
                }
            ],
        )
        self.assertEqual(promise.activity_id.date_deadline, self.tomorrow)

    def test_direction_follows_channel_until_chosen(self):
        form = self.log_form(self.contact)
        self.assertEqual(form.direction, "out")
        form.channel_id = self.counter
        self.assertEqual(form.direction, "in")
        form.direction = "out"
        form.summary = "Called out to her at the counter"
        form.save().action_log()
        self.assertEqual(self.logged(self.contact).direction, "out")

    def test_many_customers(self):
        with self.log_form(self.contact + self.person) as form:
            form.summary = "Told about the summer closing"
            form.show_more = True
            form.promise_summary = "Send the new hours"
            form.promise_date = self.tomorrow
        wizard = form.record
        wizard.attachment_ids = (
            self.env["ir.attachment"]
            .with_user(self.salesman)
            .create({"name": "hours.txt", "raw": b"9 to 5", "res_model": wizard._name, "res_id": 0})
        )
        wizard.action_log()
        interactions = self.logged(self.contact, self.person)
        self.assertEqual(interactions.partner_id, self.contact + self.person)
        for interaction in interactions:
            self.assertEqual(interaction.promise_id.partner_id, interaction.partner_id)
            self.assertEqual(interaction.attachment_ids.res_model, "hc.interaction")
            self.assertEqual(interaction.attachment_ids.res_id, interaction.id)
            # A colleague who may read the interaction may read its file.
            self.assertEqual(interaction.attachment_ids.with_user(self.seller_all).raw, b"9 to 5")

    def test_from_lead_order_and_meeting(self):
        lead = self.env["crm.lead"].create(
            {"name": "Chairs", "partner_id": self.contact.id, "user_id": self.salesman.id}
        )
        order = self.env["sale.order"].create(
            {"partner_id": self.person.id, "user_id": self.salesman.id}
        )
        meeting = self.env["calendar.event"].create(
            {
                "name": "Samples",
                "start": "2026-01-05 10:00:00",
                "stop": "2026-01-05 11:00:00",
                "partner_ids": [(6, 0, (self.salesman.partner_id + self.contact).ids)],
            }
        )
        for document, partner in (
            (lead, self.contact),
            (order, self.person),
            (meeting, self.contact),
        ):
            with self.subTest(document=document._name):
                with self.log_form(document) as form:
                    form.summary = f"About {document._name}"
                form.record.action_log()
                interaction = self.env["hc.interaction"].search(
                    [("summary", "=", f"About {document._name}")]
                )
                self.assertEqual(interaction.partner_id, partner)
                self.assertEqual(
                    (interaction.res_model, interaction.res_id), (document._name, document.id)
                )

    def test_partner_button_and_list_action(self):
        action = self.contact.with_user(self.salesman).action_hc_log_interaction()
        wizard = Form(
            self.env[action["res_model"]].with_user(self.salesman).with_context(**action["context"])
        )
        self.assertEqual(wizard.partner_ids[:], self.contact)
        bindings = (
            self.env["ir.actions.actions"]
            .with_user(self.salesman)
            .get_bindings("res.partner")["action"]
        )
        self.assertIn(
            self.env.ref("hc_crm.hc_interaction_log_action").id, [b["id"] for b in bindings]
        )

    def test_document_without_customer(self):
        lead = self.env["crm.lead"].create({"name": "Nobody yet", "user_id": self.salesman.id})
        with self.assertRaisesRegex(UserError, "Nobody yet.*has no customer yet.*Contact"):
            self.log_form(lead)

    def test_promise_needs_words_and_day(self):
        for values, message in (
            ({"promise_summary": "Send samples"}, "Send samples.*has no day.*Due"),
            ({"promise_date": self.tomorrow}, "no promise.*We Promised"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(ValidationError, message):
                self.env["hc.interaction.log"].create(
                    {"partner_ids": [(6, 0, self.contact.ids)], "summary": "x", **values}
                )

    def test_bad_input_leaves_nothing(self):
        bad = (
            {"date": fields.Datetime.now() + timedelta(days=30)},
            {"summary": "x" * 301},
            {"summary": "   "},
            {"partner_ids": [(5,)]},
        )
        for values in bad:
            with self.subTest(values=values), self.assertRaises(UserError), self.env.cr.savepoint():
                self.env["hc.interaction.log"].create(
                    {
                        "partner_ids": [(6, 0, self.contact.ids)],
                        "summary": "Called",
                        "promise_summary": "Send samples",
                        "promise_date": self.tomorrow,
                        **values,
                    }
                ).action_log()
        self.assertFalse(self.logged(self.contact))
        self.assertFalse(self.env["hc.promise"].search([("partner_id", "=", self.contact.id)]))
        with self.assertRaisesRegex(ValidationError, "Duration"):
            self.env["hc.interaction.log"].create(
                {"partner_ids": [(6, 0, self.contact.ids)], "summary": "x", "duration": -1}
            )

    def test_strangers_may_not_log(self):
        for user in (self.portal, self.public):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["hc.interaction.log"].with_user(user).create({"summary": "x"})
