from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import HcCommon


@tagged("post_install", "-at_install")
class TestPartnerEmail(HcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Partner = cls.env["res.partner"]
        cls.Email = cls.env["hc.partner.email"]

    def _find(self, *emails, user=None):
        return self.Partner.with_user(user or self.env.user)._hc_find_by_emails(emails)

    def test_format(self):
        for bad in ("rosa", "rosa@", "a@x.example, b@x.example", "@x.example"):
            with self.subTest(bad=bad), self.assertRaisesRegex(ValidationError, "E-mail: "):
                self.Email.create({"partner_id": self.person.id, "email": bad})
        with self.assertRaisesRegex(ValidationError, "main address"):
            self.Email.create({"partner_id": self.person.id, "email": "ROSA@blum.example"})

    def test_unique_per_partner(self):
        self.Email.create({"partner_id": self.person.id, "email": "Rosa.B@home.example"})
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.Email.create({"partner_id": self.person.id, "email": "rosa.b@HOME.example"})

    def test_find_main_and_other(self):
        self.Email.create(
            {"partner_id": self.contact.id, "email": "Brandon <b.linden@home.example>"}
        )
        found = self._find(
            "ROSA@blum.example", "B.Linden@home.example", "nobody@x.example", "rubbish", ""
        )
        self.assertEqual(
            found, {"rosa@blum.example": self.person, "b.linden@home.example": self.contact}
        )

    def test_who_comes_first(self):
        """Main before other address, active before archived, person before company, contact first."""
        email = "shared@x.example"
        other = self.Partner.create({"name": "Other address"})
        self.Email.create({"partner_id": other.id, "email": email})
        self.assertEqual(self._find(email), {email: other})
        archived = self.Partner.create({"name": "Archived", "email": email, "active": False})
        self.assertEqual(self._find(email), {email: other})
        company = self.Partner.create({"name": "Company", "email": email, "is_company": True})
        self.assertEqual(self._find(email), {email: company})
        alone = self.Partner.create({"name": "Alone", "email": email})
        self.assertEqual(self._find(email), {email: alone})
        contact = self.Partner.create(
            {"name": "Contact", "email": email, "parent_id": self.company_customer.id}
        )
        self.assertEqual(self._find(email), {email: contact})
        self.assertTrue(archived.exists())

    def test_rivals(self):
        email = "twice@x.example"
        first, second = self.Partner.create([{"name": name, "email": email} for name in ("A", "B")])
        match, rivals = self.Partner._hc_match_emails([email])[email]
        self.assertEqual((match, rivals), (first, second))
        # two contacts of one company are one customer
        (first + second).parent_id = self.company_customer
        match, rivals = self.Partner._hc_match_emails([email])[email]
        self.assertEqual((match, rivals), (first, self.Partner))

    def test_other_companies_customers_are_not_found(self):
        self.person.company_id = self.company
        self.Email.create({"partner_id": self.person.id, "email": "rosa.b@home.example"})
        self.env.flush_all()
        self.assertEqual(
            self._find("rosa@blum.example", "rosa.b@home.example", user=self.stranger), {}
        )
        self.assertEqual(len(self._find("rosa@blum.example", "rosa.b@home.example")), 2)

    def test_queries_do_not_grow(self):
        emails = [f"p{index}@bulk.example" for index in range(500)]
        partners = self.Partner.create(
            [{"name": email, "email": email} for email in emails[:250]]
            + [{"name": email} for email in emails[250:]]
        )
        self.Email.create(
            [
                {"partner_id": partner.id, "email": email}
                for partner, email in zip(partners[250:], emails[250:], strict=True)
            ]
        )
        self.env.flush_all()
        counts = []
        for wanted in (emails[::50], emails):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = self._find(*wanted, user=self.salesman)
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(found), len(wanted))
        self.assertLessEqual(counts[1], counts[0] + 1)
        self.assertLessEqual(counts[1], 8)
