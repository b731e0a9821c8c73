from datetime import date, datetime, timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.sql_db import db_connect
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..engine.insight import channel as engine
from ..models.preference.hc_channel_score import REFRESH_LOCK
from .common import HcCommon

TODAY = date(2025, 6, 20)


def ago(days, hour=12):
    return datetime.combine(TODAY - timedelta(days=days), datetime.min.time().replace(hour=hour))


class PreferenceCommon(HcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.call = cls.env.ref("hc_crm.hc_channel_call")
        cls.email = cls.env.ref("hc_crm.hc_channel_email")

    def interact(self, channel, days, direction, partner=None, hour=12, **vals):
        return self.env["hc.interaction"].create(
            {
                "partner_id": (partner or self.person).id,
                "channel_id": self.env.ref(f"hc_crm.hc_channel_{channel}").id,
                "date": ago(days, hour),
                "direction": direction,
                "summary": "Contact",
                **vals,
            }
        )

    def habits(self, partner=None):
        """Six e-mails, five answered after three hours; four calls that nobody answered."""
        for number in range(6):
            self.interact("email", 100 + 10 * number, "out", partner, hour=9)
            if number:
                self.interact("email", 100 + 10 * number, "in", partner, hour=12)
        for number in range(4):
            self.interact("call", 200 + 10 * number, "out", partner)

    def refresh(self, customers=None, as_of=TODAY):
        self.env["hc.channel.score"]._refresh(None, as_of, customers and customers.ids)

    def rows(self, partner=None):
        rows = self.env["hc.channel.score"].search(
            [("partner_id", "=", (partner or self.person).id)]
        )
        return {row.channel_id.key: row for row in rows}

    def counts(self, partner=None):
        return {
            key: (row.tried, row.answered, row.came_in) for key, row in self.rows(partner).items()
        }


@tagged("post_install", "-at_install")
class TestChannelScore(PreferenceCommon):
    def test_counts_and_evidence(self):
        self.habits()
        self.refresh()
        self.assertEqual(self.counts(), {"email": (6, 5, 0), "call": (4, 0, 0)})
        rows = self.rows()
        self.assertEqual(rows["email"].answer_hours, 3)
        self.assertTrue(rows["email"].is_learned)
        self.assertFalse(rows["call"].is_learned)
        learned = self.person._hc_channel_preference()["learned"]
        self.assertEqual((learned["channel"], learned["icon"]), ("email", self.email.icon))
        self.assertEqual(
            learned["evidence"],
            "answers within 3 h, 5 of 6 times; Phone Call: no answer known (0 of 4)".replace(
                "Phone Call", self.call.name
            ),
        )
        self.assertFalse(self.person._hc_channel_preference()["stated"])
        self.assertEqual(self.person.hc_channel_id, self.email)

    def test_scores_are_the_engines(self):
        self.habits()
        for number, partner in enumerate(
            self.env["res.partner"].create([{"name": f"C{n}"} for n in range(8)])
        ):
            for day in range(3 + number):
                self.interact("email", 50 + 10 * day, "out", partner, hour=8)
                if day % 2 or number % 3 == 0:
                    self.interact("email", 50 + 10 * day, "in", partner, hour=9 + number)
            self.interact("call", 30, "in", partner)
        self.env["hc.channel.score"].search([]).unlink()
        self.refresh()
        scores = self.env["hc.channel.score"].search([])
        for channel_id, rows in scores.grouped("channel_id").items():
            pairs = [(row.answered + row.came_in, row.tried + row.came_in) for row in rows]
            hours = sorted(row.answer_hours for row in rows if row.answered)
            middle = len(hours) // 2
            median = None
            if hours:
                median = (hours[middle] + hours[-middle - 1]) / 2
            common = engine.prior(
                len(pairs),
                sum(n for _x, n in pairs),
                sum(x for x, _n in pairs),
                sum(n * n for _x, n in pairs),
                sum(x * x / n for x, n in pairs),
                median,
            )
            for row in rows.filtered(lambda row: not row.partner_id.persona_id):
                expected = engine.score(
                    row.tried,
                    row.answered,
                    row.came_in,
                    row.answer_hours if row.answered else None,
                    common,
                )
                self.assertAlmostEqual(row.score, expected, places=6, msg=channel_id.key)
                self.assertLessEqual(
                    row.is_learned, engine.is_enough(row.tried, row.answered, row.came_in)
                )

    def test_persona_is_the_first_guess(self):
        """Who resembles people that answer is expected to answer."""
        persona = self.env["hc.persona"].create({"name": "Writers"})
        people = self.env["res.partner"].create([{"name": f"W{n}"} for n in range(12)])
        for partner in people[:10]:
            partner.persona_id = persona
            for day in (50, 60, 70):
                self.interact("email", day, "out", partner, hour=8)
                self.interact("email", day, "in", partner)
        people[10].persona_id = persona
        for partner in people[10:]:
            self.interact("email", 50, "out", partner)
        self.refresh()
        alike, stranger = (self.rows(partner)["email"] for partner in people[10:])
        self.assertEqual((alike.tried, alike.answered), (stranger.tried, stranger.answered))
        self.assertGreater(alike.score, stranger.score)

    def test_an_answer_goes_to_the_latest_try_in_its_channel(self):
        """The e-mail after a missed call takes the answer by e-mail."""
        self.interact("call", 50, "out", hour=9)
        self.interact("email", 50, "out", hour=10)
        self.interact("email", 50, "in", hour=13)
        self.refresh()
        self.assertEqual(self.counts(), {"call": (1, 0, 0), "email": (1, 1, 0)})
        self.assertEqual(self.rows()["email"].answer_hours, 3)

    def test_a_missed_call_is_answered_by_writing(self):
        self.interact("call", 50, "out", hour=9)
        self.interact("email", 49, "in", hour=9)
        self.refresh()
        self.assertEqual(self.counts(), {"call": (1, 1, 0)})
        self.assertEqual(self.rows()["call"].answer_hours, 24)

    def test_too_late_is_no_answer(self):
        self.interact("email", 50, "out")
        self.interact("email", 42, "in")
        self.refresh()
        self.assertEqual(self.counts(), {"email": (1, 0, 1)})

    def test_a_conversation_is_an_answer(self):
        promise = self.env["hc.promise"].create(
            {"summary": "Call", "partner_id": self.person.id, "date_due": TODAY}
        )
        self.interact("call", 50, "out", duration=0.2)
        self.interact("call", 60, "out", sentiment="1")
        self.interact("call", 70, "out", promise_id=promise.id)
        self.interact("call", 80, "out")
        self.refresh()
        self.assertEqual(self.counts(), {"call": (4, 3, 0)})
        self.assertEqual(self.rows()["call"].answer_hours, 0)
        self.assertIn("at once", self.person._hc_channel_preference()["learned"]["evidence"])

    def test_who_was_asked_yesterday_may_still_answer(self):
        self.interact("email", 50, "out")
        self.interact("email", 1, "out")
        self.refresh()
        self.assertEqual(self.counts(), {"email": (1, 0, 0)})

    def test_several_tries_on_one_day_are_one(self):
        for hour in (8, 9, 10):
            self.interact("email", 50, "out", hour=hour)
        self.interact("email", 50, "in", hour=12)
        self.refresh()
        self.assertEqual(self.counts(), {"email": (1, 1, 0)})
        self.assertEqual(self.rows()["email"].answer_hours, 2)

    def test_messages(self):
        def write(days, author, hour):
            self.env["mail.message"].create(
                {
                    "model": "res.partner",
                    "res_id": self.person.id,
                    "author_id": author.id,
                    "date": ago(days, hour),
                    "message_type": "comment",
                    "subtype_id": self.env.ref("mail.mt_comment").id,
                    "body": "Hello",
                }
            )

        for days in (50, 60, 70):
            write(days, self.salesman.partner_id, 8)
            write(days, self.person, 9)
        self.refresh()
        self.assertEqual(self.counts(), {"email": (3, 3, 0)})
        self.refresh(self.person)
        self.assertEqual(self.counts(), {"email": (3, 3, 0)}, "as of one customer")

    def test_minimum_evidence(self):
        self.interact("email", 50, "out", hour=8)
        self.interact("email", 50, "in")
        self.interact("email", 30, "in")
        self.refresh()
        self.assertEqual(self.counts(), {"email": (1, 1, 1)})
        self.assertFalse(self.person.hc_channel_id)
        self.assertEqual(self.person._hc_channel_preference(), {"stated": False, "learned": False})
        self.interact("email", 20, "in")
        self.refresh()
        self.assertEqual(self.person.hc_channel_id, self.email)

    def test_no_way_to_reach_somebody(self):
        self.interact("note", 50, "out")
        self.interact("card", 50, "in")
        self.interact("meeting", 50, "out")
        self.interact("usage", 50, "in", is_automated=True)
        # whoever stands in the room has always answered
        self.interact("visit", 50, "out")
        self.interact("counter", 50, "in")
        self.refresh()
        self.assertFalse(self.rows())

    def test_company_is_its_people(self):
        self.habits(self.contact)
        self.refresh()
        self.assertEqual(self.counts(self.company_customer), self.counts(self.contact))
        self.assertEqual(self.company_customer.hc_channel_id, self.email)
        self.contact.hc_profiling_optout = True
        self.assertFalse(self.rows(self.contact))
        self.refresh()
        self.assertFalse(self.rows(self.contact))
        self.assertFalse(self.rows(self.company_customer))

    def test_as_of(self):
        self.habits()
        self.refresh(as_of=TODAY - timedelta(days=115))
        self.assertEqual(self.counts(), {"email": (4, 4, 0), "call": (4, 0, 0)})

    def test_refresh_again(self):
        """What has not changed is not written; what is gone is deleted; the best may move."""
        self.habits()
        self.refresh()
        rows = self.env["hc.channel.score"].search([])
        stamp = datetime(2020, 1, 1)
        rows.computed_at = stamp
        rows.flush_recordset()
        self.refresh()
        self.assertEqual(set(rows.mapped("computed_at")), {stamp})
        for number in range(20):
            self.interact("email", 300 + 10 * number, "out")
        for number in range(12):
            self.interact("call", 5 + 3 * number, "in")
        self.refresh(self.person)
        self.assertEqual(self.counts(), {"email": (26, 5, 0), "call": (4, 0, 12)})
        self.assertEqual(self.person.hc_channel_id, self.call)
        self.env["hc.interaction"].search([("partner_id", "=", self.person.id)]).unlink()
        self.refresh(self.person)
        self.assertFalse(self.rows())

    def test_two_at_once(self):
        """The second leaves it to the first, instead of failing on a row the first has locked."""
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s)", [REFRESH_LOCK])
            self.habits()
            self.assertIs(self.env["hc.channel.score"]._refresh(None, TODAY), False)
            self.assertFalse(self.rows())
            other.rollback()
        self.assertIs(self.env["hc.channel.score"]._refresh(None, TODAY), True)
        self.assertTrue(self.rows())

    def test_number_of_queries_does_not_grow(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.refresh()
            return self.env.cr.sql_log_count - before

        self.habits()
        queries()
        few = queries()
        for partner in self.env["res.partner"].create([{"name": f"C{n}"} for n in range(20)]):
            self.interact("email", 50, "out", partner)
        self.assertEqual(queries(), few)

    def test_reading_many_contacts_takes_few_queries(self):
        self.habits()
        self.refresh()
        partners = self.person | self.env["res.partner"].create(
            [{"name": f"C{n}"} for n in range(30)]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(__system__=6):
            partners.mapped("hc_channel_id")

    def test_merge(self):
        twin = self.env["res.partner"].create({"name": "Rosa T.", "email": "rosa@blum.example"})
        self.habits(twin)
        self.interact("email", 300, "in")
        self.refresh()
        state = self.env["hc.channel.preference"].create
        state({"partner_id": twin.id, "channel_id": self.call.id})
        self.env["base.partner.merge.automatic.wizard"]._merge(
            [self.person.id, twin.id], self.person
        )
        self.assertFalse(twin.exists())
        preference = self.env["hc.channel.preference"].search([("partner_id", "=", self.person.id)])
        self.assertEqual(preference.channel_id, self.call)

    def test_merge_keeps_what_the_kept_one_said(self):
        twin = self.env["res.partner"].create({"name": "Rosa T."})
        self.env["hc.channel.preference"].create(
            [
                {"partner_id": self.person.id, "channel_id": self.email.id},
                {"partner_id": twin.id, "channel_id": self.call.id},
            ]
        )
        self.env["base.partner.merge.automatic.wizard"]._merge(
            [self.person.id, twin.id], self.person
        )
        self.assertEqual(self.person.hc_channel_id, self.email)


@tagged("post_install", "-at_install")
class TestChannelPreference(PreferenceCommon):
    def state(self, channel=None, partner=None, **vals):
        return self.env["hc.channel.preference"].create(
            {
                "partner_id": (partner or self.person).id,
                "channel_id": (channel or self.call).id,
                **vals,
            }
        )

    def test_what_they_said_wins(self):
        self.habits()
        self.refresh()
        self.assertEqual(self.person.hc_channel_id, self.email)
        self.state(stated_date="2025-03-01", note="After ten")
        self.assertEqual(self.person.hc_channel_id, self.call)
        both = self.person._hc_channel_preference()
        self.assertEqual(
            both["stated"],
            {
                "channel": "call",
                "label": self.call.name,
                "icon": self.call.icon,
                "date": "2025-03-01",
                "by": self.env.user.name,
                "note": "After ten",
            },
        )
        self.assertEqual(both["learned"]["channel"], "email")

    def test_search(self):
        self.habits(self.contact)
        self.habits()
        self.refresh()
        self.state()
        partners = self.person | self.contact | self.env["res.partner"].create({"name": "Nobody"})

        def found(*leaf):
            return self.env["res.partner"].search(
                [("id", "in", partners.ids), ("hc_channel_id", *leaf)]
            )

        self.assertEqual(found("=", self.call.id), self.person)
        self.assertEqual(found("in", [self.email.id]), self.contact)
        self.assertEqual(found("=", False), partners[2])
        self.assertEqual(found("!=", False), self.person | self.contact)
        self.assertEqual(found("!=", self.call.id), self.contact | partners[2])
        self.assertEqual(found("ilike", self.call.name), self.person)
        self.assertEqual(found("any", [("key", "=", "email")]), self.contact)
        self.assertEqual(
            self.env["res.partner"].search(
                [("id", "in", partners.ids), ("hc_channel_id.key", "=", "email")]
            ),
            self.contact,
        )

    def test_dialog(self):
        action = self.person.action_hc_state_channel()
        self.assertEqual(
            (action["res_model"], action["target"], action["res_id"]),
            ("hc.channel.preference", "new", False),
        )
        with Form(
            self.env["hc.channel.preference"].with_context(**action["context"]),
            view=action["views"][0][0],
        ) as form:
            form.channel_id = self.call
        self.assertEqual(self.person.hc_channel_id, self.call)
        action = self.person.action_hc_state_channel()
        preference = self.env["hc.channel.preference"].browse(action["res_id"])
        self.assertEqual(preference.partner_id, self.person)
        preference.action_take_back()
        self.assertFalse(self.person.hc_channel_id)

    def test_bad_input(self):
        with self.assertRaisesRegex(ValidationError, "Reach Them by"), self.env.cr.savepoint():
            self.state(self.env.ref("hc_crm.hc_channel_invoice"))
        preference = self.state()
        for day in ("2999-01-01", "0201-01-01"):
            with self.assertRaisesRegex(ValidationError, "Said on"):
                preference.stated_date = day
        no_day = "Said on: give the day"
        with self.assertRaisesRegex(ValidationError, no_day), self.env.cr.savepoint():
            preference.stated_date = False
        with self.assertRaisesRegex(ValidationError, no_day):
            self.env["hc.channel.preference"].create(
                {
                    "partner_id": self.contact.id,
                    "channel_id": self.call.id,
                    "stated_date": False,
                }
            )
        with self.assertRaisesRegex(ValidationError, "Note holds"):
            preference.note = "x" * 301
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.state(self.email)

    def test_wrong_ids(self):
        for vals, error in (
            ({"partner_id": 2**30}, IntegrityError),  # over RPC Odoo makes a message of it
            ({"channel_id": 2**30}, IntegrityError),
            ({"channel_id": "call"}, ValidationError),
            ({"channel_id": 2**63}, ValidationError),
            ({"channel_id": 2**31}, ValidationError),
            ({"partner_id": 2**63}, ValidationError),
            ({"partner_id": -1}, ValidationError),
        ):
            with self.subTest(vals), self.assertRaises(error), mute_logger("odoo.sql_db"):
                self.env["hc.channel.preference"].with_user(self.salesman).create(
                    {"partner_id": self.person.id, "channel_id": self.call.id, **vals}
                )

    def test_who_wrote_it_down(self):
        mine = self.env["hc.channel.preference"].with_user(self.salesman)
        preference = mine.create(
            {
                "partner_id": self.person.id,
                "channel_id": self.call.id,
                "user_id": self.seller_all.id,
            }
        )
        self.assertEqual(preference.user_id, self.salesman)
        preference.with_user(self.seller_all).channel_id = self.email
        self.assertEqual(preference.user_id, self.seller_all)

    def test_a_used_channel_cannot_be_deleted(self):
        own = self.env["hc.channel"].create({"name": "Pigeon", "key": "pigeon"})
        self.state(own)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            own.unlink()

    def test_hours_in_words(self):
        words = self.env["res.partner"]._hc_hours_in_words
        self.assertEqual(
            [words(hours) for hours in (0, 0.5, 3.2, 47, 100)],
            ["at once", "within the hour", "within 3 h", "within 47 h", "within 4 days"],
        )

    def test_today_is_the_default(self):
        self.assertEqual(self.state().stated_date, fields.Date.context_today(self.person))
