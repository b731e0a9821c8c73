from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common_contact import NOW, ContactCommon


@tagged("post_install", "-at_install")
class TestConsent(ContactCommon):
    def test_latest_counts(self):
        self.say(self.person, "news", "given", "email", date=NOW - timedelta(days=3))
        self.say(self.person, "news", "withdrawn", date=NOW - timedelta(days=2))
        self.say(self.person, "news", "given", "sms", date=NOW - timedelta(days=1))
        said = self.person._hc_consents()[self.person.id]
        self.assertEqual(said["news", "email"][0], "given")
        self.assertEqual(said["news", None][0], "withdrawn")
        self.assertFalse(self.person._hc_consent_of("news", "email")[self.person.id][0])
        self.assertTrue(self.person._hc_consent_of("news", "sms")[self.person.id][0])
        self.assertFalse(self.person._hc_consent_of("news")[self.person.id][0])

    def test_at_the_same_moment_the_later_line_counts(self):
        for state in ("given", "withdrawn"):
            self.say(self.person, "news", state, date=NOW)
        self.assertFalse(self.person._hc_consent_of("news")[self.person.id][0])

    def test_basis(self):
        purposes = self.env["hc.consent.purpose"].search([])
        for purpose in purposes:
            allowed, state, _date, _id = self.person._hc_consent_of(purpose, "email")[
                self.person.id
            ]
            self.assertEqual(allowed, purpose.basis != "consent")
            self.assertIsNone(state)
            self.say(self.person, purpose, "withdrawn")
            allowed = self.person._hc_consent_of(purpose)[self.person.id][0]
            self.assertEqual(allowed, purpose.basis == "contract")

    def test_many_in_one_query(self):
        people = self.person | self.contact | self.company_customer
        self.say(people, "news")
        self.env.flush_all()
        with self.assertQueryCount(1):
            said = people._hc_consents()
        self.assertEqual(
            {state for lines in said.values() for state, *_ in lines.values()}, {"given"}
        )

    def test_what_was_said_stays(self):
        line = self.say(self.person, "news", proof="Yes please")
        for user in (self.salesman, self.manager):
            mine = line.with_user(user)
            with self.assertRaisesRegex(UserError, "add a new line"):
                mine.write({"state": "withdrawn"})
            with self.assertRaisesRegex(UserError, "add a new line"):
                mine.unlink()
            with self.assertRaises(UserError):
                mine.copy()
        self.assertEqual(line.state, "given")

    def test_gone_with_the_person(self):
        line = self.say(self.person, "news")
        pause = self.env["hc.contact.pause"].create({"partner_id": self.person.id})
        self.send()
        self.person.unlink()
        self.assertFalse(line.exists() | self.env["hc.consent"].search([("id", "=", line.id)]))
        self.assertFalse(pause.exists())
        self.assertFalse(
            self.env["hc.contact.attempt"].search([("partner_id", "=", self.person.id)])
        )

    def test_dates(self):
        with self.assertRaisesRegex(ValidationError, "future"):
            self.say(self.person, "news", date=NOW + timedelta(hours=1))
        with self.assertRaisesRegex(ValidationError, "year"):
            self.say(self.person, "news", date=NOW.replace(year=202))

    def test_proof(self):
        order = self.env["sale.order"].create({"partner_id": self.person.id})
        line = self.say(self.person, "news", record=order)
        self.assertEqual((line.res_model, line.res_id), ("sale.order", order.id))
        with self.assertRaisesRegex(ValidationError, "no document"):
            self.env["hc.consent"].create(
                {
                    "partner_id": self.person.id,
                    "purpose_id": self.env.ref("hc_crm.hc_consent_purpose_news").id,
                    "state": "given",
                    "res_model": "no.such.model",
                    "res_id": 1,
                }
            )
        with self.assertRaises(ValidationError):
            self.say(self.person, "news", proof="x" * 20_000)

    def test_proof_that_the_writer_may_not_read(self):
        order = self.env["sale.order"].create(
            {"partner_id": self.person.id, "user_id": self.seller_all.id}
        )
        consents = self.env["hc.consent"].with_user(self.salesman)
        with self.assertRaises(AccessError):
            consents._hc_record(self.person.with_user(self.salesman), "news", "given", record=order)

    def test_two_clicks(self):
        """The dialog of the customer's page needs the answer and nothing else."""
        form = Form(
            self.env["hc.consent"]
            .with_user(self.salesman)
            .with_context(default_partner_id=self.person.id),
            "hc_crm.hc_consent_view_form",
        )
        form.purpose_id = self.env.ref("hc_crm.hc_consent_purpose_news")
        form.state = "given"
        line = form.save()
        self.assertEqual(
            (line.partner_id, line.how, line.user_id, line.date),
            (self.person, "told", self.salesman, NOW),
        )

    def test_ways_that_are_not_a_persons_to_say(self):
        for how in ("blacklist", "unsubscribe", "preferences", "mailing"):
            with self.assertRaisesRegex(UserError, "Odoo itself"):
                self.env["hc.consent"].with_user(self.salesman)._hc_record(
                    self.person.with_user(self.salesman), "news", "given", how=how
                )

    def test_import(self):
        fields = ["partner_id/id", "purpose_id", "channel_id", "state", "date", "proof"]
        self.env["ir.model.data"].create(
            {
                "module": "__test__",
                "name": "rosa",
                "model": "res.partner",
                "res_id": self.person.id,
            }
        )
        consents = self.env["hc.consent"].with_user(self.manager).with_context(import_file=True)
        result = consents.load(
            fields,
            [
                ["__test__.rosa", "news", "email", "Yes", "2025-03-01 10:00:00", "Form on paper"],
                ["__test__.rosa", "How you are doing", "", "withdrawn", "2025-03-02 10:00:00", ""],
            ],
        )
        self.assertFalse(result["messages"])
        lines = consents.browse(result["ids"])
        self.assertEqual(lines.mapped("purpose_id.key"), ["news", "care"])
        self.assertEqual(lines.mapped("channel_id.key"), ["email"])
        self.assertEqual(lines.mapped("how"), ["import", "import"])
        self.assertEqual(lines[0].date.year, 2025)
        result = consents.load(
            fields, [["__test__.rosa", "news", "", "Yes", "2031-03-01 10:00:00", ""]]
        )
        self.assertIn("future", result["messages"][0]["message"])
        result = consents.load(fields, [["__test__.rosa", "nonsense", "", "Yes", "", ""]])
        self.assertTrue(result["messages"])

    def test_merge(self):
        twin = self.make_person("Twin")
        self.say(twin, "news", date=NOW - timedelta(days=2))
        self.say(self.person, "news", "withdrawn", date=NOW - timedelta(days=1))
        self.send(twin)
        self.env["hc.contact.pause"].create({"partner_id": twin.id})
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.person | twin).ids, self.person, extra_checks=False
        )
        self.assertFalse(self.person._hc_consent_of("news")[self.person.id][0])
        self.assertEqual(
            self.env["hc.consent"].search_count([("partner_id", "=", self.person.id)]), 2
        )
        attempt = self.env["hc.contact.attempt"].search([("partner_id", "=", self.person.id)])
        self.assertEqual(len(attempt), 1)
        self.assertEqual(attempt.partner_id | attempt.commercial_partner_id, self.person)
        self.assertEqual(self.decide().code, "automation_off")


@tagged("post_install", "-at_install")
class TestConsentPurpose(ContactCommon):
    def test_key(self):
        for key in ("N", "no blanks", "Ümlaut", "x" * 40):
            with self.assertRaisesRegex(ValidationError, "Technical key"):
                self.env["hc.consent.purpose"].create({"name": "P", "key": key})

    def test_built_in(self):
        news = self.env.ref("hc_crm.hc_consent_purpose_news").with_user(self.manager)
        with self.assertRaisesRegex(UserError, "built in"):
            news.unlink()
        with self.assertRaisesRegex(UserError, "built-in"):
            news.key = "other"
        news.name = "What is new"
        news.active = False
        mine = self.env["hc.consent.purpose"].with_user(self.manager).create(
            {"name": "Events", "key": "events", "protected": True}
        )  # fmt: skip
        self.assertFalse(mine.protected)
        mine.unlink()

    def test_used_is_archived_only(self):
        purpose = self.env["hc.consent.purpose"].create({"name": "Events", "key": "events"})
        self.say(self.person, "events")
        with self.assertRaisesRegex(UserError, "Archive it"):
            purpose.with_user(self.manager).unlink()
        purpose.with_user(self.manager).active = False
        self.assertTrue(self.person._hc_consent_of("events")[self.person.id][0])

    def test_copy_has_a_key_of_its_own(self):
        purpose = self.env["hc.consent.purpose"].create({"name": "Events", "key": "events"})
        keys = {purpose.copy().key, purpose.copy().key, purpose.key}
        self.assertEqual(len(keys), 3)


@tagged("post_install", "-at_install")
class TestContactPolicy(ContactCommon):
    def test_each_company_has_its_own(self):
        policies = self.env["hc.contact.policy"]
        self.assertNotEqual(policies._for_company(self.other_company), self.policy)
        self.assertEqual(policies.search_count([("company_id", "=", self.other_company.id)]), 1)
        with self.assertRaises(UserError):
            self.policy.company_id = self.other_company

    def test_nonsense_is_refused(self):
        for vals in (
            {"hour_from": -1},
            {"hour_to": 25},
            {"hour_from": 20, "hour_to": 8},
            {"hour_from": float("nan")},
            {"budget_count": 0},
            {"budget_days": -1},
            {"human_days": -1},
            {"complaint_days": -1},
            {"task_limit": 0},
            {"approval_above": -5},
            dict.fromkeys(
                [
                    "on_monday",
                    "on_tuesday",
                    "on_wednesday",
                    "on_thursday",
                    "on_friday",
                    "on_saturday",
                ],
                False,
            ),
        ):
            with self.subTest(vals), self.assertRaises(ValidationError), self.cr.savepoint():
                self.policy.write(vals)

    def test_in_words(self):
        self.policy.write({"hour_from": 9.5, "hour_to": 18, "on_saturday": False})
        for words in ("Monday to Friday", "9:30", "18:00", "3 times in 14 days"):
            self.assertIn(words, self.policy.in_words)
        self.policy.write({"on_tuesday": False, "budget_days": 0, "human_days": 0})
        self.assertIn("Mondays, Wednesdays", self.policy.in_words)
        self.assertIn("no limit", self.policy.in_words)

    def test_opens(self):
        action = self.env["hc.contact.policy"].with_user(self.manager).action_open()
        self.assertEqual(action["res_id"], self.policy.id)
        with self.assertRaises(AccessError):
            self.env["hc.contact.policy"].with_user(self.salesman).action_open()


@tagged("post_install", "-at_install")
class TestContactPause(ContactCommon):
    def test_dates(self):
        with self.assertRaisesRegex(ValidationError, "Until"):
            self.env["hc.contact.pause"].create(
                {"partner_id": self.person.id, "date_from": "2026-11-20", "date_to": "2026-11-19"}
            )
        with self.assertRaises(ValidationError):
            self.env["hc.contact.pause"].create(
                {"partner_id": self.person.id, "date_from": "0202-11-20"}
            )

    def test_current(self):
        pauses = self.env["hc.contact.pause"]
        over, now, ahead = pauses.create(
            [
                {"partner_id": self.person.id, "date_from": "2026-10-01", "date_to": "2026-11-23"},
                {"partner_id": self.person.id, "date_from": "2026-11-24", "date_to": "2026-11-24"},
                {"partner_id": self.person.id, "date_from": "2026-11-25"},
            ]
        )
        of_person = [("partner_id", "=", self.person.id)]
        self.assertEqual(pauses.search([*of_person, ("is_current", "=", True)]), now)
        self.assertEqual(pauses.search([*of_person, ("is_current", "!=", True)]), ahead | over)
        self.assertEqual((over | now | ahead).filtered("is_current"), now)

    def test_end(self):
        pause = self.env["hc.contact.pause"].create(
            {"partner_id": self.person.id, "date_from": "2026-11-20"}
        )
        pause.with_user(self.salesman).action_end()
        self.assertEqual(str(pause.date_to), "2026-11-23")
        self.assertYes(self.decide())
        with self.assertRaisesRegex(UserError, "over already"):
            pause.action_end()
        today = self.env["hc.contact.pause"].create({"partner_id": self.person.id})
        today.action_end()
        self.assertFalse(today.exists())

    def test_before_you_talk(self):
        pause = self.env["hc.contact.pause"].create(
            {
                "partner_id": self.company_customer.id,
                "date_from": "2026-11-20",
                "date_to": "2026-12-20",
                "reason": "Their founder died",
            }
        )
        for partner in (self.company_customer, self.contact):
            line = partner.with_user(self.salesman).hc_get_brief()["lines"][0]
            self.assertEqual(line["kind"], "pause")
            self.assertIn("Their founder died", line["text"])
            self.assertIn("12/20/2026", line["text"])
            self.assertEqual((line["res_model"], line["res_id"]), (pause._name, pause.id))
        pause.date_to = "2026-11-21"
        lines = self.contact.with_user(self.salesman).hc_get_brief()["lines"]
        self.assertFalse([line for line in lines if line["kind"] == "pause"])
