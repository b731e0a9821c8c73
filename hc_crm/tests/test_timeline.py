import ast
from datetime import timedelta
from unittest.mock import patch

from markupsafe import Markup

from odoo import Command, fields
from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_timeline import TimelineCommon


@tagged("post_install", "-at_install")
class TestTimelineSources(TimelineCommon):
    """Every kind of document and message stands on the timeline once, as what it is."""

    def assert_entry(self, entry, **expected):
        self.assertTrue(entry, "it stands on the timeline")
        self.assertEqual({key: entry[key] for key in expected}, expected)

    def test_interaction(self):
        interaction = self.make_interaction(
            "call", channel="visit", direction="in", sentiment="-2", body="<p>Late <b>again</b></p>"
        )
        entry = self.entry(interaction)
        self.assert_entry(
            entry,
            source="interaction",
            channel="visit",
            direction="in",
            date=fields.Datetime.to_string(self.days_ago(4)),
            feeling=-2,
            is_automated=False,
            title=self.marks["call"],
            preview="Late again",
            partner={"id": self.person.id, "name": "Rosa Testblum"},
            user={"id": self.salesman.id, "name": "Sam Salesman"},
            can_open=True,
        )
        neutral = self.make_interaction("neutral", sentiment="0", is_automated=True)
        self.assert_entry(self.entry(neutral), feeling=0, is_automated=True)
        self.assert_entry(self.entry(self.make_interaction("none")), feeling=False)

    def test_participants(self):
        interaction = self.make_interaction(
            "visit", participant_ids=[Command.set(self.contact.ids)]
        )
        mine = self.entry(interaction)
        theirs = self.entry(interaction, partner=self.contact, scope="contact")
        self.assertEqual(mine["partner"]["id"], self.person.id)
        self.assertEqual(theirs["partner"]["id"], self.contact.id)
        self.assertNotEqual(mine["id"], theirs["id"])

    def test_one_company_one_entry(self):
        """Two people of one company at one table: the company has had one visit and one meeting."""
        colleague = self.contact.copy({"name": "Bea Linden", "email": "bea@linden.example"})
        interaction = self.make_interaction(
            "visit", partner=self.contact, participant_ids=[Command.set(colleague.ids)]
        )
        meeting = self.make_meeting("meeting", partners=self.contact | colleague)
        message = self.post("mail", meeting)
        for record in (interaction, meeting, message):
            with self.subTest(record=record):
                for partner, scope in (
                    (self.company_customer, "company"),
                    (self.contact, "contact"),
                    (colleague, "contact"),
                ):
                    self.assertTrue(self.entry(record, partner=partner, scope=scope))
        ids = [entry["id"] for entry in self.entries(partner=self.company_customer)]
        self.assertEqual(len(ids), len(set(ids)))

    def test_meeting(self):
        meeting = self.make_meeting("meeting", location="Ghent")
        entry = self.entry(meeting)
        self.assert_entry(
            entry,
            source="meeting",
            channel="meeting",
            date=fields.Datetime.to_string(meeting.start),
            title=self.marks["meeting"],
            is_busy=False,
            can_open=True,
        )
        self.assertIn("Ghent", entry["note"])
        self.assertEqual(entry["user"]["id"], self.seller_all.id)

    def test_lead_and_order(self):
        lead = self.make_lead("lead", expected_revenue=1234)
        self.assert_entry(
            self.entry(lead),
            source="lead",
            channel="opportunity",
            title=self.marks["lead"],
            date=fields.Datetime.to_string(lead.create_date),
        )
        self.assertIn("1,234", self.entry(lead)["note"])
        order = self.make_order("order")
        self.assert_entry(
            self.entry(order),
            source="order",
            channel="order",
            title=self.marks["order"],
            date=fields.Datetime.to_string(order.date_order),
            user={"id": self.seller_all.id, "name": "Ada Alldocs"},
        )
        lead.action_set_lost()
        self.assertIn("Lost", self.entry(lead)["note"], "archived is history, not gone")

    def test_invoice(self):
        if not self.has("account"):
            self.skipTest("invoicing is not installed")
        invoice = self.make_invoice("invoice")
        entry = self.entry(invoice)
        self.assert_entry(entry, source="invoice", channel="invoice", direction="out")
        self.assertEqual(entry["date"][:10], str(invoice.invoice_date))
        self.assertIn("100", entry["note"])
        draft = invoice.copy()
        self.assertFalse(self.entry(draft), "a draft was never sent")

    def test_livechat(self):
        if not self.has("livechat"):
            self.skipTest("livechat is not installed")
        channel = self.make_livechat("chat")
        self.assert_entry(
            self.entry(channel),
            source="livechat",
            channel="chat",
            direction="in",
            title=self.marks["chat"],
        )
        self.assertTrue(self.entry(channel, text=self.marks["chat"]), "found by what was said")

    def test_survey(self):
        if not self.has("survey"):
            self.skipTest("surveys are not installed")
        answer = self.make_answer("answer")
        self.assert_entry(
            self.entry(answer),
            source="survey",
            channel="survey",
            direction="in",
            title=self.marks["answer"],
            date=fields.Datetime.to_string(answer.end_datetime),
        )
        answer.test_entry = True
        self.assertFalse(self.entry(answer), "a trial run is not a customer's answer")

    def test_rating(self):
        if not self.has("rating"):
            self.skipTest("ratings are not installed")
        order = self.make_order("order")
        for value, feeling in ((1, -2), (2, -1), (3, 0), (4, 1), (5, 2)):
            rating = self.make_rating("rating", order, value)
            self.assert_entry(
                self.entry(rating),
                source="rating",
                channel="rating",
                direction="in",
                feeling=feeling,
                preview=self.marks["rating"],
            )
        rating.consumed = False
        self.assertFalse(self.entry(rating), "asked for, not given")

    def test_mailing(self):
        if not self.has("mailing"):
            self.skipTest("mailings are not installed")
        trace = self.make_mailing("mailing")
        self.assert_entry(
            self.entry(trace),
            source="mailing",
            channel="mailing",
            direction="out",
            is_automated=True,
        )
        self.assertIn(self.marks["mailing"], self.entry(trace)["title"])
        trace.trace_status = "error"
        self.assertFalse(self.entry(trace), "it never arrived")

    def test_event(self):
        if not self.has("event"):
            self.skipTest("events are not installed")
        registration = self.make_registration("event")
        self.assert_entry(self.entry(registration), source="event", channel="event", direction="in")
        self.assertIn(self.marks["event"], self.entry(registration)["title"])

    def test_messages(self):
        order = self.make_order("order")
        staff = self.seller_all.partner_id
        cases = {
            "mail in": (
                {"message_type": "email", "author": self.person},
                {"channel": "email", "direction": "in", "is_automated": False},
            ),
            "mail out": (
                {"message_type": "comment", "author": staff},
                {"channel": "email", "direction": "out", "is_automated": False},
            ),
            "mail by template": (
                {"message_type": "email_outgoing", "author": staff},
                {"channel": "email", "direction": "out", "is_automated": True},
            ),
            "note": (
                {"message_type": "comment", "author": staff, "internal": True},
                {"channel": "note", "direction": False, "is_automated": False},
            ),
            "text message": (
                {"message_type": "sms", "author": staff, "internal": True},
                {"channel": "sms", "direction": "out"},
            ),
            "log": (
                {"message_type": "notification", "author": staff, "internal": True},
                {"channel": "log", "direction": False, "is_automated": True},
            ),
        }
        for document in (order, self.person):
            for name, (vals, expected) in cases.items():
                with self.subTest(name, document=document._name):
                    message = self.post(name, document, days=8, **vals)
                    entry = self.entry(message)
                    self.assert_entry(
                        entry,
                        source="message",
                        date=fields.Datetime.to_string(self.days_ago(8)),
                        author={"id": message.author_id.id, "name": message.author_id.name},
                        partner={"id": self.person.id, "name": "Rosa Testblum"},
                        **expected,
                    )
                    self.assertIn(self.marks[name], entry["title"] + entry["preview"])

    def test_message_to_one_colleague_is_not_shown(self):
        self.person.message_notify(
            body="psst", partner_ids=self.seller_all.partner_id.ids, subject="For you only"
        )
        self.assertNotIn("For you only", str(self.entries()))

    def test_activities_done(self):
        for xmlid, channel in (
            ("mail.mail_activity_data_call", "call"),
            ("mail.mail_activity_data_meeting", "meeting"),
            ("mail.mail_activity_data_todo", "activity"),
        ):
            with self.subTest(xmlid):
                activity = (
                    self.person.with_user(self.seller_all)
                    .with_context(tracking_disable=False)
                    .activity_schedule(xmlid, summary=f"Ask {channel}", user_id=self.seller_all.id)
                )
                activity.action_feedback(feedback=f"They said yes to {channel}")
                found = [e for e in self.entries(people_only=True) if f"yes to {channel}" in str(e)]
                self.assertEqual(len(found), 1)
                self.assert_entry(found[0], channel=channel, direction="out", is_automated=False)

    def test_company_and_contact(self):
        of_company = self.make_order("company", partner=self.company_customer)
        of_contact = self.make_order("contact", partner=self.contact)
        of_other = self.make_order("person", partner=self.person)
        for partner, scope, expected in (
            (self.company_customer, "company", of_company | of_contact),
            (self.contact, "company", of_company | of_contact),
            (self.company_customer, "contact", of_company),
            (self.contact, "contact", of_contact),
            (self.person, "company", of_other),
        ):
            with self.subTest(partner=partner.name, scope=scope):
                shown = [
                    e["res_id"]
                    for e in self.entries(partner=partner, scope=scope)
                    if e["source"] == "order"
                ]
                self.assertCountEqual(shown, expected.ids)

    def test_archived_customer(self):
        order = self.make_order("order")
        self.person.active = False
        self.assertTrue(self.entry(order))

    def test_counts_equal_the_hosts_own(self):
        for number in range(3):
            self.make_order(f"order{number}", partner=self.contact)
            self.make_lead(f"lead{number}", partner=self.company_customer)
            self.make_meeting(f"meeting{number}", partners=self.contact | self.company_customer)
        whose = [("commercial_partner_id", "=", self.company_customer.id)]
        for source, model, domain in (
            (
                "order",
                "sale.order",
                [("partner_id.commercial_partner_id", "=", self.company_customer.id)],
            ),
            (
                "lead",
                "crm.lead",
                [("partner_id.commercial_partner_id", "=", self.company_customer.id)],
            ),
            ("meeting", "calendar.event", [("partner_ids", "child_of", self.company_customer.ids)]),
        ):
            with self.subTest(source):
                host = self.env[model].with_user(self.auditor).search_count(domain)
                shown = [
                    e for e in self.entries(partner=self.company_customer) if e["source"] == source
                ]
                self.assertEqual(len(shown), host)
                self.assertGreaterEqual(host, 3)
        messages = self.env["mail.message"].with_user(self.auditor)
        self.post("mail", self.records["order0"])
        threads = [("order", "sale.order"), ("lead", "crm.lead")]
        expected = sum(
            messages.search_count(
                [
                    ("model", "=", model),
                    (
                        "res_id",
                        "in",
                        self.env[model]
                        .search([("partner_id", "child_of", self.company_customer.ids)])
                        .ids,
                    ),
                    ("message_type", "!=", "user_notification"),
                ]
            )
            for _source, model in threads
        )
        mine = self.timeline().search([*whose, ("source", "=", "message")])
        on_threads = messages.browse(mine.mapped("res_id")).filtered(
            lambda m: m.model in ("sale.order", "crm.lead")
        )
        self.assertEqual(len(on_threads), expected)
        self.assertTrue(expected)


@tagged("post_install", "-at_install")
class TestTimelinePaging(TimelineCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        same = cls.days_ago(20)
        cls.orders = cls.env["sale.order"]
        for number in range(9):
            cls.orders |= cls.make_order(f"order{number}", date_order=same)
        for number in range(9):
            cls.make_interaction(f"call{number}", date=same if number % 2 else cls.days_ago(number))
            cls.post(f"mail{number}", cls.orders[number % 3]).date = same

    def walk(self, limit, **options):
        pages, before = [], False
        for _turn in range(100):
            page = self.page(limit=limit, before=before, **options)
            pages.append(page["entries"])
            before = page["next"]
            if not before:
                return pages
        self.fail("it never ends")

    def test_no_loss_no_repetition(self):
        whole = [entry["id"] for entry in self.entries()]
        self.assertEqual(len(whole), len(set(whole)))
        searched = self.timeline().search([("partner_id", "=", self.person.id)]).ids
        self.assertEqual(whole, searched)
        self.assertGreaterEqual(len(whole), 27)
        for limit in (1, 2, 7, len(whole) - 1, len(whole), len(whole) + 1):
            with self.subTest(limit=limit):
                pages = self.walk(limit)
                self.assertEqual([entry["id"] for page in pages for entry in page], whole)
                self.assertEqual({len(page) for page in pages[:-1]} - {limit}, set())
                self.assertTrue(pages[-1], "no empty last page")

    def test_microseconds(self):
        """Rows written by SQL carry parts of seconds, which no reader is ever shown."""
        self.env.flush_all()
        for number, order in enumerate(self.orders):
            self.env.cr.execute(
                "UPDATE sale_order SET date_order = date_order + %s * interval '1 microsecond' WHERE id = %s",
                [number * 111111, order.id],
            )
            self.env.cr.execute(
                "UPDATE mail_message SET date = date + %s * interval '1 microsecond' "
                "WHERE model = 'sale.order' AND res_id = %s",
                [number * 77777, order.id],
            )
        self.env.invalidate_all()
        whole = [entry["id"] for entry in self.entries()]
        for limit in (1, 3, 8):
            with self.subTest(limit=limit):
                self.assertEqual([e["id"] for page in self.walk(limit) for e in page], whole)
        self.assertEqual(self.timeline().search([("partner_id", "=", self.person.id)]).ids, whole)

    def test_filters_page_too(self):
        for options in (
            {"channels": ["order"]},
            {"channels": ["order", "email"], "direction": "in"},
            {"people_only": True},
            {"user_ids": self.salesman.ids},
            {"text": "mail"},
        ):
            with self.subTest(options):
                whole = [entry["id"] for entry in self.entries(**options)]
                self.assertTrue(whole)
                self.assertEqual([e["id"] for page in self.walk(4, **options) for e in page], whole)

    def test_short_pages_are_filled(self):
        """A document can turn out unreadable only when it is read (a rule in Python, a race)."""
        hidden = set(self.orders[:5].ids)
        read = type(self.env["sale.order"]).search_fetch

        def not_those(model, domain, *args, **kwargs):
            found = read(model, domain, *args, **kwargs)
            return found.filtered(lambda order: order.id not in hidden)

        whole = [
            e["id"]
            for e in self.entries()
            if e["res_model"] != "sale.order" or e["res_id"] not in hidden
        ]
        with patch.object(type(self.env["sale.order"]), "search_fetch", not_those):
            pages = self.walk(4)
        self.assertEqual([e["id"] for page in pages for e in page], whole)
        self.assertEqual({len(page) for page in pages[:-1]}, {4})

    def test_until(self):
        day = self.days_ago(3).date()
        entries = self.entries(until=str(day))
        self.assertTrue(entries)
        self.assertLessEqual(entries[0]["date"][:10], str(day))
        everything = self.entries()
        self.assertEqual(
            [e["id"] for e in entries],
            [e["id"] for e in everything if e["date"] <= f"{day} 23:59:59"],
        )

    def test_until_is_the_readers_day(self):
        self.auditor.tz = "Pacific/Auckland"  # UTC+12 or +13
        interaction = self.make_interaction("late", date="2026-06-09 13:00:00")  # 10 June there
        self.assertFalse(self.entry(interaction, until="2026-06-09"))
        self.assertTrue(self.entry(interaction, until="2026-06-10"))

    def test_future(self):
        self.assertFalse(self.page()["has_future"])
        self.make_meeting("ahead", days=-5)
        self.assertTrue(self.page()["has_future"])

    def test_orm_paging(self):
        domain = [("partner_id", "=", self.person.id)]
        whole = self.timeline().search(domain)
        self.assertEqual(self.timeline().search_count(domain), len(whole))
        paged = []
        for offset in range(0, len(whole), 5):
            paged += self.timeline().search(domain, offset=offset, limit=5).ids
        self.assertEqual(paged, whole.ids)
        listed = []
        for offset in range(0, len(whole), 5):
            result = self.timeline().web_search_read(domain, {"title": {}}, offset=offset, limit=5)
            listed += [record["id"] for record in result["records"]]
            self.assertEqual(result["length"] > offset, True)
        self.assertEqual(listed, whole.ids)
        for order in ("date asc, id asc", "channel, date desc, id", "partner_id, id desc"):
            with self.subTest(order):
                found = self.timeline().search(domain, order=order)
                self.assertCountEqual(found.ids, whole.ids)
                halves = (
                    self.timeline().search(domain, order=order, limit=10).ids
                    + self.timeline().search(domain, order=order, offset=10).ids
                )
                self.assertEqual(halves, found.ids)


@tagged("post_install", "-at_install")
class TestTimelineFilters(TimelineCommon):
    def test_text(self):
        shown = {
            "percent": "Discount of 100% agreed",
            "under": "part_number_7",
            "quote": "it's \"fine\" ' OR 1=1 --",
            "back": "path C:\\temp\\x",
            "emoji": "Wonderful 🎉👩‍👩‍👧",
            "arabic": "مرحبا بالعالم",
            "other": "Nothing of the kind, 100 parts, part number 7",
        }
        records = {}
        for key, text in shown.items():
            records[key] = [
                self.make_interaction(key, summary=text),
                self.make_lead(key, text=text),
                self.post(key, self.person, body=Markup("<p class='zzclass'>%s</p>") % text),
                self.post(key, self.make_order(key + "o"), subject=text, body="-"),
            ]
        for needle, key in (
            ("100%", "percent"),
            ("PART_NUMBER", "under"),
            ("it's \"fine\" '", "quote"),
            ("' OR 1=1 --", "quote"),
            ("C:\\temp", "back"),
            ("🎉👩‍👩‍👧", "emoji"),
            ("مرحبا", "arabic"),
        ):
            with self.subTest(needle=needle):
                found = {(e["res_model"], e["res_id"]) for e in self.entries(text=needle)}
                self.assertEqual(found, {(r._name, r.id) for r in records[key]})
        for needle in ("zzclass", "nowhere to be found", "%%", "__", "\\\\"):
            with self.subTest(needle=needle):
                self.assertEqual(self.entries(text=needle), [])
        self.assertEqual(
            len(self.entries(text="   ")), len(self.entries()), "blanks ask for nothing"
        )

    def test_channels_directions_people(self):
        self.make_interaction("in", channel="call", direction="in")
        self.make_interaction("out", channel="visit", direction="out")
        self.make_interaction("machine", channel="usage", is_automated=True)
        self.post("mail", self.person)
        self.assertEqual(
            {e["channel"] for e in self.entries(channels=["call", "email"])}, {"call", "email"}
        )
        self.assertEqual({e["direction"] for e in self.entries(direction="in")}, {"in"})
        self.assertEqual({e["direction"] for e in self.entries(direction="out")}, {"out"})
        self.assertIn("usage", {e["channel"] for e in self.entries()})
        self.assertNotIn("usage", {e["channel"] for e in self.entries(people_only=True)})
        self.assertEqual(self.entries(channels=["no_such"]), [])

    def test_user(self):
        by_salesman = self.make_interaction("call", user_id=self.salesman.id)
        by_seller = self.post(
            "mail", self.person, author=self.seller_all.partner_id, message_type="comment"
        )
        order = self.make_order("order", user=self.seller_all)
        found = {(e["res_model"], e["res_id"]) for e in self.entries(user_ids=self.seller_all.ids)}
        self.assertEqual(found, {("mail.message", by_seller.id), ("sale.order", order.id)})
        found = {(e["res_model"], e["res_id"]) for e in self.entries(user_ids=self.salesman.ids)}
        self.assertEqual(found, {("hc.interaction", by_salesman.id)})

    def test_options(self):
        self.make_interaction("first", date="2021-03-04 10:00:00", channel="letter")
        self.make_order("order", user=self.seller_all)
        self.post("mail", self.person, author=self.manager.partner_id, message_type="comment")
        options = self.timeline().hc_get_options(self.person.id)
        self.assertLessEqual({"letter", "order", "email"}, {c["key"] for c in options["channels"]})
        self.assertEqual(
            {u["id"] for u in options["users"]},
            {self.salesman.id, self.seller_all.id, self.manager.id},
        )
        self.assertEqual(options["first_date"], "2021-03-04 10:00:00")
        self.assertEqual(options["partners_count"], 1)
        options = self.timeline().hc_get_options(self.contact.id)
        self.assertEqual(options["partners_count"], 2)

    def test_bad_options(self):
        timeline = self.timeline()
        for options in (
            {"limit": 0},
            {"limit": -1},
            {"limit": 201},
            {"limit": "30"},
            {"limit": 1.5},
            {"limit": [30]},
            {"channels": "email"},
            {"channels": [1]},
            {"channels": {"a": 1}},
            {"channels": ["a\x00b"]},
            {"direction": "sideways"},
            {"direction": ["in"]},
            {"user_ids": 5},
            {"user_ids": ["1; DROP TABLE res_partner"]},
            {"user_ids": [True]},
            {"text": 5},
            {"text": "x" * 201},
            {"text": ["a"]},
            {"text": "a\x00b"},
            {"until": "yesterday"},
            {"until": "2026-13-40"},
            {"until": 5},
            {"until": ["2026-01-01"]},
            {"before": "x"},
            {"before": 5},
            {"before": ["2026-01-01 00:00:00"]},
            {"before": ["2026-01-01 00:00:00", "x"]},
            {"before": ["x", 1]},
            {"before": [None, 1]},
            {"before": [5, 1]},
            {"before": ["2026-01-01 00:00:00", None]},
            {"before": ["2026-01-01 00:00:00", 1, 2]},
            {"before": ["2026-01-01 00:00:00", float("inf")]},
            {"text": "\ud800"},
            {"channels": ["\ud800"]},
            {"before": {"a": 1}},
            {"scope": "world"},
            {"scope": ["company"]},
            "text",
            5,
            [1, 2],
        ):
            with self.subTest(options=options):
                with self.assertRaises(UserError) as error:
                    timeline.hc_get_page(self.person.id, options)
                if isinstance(options, dict):
                    self.assertIn(next(iter(options)), str(error.exception), "it names the option")
        for scope in ("world", 5, None, ["company"]):
            with self.subTest(scope=scope), self.assertRaises(UserError):
                timeline.hc_get_options(self.person.id, scope)

    def test_odd_options_that_have_an_answer(self):
        interaction = self.make_interaction("call")
        timeline = self.timeline()
        for options in (
            None,
            {},
            {
                "channels": [],
                "user_ids": [],
                "text": "",
                "direction": False,
                "before": False,
                "until": False,
            },
            {"until": "9999-12-31"},
            {"before": ["9999-12-31 23:59:59", 2**53]},
            {"before": ["9999-12-31 23:59:59", 10**30]},
            {"unknown": 1},
        ):
            with self.subTest(options=options):
                entries = timeline.hc_get_page(self.person.id, options)["entries"]
                self.assertIn(interaction.id, [e["res_id"] for e in entries])
        for options in (
            {"until": "0001-01-01"},
            {"user_ids": [-1]},
            {"user_ids": [10**18]},
            {"channels": ["'; DROP TABLE res_partner; --"]},
            {"before": ["0001-01-01 00:00:00", 1]},
            {"before": ["2026-01-01 00:00:00", -5], "until": "1999-01-01"},
        ):
            with self.subTest(options=options):
                self.assertEqual(timeline.hc_get_page(self.person.id, options)["entries"], [])
        for tz in ("Pacific/Kiritimati", "Pacific/Niue"):
            self.auditor.tz = tz
            self.timeline().hc_get_page(self.person.id, {"until": "9999-12-31"})
            self.timeline().hc_get_page(self.person.id, {"until": "0001-01-01"})

    def test_unknown_looks_like_forbidden(self):
        hidden = self.env["res.partner"].create(
            {"name": "Of the others", "company_id": self.other_company.id}
        )
        gone = self.env["res.partner"].create({"name": "Gone"})
        gone_id = gone.id
        gone.unlink()
        for method in ("hc_get_page", "hc_get_options"):
            told = set()
            for partner_id in (hidden.id, gone_id, 10**9, 2**40, 0, -1):
                with self.assertRaises(UserError) as error:
                    getattr(self.timeline(self.salesman), method)(partner_id)
                told.add(str(error.exception))
            self.assertEqual(len(told), 1)
        for partner_id in (None, False, True, "5", [self.person.id], {"id": 1}, 1.5, "1 OR 1=1"):
            with self.subTest(partner_id=partner_id), self.assertRaises(UserError):
                self.timeline().hc_get_page(partner_id)


@tagged("post_install", "-at_install")
class TestTimelineModel(TimelineCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_order("order")
        cls.make_lead("lead")
        cls.make_meeting("meeting")
        cls.make_interaction("call", sentiment="1")
        cls.post("mail", cls.person)
        cls.post("mail on order", cls.records["order"])

    def mine(self, user=None):
        return self.timeline(user).search([("partner_id", "=", self.person.id)])

    def test_screen_of_all_customers_without_filters(self):
        """Its context bounds what has no bounds; the same question without it is refused."""
        recent = self.make_interaction("recent", date=self.days_ago(30))
        old = self.make_interaction("old", date=self.days_ago(500))

        def found(domain=(), **context):
            timeline = self.env["hc.timeline"].with_user(self.seller_all)
            rows = timeline.with_context(**context).search(list(domain))
            return {row.res_id for row in rows if row.res_model == "hc.interaction"}

        ids = found(hc_timeline_days=366)
        self.assertIn(recent.id, ids)
        self.assertNotIn(old.id, ids)
        until = fields.Datetime.to_string(self.days_ago(400))
        self.assertIn(old.id, found([("date", "<=", until)], hc_timeline_days=366))
        for junk in (None, 0, -5, "366", "x", True, 10**9, [366]):
            with self.subTest(junk=junk), self.assertRaises(UserError):
                found(hc_timeline_days=junk)

    def test_needs_a_customer_or_a_period(self):
        timeline = self.timeline()
        for domain in (
            [],
            [("channel", "=", "email")],
            [("text", "ilike", "x")],
            [("date", "<=", "2026-01-01")],
            [("partner_id", "!=", self.person.id)],
            ["|", ("partner_id", "=", self.person.id), ("channel", "=", "email")],
            ["!", ("partner_id", "=", self.person.id)],
            [("partner_id", "!=", False)],
            [("date", "!=", False)],
        ):
            for ask in (
                lambda d: timeline.search(d),
                lambda d: timeline.search_count(d),
                lambda d: timeline.web_search_read(d, {"title": {}}),
                lambda d: timeline._read_group(d, ["channel"], ["__count"]),
            ):
                with self.subTest(domain=domain), self.assertRaises(UserError):
                    ask(domain)

    def test_period(self):
        timeline = self.timeline()
        today = fields.Datetime.now()
        recent = [("date", ">=", today - timedelta(days=30)), ("date", "<=", today)]
        found = timeline.search(recent)
        self.assertLessEqual(set(self.mine().ids), set(found.ids))
        self.assertEqual(timeline.search_count(recent), len(found))
        self.assertIn(
            self.person,
            timeline.search([("date", ">=", "-7d"), ("channel", "=", "order")]).partner_id,
        )
        with self.assertRaises(UserError):
            timeline.search([("date", ">=", today - timedelta(days=2000))])
        with self.assertRaises(UserError):
            timeline.search([("date", ">=", "1900-01-01"), ("date", "<=", "2026-01-01")])
        # with a customer there is no limit
        timeline.search([("date", ">=", "1900-01-01"), ("partner_id", "=", self.person.id)])

    def test_refuses_the_system(self):
        for timeline in (self.env["hc.timeline"], self.env["hc.timeline"].with_user(1)):
            with self.assertRaises(AccessError):
                timeline.search([("partner_id", "=", self.person.id)])
            with self.assertRaises(AccessError):
                timeline.hc_get_page(self.person.id)

    def test_sudo_gives_nothing_more(self):
        timeline = self.timeline(self.salesman)
        domain = [("partner_id", "=", self.person.id)]
        plain = timeline.search(domain).ids
        self.env.invalidate_all()
        self.assertEqual(timeline.sudo().search(domain).ids, plain)
        self.assertNotIn(
            self.records["order"].id,
            [e.res_id for e in timeline.sudo().search(domain) if e.res_model == "sale.order"],
        )

    def test_ids_are_deterministic(self):
        first = self.mine()
        again = self.mine()
        self.assertEqual(first.ids, again.ids)
        self.assertTrue(
            all(0 < record_id < 2**53 for record_id in first.ids), "JavaScript counts to 2^53"
        )
        rows = {
            r["id"]: r
            for r in first.read(["partner_id", "date", "channel", "res_model", "res_id", "title"])
        }
        self.assertEqual(len(rows), len(first))
        for record_id in first.ids:
            self.env.invalidate_all()
            entry = self.timeline().browse(record_id)
            self.assertTrue(entry.exists())
            self.assertEqual(
                entry.read(["partner_id", "date", "channel", "res_model", "res_id", "title"])[0],
                rows[record_id],
            )
            self.assertEqual(entry.display_name, rows[record_id]["title"])
        self.assertEqual(self.timeline().browse(first.ids).exists().ids, first.ids)
        self.assertFalse(self.timeline().browse([1, 5, 2**45, 10**15]).exists())
        self.assertEqual(self.timeline().search([("id", "in", first.ids)]).ids, first.ids)
        self.assertEqual(
            self.timeline()
            .search([("id", "=", first.ids[0]), ("partner_id", "=", self.contact.id)])
            .ids,
            [],
        )

    def test_deleted_documents_vanish(self):
        entry = self.entry(self.records["call"])
        self.records["call"].unlink()
        self.assertFalse(self.entry(self.records["call"]))
        browsed = self.timeline().browse(entry["id"])
        self.assertFalse(browsed.exists())
        self.assertEqual(browsed.read(["title"]), [])
        with self.assertRaises(MissingError):
            browsed.mapped("date")

    def test_export(self):
        names = ["date", "partner_id/name", "channel", "direction", "title", "note", "user_id/name"]
        mine = self.mine()
        exported = mine.export_data(names)["datas"]
        self.assertEqual(len(exported), len(mine))
        titles = [row[4] for row in exported]
        for name in ("order", "lead", "meeting", "call"):
            self.assertIn(self.marks[name], titles)
        self.assertEqual({row[1] for row in exported}, {"Rosa Testblum"})

    def test_groups(self):
        mine = self.mine()
        domain = [("partner_id", "=", self.person.id)]
        for spec in (
            "channel", "source", "direction", "partner_id", "commercial_partner_id", "user_id", "author_id",
            "date:day", "date:week", "date:month", "date:year", "res_model", "is_automated",
        ):  # fmt: skip
            with self.subTest(spec):
                groups = self.timeline()._read_group(domain, [spec], ["__count"])
                self.assertEqual(sum(count for *_key, count in groups), len(mine))
                groups = self.timeline().formatted_read_group(domain, [spec], ["__count"])
                self.assertEqual(sum(group["__count"] for group in groups), len(mine))
                for group in groups:
                    listed = self.timeline().search_count([*domain, *group["__extra_domain"]])
                    self.assertEqual(listed, group["__count"])
                self.timeline().web_read_group(
                    domain, [spec], unfold_read_specification={"title": {}}
                )
        grid = self.timeline()._read_group(
            domain, ["channel", "date:month"], ["__count", "feeling:avg"]
        )
        self.assertEqual(sum(row[2] for row in grid), len(mine))
        self.timeline().formatted_read_grouping_sets(
            domain, [["channel"], ["channel", "date:month"], []], ["__count"]
        )

    def test_domains_of_the_list(self):
        timeline = self.timeline()
        order = self.entry(self.records["order"])["id"]
        mail = self.entry(self.records["mail on order"])["id"]
        for domain, expected in (
            ([("partner_id", "child_of", self.person.id)], True),
            ([("partner_id.name", "=", "Rosa Testblum")], True),
            ([("partner_id", "ilike", "Rosa Testblum")], True),
            ([("commercial_partner_id", "=", self.person.id)], True),
            ([("commercial_partner_id", "ilike", "Rosa")], True),
            ([("partner_id", "in", [self.person.id, self.contact.id])], True),
            ([("partner_id", "in", [])], False),
            ([("partner_id", "=", self.contact.id)], False),
            ([("partner_id", "=", self.person.id), ("partner_id", "=", self.contact.id)], False),
            ([("partner_id", "=", self.person.id), ("user_id", "=", self.seller_all.id)], "order"),
            (
                [("partner_id", "=", self.person.id), ("text", "ilike", self.marks["order"])],
                "order",
            ),
            ([("partner_id", "=", self.person.id), ("res_model", "=", "mail.message")], "mail"),
            (
                [
                    "&",
                    ("partner_id", "=", self.person.id),
                    "|",
                    ("source", "=", "order"),
                    ("source", "=", "x"),
                ],
                "order",
            ),
            ([("partner_id", "=", self.person.id), ("date", ">", "2999-01-01")], False),
        ):
            with self.subTest(domain=domain):
                found = timeline.search(domain).ids
                self.assertEqual(order in found, expected in (True, "order"))
                self.assertEqual(mail in found, expected in (True, "mail"))
        with self.assertRaises(UserError):
            timeline.search(
                [
                    ("partner_id", "=", self.person.id),
                    "|",
                    ("text", "ilike", "a"),
                    ("channel", "=", "sms"),
                ]
            )

    def test_views_and_action(self):
        for view in ("list", "form", "search", "calendar", "graph", "pivot"):
            with self.subTest(view):
                self.timeline().get_view(view_type=view)
        action = (
            self.timeline().browse(self.entry(self.records["mail on order"])["id"]).action_open()
        )
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("sale.order", self.records["order"].id)
        )
        action = self.timeline().browse(self.entry(self.records["lead"])["id"]).action_open()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("crm.lead", self.records["lead"].id)
        )

    def test_nothing_can_be_written(self):
        entry = self.mine(self.manager)[:1]
        for refused in (
            lambda: entry.write({"channel": "call"}),
            lambda: entry.unlink(),
            lambda: entry.create({"channel": "call"}),
            lambda: entry.copy(),
        ):
            with self.assertRaises(AccessError):
                refused()

    def test_number_of_queries_does_not_grow(self):
        def queries():
            self.timeline().hc_get_page(self.person.id, {})  # what every reader needs once
            self.env.flush_all()
            self.env["hc.timeline"].invalidate_model()
            for model in (
                "sale.order",
                "crm.lead",
                "mail.message",
                "calendar.event",
                "hc.interaction",
            ):
                self.env[model].invalidate_model()
            count = self.env.cr.sql_log_count
            page = self.env["hc.timeline"].with_user(self.auditor).hc_get_page(self.person.id, {})
            return self.env.cr.sql_log_count - count, len(page["entries"])

        def more(rounds):
            for number in range(rounds):
                order = self.make_order(f"o{number}")
                self.make_lead(f"l{number}")
                self.make_meeting(f"m{number}")
                promise = self.env["hc.promise"].create(
                    {
                        "summary": f"w{number}",
                        "partner_id": self.person.id,
                        "date_due": "2030-01-01",
                    }
                )
                self.make_interaction(f"i{number}", promise_id=promise.id)
                self.post(f"p{number}", order)

        more(8)
        few, shown = queries()
        self.assertEqual(shown, 30)
        more(32)
        many, shown = queries()
        self.assertEqual(shown, 30)
        self.assertLessEqual(many, few, "five times as many documents, no more queries")


@tagged("post_install", "-at_install")
class TestTimelineOwnSources(TimelineCommon):
    """Sources that an administrator adds without code."""

    def add(self, model, name="Mine", **vals):
        source = (
            self.env["hc.timeline.source"]
            .with_user(self.manager)
            .create({"name": name, "model_id": self.env["ir.model"]._get_id(model), **vals})
        )
        return source.sudo()

    def of(self, source, **kwargs):
        return [e for e in self.entries(**kwargs) if e["source"] == f"x_{source.number}"]

    def test_number_stays(self):
        source = self.add("res.partner.bank")
        with self.assertRaises(UserError):
            source.with_user(self.manager).number = 1
        self.assertGreaterEqual(source.number, 128)

    def test_fields_closed_to_the_reader(self):
        """A source may use fields that only some may read: it is absent for the others, the rest stays."""
        order = self.make_order("closed")
        source = self.add("sale.order", "Mine", date_field="date_order", user_field="user_id")
        self.assertTrue(self.of(source))
        for name in ("date_order", "user_id"):
            field = type(order)._fields[name]
            with patch.object(field, "groups", "base.group_system"):
                self.assertFalse(self.of(source), name)
        # the same for a field that only its filter uses
        with patch.object(type(order)._fields["client_order_ref"], "groups", "base.group_system"):
            source.domain = "[('client_order_ref', '=', False)]"
            self.assertFalse(self.of(source))
            self.assertTrue(self.entries())

    def test_bank_accounts(self):
        account = self.env["res.partner.bank"].create(
            {"acc_number": "BE71 0961 2345 6769", "partner_id": self.person.id}
        )
        source = self.add(
            "res.partner.bank", "Bank account", title_field="acc_number", direction="in"
        )
        self.assertFalse(source.problem)
        (entry,) = self.of(source)
        self.assertEqual(entry["res_id"], account.id)
        self.assertEqual(entry["title"], "BE71 0961 2345 6769")
        self.assertEqual(entry["source_label"], "Bank account")
        self.assertEqual((entry["channel"], entry["direction"]), ("other", "in"))
        self.assertEqual(len(self.of(source, text="BE71 0961")), 1)
        self.assertEqual(self.of(source, text="BE99"), [])
        self.assertTrue(self.timeline().browse(entry["id"]).exists())
        found = self.timeline().search(
            [("partner_id", "=", self.person.id), ("source", "=", f"x_{source.number}")]
        )
        self.assertEqual(found.ids, [entry["id"]])

    def test_dotted_path(self):
        order = self.make_order("order")
        line = self.env["sale.order.line"].create(
            {"order_id": order.id, "name": "A chair", "display_type": "line_note"}
        )
        source = self.add(
            "sale.order.line", partner_path="order_id.partner_id", title_field="name",
            domain="[('display_type', '=', 'line_note')]",
        )  # fmt: skip
        (entry,) = self.of(source)
        self.assertEqual((entry["res_id"], entry["title"]), (line.id, "A chair"))
        self.assertEqual(self.of(source, user=self.salesman), [], "another's order line")
        source.domain = "[('display_type', '=', False)]"
        self.assertEqual(self.of(source), [])

    def test_path_to_many(self):
        message = self.post(
            "mail", self.company_customer, partner_ids=(self.person | self.contact).ids
        )
        source = self.add(
            "mail.message", partner_path="partner_ids", date_field="date", title_field="subject"
        )
        entries = self.of(source)
        self.assertEqual([e["res_id"] for e in entries], message.ids)
        theirs = self.of(source, partner=self.contact)
        self.assertNotEqual(theirs[0]["id"], entries[0]["id"])
        self.assertEqual(theirs[0]["partner"]["id"], self.contact.id)
        self.assertTrue(self.timeline().browse(theirs[0]["id"]).exists())

    def test_wrong_paths_are_named(self):
        for vals, told in (
            ({"partner_path": "nothing_id"}, "Field of the Customer"),
            ({"partner_path": "name"}, "Field of the Customer"),
            ({"partner_path": ""}, "Field of the Customer"),
            ({"partner_path": "order_line.order_partner_id"}, "Field of the Customer"),
            ({"partner_path": "partner_id.user_id"}, "Field of the Customer"),
            ({"partner_path": "partner_id..id"}, "Field of the Customer"),
            ({"partner_path": "user_id.partner_id.nope"}, "Field of the Customer"),
            ({"date_field": "name"}, "Field of the Date"),
            ({"date_field": "nope"}, "Field of the Date"),
            ({"title_field": "partner_id"}, "Field of the Title"),
            ({"user_field": "partner_id"}, "Field of the Colleague"),
            ({"user_field": "nope"}, "Field of the Colleague"),
            ({"domain": "[('nope', '=', 1)]"}, "Which Documents"),
            ({"domain": "nonsense("}, "Which Documents"),
            ({"domain": "__import__('os').system('true')"}, "Which Documents"),
            ({"domain": "[('state', 'bogus', 1)]"}, "Which Documents"),
            ({"domain": "5"}, "Which Documents"),
            ({"domain": "{'a': 1}"}, "Which Documents"),
        ):
            with self.subTest(vals):
                with self.assertRaises(ValidationError) as error:
                    self.add("sale.order", **{"partner_path": "partner_id", **vals})
                self.assertIn(told, str(error.exception))
        for model in ("base.language.install", "hc.timeline", "sale.report"):
            with self.subTest(model), self.assertRaises(ValidationError):
                self.add(model)

    @mute_logger("odoo.models")
    def test_broken_at_run_time(self):
        """A module is updated, a field goes: the timeline goes on, and the source says why it is silent."""
        self.make_order("order")
        source = self.add("sale.order", date_field="date_order")
        self.assertTrue(self.of(source))
        for column, value in (
            ("partner_path", "gone_id"),
            ("date_field", "gone_date"),
            ("title_field", "gone"),
            ("domain", "[('gone', '=', 1)]"),
            ("domain", "[(broken"),
            ("domain", "[('partner_id.gone', '=', 1)]"),
            ("domain", "[('date_order', '>', 'not a date')]"),
        ):
            with self.subTest(column=column, value=value):
                self.env.flush_all()
                self.env.cr.execute("SAVEPOINT broken")
                self.env.cr.execute(
                    f"UPDATE hc_timeline_source SET {column} = %s WHERE id = %s",  # pylint: disable=sql-injection
                    [value, source.id],
                )
                self.env.registry.clear_cache()
                self.env.invalidate_all()
                self.assertEqual(self.of(source), [])
                self.assertTrue(
                    self.entry(self.records["order"]) or self.entries(), "the rest still shows"
                )
                self.assertTrue(source.problem)
                self.env["hc.timeline"].with_user(self.manager).fields_get()
                self.env.cr.execute("ROLLBACK TO SAVEPOINT broken")
                self.env.registry.clear_cache()
                self.env.invalidate_all()
        self.assertTrue(self.of(source))

    def test_archived_source(self):
        self.make_order("order")
        source = self.add("sale.order")
        self.assertTrue(self.of(source))
        source.active = False
        self.assertEqual(self.of(source), [])

    def test_numbers(self):
        first, second = self.add("res.partner.bank", "A"), self.add("res.partner.bank", "B")
        self.assertEqual(len({first.number, second.number}), 2)
        self.assertGreaterEqual(min(first.number, second.number), 128)
        copy = first.copy()
        self.assertNotIn(copy.number, (first.number, second.number))

    def test_room_for_so_many(self):
        values = {"name": "x", "model_id": self.env["ir.model"]._get_id("res.partner.bank")}
        self.env["hc.timeline.source"].create([dict(values) for _number in range(128)])
        with self.assertRaises(ValidationError):
            self.env["hc.timeline.source"].create(values)

    def test_only_administrators(self):
        with self.assertRaises(AccessError):
            self.env["hc.timeline.source"].with_user(self.seller_all).create(
                {"name": "x", "model_id": self.env["ir.model"]._get_id("res.partner.bank")}
            )

    def test_rights_of_the_document_count(self):
        """An administrator cannot open with a source what readers may not open."""
        if "mail.mail" in self.env:
            source = self.add(
                "ir.attachment", partner_path="create_uid.partner_id", title_field="name"
            )
            secret = self.env["ir.attachment"].create({"name": "salaries.xlsx", "raw": b"x"})
            self.env.cr.execute(
                "UPDATE ir_attachment SET create_uid = %s WHERE id = %s",
                [self.salesman.id, secret.id],
            )
            self.env.invalidate_all()
            entries = self.entries(self.seller_all, partner=self.salesman.partner_id)
            readable = (
                self.env["ir.attachment"]
                .with_user(self.seller_all)
                .search([("id", "=", secret.id)])
            )
            shown = [e for e in entries if e["source"] == f"x_{source.number}"]
            self.assertEqual([e["res_id"] for e in shown], readable.ids)

    def test_domain_is_read_as_the_reader(self):
        source = self.add("sale.order")
        self.assertEqual(ast.literal_eval(source.domain), [])
        self.make_order("order", user=self.seller_all)
        self.assertEqual(self.of(source, user=self.salesman), [])
        self.assertEqual(len(self.of(source, user=self.seller_all)), 1)

    def test_model_made_by_hand_and_deleted(self):
        model = self.env["ir.model"].create(
            {
                "name": "Repairs",
                "model": "x_hc_repair",
                "field_id": [
                    Command.create(
                        {
                            "name": "x_partner_id",
                            "field_description": "Customer",
                            "ttype": "many2one",
                            "relation": "res.partner",
                        }
                    ),
                    Command.create(
                        {"name": "x_name", "field_description": "Name", "ttype": "char"}
                    ),
                    Command.create(
                        {"name": "x_when", "field_description": "When", "ttype": "datetime"}
                    ),
                ],
                "access_ids": [
                    Command.create(
                        {
                            "name": "repairs",
                            "group_id": self.env.ref("base.group_user").id,
                            "perm_read": True,
                        }
                    )
                ],
            }
        )
        self.env["x_hc_repair"].create(
            {"x_name": "Chair leg", "x_partner_id": self.person.id, "x_when": self.days_ago(2)}
        )
        source = self.add(
            "x_hc_repair",
            "Repair",
            partner_path="x_partner_id",
            date_field="x_when",
            title_field="x_name",
        )
        (entry,) = self.of(source)
        self.assertEqual(entry["title"], "Chair leg")
        self.assertEqual(entry["date"], fields.Datetime.to_string(self.days_ago(2)))
        number = source.number
        model.with_context(_force_unlink=True).unlink()
        self.assertFalse(self.env["hc.timeline.source"].search([("number", "=", number)]))
        self.entries()
