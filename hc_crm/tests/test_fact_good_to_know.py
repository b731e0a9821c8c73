from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.hc_crm.models.fact.hc_fact import in_year, next_occurrence

from .common import HcCommon


@tagged("post_install", "-at_install")
class TestGoodToKnow(HcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Fact = cls.env["hc.fact"]
        cls.person.user_id = cls.salesman
        cls.params = cls.env["ir.config_parameter"]

    def _milestone(self, day, partner=None, **vals):
        return self.Fact.create(
            {"partner_id": (partner or self.person).id, "kind": "milestone", "date": day, **vals}
        )

    def test_next_occurrence(self):
        leap = date(2024, 2, 29)
        self.assertEqual(in_year(leap, 2025), date(2025, 2, 28))
        cases = [
            # day, yearly, today, expected
            (leap, True, date(2025, 2, 27), date(2025, 2, 28)),
            (leap, True, date(2025, 3, 1), date(2026, 2, 28)),
            (leap, True, date(2027, 3, 1), date(2028, 2, 29)),
            (leap, True, date(2028, 2, 28), date(2028, 2, 29)),
            (date(1980, 12, 31), True, date(2026, 12, 31), date(2026, 12, 31)),
            (date(1980, 1, 1), True, date(2026, 12, 31), date(2027, 1, 1)),
            (date(2026, 5, 5), False, date(2026, 5, 4), date(2026, 5, 5)),
            (date(2026, 5, 5), False, date(2026, 5, 6), False),
            (date(2030, 5, 5), True, date(2026, 5, 6), date(2030, 5, 5)),
        ]
        for day, yearly, today, expected in cases:
            with self.subTest(day=day, today=today):
                self.assertEqual(next_occurrence(day, yearly, today), expected)

    def test_search_agrees_with_display(self):
        """The database and Python must name the same day, on every kind of day, in every kind of year."""
        days = ["2024-02-29", "1980-01-01", "1980-12-31", "1999-02-28", "2026-06-15", "2031-03-01"]
        partners = self.env["res.partner"].create([{"name": f"P {day}"} for day in days])
        facts = self.Fact.union(
            *(self._milestone(day, partner) for day, partner in zip(days, partners, strict=True)),
            *(
                self._milestone(day, partner, yearly=False, occasion="other", text="Once")
                for day, partner in zip(days, partners, strict=True)
            ),
        )
        mine = [("id", "in", facts.ids)]
        for today in ("2025-02-28", "2025-03-01", "2026-12-31", "2028-02-29", "2026-06-15"):
            with self.subTest(today=today), freeze_time(f"{today} 12:00:00"):
                facts.invalidate_recordset()
                for fact in facts:
                    found = self.Fact.search([*mine, ("next_date", "=", fact.next_date)])
                    self.assertIn(fact, found)
                    self.assertEqual(set(found.mapped("next_date")), {fact.next_date})
                soon = self.Fact.search(
                    [*mine, ("next_date", ">=", "today"), ("next_date", "<=", "+30d")],
                    order="next_date, id",
                )
                limit = date.fromisoformat(today).toordinal() + 30
                expected = facts.filtered(
                    lambda f, limit=limit: f.next_date and f.next_date.toordinal() <= limit
                )
                self.assertEqual(soon, expected.sorted(lambda f: (f.next_date, f.id)))
                self.assertEqual(
                    self.Fact.search([*mine, ("next_date", "!=", False)]),
                    facts.filtered("next_date").sorted(lambda f: (f.kind_rank, f.id)),
                )

    def test_birthday_defaults(self):
        fact = self._milestone("1980-05-17")
        self.assertEqual(
            (fact.text, fact.occasion, fact.yearly, fact.purpose, fact.source),
            ("Birthday", "birthday", True, "greeting", "told"),
        )
        self.assertEqual(fact.date_label, "17 May 1980")

    def test_unknown_year(self):
        fact = self._milestone("2024-02-29", year_unknown=True)
        self.assertEqual(fact.date, date(2000, 2, 29))
        self.assertEqual(fact.date_label, "29 February")
        fact.date = "2026-05-17"
        self.assertEqual(fact.date, date(2000, 5, 17))
        with self.assertRaisesRegex(ValidationError, "Year Unknown"):
            fact.yearly = False

    def test_bad_input(self):
        for vals, message in [
            ({"kind": "milestone"}, "Day"),
            ({"kind": "like", "text": "   "}, "What to know"),
            ({"kind": "like", "text": "x" * 501}, "501 characters"),
            ({"kind": "like", "text": "Tea", "date_expiry": "2001-01-01"}, "Keep Until"),
        ]:
            with self.subTest(vals=vals):
                with self.assertRaises(ValidationError) as error:
                    self.Fact.create({"partner_id": self.person.id, **vals})
                self.assertIn(message, str(error.exception))
        with self.assertRaises(ValidationError) as error:
            self._milestone("1980-01-01", self.company_customer)
        self.assertIn("is a company", str(error.exception))
        self._milestone("1980-01-01")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._milestone("1981-01-01")

    def test_expired_is_hidden_then_deleted(self):
        with freeze_time("2026-01-01 12:00:00"):
            kept, expired = self.Fact.create(
                [
                    {"partner_id": self.person.id, "kind": "like", "text": "Tea"},
                    {
                        "partner_id": self.person.id,
                        "kind": "avoid",
                        "text": "Moving house",
                        "date_expiry": "2026-01-31",
                    },
                ]
            )
            self.assertEqual(self.person._hc_brief_facts(), expired + kept)
        with freeze_time("2026-02-01 12:00:00"):
            (kept + expired).invalidate_recordset()
            self.person.invalidate_recordset()
            self.assertTrue(expired.is_expired)
            self.assertEqual(
                [fact["id"] for fact in self.person.hc_get_good_to_know()["facts"]], kept.ids
            )
            self.assertEqual(self.person._hc_brief_facts(), kept)
            self.Fact._gc_expired_facts()
            self.assertTrue(expired.exists(), "kept for the days set")
        with freeze_time("2026-03-03 12:00:00"):
            self.Fact._gc_expired_facts()
            self.assertFalse(expired.exists())
            self.assertTrue(kept.exists())

    def test_keep_days_out_of_this_world(self):
        fact = self.Fact.create(
            {
                "partner_id": self.person.id,
                "text": "Tea",
                "date_learned": "2026-01-01",
                "date_expiry": "2026-01-31",
            }
        )
        for days in ("9" * 9, "9" * 400, "²", "-3"):
            self.params.set_param("hc_crm.fact_keep_expired_days", days)
            with freeze_time("2026-02-15 12:00:00"):
                self.Fact._gc_expired_facts()
            self.assertTrue(fact.exists())

    def test_keep_days_is_a_setting(self):
        fact = self.Fact.create(
            {
                "partner_id": self.person.id,
                "kind": "like",
                "text": "Tea",
                "date_learned": "2026-01-01",
                "date_expiry": "2026-01-31",
            }
        )
        self.params.set_param("hc_crm.fact_keep_expired_days", "3")
        with freeze_time("2026-02-03 12:00:00"):
            self.Fact._gc_expired_facts()
            self.assertTrue(fact.exists())
        with freeze_time("2026-02-04 12:00:00"):
            self.Fact._gc_expired_facts()
            self.assertFalse(fact.exists())

    def test_brief_order(self):
        with freeze_time("2026-05-16 12:00:00"):
            like, family, avoid, access = self.Fact.create(
                [
                    {"partner_id": self.person.id, "kind": kind, "text": text}
                    for kind, text in [
                        ("like", "Green tea"),
                        ("family", "Two children"),
                        ("avoid", "The old shop"),
                        ("access", "Step-free entrance"),
                    ]
                ]
            )
            birthday = self._milestone("1980-05-17")
            brief = self.person._hc_brief_facts()
            self.assertEqual(brief, access + avoid + birthday + like)
            self.assertNotIn(family, brief)
        for today, shown in [
            ("2026-05-09", False),
            ("2026-05-10", True),
            ("2026-05-19", True),
            ("2026-05-20", False),
        ]:
            with self.subTest(today=today), freeze_time(f"{today} 12:00:00"):
                self.assertEqual(birthday in self.person._hc_brief_facts(), shown)

    def test_brief_of_company_and_contact(self):
        own, of_company, of_colleague = self.Fact.create(
            [
                {"partner_id": partner.id, "kind": "avoid", "text": "Calls before noon"}
                for partner in (
                    self.contact,
                    self.company_customer,
                    self.env["res.partner"].create(
                        {"name": "Lea", "parent_id": self.company_customer.id}
                    ),
                )
            ]
        )
        self.assertEqual(self.contact._hc_brief_facts(), own + of_company)
        self.assertEqual(self.company_customer._hc_brief_facts(), of_company + own + of_colleague)

    def test_greeting(self):
        fact = self._milestone("1980-05-17")
        action = fact.with_user(self.salesman).action_send_greeting()
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.salesman)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(composer.subject, "Happy birthday, Rosa Testblum!")
        self.assertIn("Dear Rosa Testblum", composer.body)
        self.assertEqual(composer.partner_ids, self.person)
        fact.occasion = "anniversary"
        template = fact.action_send_greeting()["context"]["default_template_id"]
        self.assertEqual(template, self.env.ref("hc_crm.mail_template_anniversary").id)

    def test_no_greeting_to_who_declined(self):
        fact = self._milestone("1980-05-17")
        self.env["mail.blacklist"].create({"email": "rosa@blum.example"})
        self.person.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "blacklist"):
            fact.action_send_greeting()
        self.person.email = False
        with self.assertRaisesRegex(UserError, "no e-mail address"):
            fact.action_send_greeting()

    def _run_cron(self):
        # a test cannot commit; everything else runs as at night
        with patch.object(self.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 1):
            self.Fact._cron_remind()

    def _reminders(self, partner=None):
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "=", (partner or self.person).id),
                ("activity_type_id", "=", self.env.ref("hc_crm.mail_activity_type_greeting").id),
            ]
        )

    def test_reminder_once_per_occurrence(self):
        fact = self._milestone("1980-05-17")
        for today, count in [
            ("2026-05-16", 0),
            ("2026-05-17", 1),
            ("2026-05-17", 1),
            ("2026-05-18", 1),
            ("2027-05-17", 2),
        ]:
            with self.subTest(today=today), freeze_time(f"{today} 12:00:00"):
                fact.invalidate_recordset()
                self._run_cron()
                self.assertEqual(len(self._reminders()), count)
        reminder = self._reminders()[0]
        self.assertEqual(reminder.user_id, self.salesman)
        self.assertIn("Birthday", reminder.summary)

    def test_reminder_days_before_over_new_year(self):
        self.params.set_param("hc_crm.fact_reminder_days", "2")
        fact = self._milestone("1980-01-01")
        with freeze_time("2026-12-30 12:00:00"):
            fact.invalidate_recordset()
            self._run_cron()
            self.assertEqual(self._reminders().date_deadline, date(2027, 1, 1))
        with freeze_time("2027-01-01 12:00:00"):
            fact.invalidate_recordset()
            self._run_cron()
            self.assertEqual(len(self._reminders()), 1)

    def test_reminder_can_be_switched_off(self):
        self._milestone("1980-05-17")
        settings = self.env["res.config.settings"].create({"hc_fact_reminder": False})
        settings.execute()
        with freeze_time("2026-05-17 12:00:00"):
            self._run_cron()
        self.assertFalse(self._reminders())

    def test_no_reminder_of_sensitive_days(self):
        """Colleagues read the activities of a customer: neither words nor day may stand there."""
        self._milestone(
            "1980-05-17", occasion="other", text="Day his wife died", sensitivity="sensitive"
        )
        with freeze_time("2026-05-17 12:00:00"):
            self._run_cron()
        self.assertFalse(self._reminders())

    def test_reminders_in_bulk(self):
        """Ten times the birthdays, the same number of look-ups."""
        self.env["mail.activity"].search([]).unlink()

        with freeze_time("2026-05-17 12:00:00"):
            counts = []
            for count, name in ((10, "First"), (100, "Second")):
                partners = self.env["res.partner"].create(
                    [{"name": f"{name} {i}", "user_id": self.salesman.id} for i in range(count)]
                )
                self.Fact.create(
                    [
                        {"partner_id": partner.id, "kind": "milestone", "date": "1980-05-17"}
                        for partner in partners
                    ]
                )
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self._run_cron()
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
                self.assertEqual(
                    self.env["mail.activity"].search_count(
                        [("res_model", "=", "res.partner"), ("res_id", "in", partners.ids)]
                    ),
                    count,
                )
        self.assertLess(counts[1], counts[0] * 2)

    def test_settings(self):
        settings = self.env["res.config.settings"].create({})
        self.assertTrue(settings.hc_fact_reminder)
        self.assertEqual(settings.hc_fact_keep_expired_days, 30)
        with self.assertRaisesRegex(ValidationError, "Delete After"):
            settings.hc_fact_keep_expired_days = 0
        with self.assertRaisesRegex(ValidationError, "Delete After"):
            settings.hc_fact_keep_expired_days = 10**8
        with self.assertRaisesRegex(ValidationError, "Days Before"):
            settings.hc_fact_reminder_days = -1

    def test_facts_follow_a_merge_of_contacts(self):
        twin = self.env["res.partner"].create({"name": "Rosa B.", "email": "rosa@blum.example"})
        fact = self.Fact.create({"partner_id": twin.id, "kind": "like", "text": "Green tea"})
        self.env["hc.partner.email"].create(
            {"partner_id": twin.id, "email": "rosa.private@blum.example"}
        )
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.person + twin).ids, self.person
        )
        self.assertEqual(fact.partner_id, self.person)
        self.assertEqual(self.person.hc_other_email, "rosa.private@blum.example")

    def test_merged_contacts_keep_what_is_not_twice(self):
        twin, third = self.env["res.partner"].create(
            [
                {"name": "Rosa B.", "company_id": False},
                {"name": "R. Testblum", "company_id": False},
            ]
        )
        self.person.company_id = self.company
        three = self.person + twin + third
        kept, other, _same = self.Fact.create(
            [
                {"partner_id": partner.id, "kind": "milestone", "date": day}
                for partner, day in zip(
                    three, ("1980-05-17", "1980-05-18", "1980-05-17"), strict=True
                )
            ]
        )
        likes = self.Fact.create([{"partner_id": p.id, "text": "Green tea"} for p in (twin, third)])
        self.env["hc.partner.email"].create(
            [
                {"partner_id": partner.id, "email": email}
                for partner, email in (
                    (self.person, "shared@blum.example"),
                    (twin, "shared@blum.example"),
                    (twin, "twin@blum.example"),
                    (third, "third@blum.example"),
                    (third, "rosa@blum.example"),
                )
            ]
        )
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(three.ids, self.person)
        self.env.flush_all()
        self.env.invalidate_all()
        mine = [("partner_id", "=", self.person.id)]
        self.assertEqual(self.Fact.search(mine), kept + likes)
        self.assertEqual(
            self.Fact.with_context(active_test=False).search(mine) - kept - likes, other
        )
        self.assertFalse(other.active)
        self.assertEqual(
            set(self.env["hc.partner.email"].search(mine).mapped("email")),
            {"shared@blum.example", "twin@blum.example", "third@blum.example"},
        )
        # who may read them is up to the contact they are at now
        self.assertEqual(likes.company_id, self.company)
        self.assertEqual(likes.commercial_partner_id, self.person.commercial_partner_id)
