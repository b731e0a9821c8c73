from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_contact import NOW, ContactCommon


@tagged("post_install", "-at_install")
class TestContactNever(ContactCommon):
    def test_nothing_against_it(self):
        self.assertYes(self.decide())
        self.assertEqual(self.env["res.partner"]._hc_contact_decisions("email", "care"), {})

    def test_archived_and_deleted(self):
        self.person.active = False
        self.assertNever(self.decide(), "archived")
        gone = self.make_person("Gone")
        gone_id = gone.id
        gone.unlink()
        self.assertNever(
            self.env["res.partner"].browse(gone_id)._hc_contact_decision("email", "care"),
            "archived",
        )

    def test_addresses(self):
        nobody = self.make_person("Nobody", email=False)
        self.assertNever(self.decide(nobody), "no_address")
        self.assertNever(self.decide(nobody, "sms"), "no_address")
        self.assertNever(self.decide(nobody, "call", human=True), "no_address")
        self.assertNever(self.decide(nobody, "letter"), "no_address")
        nobody.write({"email": "not an address", "phone": "12", "street": "Road 1", "city": "Gent"})
        self.assertNever(self.decide(nobody), "invalid_address")
        self.assertNever(self.decide(nobody, "sms"), "invalid_address")
        self.assertYes(self.decide(nobody, "letter"))
        nobody.write({"email": "now@valid.example", "phone": "+32 475 12 34 56"})
        self.assertYes(self.decide(nobody))
        self.assertYes(self.decide(nobody, "sms"))

    def test_basis(self):
        self.assertNever(self.decide(purpose="news"), "no_consent")
        self.assertYes(self.decide(purpose="care"))
        self.say(self.person, "news")
        self.assertYes(self.decide(purpose="news"))
        self.say(self.person, "care", "withdrawn")
        decision = self.decide(purpose="care")
        self.assertNever(decision, "withdrawn")
        self.assertEqual(decision.args["date"], "2026-11-24 10:00:00")
        self.say(self.person, "service", "withdrawn")
        self.assertYes(self.decide(purpose="service"))

    def test_channel_and_all(self):
        self.say(self.person, "news", date=NOW - timedelta(days=9))
        self.say(self.person, "news", "withdrawn", "email", date=NOW - timedelta(days=8))
        self.assertNever(self.decide(purpose="news"), "withdrawn")
        self.assertYes(self.decide(purpose="news", channel="sms"))
        self.say(self.person, "news", date=NOW - timedelta(days=7))
        self.assertYes(self.decide(purpose="news"))

    def test_imported_late(self):
        """The day on which they said it counts, not the day it was typed in."""
        self.say(self.person, "news", "withdrawn", date=NOW - timedelta(days=1))
        self.say(self.person, "news", "given", date=NOW - timedelta(days=30), how="import")
        self.assertNever(self.decide(purpose="news"), "withdrawn")

    def test_company_asked(self):
        self.say(self.person, "news", company=self.other_company)
        self.assertNever(self.decide(purpose="news"), "no_consent")
        self.assertYes(self.decide(purpose="news", company=self.other_company))

    def test_blacklists(self):
        self.env["mail.blacklist"].create({"email": "ROSA@blum.example"})
        self.env["phone.blacklist"].create({"number": self.person.phone_sanitized})
        twin = self.make_person("Twin", email="Rosa Twin <rosa@blum.example>")
        for partner in self.person | twin:
            self.assertNever(self.decide(partner), "blacklisted")
            self.assertNever(self.decide(partner, purpose="service"), "blacklisted")
        self.assertNever(self.decide(channel="sms"), "blacklisted")
        self.env["mail.blacklist"]._remove("rosa@blum.example")
        self.assertYes(self.decide())

    def test_unprofiled(self):
        self.company_customer.hc_profiling_optout = True
        for partner in self.company_customer | self.contact:
            self.assertYes(self.decide(partner))
            self.assertNever(self.decide(partner, profiled=True), "unprofiled")
            self.assertYes(self.decide(partner, profiled=True, human=True, channel="email"))
        self.assertYes(self.decide(profiled=True))

    def test_unknown_words(self):
        for options in ({"purpose": "nonsense"}, {"channel": "nonsense"}):
            with self.assertRaises(UserError):
                self.decide(**options)

    def test_reason_of_unknown_code(self):
        """The ledger outlives the addon that wrote a reason."""
        self.assertEqual(
            self.env["hc.contact.attempt"]._reason_text("of_an_addon_gone"), "of_an_addon_gone"
        )
        self.assertEqual(self.env["hc.contact.attempt"]._reason_text(False), "")


@tagged("post_install", "-at_install")
class TestContactLater(ContactCommon):
    def test_pause(self):
        pause = self.env["hc.contact.pause"].create(
            {"partner_id": self.person.id, "date_from": "2026-11-20", "date_to": "2026-11-30"}
        )
        # the first morning after it
        self.assertLater(self.decide(), "pause", self.brussels(2026, 12, 1, 9, 0))
        self.assertLater(self.decide(purpose="service"), "pause", self.brussels(2026, 12, 1, 0, 0))
        self.assertYes(self.decide(channel="email", human=True))
        self.assertYes(self.decide(at=self.brussels(2026, 12, 1, 12, 0)))
        pause.date_to = False
        self.assertNever(self.decide(), "automation_off")
        pause.date_from = "2026-11-30"
        self.assertYes(self.decide())

    def test_pause_of_a_company(self):
        self.env["hc.contact.pause"].create(
            {"partner_id": self.company_customer.id, "date_from": "2026-11-20"}
        )
        self.assertNever(self.decide(self.contact), "automation_off")
        self.assertYes(self.decide())

    def test_later_runs_into_for_good(self):
        """Quiet hours end inside a pause without an end."""
        self.env["hc.contact.pause"].create(
            {"partner_id": self.person.id, "date_from": "2026-11-25"}
        )
        self.assertNever(self.decide(at=self.brussels(2026, 11, 24, 22, 0)), "automation_off")

    def test_complaint(self):
        self.policy.human_days = 0
        self.log(self.contact, days_ago=10, sentiment="-1")
        until = NOW + timedelta(days=20)
        self.assertLater(self.decide(self.contact), "complaint", until)
        self.assertLater(self.decide(self.company_customer), "complaint", until)
        self.assertYes(self.decide(self.contact, purpose="service"))
        self.assertYes(self.decide())
        self.log(self.company_customer, days_ago=5, sentiment="0")
        self.assertYes(self.decide(self.contact))
        self.policy.complaint_days = 0
        self.log(self.company_customer, days_ago=1, sentiment="-2")
        self.assertYes(self.decide(self.contact))

    def test_late_promise(self):
        promise = self.env["hc.promise"].create(
            {
                "partner_id": self.person.id,
                "summary": "Send samples",
                "date_due": "2026-11-20",
                "user_id": self.salesman.id,
            }
        )
        decision = self.decide()
        self.assertEqual((decision.answer, decision.code), ("later", "complaint"))
        self.assertIn("Send samples", decision.reason(self.env(user=self.salesman)))
        self.assertNotIn("Send samples", decision.reason(self.env(user=self.stranger)))
        promise.with_user(self.salesman).action_kept()
        self.assertYes(self.decide())

    def test_human_contact(self):
        self.log(days_ago=1)
        self.assertLater(self.decide(), "human_contact", NOW + timedelta(days=2))
        self.assertYes(self.decide(human_days=0))
        self.assertLater(self.decide(human_days=8), "human_contact", NOW + timedelta(days=7))
        self.assertYes(self.decide(purpose="service"))
        self.assertYes(self.decide(at=NOW + timedelta(days=2)))

    def test_human_contact_within_a_company(self):
        other = self.make_person("Colleague", parent_id=self.company_customer.id)
        self.log(self.contact)
        self.assertFalse(self.decide(self.contact))
        self.assertFalse(self.decide(self.company_customer))
        self.assertYes(self.decide(other))
        self.log(self.company_customer)
        self.assertFalse(self.decide(other))

    def test_what_machines_did_does_not_count(self):
        self.log(is_automated=True)
        self.assertYes(self.decide())
        message = self.person.with_user(self.salesman).message_post(
            body="Happy birthday!", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        message.date = NOW - timedelta(days=1)
        self.assertEqual(self.decide().code, "human_contact")
        self.send(message_id=message.id, is_budgeted=False)
        self.assertYes(self.decide())
        self.send(message_id=message.id, is_budgeted=False, by_person=True)
        self.assertEqual(self.decide().code, "human_contact")

    def test_quiet_hours(self):
        night = self.brussels(2026, 11, 24, 22, 0)
        morning = self.brussels(2026, 11, 25, 9, 0)
        self.assertLater(self.decide(at=night), "quiet_hours", morning)
        self.assertYes(self.decide(at=night, purpose="service"))
        self.person.write({"phone": "+32 475 12 34 56", "street": "Road 1", "city": "Gent"})
        self.assertLater(
            self.decide(at=night, purpose="service", channel="sms"), "quiet_hours", morning
        )
        self.assertYes(self.decide(at=night, channel="letter"))
        self.assertLater(self.decide(at=night, channel="call", human=True), "quiet_hours", morning)
        saturday = self.brussels(2026, 11, 28, 20, 0)
        self.assertLater(self.decide(at=saturday), "quiet_hours", self.brussels(2026, 11, 30, 9, 0))
        # an order on its way may ring on a Sunday, not at night
        self.assertLater(
            self.decide(at=saturday, purpose="service", channel="sms"),
            "quiet_hours",
            self.brussels(2026, 11, 29, 9, 0),
        )

    def test_their_own_clock(self):
        self.person.country_id = self.env.ref("base.us")
        self.person.tz = "Europe/Brussels"  # as from whoever created the contact
        self.assertLater(self.decide(), "quiet_hours", datetime(2026, 11, 24, 14, 0))
        self.person.tz = "America/Los_Angeles"
        self.assertLater(self.decide(), "quiet_hours", datetime(2026, 11, 24, 17, 0))

    def test_clock_change(self):
        """On 29 March 2026 nine o'clock comes an hour sooner; the clock of 25 October has two 2:30."""
        self.assertLater(
            self.decide(at=datetime(2026, 3, 27, 20, 0)), "quiet_hours", datetime(2026, 3, 28, 8, 0)
        )
        self.assertLater(
            self.decide(at=datetime(2026, 3, 28, 20, 0)), "quiet_hours", datetime(2026, 3, 30, 7, 0)
        )
        self.policy.write({"hour_from": 2.5, "on_sunday": True})
        self.assertLater(
            self.decide(at=datetime(2026, 3, 28, 23, 0)),
            "quiet_hours",
            datetime(2026, 3, 29, 1, 30),
        )

    def test_holiday(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Feast",
                "calendar_id": self.policy.calendar_id.id,
                "company_id": self.company.id,
                "date_from": self.brussels(2026, 11, 24, 0, 0),
                "date_to": self.brussels(2026, 11, 25, 23, 59),
            }
        )
        self.assertLater(self.decide(), "holiday", self.brussels(2026, 11, 26, 9, 0))
        self.assertYes(self.decide(purpose="service"))

    def test_budget(self):
        self.policy.write({"budget_count": 2, "budget_days": 10})
        self.send(days_ago=9, number=1)
        self.assertYes(self.decide())
        self.send(days_ago=3, number=2)
        self.send(days_ago=2, number=3, outcome="dropped")
        self.send(days_ago=2, number=4, is_budgeted=False)
        # a Wednesday at eleven
        self.assertLater(self.decide(), "budget", NOW + timedelta(days=1))
        self.assertYes(self.decide(purpose="service"))
        self.assertYes(self.decide(at=NOW + timedelta(days=1)))
        self.send(days_ago=1, number=5)
        self.assertLater(self.decide(), "budget", NOW + timedelta(days=7))
        self.policy.budget_days = 0
        self.assertYes(self.decide())

    def test_one_after_the_other(self):
        """A pause ends at night, then a holiday follows, then Sunday."""
        self.env["hc.contact.pause"].create(
            {"partner_id": self.person.id, "date_from": "2026-11-20", "date_to": "2026-11-27"}
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Feast",
                "calendar_id": self.policy.calendar_id.id,
                "company_id": self.company.id,
                "date_from": self.brussels(2026, 11, 28, 0, 0),
                "date_to": self.brussels(2026, 11, 28, 23, 59),
            }
        )
        self.assertLater(self.decide(), "pause", self.brussels(2026, 11, 30, 9, 0))

    def test_long_overdue_bill(self):
        if "account.move" not in self.env:
            self.skipTest("invoicing is not installed")
        journal = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
        )
        if not journal:
            self.skipTest("no chart of accounts")
        product = self.env["product.product"].create({"name": "Scarf", "list_price": 50})
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.person.id,
                "journal_id": journal.id,
                "invoice_date": "2026-09-01",
                "invoice_date_due": "2026-09-15",
                "invoice_line_ids": [(0, 0, {"product_id": product.id, "price_unit": 50})],
            }
        )
        move.action_post()
        decision = self.decide()
        self.assertEqual((decision.answer, decision.code), ("later", "dispute"))
        self.assertNotIn(move.name, decision.reason(self.env(user=self.salesman)))
        self.assertYes(self.decide(purpose="service"))
        self.policy.dispute_days = 0
        self.assertYes(self.decide())


@tagged("post_install", "-at_install")
class TestContactMany(ContactCommon):
    def test_constant_queries(self):
        partners = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@many.example"} for n in range(40)]
        )
        for partner in partners[::4]:
            self.log(partner)
            self.say(partner, "news")
        self.env.flush_all()

        def queries(people):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            people._hc_contact_decisions("email", "care", profiled=True)
            return self.env.cr.sql_log_count - before

        queries(partners[:2])  # settings are remembered
        few, many = queries(partners[:2]), queries(partners)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 30)

    def test_each_alone_as_all_together(self):
        partners = self.person | self.contact | self.company_customer | self.make_person("Zoe")
        self.log(self.contact, sentiment="-1")
        self.say(self.person, "news")
        together = partners._hc_contact_decisions("email", "news")
        for partner in partners:
            self.assertEqual(together[partner.id], partner._hc_contact_decision("email", "news"))

    def test_asked_ahead_as_on_the_day(self):
        """One question for many moments answers what is answered at each of them."""
        self.policy.write({"budget_count": 1, "budget_days": 10, "on_sunday": False})
        paused, promised, written, talked, own = [
            self.make_person(name)
            for name in ("Paused", "Promised", "Written", "Talked", "Own hours")
        ]
        self.env["hc.contact.pause"].create(
            [
                {"partner_id": paused.id, "date_from": "2026-11-27", "date_to": "2026-12-02"},
                {"partner_id": own.id, "date_from": "2026-12-10"},
            ]
        )
        self.env["hc.promise"].create(
            [
                {"partner_id": promised.id, "summary": "Samples", "date_due": day,
                 "user_id": self.salesman.id}
                for day in ("2026-11-21", "2026-11-30")
            ]
        )  # fmt: skip
        self.send(written, days_ago=4)
        self.log(talked, days_ago=0)
        self.log(self.contact, days_ago=25, sentiment="-1")
        self.env["hc.contact.hours"].create(
            {"partner_id": own.id, "hour_from": 14, "hour_to": 16, "weekdays": "24"}
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Feast",
                "calendar_id": self.policy.calendar_id.id,
                "company_id": self.company.id,
                "date_from": self.brussels(2026, 12, 1, 0, 0),
                "date_to": self.brussels(2026, 12, 1, 23, 59),
            }
        )
        people = paused | promised | written | talked | own | self.contact
        moments = [NOW + timedelta(days=day, hours=day % 3) for day in range(40)]
        question = people._hc_contact_question("email", "care", moments[0], moments[-1])
        codes = set()
        for at in moments:
            alone = people._hc_contact_decisions("email", "care", at)
            ahead = {partner_id: question.answer(partner_id, at) for partner_id in people.ids}
            self.assertEqual(
                {key: (one.answer, one.code) for key, one in ahead.items()},
                {key: (one.answer, one.code) for key, one in alone.items()},
                at,
            )
            # who looks ahead knows of the second promise already, that it will hold them back for longer
            for partner in people - promised:
                self.assertEqual(ahead[partner.id], alone[partner.id], at)
            codes |= {decision.code for decision in ahead.values()}
        self.assertEqual(
            codes,
            {"ok", "pause", "complaint", "budget", "human_contact", "quiet_hours", "holiday",
             "automation_off"},
        )  # fmt: skip

    def test_check_of_another_addon(self):
        Partner = self.env.registry["res.partner"]

        def checks(partners, question):
            return [*original(partners, question), "_hc_check_full_moon"]

        def check(partners, question):
            for partner_id in question.open_ids():
                question.hold(partner_id, "full_moon", question.at + timedelta(hours=1))

        original = Partner._hc_contact_checks
        self.patch(Partner, "_hc_contact_checks", checks)
        with patch.object(Partner, "_hc_check_full_moon", check, create=True):
            self.assertEqual(self.decide().code, "full_moon")
