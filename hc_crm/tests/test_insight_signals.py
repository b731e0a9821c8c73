from datetime import date, datetime, timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from ..engine.insight import engagement
from ..models.insight.hc_insight_config import ENGAGEMENT_KINDS
from .common import HcCommon

TODAY = date(2025, 6, 20)


def ago(days, hour=12):
    return datetime.combine(TODAY - timedelta(days=days), datetime.min.time().replace(hour=hour))


@tagged("post_install", "-at_install")
class TestInsightSignals(HcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # days are those of the company: UTC keeps the arithmetic of the tests plain
        cls.company.resource_calendar_id.tz = "UTC"
        cls.config = cls.env["hc.insight.config"]._for_company(cls.company)
        cls.config.write(
            {
                "engagement_half_life_days": 60,
                "engagement_weight_purchase": 5,
                "engagement_weight_message": 3,
                "engagement_weight_call": 4,
                "engagement_weight_visit": 6,
                "engagement_weight_meeting": 6,
                "engagement_weight_feedback": 4,
                "engagement_weight_other": 1,
            }
        )
        cls.weights = {kind: cls.config[f"engagement_weight_{kind}"] for kind in ENGAGEMENT_KINDS}
        cls.product = cls.env["product.product"].create({"name": "Bouquet"})

    def interact(self, channel="call", days=1, partner=None, **vals):
        return self.env["hc.interaction"].create(
            {
                "partner_id": (partner or self.person).id,
                "channel_id": self.env.ref(f"hc_crm.hc_channel_{channel}").id,
                "date": ago(days),
                "direction": "in",
                "summary": "Talked",
                **vals,
            }
        )

    def write_message(self, days=1, author=None, on=None, **vals):
        on = on or self.person
        return self.env["mail.message"].create(
            {
                "model": on._name,
                "res_id": on.id,
                "author_id": (author or self.person).id,
                "date": ago(days),
                "message_type": "comment",
                "subtype_id": self.env.ref("mail.mt_comment").id,
                "body": "Hello",
                **vals,
            }
        )

    def order(self, days=1, partner=None, company=None, state="sale"):
        company = company or self.company
        return self.env["sale.order"].create(
            {
                "partner_id": (partner or self.person).id,
                "company_id": company.id,
                "date_order": ago(days),
                "state": state,
                "order_line": [
                    fields.Command.create(
                        {"product_id": self.product.id, "price_unit": 100, "tax_ids": False}
                    )
                ],
            }
        )

    def meet(self, partners, days=1, hours=1, **vals):
        return self.env["calendar.event"].create(
            {
                "name": "Meeting",
                "start": ago(days),
                "stop": ago(days) + timedelta(hours=hours),
                "user_id": self.salesman.id,
                "partner_ids": [fields.Command.set((partners | self.salesman.partner_id).ids)],
                **vals,
            }
        )

    def collect(self, as_of=TODAY, customers=None, config=None):
        self.env["hc.insight.signals"]._collect(
            config or self.config, as_of, customers and customers.ids
        )
        self.env.cr.execute("SELECT * FROM hc_insight_signal")
        return {row["partner_id"]: row for row in self.env.cr.dictfetchall()}

    def signal(self, partner=None, **kwargs):
        return self.collect(**kwargs).get((partner or self.person).id)

    def points(self, *contacts, half_life=60):
        return engagement.scale(engagement.total(contacts, self.weights, half_life), self.weights)

    # -- the formula ----------------------------------------------------------------------------

    def test_engagement_is_the_engines(self):
        self.interact("call", 10)
        self.interact("visit", 100)
        self.interact("card", 3, sentiment="1")
        self.write_message(33)
        self.order(45)
        self.meet(self.person, 20)
        row = self.signal()
        self.assertAlmostEqual(
            row["engagement"],
            self.points(
                ("call", 10), ("visit", 100), ("feedback", 3), ("message", 33), ("purchase", 45),
                ("meeting", 20),
            ),
            places=6,
        )  # fmt: skip
        self.assertTrue(0 < row["engagement"] < 100)

    def test_purchases_may_be_added_later(self):
        """A run has read the purchases anyway: it adds what they count to the sum."""
        self.interact("call", 10)
        self.order(45)
        self.env["hc.insight.signals"]._collect(
            self.config, TODAY, self.person.ids, with_purchases=False
        )
        self.env.cr.execute("SELECT kept FROM hc_insight_signal")
        self.assertEqual(self.env.cr.rowcount, 1)
        [kept] = self.env.cr.fetchone()
        self.assertAlmostEqual(kept, engagement.total([("call", 10)], self.weights, 60), places=6)
        purchase = self.weights["purchase"] * engagement.fade(45, 60)
        self.assertAlmostEqual(
            self.signal()["engagement"],
            engagement.scale(kept + purchase, self.weights),
            places=6,
        )

    def test_half_life_of_the_settings(self):
        self.interact("call", 30)
        self.config.engagement_half_life_days = 15
        self.assertAlmostEqual(
            self.signal()["engagement"], self.points(("call", 30), half_life=15), places=6
        )

    def test_what_faded_counts_nothing_and_breaks_nothing(self):
        """A power of ½ with a large exponent makes PostgreSQL complain of an underflow."""
        self.config.engagement_half_life_days = 1
        self.interact("call", 4000, sentiment="2")
        row = self.signal()
        self.assertEqual(row["engagement"], 0)
        self.assertIsNone(row["feeling"])
        self.assertEqual(row["feeling_count"], 0)
        self.assertEqual(row["last_contact_date"], TODAY - timedelta(days=4000))

    def test_many_on_one_day_are_one(self):
        for hour in range(1, 9):
            self.interact("call", 5, date=ago(5, hour))
            self.write_message(5, date=ago(5, hour))
        row = self.signal()
        self.assertAlmostEqual(
            row["engagement"], self.points(("call", 5), ("message", 5)), places=6
        )
        self.assertEqual(row["contact_count"], 2)

    def test_full_engagement_does_not_overflow(self):
        self.env["hc.interaction"].create(
            [
                {
                    "partner_id": self.person.id,
                    "channel_id": self.env.ref("hc_crm.hc_channel_visit").id,
                    "date": ago(days),
                    "direction": "in",
                    "summary": "Came by",
                }
                for days in range(1, 200)
            ]
        )
        self.config.write(
            {f"engagement_weight_{kind}": 0 for kind in ENGAGEMENT_KINDS if kind != "other"}
        )
        self.config.write({"engagement_weight_visit": 1000, "engagement_half_life_days": 3650})
        row = self.signal()
        self.assertTrue(95 < row["engagement"] <= 100)

    # -- what counts ----------------------------------------------------------------------------

    def test_direction_of_interactions(self):
        """A call of ours that nobody answered is no contact of theirs."""
        self.interact("call", 5, direction="out")
        row = self.signal()
        self.assertEqual(row["engagement"], 0)
        self.assertEqual(row["last_personal_date"], TODAY - timedelta(days=5))
        self.interact("call", 4, direction="out", duration=0.1)
        self.interact("visit", 3, direction="out")
        self.interact("call", 2, direction="in")
        row = self.signal()
        self.assertAlmostEqual(
            row["engagement"], self.points(("call", 4), ("visit", 3), ("call", 2)), places=6
        )
        self.assertEqual(row["last_personal_date"], TODAY - timedelta(days=3))
        self.assertEqual(row["last_contact_date"], TODAY - timedelta(days=2))
        self.assertEqual(row["contact_count"], 4)

    def test_only_what_a_person_did(self):
        self.interact("usage", 1, is_automated=True)
        self.write_message(1, message_type="notification")
        self.write_message(1, message_type="out_of_office")
        self.write_message(1, message_type="auto_comment")
        self.write_message(1, author=self.salesman.partner_id, message_type="email_outgoing")
        self.write_message(1, author=self.env.ref("base.partner_root"))
        self.write_message(
            1, author=self.salesman.partner_id, subtype_id=self.env.ref("mail.mt_note").id
        )
        self.assertIsNone(self.signal())

    def test_messages_of_colleagues(self):
        order = self.order(400, state="draft")
        self.write_message(9, author=self.salesman.partner_id)
        self.write_message(7, author=self.salesman.partner_id, on=order)
        row = self.signal()
        self.assertEqual(row["last_personal_date"], TODAY - timedelta(days=7))
        self.assertEqual(row["engagement"], 0, "they did nothing")
        self.assertEqual(row["contact_count"], 2)
        self.assertEqual(self.signal(customers=self.person), row, "as of one customer")

    def test_call_activity_done(self):
        self.write_message(
            6,
            author=self.salesman.partner_id,
            message_type="notification",
            subtype_id=self.env.ref("mail.mt_activities").id,
            mail_activity_type_id=self.env.ref("mail.mail_activity_data_call").id,
        )
        row = self.signal()
        self.assertEqual(row["last_personal_date"], TODAY - timedelta(days=6))
        self.assertEqual(row["engagement"], 0)

    def test_meetings(self):
        self.meet(self.person, days=-5)
        self.assertIsNone(self.signal(), "planned only")
        declined = self.meet(self.person, days=5)
        declined.attendee_ids.filtered(lambda a: a.partner_id == self.person).state = "declined"
        self.assertIsNone(self.signal())
        self.meet(self.person, days=8)
        self.meet(self.company_customer | self.contact, days=8)
        rows = self.collect()
        self.assertAlmostEqual(
            rows[self.person.id]["engagement"], self.points(("meeting", 8)), places=6
        )
        both = rows[self.company_customer.id]
        self.assertEqual(both["contact_count"], 1, "two people of one company, one meeting")
        self.assertEqual(both["last_personal_date"], TODAY - timedelta(days=8))

    def test_contacts_count_for_their_company(self):
        self.interact("call", 5, partner=self.contact)
        self.write_message(3, author=self.contact, on=self.company_customer)
        rows = self.collect()
        self.assertNotIn(self.contact.id, rows)
        self.assertAlmostEqual(
            rows[self.company_customer.id]["engagement"],
            self.points(("call", 5), ("message", 3)),
            places=6,
        )

    def test_people_present(self):
        self.interact(
            "visit", 5, partner=self.company_customer, participant_ids=[(6, 0, self.person.ids)],
            sentiment="-2",
        )  # fmt: skip
        rows = self.collect()
        self.assertAlmostEqual(
            rows[self.person.id]["engagement"], self.points(("visit", 5)), places=6
        )
        self.assertEqual(rows[self.person.id]["feeling_count"], 0, "it was not their feeling")
        self.assertEqual(rows[self.company_customer.id]["feeling_count"], 1)

    def test_purchases_follow_the_settings(self):
        self.order(5)
        self.order(5)
        self.order(8, state="cancel")
        self.order(9, state="draft")
        row = self.signal()
        self.assertAlmostEqual(row["engagement"], self.points(("purchase", 5)), places=6)
        self.assertEqual(row["contact_count"], 0, "an order is no talk")
        self.assertIsNone(row["last_contact_date"])
        self.config.purchase_source = "invoice"
        self.assertIsNone(self.signal())

    def test_rating(self):
        if "rating.rating" not in self.env:
            self.skipTest("needs rating")
        ratings = self.env["rating.rating"].create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "res_id": self.company_customer.id,
                    "partner_id": self.person.id,
                    "rating": rating,
                    "consumed": consumed,
                }
                for rating, consumed in ((1, True), (5, True), (0, True), (3, False))
            ]
        )
        ratings.rated_on = ago(0, 8)
        ratings.flush_recordset()
        row = self.signal()
        self.assertEqual(row["feeling"], 0, "one −2 and one +2")
        self.assertEqual(row["feeling_count"], 2, "0 is no rating")
        self.assertEqual(row["bad_feeling_count"], 1)
        self.assertAlmostEqual(row["engagement"], self.points(("feedback", 0)), places=6)

    def test_clicks_not_opens_not_scanners(self):
        if "mailing.trace" not in self.env:
            self.skipTest("needs mass_mailing")
        mailing = self.env["mailing.mailing"].create(
            {"subject": "News", "mailing_model_id": self.env["ir.model"]._get_id("res.partner")}
        )

        def trace(**vals):
            self.env["mailing.trace"].create(
                {
                    "mass_mailing_id": mailing.id,
                    "model": "res.partner",
                    "res_id": self.person.id,
                    "email": "rosa@blum.example",
                    "sent_datetime": ago(4),
                    **vals,
                }
            )

        trace(open_datetime=ago(3), trace_status="open")
        trace(links_click_datetime=ago(4) + timedelta(seconds=5))
        self.assertIsNone(self.signal())
        trace(links_click_datetime=ago(3))
        row = self.signal()
        self.assertAlmostEqual(row["engagement"], self.points(("other", 3)), places=6)
        self.assertEqual(row["contact_count"], 0)

    def test_event_attended(self):
        if "event.registration" not in self.env:
            self.skipTest("needs event")
        event = self.env["event.event"].create(
            {"name": "Workshop", "date_begin": ago(9), "date_end": ago(9, 15)}
        )
        registrations = self.env["event.registration"].create(
            [
                {"event_id": event.id, "partner_id": partner.id, "state": "open"}
                for partner in (self.person, self.company_customer)
            ]
        )
        registrations[0].write({"state": "done", "date_closed": ago(9)})
        rows = self.collect()
        self.assertAlmostEqual(
            rows[self.person.id]["engagement"], self.points(("visit", 9)), places=6
        )
        self.assertNotIn(self.company_customer.id, rows, "registered is not attended")

    def test_livechat(self):
        if "im_livechat.channel.member.history" not in self.env:
            self.skipTest("needs im_livechat")
        channel = self.env["discuss.channel"].create(
            {
                "name": "Chat",
                "channel_type": "livechat",
                "livechat_operator_id": self.salesman.partner_id.id,
            }
        )
        history = self.env["im_livechat.channel.member.history"].create(
            {
                "channel_id": channel.id,
                "partner_id": self.person.id,
                "livechat_member_type": "visitor",
            }
        )
        self.env.cr.execute(
            SQL(
                "UPDATE im_livechat_channel_member_history SET create_date = %s WHERE id = %s",
                ago(2),
                history.id,
            )
        )
        self.assertAlmostEqual(self.signal()["engagement"], self.points(("message", 2)), places=6)

    # -- feelings and promises ------------------------------------------------------------------

    def test_feeling(self):
        self.interact("call", 0, date=ago(0, 8), sentiment="2")
        self.interact("call", 60, sentiment="-1")
        self.interact("call", 100, sentiment="-2")
        row = self.signal()
        self.assertAlmostEqual(
            row["feeling"],
            engagement.mean_feeling([(2, 0), (-1, 60), (-2, 100)], 60),
            places=6,
        )
        self.assertEqual(row["feeling_count"], 3)
        self.assertEqual(row["bad_feeling_count"], 1, "the older one has been forgiven")

    def test_two_feelings_on_one_day(self):
        self.interact("call", 5, sentiment="2")
        self.interact("call", 5, sentiment="-2", date=ago(5, 9))
        row = self.signal()
        self.assertEqual((row["feeling"], row["feeling_count"]), (0, 2))

    def test_promises(self):
        def promise(**vals):
            return self.env["hc.promise"].create(
                {
                    "summary": "Send roses",
                    "partner_id": self.contact.id,
                    "date_promised": ago(50),
                    "date_due": TODAY - timedelta(days=10),
                    **vals,
                }
            )

        customer = self.company_customer
        promise(date_due=TODAY)
        self.assertIsNone(self.signal(customer), "due today is not late")
        late = promise()
        broken = promise(state="broken", date_closed=ago(5))
        promise(state="broken", date_closed=ago(400))
        promise(state="kept", date_closed=ago(20))
        promise(state="released", date_closed=ago(5))
        self.assertTrue(late.is_late)
        row = self.signal(customer)
        self.assertEqual(row["late_promise_count"], 2)
        self.assertEqual((row["engagement"], row["contact_count"]), (0, 0))
        broken.unlink()
        late.write({"state": "late", "date_closed": ago(2)})
        self.assertIsNone(self.signal(customer))
        past = self.signal(customer, as_of=TODAY - timedelta(days=6))
        self.assertEqual(
            past["late_promise_count"], 2, "both were late then, one is not wanted any more"
        )

    # -- bounds ---------------------------------------------------------------------------------

    def test_the_past_knows_nothing_of_later(self):
        self.interact("call", 40, sentiment="2")
        then = TODAY - timedelta(days=30)
        before = self.signal(as_of=then)
        self.interact("call", 20, sentiment="-2")
        self.write_message(3)
        self.write_message(3, author=self.salesman.partner_id)
        self.order(10)
        self.meet(self.person, 9)
        self.assertEqual(self.signal(as_of=then), before)
        self.assertAlmostEqual(before["engagement"], self.points(("call", 10)), places=6)
        self.assertIsNone(self.signal(as_of=TODAY - timedelta(days=41)))

    def test_the_day_is_the_companys(self):
        self.company.resource_calendar_id.tz = "Asia/Tokyo"
        self.interact("call", 1, date=ago(1, 20))  # the next day in Tokyo
        row = self.signal()
        self.assertEqual(row["last_contact_date"], TODAY)
        self.assertIsNone(self.signal(as_of=TODAY - timedelta(days=1)))

    def test_companies(self):
        other = self.env["hc.insight.config"]._for_company(self.other_company)
        self.interact("call", 5)
        self.write_message(4, record_company_id=self.company.id)
        self.assertIsNone(self.signal(config=other))
        self.order(7, company=self.other_company)
        self.write_message(6)
        row = self.signal(config=other)
        self.assertAlmostEqual(
            row["engagement"], self.points(("purchase", 7), ("message", 6)), places=6
        )

    def test_who_is_no_customer(self):
        self.interact("call", 5, partner=self.salesman.partner_id)
        self.interact("call", 5, partner=self.company.partner_id)
        archived = self.env["res.partner"].create({"name": "Gone", "active": False})
        self.interact("call", 5, partner=archived)
        rows = self.collect()
        for partner in (self.salesman.partner_id, self.company.partner_id, archived):
            self.assertNotIn(partner.id, rows)

    def test_opted_out(self):
        self.interact("call", 5, partner=self.contact, sentiment="-2")
        self.interact("call", 9, partner=self.company_customer)
        self.order(7, partner=self.contact)
        self.contact.hc_profiling_optout = True
        row = self.signal(self.company_customer)
        self.assertAlmostEqual(
            row["engagement"], self.points(("call", 9), ("purchase", 7)), places=6
        )
        self.assertEqual(row["feeling_count"], 0)
        self.company_customer.hc_profiling_optout = True
        self.assertIsNone(self.signal(self.company_customer))

    def test_some_customers(self):
        self.interact("call", 5)
        self.interact("call", 5, partner=self.contact)
        self.write_message(2)
        self.order(3)
        everybody = self.collect()
        some = self.collect(customers=self.person)
        self.assertEqual(some, {self.person.id: everybody[self.person.id]})
        nobody = self.env["res.partner"]
        self.env["hc.insight.signals"]._collect(self.config, TODAY, nobody.ids)
        self.env.cr.execute("SELECT count(*) FROM hc_insight_signal")
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_number_of_queries_does_not_grow(self):
        def queries(customers):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["hc.insight.signals"]._collect(self.config, TODAY, customers)
            return self.env.cr.sql_log_count - before

        self.interact("call", 5)
        queries(None)  # warm up
        few = queries(None)
        partners = self.env["res.partner"].create([{"name": f"C{i}"} for i in range(50)])
        for partner in partners:
            self.interact("call", 5, partner=partner)
        self.assertEqual(queries(None), few)
        self.assertLessEqual(queries(partners.ids), few + 1)

    # -- news -----------------------------------------------------------------------------------

    def changed(self, since=None):
        since = since or fields.Datetime.now() - timedelta(hours=2)
        self.env.flush_all()
        query = self.env["hc.insight.signals"]._changed_contacts(self.config, since)
        contacts = [partner_id for (partner_id,) in self.env.execute_query(query) if partner_id]
        return set(self.env["res.partner"].browse(contacts).commercial_partner_id.ids)

    def age(self, table, days=10):
        """Make believe that all rows are that old."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE %(table)s SET create_date = now() at time zone 'utc' - %(days)s * interval '1 day', "
                "write_date = now() at time zone 'utc' - %(days)s * interval '1 day'",
                table=SQL.identifier(table),
                days=days,
            )
        )

    def test_changed_customers(self):
        self.interact("call", 5, partner=self.contact)
        self.write_message(3)
        for table in ("hc_interaction", "mail_message"):
            self.age(table)
        self.assertFalse(self.changed() & {self.company_customer.id, self.person.id})
        self.write_message(300, author=self.salesman.partner_id)
        self.assertEqual(
            self.changed() & {self.company_customer.id, self.person.id}, {self.person.id}
        )
        self.interact("call", 500, partner=self.contact)
        self.assertIn(self.company_customer.id, self.changed())
        self.assertNotIn(self.contact.id, self.changed())

    def test_changed_by_promise_meeting_optout(self):
        partners = self.env["res.partner"].create([{"name": f"P{i}"} for i in range(4)])
        late, met, opted, still = partners
        self.age("mail_message")
        self.env["hc.promise"].create(
            {
                "summary": "Call back",
                "partner_id": late.id,
                "date_promised": ago(50),
                "date_due": fields.Date.today() - timedelta(days=1),
            }
        )
        now = fields.Datetime.now()
        self.meet(met, start=now - timedelta(hours=3), stop=now - timedelta(hours=1))
        self.age("hc_promise")
        self.age("calendar_event")
        self.age("calendar_attendee")
        self.age("mail_message")
        opted.hc_profiling_optout = True
        self.assertEqual(self.changed() & set(partners.ids), {late.id, met.id, opted.id})
        self.assertNotIn(still.id, self.changed())
