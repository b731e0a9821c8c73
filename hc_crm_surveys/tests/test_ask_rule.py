from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_ask import AskCommon


@tagged("post_install", "-at_install")
class TestAskRule(AskCommon):
    def found(self, rule):
        """Whom a rule finds now: ``[(customer, document id)]``."""
        rule._find()
        return [(ask.partner_id, ask.res_id) for ask in self.asks(rule)]

    # -- triggers ---------------------------------------------------------------------------------

    def test_order_confirmed(self):
        early = self.order()
        rule = self.make_rule(trigger="order_confirmed", delay_count=3)
        self.since(rule, days=2)
        early.date_order = fields.Datetime.now() - timedelta(days=3)
        quotation = self.env["sale.order"].create({"partner_id": self.person.id})
        order = self.order(self.contact)
        self.assertEqual(self.found(rule), [(self.contact, order.id)], "newer than the rule only")
        [ask] = self.asks(rule)
        self.assertEqual(ask.date_due, order.date_order + timedelta(days=3))
        self.assertEqual(
            (ask.state, ask.res_model, ask.touchpoint, ask.metric),
            ("waiting", "sale.order", "test", "nps"),
        )
        rule._find()
        self.assertEqual(len(self.asks(rule)), 1, "never twice about the same")
        quotation.action_confirm()
        self.assertEqual(len(self.found(rule)), 2)

    def test_order_delivered(self):
        rule = self.make_rule(trigger="order_delivered")
        self.since(rule, days=1)
        order = self.order()
        self.assertFalse(self.found(rule))
        order.order_line.qty_delivered = 1
        if "stock.picking" in self.env:
            return
        self.assertEqual(self.found(rule), [(self.person, order.id)])

    def test_order_delivered_from_a_warehouse(self):
        picking = self.env.get("stock.picking")
        if picking is None or "sale_id" not in picking._fields:
            self.skipTest("no warehouse is installed")
        rule = self.make_rule(trigger="order_delivered")
        self.since(rule, days=1)
        goods = self.env["product.product"].create({"name": "Lamp", "type": "consu"})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.person.id,
                "order_line": [Command.create({"product_id": goods.id, "product_uom_qty": 2})],
            }
        )
        order.action_confirm()
        self.assertFalse(self.found(rule))
        order.picking_ids.move_ids.write({"quantity": 2, "picked": True})
        order.picking_ids.button_validate()
        self.assertEqual(self.found(rule), [(self.person, order.id)])

    def test_lead_won_and_lost(self):
        won = self.make_rule(trigger="lead_won")
        lost = self.make_rule(trigger="lead_lost")
        self.since(won, days=1)
        self.since(lost, days=1)
        Lead = self.env["crm.lead"]
        good, bad = Lead.create(
            [
                {"name": "Good", "type": "opportunity", "partner_id": self.person.id},
                {"name": "Bad", "type": "opportunity", "partner_id": self.contact.id},
            ]
        )
        self.assertFalse(self.found(won) + self.found(lost))
        good.action_set_won()
        bad.action_set_lost()
        self.assertEqual(self.found(won), [(self.person, good.id)])
        self.assertEqual(self.found(lost), [(self.contact, bad.id)])

    def test_invoice_paid(self):
        if not self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
        ):
            self.skipTest("no chart of accounts is installed")
        rule = self.make_rule(trigger="invoice_paid")
        self.since(rule, days=1)
        order = self.order()
        order.order_line.qty_delivered = 1
        order.order_line.price_unit = 10
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertFalse(self.found(rule))
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        wizard.create({})._create_payments()
        self.assertEqual(self.found(rule), [(self.person, invoice.id)])

    def test_meeting_ended(self):
        rule = self.make_rule(trigger="meeting_ended", delay_count=2, delay_unit="hours")
        self.since(rule, days=1)
        now = fields.Datetime.now()
        meetings = self.env["calendar.event"].create(
            [
                {
                    "name": "Talk",
                    "start": now + start,
                    "stop": now + start + timedelta(hours=1),
                    "partner_ids": [
                        Command.set((self.person | self.contact | self.salesman.partner_id).ids)
                    ],
                }
                for start in (timedelta(hours=-3), timedelta(hours=3))
            ]
        )
        past = meetings[0]
        past.attendee_ids.filtered(lambda one: one.partner_id == self.contact).state = "declined"
        self.assertEqual(
            self.found(rule), [(self.person, past.id)], "neither colleagues nor who declined"
        )
        self.assertEqual(self.asks(rule).date_due, past.stop + timedelta(hours=2))

    def test_case_solved(self):
        rule = self.make_rule(trigger="case_solved")
        self.since(rule, days=1)
        case = self.env["hc.feedback.case"].create(
            {"name": "Vase broken", "partner_id": self.person.id, "user_id": self.salesman.id}
        )
        self.assertFalse(self.found(rule))
        case.write({"is_open": False, "date_solved": fields.Datetime.now()})
        self.assertEqual(self.found(rule), [(self.person, case.id)])

    def test_livechat_ended(self):
        if "livechat_end_dt" not in self.env["discuss.channel"]._fields:
            self.skipTest("no live chat is installed")
        rule = self.make_rule(trigger="livechat_ended")
        self.since(rule, days=1)
        livechat = self.env["im_livechat.channel"].create(
            {"name": "Shop", "user_ids": [Command.set(self.salesman.ids)]}
        )
        channel = self.env["discuss.channel"].create(
            {
                "name": "Chat",
                "channel_type": "livechat",
                "livechat_channel_id": livechat.id,
                "livechat_operator_id": self.salesman.partner_id.id,
                "channel_member_ids": [
                    Command.create(
                        {"partner_id": self.salesman.partner_id.id, "livechat_member_type": "agent"}
                    ),
                    Command.create(
                        {"partner_id": self.person.id, "livechat_member_type": "visitor"}
                    ),
                ],
            }
        )
        self.assertFalse(self.found(rule))
        channel.livechat_end_dt = fields.Datetime.now()
        self.assertEqual(self.found(rule), [(self.person, channel.id)])

    def test_apps_that_are_missing_are_not_offered(self):
        keys = dict(self.Rule._trigger_selection())
        self.assertIn("order_delivered", keys)
        ticket = self.env.get("helpdesk.ticket")
        self.assertEqual("ticket_closed" in keys, ticket is not None)
        for key, info in self.Rule._triggers().items():
            self.assertTrue(info["label"], key)
            if info["model"]:
                self.assertIn(info["model"], self.env)
                self.assertTrue(hasattr(self.Rule, f"_trigger_{key}"))

    def test_a_trigger_that_is_gone(self):
        rule = self.make_rule(trigger="lead_won")
        other = self.make_rule(trigger="order_confirmed")
        self.since(rule, days=1)
        self.since(other, days=1)
        self.order()
        left = {key: info for key, info in self.Rule._triggers().items() if key != "lead_won"}
        with (
            patch.object(type(self.Rule), "_triggers", lambda self: left),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=1000),
        ):
            self.Rule._cron_find()
            self.assertIn("gone", rule.error)
        self.assertEqual(len(self.asks(other)), 1, "the others go on")

    # -- who ----------------------------------------------------------------------------------------

    def test_conditions(self):
        rule = self.make_rule(
            trigger="order_confirmed",
            domain="[('client_order_ref', '=', 'big')]",
            partner_domain="[('is_company', '=', False)]",
        )
        self.since(rule, days=1)
        self.order()
        self.order(self.company_customer, client_order_ref="big")
        order = self.order(client_order_ref="big")
        self.assertEqual(self.found(rule), [(self.person, order.id)])

    def test_another_company(self):
        rule = self.make_rule(trigger="order_confirmed", company_id=self.other_company.id)
        self.since(rule, days=1)
        self.order()
        self.assertFalse(self.found(rule))

    def test_archived(self):
        rule = self.make_rule(trigger="order_confirmed")
        self.since(rule, days=1)
        self.order()
        self.person.active = False
        self.assertFalse(self.found(rule))

    def test_sampling_is_stable(self):
        rule = self.make_rule(trigger="order_confirmed", share=50)
        self.since(rule, days=1)
        people = self.make_people(120)
        self.env["sale.order"].create(
            [
                {"partner_id": one.id, "state": "sale", "date_order": fields.Datetime.now()}
                for one in people
            ]
        )
        first = {partner for partner, _order in self.found(rule)}
        self.assertTrue(35 <= len(first) <= 85, len(first))
        self.asks(rule).unlink()
        self.assertEqual({partner for partner, _order in self.found(rule)}, first)

    # -- what may be saved --------------------------------------------------------------------------

    def test_bad_input(self):
        for vals, word in (
            ({"share": 0}, "Share"),
            ({"share": 101}, "Share"),
            ({"delay_count": -1}, "How Long After"),
            ({"expire_days": 0}, "Answer Within"),
            ({"reminder_count": 99}, "Reminders"),
            ({"throttle_days": 99999}, "Not Again"),
            ({"survey_id": False}, "Survey"),
            ({"sender": "user", "user_id": False}, "Sent By"),
            ({"partner_domain": "[('no_such_field', '=', 1)]"}, "Only Customers"),
            ({"partner_domain": "__import__('os')"}, "Only Customers"),
            ({"trigger": "order_confirmed", "domain": "[('nowhere', '=', 1)]"}, "Only Those"),
            (
                {"trigger": "order_confirmed", "domain": "[('date_order', '>', 'soon\x00')]"},
                "Only Those",
            ),
        ):
            with self.assertRaises(ValidationError, msg=vals) as caught, self.cr.savepoint():
                self.make_rule(**vals)
            self.assertIn(word, str(caught.exception))

    def test_counts_from_the_change_on(self):
        rule = self.make_rule(trigger="order_confirmed", active=False)
        self.assertFalse(rule.date_since)
        self.order()
        rule.active = True
        self.assertTrue(rule.date_since)
        self.since(rule, days=5)
        rule.name = "Another name"
        self.assertLess(rule.date_since, fields.Datetime.now() - timedelta(days=1))
        rule.partner_domain = "[('is_company', '=', True)]"
        self.assertGreater(rule.date_since, fields.Datetime.now() - timedelta(minutes=5))
        self.assertFalse(rule.copy().active)

    def test_in_words(self):
        rule = self.make_rule(
            trigger="order_delivered", delay_count=3, share=50, throttle_days=90, reminder_count=1
        )
        self.assertEqual(
            rule.summary,
            "3 days after an order was delivered, ask one in 2 customers: “How was it?”. Remind once after 5 "
            "days. Nobody twice within 90 days.",
        )
        rule.write({"share": 40, "delay_count": 1, "delay_unit": "hours"})
        self.assertIn(
            "An hour after an order was delivered, ask 40 % of the customers", rule.summary
        )
        self.assertIn("When a colleague says so", self.rule.summary)
        for trigger in self.Rule._triggers():
            # those of a journey ask for its stage, and have their own tests
            if trigger.startswith("stage_"):
                continue
            rule.trigger = trigger
            self.assertTrue(rule.summary)
            rule._preview()

    def test_preview(self):
        rule = self.make_rule(
            trigger="order_confirmed", partner_domain="[('name', 'like', 'Customer')]"
        )
        self.assertEqual(rule.preview_text, "In the last 30 days nobody.")
        for partner in self.make_people(2):
            self.order(partner)
            self.order(partner)
        rule.invalidate_recordset(["preview_text"])
        self.assertIn("2 customers for 4 events", rule.preview_text)
        self.assertFalse(self.rule.preview_text)

    def test_form(self):
        with Form(self.env["hc.ask.rule"].with_user(self.manager)) as form:
            form.name = "New"
            form.trigger = "order_confirmed"
            form.domain = "[('client_order_ref', '=', 'x')]"
            form.trigger = "lead_won"
            self.assertEqual(form.domain, "[]", "conditions are about another document")
            form.active = False
        self.assertFalse(form.record.survey_id)

    def test_rights(self):
        for user in (self.salesman, self.seller_all):
            self.assertTrue(self.rule.with_user(user).summary)
            with self.assertRaises(AccessError):
                self.rule.with_user(user).name = "Mine"
        self.rule.with_user(self.manager).name = "Ours"
        self.assertFalse(self.Rule.with_user(self.stranger).search([("id", "=", self.rule.id)]))
        for user in (self.portal, self.public):
            with self.assertRaises(AccessError):
                self.rule.with_user(user).read(["name"])

    def test_ready_rules(self):
        for name in ("delivery", "relationship", "conversation", "case"):
            rule = self.env.ref(f"hc_crm_surveys.hc_ask_rule_{name}")
            self.assertFalse(rule.active)
            rule.active = True
            self.assertEqual(rule._find(), 0, "nothing happened since")
