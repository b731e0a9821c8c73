from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_outreach_entry import EntryCommon


@tagged("post_install", "-at_install")
class TestOutreachEntryCare(EntryCommon):
    """Coming in again, what is wrong or breaks, whose conditions they are, what a pass costs."""

    # -- again ----------------------------------------------------------------------------------

    def test_once_and_again(self):
        once = self.make("event", entry_source="interaction", reentry="once")
        later = self.make("event", entry_source="interaction", reentry="days", reentry_days=30)
        for _number in range(2):
            self.interaction(self.person)
        self.assertEqual([self.enter(once), self.enter(later)], [1, 1])
        with freeze_time(self.start + timedelta(days=10)):
            self.interaction(self.person)
        self.assertEqual([self.enter(once, 11), self.enter(later, 11)], [0, 0])
        with freeze_time(self.start + timedelta(days=40)):
            self.interaction(self.person)
        self.assertEqual([self.enter(once, 41), self.enter(later, 41)], [0, 1])
        self.assertEqual(len(self.occurrences(later, self.person)), 2)

    # -- what is wrong --------------------------------------------------------------------------

    def test_refused_when_saved(self):
        model = self.env["ir.model"]._get("sale.order")
        product = self.env["ir.model"]._get("product.template")
        order_field = self.env["ir.model.fields"]._get("sale.order", "validity_date")
        for words, entry_type, vals in (
            ("Field of the Customer", "record", {
                "entry_model_id": product.id, "entry_domain": "[('name', '=', 'x')]"}),
            ("Field of the Customer", "record", {
                "entry_model_id": model.id, "entry_partner_path": "order_line.product_id"}),
            ("Which Records", "record", {
                "entry_model_id": model.id, "entry_domain": "[('gone_field', '=', 1)]"}),
            ("Which Records", "record", {"entry_model_id": model.id, "entry_domain": "[('state'"}),
            ("Day", "date", {
                "entry_model_id": self.env["ir.model"]._get("res.partner").id,
                "entry_date_field_id": order_field.id}),
            ("Days", "date", {
                "entry_model_id": model.id, "entry_date_field_id": order_field.id,
                "entry_days": 99999}),
            ("Days", "silence", {"entry_days": 0}),
            ("Days", "silence", {"entry_days": -4}),
            ("Days", "unused", {"entry_days": 0}),
            ("Entry Value", "figure", {"entry_figure": "churn_risk", "entry_value": 0.7}),
            ("Only Those Who", "manual", {"partner_domain": "[('gone_field', '=', 1)]"}),
            ("Stop for Those Who", "manual", {"exit_domain": "nonsense"}),
            ("Within Days", "manual", {"goal_type": "order", "goal_days": 0}),
            ("Days between", "manual", {"reentry": "days", "reentry_days": 0}),
        ):  # fmt: skip
            with (
                self.subTest(words, entry_type=entry_type, vals=vals),
                self.assertRaisesRegex(ValidationError, words),
            ):
                self.make(entry_type, start=False, **vals)

    def test_a_draft_may_miss_something_but_does_not_start(self):
        for entry_type in ("event", "record", "date", "segment", "persona", "figure"):
            with self.subTest(entry_type):
                plan = self.make(entry_type, start=False)
                problems = self.env["hc.outreach.entry"]._entry_check(plan)
                self.assertTrue(problems)
                self.assertIn(problems[0], plan._own_problems())
                with self.assertRaises(ValidationError):
                    plan._start()

    def test_a_broken_plan_is_said_once_and_the_others_go_on(self):
        segment = self.env["hc.segment"].create({"name": "S", "domain": "[('city', '=', 'X')]"})
        field = self.env["ir.model.fields"]._get("sale.order", "validity_date")
        broken = [
            self.make("segment", entry_segment_id=segment.id),
            self._date_plan(entry_days=1),
            self.make(
                "record", entry_model_id=field.model_id.id, entry_domain="[('state', '=', 'sale')]"
            ),
            self.make("event", entry_source="interaction"),
        ]
        fine = self.make("event", entry_source="interaction")
        self.env.flush_all()
        segment.unlink()
        for column, value, plan in (
            ("entry_date_field_id", None, broken[1]),
            ("entry_domain", "[('gone_field', '=', 1)]", broken[2]),
            ("entry_source", "gone", broken[3]),
        ):
            self.env.cr.execute(
                f"UPDATE hc_outreach_plan SET {column} = %s WHERE id = %s", [value, plan.id]
            )
        self.env.invalidate_all()
        self.interaction(self.person)
        with patch.object(
            self.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 100
        ):
            for _pass in range(2):
                self.env["hc.outreach.plan"]._cron_enter()
        self.assertEqual(self.inside(fine), self.person)
        for plan in broken:
            self.assertTrue(plan.entry_error, plan.entry_type)
            self.assertEqual(len(plan.activity_ids), 1)
        self.assertIn("gone_field", broken[2].entry_error)
        # repaired, it goes on
        broken[3].entry_source = "interaction"
        self.enter(broken[3])
        self.assertFalse(broken[3].entry_error)

    @mute_logger("odoo.addons.hc_crm.models.outreach.hc_outreach_entry_plan", "odoo.sql_db")
    def test_an_unforeseen_error_costs_one_plan(self):
        plan = self.make("event", entry_source="interaction")
        entry = self.registry["hc.outreach.entry"]
        with patch.object(entry, "_entry_event", lambda *args: 1 / 0):
            self.assertEqual(plan._enter_guarded(), 0)
        self.assertIn("division by zero", plan.entry_error)
        self.assertEqual(self.enter(plan), 0)

    def test_another_way_chosen_while_it_runs(self):
        self.order(self.person)
        plan = self.make("event", entry_source="interaction", include_existing=True)
        plan.write(
            {
                "entry_type": "record",
                "entry_model_id": self.env["ir.model"]._get("sale.order").id,
                "entry_domain": "[('state', '=', 'sale')]",
            }
        )
        self.assertEqual(self.enter(plan), 0)
        self.order(self.contact)
        self.assertEqual(self.enter(plan), 1)

    def test_conditions_see_what_their_author_sees(self):
        """A salesperson who configures plans learns nothing of orders that are not theirs."""
        order = self.order(self.person)
        order.user_id = self.seller_all
        plan = self.env["hc.outreach.plan"].with_user(self.manager).create(
            {
                "name": "Mine", "entry_type": "record", "include_existing": True,
                "entry_model_id": self.env["ir.model"]._get("sale.order").id,
                "entry_domain": f"[('id', '=', {order.id})]",
            }
        )  # fmt: skip
        plan = plan.sudo()
        self.add_steps(plan.draft_version_id, [{"name": "end", "type": "stop"}])
        plan._start()
        self.assertEqual(self.enter(plan), 0)
        self.assertFalse(plan.entry_error)

    def test_fields_and_words(self):
        entry = self.env["hc.outreach.entry"]
        plan_fields = self.env["hc.outreach.plan"]._fields
        for key, label in entry._entry_selection():
            self.assertTrue(label)
            self.assertLessEqual(set(entry._entry_fields(key)), set(plan_fields))
        plan = self._date_plan(entry_days=3, reentry="once", start=False)
        self.assertEqual(
            plan.entry_text,
            "Every customer, 3 days after “Expiration” of their Sales Order, once",
        )
        self.assertEqual(plan.entry_domain_model, "sale.order")
        event = self.make("event", start=False, entry_source="invoice")
        self.assertEqual(event.entry_domain_model, "account.move")
        with self.assertRaisesRegex(ValidationError, "not on the timeline any more"):
            event.entry_source = "gone"
        silence = self.make("silence", entry_days=60, reentry="days", start=False)
        self.assertEqual(
            silence.entry_text,
            "Every customer, after 60 days without a word or a purchase, again after 90 days at the earliest",
        )

    # -- cost -----------------------------------------------------------------------------------

    def test_queries_do_not_grow(self):
        plans = [
            self.make("event", entry_source="interaction"),
            self.make("silence", entry_days=5),
            self.make("figure", entry_figure="churn_risk", entry_value=60),
        ]
        few, many = self.make_partners(2), self.make_partners(40)

        def come(partners):
            for partner in partners:
                self.interaction(partner)
                self.insight(
                    partner, churn_risk=0.9, last_contact_date=self.today - timedelta(days=5)
                )
            self.env.flush_all()
            self.env.invalidate_all()

        counts = []
        for partners in (few, few, many):
            if partners is few and counts:
                partners = self.make_partners(2)
            come(partners)
            before = self.env.cr.sql_log_count
            for plan in plans:
                plan._enter_guarded()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            for plan in plans:
                self.assertFalse(plan.entry_error)
                self.assertFalse(partners - self.inside(plan))
        # what the first passes left in caches moves the count by a few, the number of customers does not
        self.assertLessEqual(counts[2], max(counts[:2]) + 2, counts)

    def test_rights(self):
        plan = self._date_plan(entry_days=3, reentry="once")
        self.assertIn("Sales Order", plan.with_user(self.salesman).entry_text)
        with self.assertRaises(AccessError):
            plan.with_user(self.salesman).write({"entry_days": 4})
        with self.assertRaises(AccessError):
            self.env["hc.outreach.seen"].with_user(self.manager).search([])
        self.assertFalse(
            self.env["hc.outreach.plan"].with_user(self.stranger).search([("id", "=", plan.id)])
        )
