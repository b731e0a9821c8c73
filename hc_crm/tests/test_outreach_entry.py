from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_outreach_entry import EntryCommon


@tagged("post_install", "-at_install")
class TestOutreachEntry(EntryCommon):
    """Each way into a plan: enters once, not twice, only what is new, nobody of another company."""

    def test_event(self):
        old = self.interaction(self.person, days_ago=10)
        plan = self.make("event", entry_source="interaction", recipient="contact")
        self.assertEqual(self.enter(plan), 0)
        new = self.interaction(self.contact)
        self.interaction(self.other_person, company_id=self.other_company.id)
        self.interaction(self.salesman.partner_id)
        self.assertEqual(self.enter(plan), 1)
        self.assertEqual(self.enter(plan), 0)
        self.assertEqual(self.occurrences(plan, self.contact), [f"hc.interaction,{new.id}"])
        self.interaction(self.contact)
        self.assertEqual(self.enter(plan), 1)
        existing = self.make(
            "event", entry_source="interaction", include_existing=True,
            entry_domain=f"[('id', 'in', {[old.id, new.id]})]", recipient="customer",
        )  # fmt: skip
        self.assertEqual(self.enter(existing), 2)
        self.assertEqual(self.enter(existing), 0)
        self.assertEqual(self.inside(existing), self.person | self.company_customer)

    def test_event_of_a_channel(self):
        plan = self.make(
            "event", entry_source="interaction", entry_domain="[('channel_id.key', '=', 'visit')]"
        )
        self.interaction(self.person)
        self.interaction(self.contact, channel="visit")
        self.enter(plan)
        self.assertEqual(self.inside(plan), self.contact)

    def test_event_in_the_calendar_counts_when_it_happens(self):
        plan = self.make("event", entry_source="meeting")
        self.env["calendar.event"].create(
            {
                "name": "Tasting",
                "start": self.start + timedelta(days=3),
                "stop": self.start + timedelta(days=3, hours=1),
                "partner_ids": [(6, 0, (self.person + self.salesman.partner_id).ids)],
            }
        )
        self.assertEqual(self.enter(plan), 0)
        select, expected = self.env["hc.outreach.entry"]._forecast(
            plan, self.today, self.today + timedelta(days=7)
        )
        known = {row[0] for row in self.env.execute_query(select)}
        self.assertIn(self.person.id, known)
        self.assertNotIn(self.salesman.partner_id.id, known)
        self.assertEqual(expected, 0)
        self.enter(plan, days=4)
        self.assertIn(self.person, self.inside(plan))
        self.assertNotIn(self.salesman.partner_id, self.inside(plan))

    def test_event_a_customer_writes(self):
        plan = self.make("event", entry_source="message")
        self.person.message_post(
            body="Where is my tea?", author_id=self.person.id, message_type="email",
            subtype_xmlid="mail.mt_comment",
        )  # fmt: skip
        self.contact.message_post(body="A note", message_type="comment")
        self.enter(plan)
        self.assertEqual(self.inside(plan), self.person)

    def test_record_that_comes_to_fit(self):
        done = self.order(self.person)
        draft = self.order(self.contact, confirm=False)
        model = self.env["ir.model"]._get("sale.order")
        vals = {"entry_model_id": model.id, "entry_domain": "[('state', '=', 'sale')]"}
        plan = self.make("record", **vals)
        # touched, but it was sold before
        done.client_order_ref = "A note"
        self.assertEqual(self.enter(plan), 0)
        draft.action_confirm()
        self.assertEqual(self.enter(plan), 1)
        draft.client_order_ref = "Another note"
        self.assertEqual(self.enter(plan), 0)
        self.assertEqual(self.occurrences(plan, self.contact), [f"sale.order,{draft.id}"])
        existing = self.make(
            "record", entry_model_id=model.id, include_existing=True,
            entry_domain=f"[('state', '=', 'sale'), ('id', 'in', {[done.id, draft.id]})]",
        )  # fmt: skip
        self.assertEqual(self.enter(existing), 2)
        self.assertEqual(self.enter(existing), 0)

    def test_record_refused_once_does_not_come_back(self):
        """Conditions over the person are asked on entering, not for ever after."""
        plan = self.make(
            "record",
            entry_model_id=self.env["ir.model"]._get("sale.order").id,
            entry_domain="[('state', '=', 'sale')]",
            partner_domain="[('city', '=', 'Ghent')]",
        )
        self.order(self.person)
        self.assertEqual(self.enter(plan), 0)
        self.person.city = "Ghent"
        self.assertEqual(self.enter(plan), 0)

    def test_record_of_another_company(self):
        plan = self.make(
            "record",
            entry_model_id=self.env["ir.model"]._get("crm.lead").id,
            entry_domain="[('probability', '>', 90)]",
            include_existing=False,
        )
        leads = self.env["crm.lead"].create(
            [
                {"name": "Theirs", "partner_id": self.person.id, "company_id": self.other_company.id},
                {"name": "Nobody's", "partner_id": self.contact.id, "company_id": False},
            ]
        )
        leads.write({"probability": 95})
        self.enter(plan)
        self.assertEqual(self.inside(plan), self.contact)

    def _date_plan(self, **vals):
        field = self.env["ir.model.fields"]._get("sale.order", "validity_date")
        return self.make(
            "date",
            **{
                "entry_model_id": field.model_id.id,
                "entry_date_field_id": field.id,
                "entry_domain": "[('state', '=', 'draft')]",
                **vals,
            },
        )

    def test_days_before_and_after(self):
        before = self._date_plan(entry_days=-3)
        after = self._date_plan(entry_days=2)
        order = self.order(self.person, confirm=False, validity_date=self.today + timedelta(days=5))
        passed = self.order(
            self.contact, confirm=False, validity_date=self.today - timedelta(days=9)
        )
        self.assertEqual([self.enter(before), self.enter(after)], [0, 0])
        self.assertEqual([self.enter(before, 2), self.enter(after, 2)], [1, 0])
        self.assertEqual(self.enter(before, 3), 0)
        # nothing looked for some days: nobody is lost
        self.assertEqual(self.enter(after, 9), 1)
        self.assertEqual(self.inside(before) | self.inside(after), self.person)
        self.assertEqual(
            self.occurrences(after, self.person), [f"sale.order,{order.id},{order.validity_date}"]
        )
        existing = self._date_plan(
            entry_days=2, include_existing=True, entry_domain=f"[('id', '=', {passed.id})]"
        )
        self.assertEqual(self.enter(existing), 1)

    def test_still_open_after_some_days(self):
        plan = self._date_plan(entry_days=2)
        sold, open_one = (
            self.order(partner, confirm=False, validity_date=self.today)
            for partner in (self.person, self.contact)
        )
        sold.action_confirm()
        self.enter(plan, 2)
        self.assertEqual(self.inside(plan), open_one.partner_id)

    def test_date_entered_late(self):
        plan = self._date_plan(entry_days=2)
        self.enter(plan, 6)
        # the day was three days before anybody noted it
        self.order(self.person, confirm=False, validity_date=self.today + timedelta(days=1))
        self.assertEqual(self.enter(plan, 6), 1)

    def _fact(self, partner, day, **vals):
        return self.env["hc.fact"].create(
            {"partner_id": partner.id, "kind": "milestone", "occasion": "birthday", "date": day, **vals}
        )

    def test_birthday_on_29_february(self):
        self._fact(self.person, date(1984, 2, 29))
        with freeze_time("2027-02-20 10:00:00"):
            plan = self.make("milestone", entry_occasion="birthday")
            self.assertEqual(plan._enter_guarded(), 0)
        for moment, count in (
            ("2027-02-27 10:00:00", 0),
            ("2027-02-28 10:00:00", 1),
            ("2027-03-01 10:00:00", 0),
            ("2028-02-28 10:00:00", 0),
            ("2028-02-29 10:00:00", 1),
        ):
            with self.subTest(moment), freeze_time(moment):
                found = plan._enter_guarded()
                self.assertFalse(plan.entry_error)
                self.assertEqual(len(self.Enrollment.search(
                    [("plan_id", "=", plan.id), ("partner_id", "=", self.person.id),
                     ("date_entered", ">=", moment)])), count)  # fmt: skip
                self.assertGreaterEqual(found, count)
        self.assertEqual(
            self.occurrences(plan, self.person), ["birthday,2027", "birthday,2028"]
        )

    def test_birthdays_that_few_may_know(self):
        month_day = self.today.replace(year=1984)
        self._fact(self.person, month_day, sensitivity="sensitive")
        self._fact(self.contact, month_day)
        self._fact(self.other_person, month_day)
        plan = self.make("milestone", entry_occasion="birthday")
        self.enter(plan)
        self.assertIn(self.contact, self.inside(plan))
        self.assertNotIn(self.person, self.inside(plan))
        self.assertNotIn(self.other_person, self.inside(plan))

    def test_greeting_before_new_year(self):
        """Days before a birthday in January lie in the year before."""
        self._fact(self.person, date(1984, 1, 2))
        with freeze_time("2026-12-20 10:00:00"):
            plan = self.make("milestone", entry_occasion="birthday", entry_days=-5)
        with freeze_time("2026-12-28 10:00:00"):
            plan._enter_guarded()
        enrollment = self.Enrollment.search(
            [("plan_id", "=", plan.id), ("partner_id", "=", self.person.id)]
        )
        self.assertEqual(enrollment.occurrence, "birthday,2027")
        self.assertEqual((enrollment.date_occurred + timedelta(hours=12)).date(), date(2026, 12, 28))

    def test_belated_greeting_is_none(self):
        self._fact(self.person, (self.today + timedelta(days=2)).replace(year=1984))
        plan = self.make("milestone", entry_occasion="birthday", late_days=0)
        self.enter(plan, days=9)
        self.assertNotIn(self.person, self.inside(plan))

    def test_customer_since(self):
        plan = self.make("customer_since")
        first = fields.Date.subtract(self.today, years=2)
        self.insight(self.person, first_purchase_date=first + timedelta(days=1))
        self.insight(self.company_customer, first_purchase_date=self.today)
        self.assertNotIn(self.person, self.inside(plan))
        self.enter(plan, 1)
        self.enter(plan, 1)
        self.assertEqual(
            self.occurrences(plan, self.person), [f"customer_since,{first.year + 2}"]
        )
        # nobody is congratulated on the day they first bought
        self.assertNotIn(self.company_customer, self.inside(plan))

    def test_segment(self):
        segment = self.env["hc.segment"].create(
            {"name": "From Bruges", "domain": "[('ref', '=', 'Bruges')]", "level": "contact"}
        )
        self.person.ref = "Bruges"
        segment.action_refresh()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE hc_segment_membership SET date_entered = %s WHERE segment_id = %s",
            [self.start - timedelta(days=1), segment.id],
        )
        entered = self.make("segment", entry_segment_id=segment.id)
        left = self.make("segment", entry_segment_id=segment.id, entry_segment_way="left")
        existing = self.make("segment", entry_segment_id=segment.id, include_existing=True)
        self.assertEqual([self.enter(p) for p in (entered, left, existing)], [0, 0, 1])
        self.contact.ref = "Bruges"
        self.person.ref = "Ghent"
        segment.action_refresh()
        self.env.flush_all()
        # one transaction has one time: the refresh came after the plans began
        self.env.cr.execute(
            "UPDATE hc_segment_membership SET date_entered = %(now)s WHERE segment_id = %(id)s AND "
            "date_left IS NULL", {"now": self.start + timedelta(seconds=3), "id": segment.id},
        )  # fmt: skip
        self.env.cr.execute(
            "UPDATE hc_segment_membership SET date_left = %(now)s WHERE segment_id = %(id)s AND "
            "date_left IS NOT NULL", {"now": self.start + timedelta(seconds=3), "id": segment.id},
        )  # fmt: skip
        self.assertEqual([self.enter(p) for p in (entered, left, existing)], [1, 1, 1])
        self.assertEqual([self.enter(p) for p in (entered, left, existing)], [0, 0, 0])
        self.assertEqual(self.inside(entered), self.contact)
        self.assertEqual(self.inside(left), self.person)
        entry = self.env["hc.outreach.entry"]
        self.assertFalse(entry._entry_profiled(entered))
        # conditions that are changed move nobody
        segment.domain = "[('ref', '=', 'Nowhere')]"
        segment.action_refresh()
        self.assertEqual(self.enter(left), 0)

    def test_persona(self):
        persona = self.env["hc.persona"].create({"name": "Regular"})
        plan = self.make("persona", entry_persona_id=persona.id)
        self.env["hc.persona.membership"].create(
            {
                "partner_id": self.person.id, "persona_id": persona.id, "source": "person",
                "date_entered": self.start + timedelta(seconds=3),
            }
        )  # fmt: skip
        self.assertEqual(self.enter(plan), 1)
        self.assertEqual(self.enter(plan), 0)
        self.assertTrue(plan._rests_on_figures())

    def test_figure_crosses(self):
        risk = self.insight(self.person, churn_risk=0.7)
        other = self.insight(self.company_customer, churn_risk=0.3)
        self.insight(self.other_person, company=self.other_company, churn_risk=0.3)
        plan = self.make("figure", entry_figure="churn_risk", entry_value=60)
        self.enter(plan)
        self.assertFalse(self.inside(plan))
        foreign = self.insight(self.contact, company=self.other_company, churn_risk=0.9)
        other.churn_risk = 0.65
        self.assertEqual(self.enter(plan), 1)
        self.assertEqual(self.enter(plan, 1), 0)
        self.assertNotIn(foreign.partner_id, self.inside(plan))
        # trembling around the limit is no crossing
        other.churn_risk = 0.58
        self.enter(plan, 2)
        other.churn_risk = 0.62
        self.assertEqual(self.enter(plan, 3), 0)
        # recovered, it is
        (other | risk).churn_risk = 0.2
        self.enter(plan, 4)
        (other | risk).churn_risk = 0.9
        self.assertEqual(self.enter(plan, 5), 2)
        self.assertEqual(len(self.occurrences(plan, self.company_customer)), 2)

    def test_health_falls(self):
        self.insight(self.person, health=70, health_change=-10)
        drop = self.make("figure", entry_figure="health_drop", entry_value=20)
        below = self.make("figure", entry_figure="health", entry_value=40)
        self.insight(self.person, health=35, health_change=-35)
        self.insight(self.company_customer, health=0, health_band="unknown")
        self.env["hc.customer.insight"].flush_model()
        self.enter(drop)
        self.enter(below)
        self.assertIn(self.person, self.inside(drop))
        self.assertIn(self.person, self.inside(below))
        self.assertNotIn(self.company_customer, self.inside(below))

    def test_opted_out_of_profiling(self):
        plan = self.make("figure", entry_figure="churn_risk", entry_value=60)
        self.person.hc_profiling_optout = True
        # a row left from before the wish
        self.insight(self.person, churn_risk=0.9)
        self.enter(plan)
        self.assertNotIn(self.person, self.inside(plan))
        # what they do themselves is no profiling
        event = self.make("event", entry_source="interaction")
        self.interaction(self.person)
        self.enter(event)
        self.assertEqual(self.inside(event), self.person)

    def test_silence(self):
        self.insight(self.person, last_contact_date=self.today - timedelta(days=58))
        self.insight(
            self.company_customer,
            last_contact_date=self.today - timedelta(days=90),
            last_purchase_date=self.today - timedelta(days=30),
        )
        long_ago = self.env["res.partner"].create({"name": "Silent for long"})
        self.insight(long_ago, last_contact_date=self.today - timedelta(days=300))
        plan = self.make("silence", entry_days=60)
        existing = self.make(
            "silence", entry_days=60, include_existing=True,
            partner_domain=f"[('id', '=', {long_ago.id})]",
        )  # fmt: skip
        self.enter(plan)
        self.assertNotIn(self.person, self.inside(plan))
        self.enter(plan, 2)
        self.enter(plan, 3)
        self.assertEqual(len(self.occurrences(plan, self.person)), 1)
        self.assertFalse(self.inside(plan) & (self.company_customer | long_ago))
        self.assertEqual(self.enter(existing), 1)
        select, _expected = self.env["hc.outreach.entry"]._forecast(
            plan, self.today, self.today + timedelta(days=30)
        )
        known = {row[0] for row in self.env.execute_query(select)}
        self.assertIn(self.company_customer.id, known)
        self.assertNotIn(self.person.id, known)

    def test_not_used_any_more(self):
        plan = self.make(
            "unused", entry_days=14, entry_domain="[('summary', 'ilike', 'export')]"
        )
        for partner, ago, summary in (
            (self.person, 10, "Export used"),
            (self.person, 30, "Export used"),
            (self.contact, 10, "Import used"),
        ):
            self.interaction(partner, ago, "usage", summary=summary, is_automated=True)
        self.interaction(self.contact, 10, "call", summary="Asked about export")
        self.assertEqual(self.enter(plan), 0)
        self.assertEqual(self.enter(plan, 4), 1)
        self.assertEqual(self.enter(plan, 5), 0)
        self.assertEqual(self.inside(plan), self.person)
        # used again, and stopped again
        self.interaction(self.person, 0, "usage", summary="Export used", is_automated=True)
        self.assertEqual(self.enter(plan, 14), 1)

    def test_feedback(self):
        if "rating.rating" not in self.env:
            self.skipTest("no app collects ratings")
        plan = self.make("feedback", entry_feedback="bad")

        def rate(partner, rating):
            return self.env["rating.rating"].create(
                {
                    "partner_id": partner.id, "rating": rating, "consumed": True,
                    "rated_on": self.start + timedelta(seconds=3),
                    "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "res_id": partner.id,
                }
            )  # fmt: skip

        rate(self.person, 1)
        rate(self.contact, 5)
        self.assertEqual(self.enter(plan), 1)
        self.assertEqual(self.enter(plan), 0)
        self.assertEqual(self.inside(plan), self.person)

    def test_by_hand(self):
        plan = self.make("manual")
        self.assertEqual(plan.hc_enroll(self.person.ids)["entered"], 1)
        self.assertEqual(self.enter(plan), 0)

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
            ("timeline", "event", {"entry_source": "gone"}),
        ):  # fmt: skip
            with self.subTest(words, entry_type=entry_type, vals=vals):
                with self.assertRaisesRegex(ValidationError, words):
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
        self.assertLessEqual(counts[2], counts[1] + 2, counts)

    def test_rights(self):
        plan = self.make("manual")
        with self.assertRaises(AccessError):
            plan.with_user(self.salesman).write({"entry_days": 4})
        with self.assertRaises(AccessError):
            self.env["hc.outreach.seen"].with_user(self.manager).search([])
        self.assertFalse(
            self.env["hc.outreach.plan"].with_user(self.stranger).search([("id", "=", plan.id)])
        )
