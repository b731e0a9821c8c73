from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_contact import ContactCommon

MODELS = (
    "hc.consent",
    "hc.consent.purpose",
    "hc.contact.policy",
    "hc.contact.pause",
    "hc.contact.attempt",
)


@tagged("post_install", "-at_install")
class TestConsentRights(ContactCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.theirs = cls.make_person("Theirs", company_id=cls.other_company.id)
        cls.ours = cls.make_person("Ours", company_id=cls.company.id)
        consents = cls.env["hc.consent"]
        cls.line = consents._hc_record(cls.person, "news", "given")
        cls.their_line = consents._hc_record(cls.theirs, "news", "given")
        cls.said_to_them = consents._hc_record(
            cls.person, "care", "withdrawn", company=cls.other_company
        )
        pauses = cls.env["hc.contact.pause"]
        cls.pause = pauses.create({"partner_id": cls.person.id, "date_from": "2026-11-01"})
        cls.their_pause = pauses.create({"partner_id": cls.theirs.id, "date_from": "2026-11-01"})
        ledger = [
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "channel_id": cls.env.ref("hc_crm.hc_channel_email").id,
                "outcome": "dropped",
                "reason_code": "risk_of_an_addon",
                "reason_args": {"risk": 0.87},
                "res_model": "test",
                "res_id": number,
            }
            for number, (partner, company) in enumerate(
                [
                    (cls.person, cls.company),
                    (cls.person, cls.other_company),
                    (cls.theirs, cls.other_company),
                    (cls.ours, cls.other_company),
                ]
            )
        ]
        attempts = cls.env["hc.contact.attempt"]
        cls.attempts = attempts.browse(attempts._hc_log(ledger)).sorted("res_id")

    def seen(self, records, user):
        return records.with_user(user).search([("id", "in", records.ids)]).with_env(self.env)

    def test_outsiders(self):
        for user in (self.portal, self.public):
            for model in MODELS:
                with self.subTest(user.login), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.person.with_user(user).hc_get_contact()
            with self.assertRaises(AccessError):
                self.env["hc.consent"].with_user(user).create(
                    {
                        "partner_id": user.partner_id.id,
                        "purpose_id": self.env.ref("hc_crm.hc_consent_purpose_news").id,
                        "state": "given",
                    }
                )

    def test_own_company(self):
        lines = self.line | self.their_line | self.said_to_them
        pauses = self.pause | self.their_pause
        for user in (self.salesman, self.seller_all, self.manager):
            self.assertEqual(self.seen(lines, user), self.line)
            self.assertEqual(self.seen(pauses, user), self.pause)
            self.assertEqual(self.seen(self.attempts, user), self.attempts[0])
        self.assertEqual(set(self.seen(lines, self.stranger)), set(lines))
        self.assertEqual(set(self.seen(pauses, self.stranger)), set(pauses))
        self.assertEqual(set(self.seen(self.attempts, self.stranger)), set(self.attempts[1:3]))

    def test_nobody_writes_for_a_customer_of_another_company(self):
        news = self.env.ref("hc_crm.hc_consent_purpose_news").id
        with self.assertRaises(AccessError):
            self.env["hc.consent"].with_user(self.salesman).create(
                {"partner_id": self.theirs.id, "purpose_id": news, "state": "withdrawn"}
            )
        with self.assertRaises(AccessError):
            self.env["hc.consent"].with_user(self.salesman).create(
                {
                    "partner_id": self.person.id,
                    "purpose_id": news,
                    "state": "withdrawn",
                    "company_id": self.other_company.id,
                }
            )
        with self.assertRaises(AccessError):
            self.env["hc.contact.pause"].with_user(self.salesman).create(
                {"partner_id": self.theirs.id}
            )
        with self.assertRaises(AccessError):
            self.pause.with_user(self.salesman).partner_id = self.theirs
        with self.assertRaises(AccessError):
            self.their_pause.with_user(self.salesman).unlink()
        with self.assertRaises(AccessError):
            self.theirs.with_user(self.salesman).hc_get_contact()

    def test_noted_in_ones_own_name(self):
        line = self.env["hc.consent"].with_user(self.salesman).create(
            {
                "partner_id": self.person.id,
                "purpose_id": self.env.ref("hc_crm.hc_consent_purpose_news").id,
                "state": "given",
                "user_id": self.manager.id,
                "host_effect": {"subscription_ids": [1]},
            }
        )  # fmt: skip
        self.assertEqual(line.user_id, self.salesman)
        self.assertFalse(line.sudo().host_effect)

    def test_the_ledger_is_nobodys_to_write(self):
        for user in (self.salesman, self.manager):
            attempt = self.attempts[0].with_user(user)
            with self.assertRaises(AccessError):
                attempt.outcome = "sent"
            with self.assertRaises(AccessError):
                attempt.unlink()
            with self.assertRaises(AccessError):
                attempt.create({"partner_id": self.person.id})

    def test_figures_in_the_ledger(self):
        """What a reason is made of is for administrators; the sentence says what everybody may know."""
        attempt = self.attempts[0].with_user(self.salesman)
        self.assertNotIn("0.87", attempt.reason)
        with self.assertRaises(AccessError):
            attempt.read(["reason_args"])
        self.assertNotIn("reason_args", attempt.fields_get())

    def test_rules_are_the_administrators(self):
        policy = self.policy.with_user(self.salesman)
        self.assertTrue(policy.in_words)
        with self.assertRaises(AccessError):
            policy.budget_count = 9
        self.policy.with_user(self.manager).budget_count = 9
        with self.assertRaises(AccessError):
            self.policy.with_user(self.manager).unlink()
        with self.assertRaises(AccessError):
            self.env["hc.consent.purpose"].with_user(self.salesman).create(
                {"name": "Mine", "key": "mine"}
            )

    def test_hidden_yes_and_no_hold_all_the_same(self):
        """The decision asks everything, whoever asks it."""
        self.pause.unlink()
        person = self.person.with_user(self.salesman)
        self.assertTrue(person._hc_contact_decision("email", "care"))
        self.assertEqual(
            person._hc_contact_decision("email", "care", company=self.other_company).code,
            "withdrawn",
        )

    def test_page(self):
        self.send(number=77, subject="Thanks")
        data = self.person.with_user(self.salesman).hc_get_contact()
        self.assertEqual(
            [row["answer"] for row in data["now"] if row["channel"] == "email"], ["never"]
        )
        self.assertTrue(data["pause"]["is_own"])
        self.assertEqual([line["id"] for line in data["said"]], self.line.ids)
        self.assertEqual(data["said_count"], 1)
        self.assertIn("Thanks", [row["subject"] for row in data["sent"]])
        news = next(p for p in data["purposes"] if p["basis"] == "consent")
        self.assertEqual({cell["state"] for cell in news["cells"]}, {"given"})
        self.assertTrue(data["is_writable"])
        # the line said to another company neither shows nor counts
        care = next(p for p in data["purposes"] if p["basis"] == "interest")
        self.assertEqual({cell["state"] for cell in care["cells"]}, {False})

    def test_page_asked_for_nobody(self):
        with self.assertRaises(ValueError):
            self.env["res.partner"].hc_get_contact()
