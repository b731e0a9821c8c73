from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

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
                {
                    "name": "Theirs",
                    "partner_id": self.person.id,
                    "company_id": self.other_company.id,
                },
                {"name": "Nobody's", "partner_id": self.contact.id, "company_id": False},
            ]
        )
        leads.write({"probability": 95})
        self.enter(plan)
        self.assertEqual(self.inside(plan), self.contact)

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
            {
                "partner_id": partner.id,
                "kind": "milestone",
                "occasion": "birthday",
                "date": day,
                **vals,
            }
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
        self.assertEqual(self.occurrences(plan, self.person), ["birthday,2027", "birthday,2028"])

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
        self.assertEqual(
            (enrollment.date_occurred + timedelta(hours=12)).date(), date(2026, 12, 28)
        )

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
        self.assertEqual(self.occurrences(plan, self.person), [f"customer_since,{first.year + 2}"])
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
        plan = self.make("unused", entry_days=14, entry_domain="[('summary', 'ilike', 'export')]")
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
