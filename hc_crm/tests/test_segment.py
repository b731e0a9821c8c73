import doctest
from datetime import date, timedelta

from lxml import etree

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import file_open

from odoo.addons.hc_crm.models.segment import condition

from .common_segment import SegmentCommon


@tagged("post_install", "-at_install")
class TestSegment(SegmentCommon):
    """Who is in, why in words, and where a segment can be used."""

    def test_condition_doctests(self):
        self.assertFalse(doctest.testmod(condition).failed)

    def test_members_from_the_moment_it_is_saved(self):
        self.assertEqual(self.risky.state, "ready")
        self.assertTrue(self.risky.uses_insight)
        self.assertEqual(self.risky.reach, "insight")
        self.assertEqual(self.members(self.risky), self.person | self.company_customer)
        self.assertEqual(self.risky.member_count, 2)
        # who is in at the first look was not seen to enter
        self.assertEqual(self.risky.entered_count, 0)
        self.risky.domain = '[("hc_insight_id.churn_risk", ">", 0.8)]'
        self.assertEqual(self.members(self.risky), self.company_customer)
        self.assertEqual(self.line(self.risky, self.person).left_cause, "conditions")
        self.assertEqual(self.risky.left_count, 0)

    def test_customers_or_their_people_too(self):
        self.assertNotIn(self.contact, self.members(self.risky))
        self.risky.level = "contact"
        self.assertIn(self.contact, self.members(self.risky))
        self.risky.level = "customer"
        self.assertNotIn(self.contact, self.members(self.risky))

    def test_why_in_words(self):
        line = self.line(self.risky, self.person)
        self.assertEqual(
            line.reason, "Likely to Stop Buying above 60 % (72 %): no order for 74 days"
        )
        self.assertEqual(self.risky.condition_text, "Likely to Stop Buying above 60 %")

    def test_rose_above_and_bought_again(self):
        late = self.env["res.partner"].create({"name": "Late Lea"})
        figures = self.make_insight(late, churn_risk=0.3)
        self.env["hc.customer.insight.history"].create(
            {
                "partner_id": late.id,
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "month": (self.today.replace(day=1) - timedelta(days=1)).replace(day=1),
                "churn_risk": 0.3,
            }
        )
        self.Segment._refresh_all(self.company)
        self.assertNotIn(late, self.members(self.risky))
        figures.churn_risk = 0.65
        result = self.Segment._refresh_all(self.company)
        self.assertEqual((result["entered"], result["left"]), (1, 0))
        line = self.line(self.risky, late)
        self.assertEqual(
            line.reason, "Likely to Stop Buying rose above 60 % (now 65 %): no order for 74 days"
        )
        self.assertEqual(self.risky.entered_count, 1)
        # what was true when she entered stays, whatever the figures say later
        figures.write({"churn_risk": 0.1, "last_purchase_date": self.today})
        self.Segment._refresh_all(self.company)
        day = f"{self.today.day} {self.today.strftime('%b')}"
        self.assertEqual(line.left_reason, f"Left: bought again on {day}")
        self.assertTrue(line.reason.startswith("Likely to Stop Buying rose above 60 % (now 65 %)"))
        self.assertEqual(self.risky.left_count, 1)

    def test_left_without_buying(self):
        """An old purchase is no news: what changed is said instead."""
        self.own.churn_risk = 0.41
        self.Segment._refresh_all(self.company)
        self.assertEqual(
            self.line(self.risky, self.person).left_reason,
            "Left: Likely to Stop Buying fell to 41 %",
        )

    def test_words_of_all_kinds(self):
        industry = self.env.ref("base.res_partner_industry_I")
        tag = self.env["res.partner.category"].create({"name": "Regular guest"})
        cases = {
            f'[("industry_id", "=", {industry.id})]': f"Industry is {industry.name}",
            f'[("industry_id", "!=", {industry.id})]': f"Industry is not {industry.name}",
            f'[("category_id", "in", [{tag.id}])]': "Tags: Regular guest",
            '[("city", "ilike", "brus")]': "City contains “brus”",
            '[("city", "=", False)]': "City is not known",
            '[("phone", "!=", False)]': "Phone is known",
            '[("is_company", "=", True)]': "Is a Company",
            '[("is_company", "=", False)]': "not Is a Company",
            '["!", ("hc_insight_id.status", "in", ["late", "new"])]': "Status is not Late or New",
            '[("hc_insight_id", "any", [("status", "=", "late")])]': "Status is Late",
            '["|", ("hc_insight_id.status", "=", "late"), ("hc_insight_id.is_overdue", "=", True)]': (
                "Status is Late or Overdue"
            ),
            '["&", ("hc_insight_id.frequency", ">=", 2), ("hc_insight_id.frequency", "<=", 3)]': (
                "Purchases between 2 and 3"
            ),
            '[("hc_insight_id.last_purchase_date", "<", "2026-01-31")]': (
                "Last Purchase before 01/31/2026"
            ),
            '[("hc_insight_id.clv", ">=", 1500)]': "Value Ahead at least $\xa01,500.00",
        }
        self.company.currency_id = self.env.ref("base.USD")
        for domain, text in cases.items():
            with self.subTest(domain=domain):
                segment = self.make_segment("Words", domain)
                self.assertEqual(
                    segment.condition_text.replace("$ ", "$\xa0"), text.replace("$ ", "$\xa0")
                )

    def test_words_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.model.fields"]._get("hc.customer.insight", "churn_risk").with_context(
            lang="fr_FR"
        ).field_description = "Risque de départ"
        line = self.line(self.risky, self.person).with_context(lang="fr_FR")
        self.assertIn("Risque de départ", line.reason)
        self.assertIn("Likely to Stop Buying", line.with_context(lang="en_US").reason)

    def test_not_enough_history_never_matches(self):
        """Unknown numbers read as 0: the ready segments must not take them for one."""
        nobody = self.env["res.partner"].create({"name": "Nothing Known"})
        insight = self.make_insight(
            nobody, value_state="few", status="prospect", frequency=0, last_purchase_date=False
        )
        self.env.cr.execute(
            """UPDATE hc_customer_insight SET churn_risk = NULL, clv = NULL, feeling = NULL,
                      rfm_recency = NULL, rfm_frequency = NULL, rfm_monetary = NULL, engagement = NULL,
                      frequency = NULL, feeling_count = NULL, bad_feeling_count = NULL
                WHERE id = %s""",
            (insight.id,),
        )
        self.env.invalidate_all()
        for domain in ready_domains().values():
            with self.subTest(domain=domain):
                segment = self.make_segment("Ready", domain)
                self.assertEqual(segment.state, "ready")
                self.assertNotIn(nobody, self.members(segment))

    def test_ready_segments_find_whom_they_name(self):
        figures = {
            "champions": {
                "status": "active",
                "rfm_recency": 5,
                "rfm_frequency": 4,
                "rfm_monetary": 4,
            },
            "regulars": {"status": "active", "frequency": 6, "is_overdue": False},
            "new": {"status": "new", "frequency": 1},
            "promising": {"status": "active", "frequency": 2, "rfm_recency": 5},
            "slipping": {"status": "late"},
            "lost": {"status": "lapsed", "last_purchase_date": self.today - timedelta(days=400)},
            "at_risk_valuable": {"status": "late", "churn_risk": 0.7, "rfm_monetary": 5},
            "due_to_buy": {
                "status": "active",
                "next_purchase_date": self.today + timedelta(days=3),
            },
            "silent_promoters": {"feeling": 1.5, "feeling_count": 2, "engagement": 5},
            "unhappy": {"feeling": -1.5, "feeling_count": 1},
            "never_thanked": {"frequency": 3, "last_personal_date": False},
        }
        domains = ready_domains()
        self.assertEqual(set(domains) - {"big_companies"}, set(figures))
        for key, values in figures.items():
            with self.subTest(segment=key):
                partner = self.env["res.partner"].create({"name": key})
                self.make_insight(partner, **values)
                segment = self.make_segment(key, domains[key])
                self.assertIn(partner, self.members(segment))
        partner = self.env["res.partner"].create(
            {"name": "Big", "is_company": True, "hc_company_size": "250+"}
        )
        segment = self.make_segment("big", domains["big_companies"])
        self.assertEqual(self.members(segment) & (partner | self.person), partner)
        self.assertIn("Company Size is 250 people and more", self.line(segment, partner).reason)

    def test_used_in_contacts(self):
        Partner = self.env["res.partner"]
        mine = self.person | self.company_customer | self.contact
        here = [("id", "in", mine.ids)]
        inside = self.person | self.company_customer
        risky, other = self.risky, self.make_segment("Other", '[("city", "=", "Nowhere")]')
        for domain, expected in (
            ([("hc_segment_ids", "in", risky.ids)], inside),
            ([("hc_segment_ids", "=", risky.id)], inside),
            ([("hc_segment_ids", "in", other.ids)], Partner),
            ([("hc_segment_ids", "not in", risky.ids)], self.contact),
            ([("hc_segment_ids", "!=", risky.id)], self.contact),
            ([("hc_segment_ids", "=", False)], self.contact),
            ([("hc_segment_ids", "!=", False)], inside),
            ([("hc_segment_ids", "ilike", "risk")], inside),
            ([("hc_segment_ids", "not ilike", "risk")], self.contact),
            ([("hc_segment_ids", "=", "Risky")], inside),
            ([("hc_segment_ids.name", "=", "Risky")], inside),
            ([("hc_segment_ids", "any", [("uses_insight", "=", True)])], inside),
            ([("hc_segment_ids", "not any", [("uses_insight", "=", True)])], self.contact),
            ([("hc_segment_membership_ids.segment_id", "=", risky.id)], inside),
        ):
            with self.subTest(domain=domain):
                self.assertEqual(Partner.search(here + domain), expected)
        self.assertEqual(self.person.hc_segment_ids, risky)
        self.assertFalse(self.contact.hc_segment_ids)
        action = risky.action_open_customers()
        self.assertEqual(Partner.search(here + action["domain"]), inside)
        # who left is out of it everywhere
        self.own.churn_risk = 0.1
        self.Segment._refresh_all(self.company)
        self.assertFalse(self.person.hc_segment_ids)
        self.assertNotIn(self.person, Partner.search([("hc_segment_ids", "in", risky.ids)]))
        risky.active = False
        self.assertFalse(Partner.search([("hc_segment_ids", "in", risky.ids)]))
        self.assertEqual(self.line(risky, self.company_customer).left_cause, "segment")

    def test_a_segment_of_a_segment(self):
        domain = f'["&", ("city", "=", False), ("hc_segment_ids", "not in", {self.risky.ids})]'
        rest = self.make_segment("The rest", domain)
        found = self.members(rest)
        self.assertTrue(found)
        self.assertFalse(found & self.members(self.risky))
        with self.assertRaisesRegex(ValidationError, "who is in itself"):
            rest.domain = f'[("hc_segment_ids", "in", {rest.ids})]'

    def test_figures_of_each_company(self):
        """A shared segment has its own members in each company; one asks for the current one's."""
        self.make_insight(self.person, company=self.other_company, churn_risk=0.1)
        self.make_insight(
            self.contact.commercial_partner_id, company=self.other_company, churn_risk=0.9
        )
        self.Segment._refresh_all()
        self.assertEqual(self.members(self.risky).ids.count(self.company_customer.id), 1)
        lines = self.Membership.search(
            [("segment_id", "=", self.risky.id), ("date_left", "=", False)]
        )
        self.assertEqual(
            {(line.partner_id, line.company_id) for line in lines},
            {
                (self.person, self.company),
                (self.company_customer, self.company),
                (self.company_customer, self.other_company),
            },
        )
        there = self.env["res.partner"].with_context(allowed_company_ids=self.other_company.ids)
        self.assertEqual(
            there.search([("hc_segment_ids", "in", self.risky.ids)]), self.company_customer
        )
        self.assertEqual(self.risky.member_count, 2)
        self.assertEqual(
            self.risky.with_context(allowed_company_ids=self.other_company.ids).member_count, 1
        )
        # of one company only: the others' lines end
        self.risky.company_id = self.company
        self.assertFalse(
            self.Membership.search(
                [("company_id", "=", self.other_company.id), ("date_left", "=", False)]
            )
        )

    def test_preview(self):
        preview = self.Segment.hc_preview(self.risky.domain)
        self.assertEqual(preview["count"], 2)
        self.assertFalse(preview["error"])
        whys = {customer["id"]: customer["why"] for customer in preview["customers"]}
        self.assertEqual(
            whys[self.person.id], "Likely to Stop Buying above 60 % (72 %): no order for 74 days"
        )
        self.assertEqual(self.Segment.hc_preview("[]")["count"], False)
        self.assertEqual(self.Segment.hc_preview(self.risky.domain, limit=1)["count"], 2)
        self.assertEqual(len(self.Segment.hc_preview(self.risky.domain, limit=1)["customers"]), 1)
        with_people = self.Segment.hc_preview(self.risky.domain, level="contact")
        self.assertEqual(with_people["count"], 3)

    def test_preview_of_bad_input(self):
        for domain, words in (
            ("[('nope', '=', 1)]", "“nope”"),
            ("[('name', '=', ", "cannot be read"),
            ("[('name', 'frobs', 1)]", "do not work"),
            ("__import__('os')", "cannot be read"),
            ("[('create_uid.password_hash', '=', 'x')]", "“create_uid.password_hash”"),
            ("[" * 5000, "cannot be read"),
            ("[" + "'&'," * 300 + "]", "cannot be read"),
            ("[('hc_insight_id.churn_risk', '>', 1e999)]", "“Likely to Stop Buying” is compared"),
            ("[('hc_insight_id', 'any', [('clv', '<', -1e999)])]", "“Value Ahead” is compared"),
            ("[('hc_insight_id.recency_days', 'in', [3, 1e999])]", "“Days since Last Purchase”"),
            ("[('hc_insight_id.recency_days', '>', " + "9" * 400 + ")]", "beyond all bounds"),
            ("[('color', '=', 1j)]", "beyond all bounds"),
            ("[('hc_insight_id.recency_days', '=', 'abc')]", "compared with “abc”. Give a number"),
            ("[('hc_insight_id.recency_days', '>', 'abc')]", "“Days since Last Purchase”"),
            ("[('hc_insight_id.frequency', '>', 'many')]", "compared with “many”. Give a number"),
            ("[('hc_insight_id.churn_risk', '>', 'inf')]", "compared with “inf”. Give a number"),
        ):
            with self.subTest(domain=domain[:40]):
                preview = self.Segment.hc_preview(domain)
                self.assertIn(words, preview["error"])
                self.assertIs(preview["count"], False)
                # what is half typed on the form is no reason to stumble either
                self.Segment.new({"name": "x", "domain": domain}).condition_text  # noqa: B018
        for values in (
            {"domain": 5},
            {"domain": "[]", "level": []},
            {"domain": "[]", "level": {}},
            {"domain": "[]", "company_id": {"id": 1}},
            {"domain": "[]", "company_id": float(self.env.company.id)},
            {"domain": "[]", "level": "all"},
            {"domain": "[]", "limit": 10**6},
            {"domain": "[]", "limit": True},
            {"domain": "[]", "company_id": -3},
            {"domain": "[]", "company_id": "x"},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.Segment.hc_preview(**values)

    def test_what_cannot_be_saved(self):
        for domain in (
            "[]",
            "[(1, '=', 1)]",
            "[('nope', '=', 1)]",
            "rubbish",
            "[('name', '=']",
            "[('hc_insight_id.churn_risk', '>', 1e999)]",
            "[('hc_insight_id.recency_days', '=', 'abc')]",
        ):
            with self.subTest(domain=domain), self.assertRaises(ValidationError):
                self.make_segment("Bad", domain)
        with self.assertRaises(ValidationError):
            self.risky.domain = "[]"

    def test_form_and_copy(self):
        form = Form(self.Segment)
        form.name = "By form"
        form.domain = '[("city", "=", "Tourtown")]'
        segment = form.save()
        self.person.city = "Tourtown"
        segment.action_refresh()
        self.assertEqual(self.members(segment), self.person)
        copy = segment.copy()
        self.assertEqual(copy.name, "By form (copy)")
        self.assertEqual(self.members(copy), self.person)

    def test_history(self):
        first = date(self.today.year, self.today.month, 1) - timedelta(days=3)
        line = self.line(self.risky, self.person)
        line.write({"date_entered": first, "entered_cause": "figures"})
        self.own.churn_risk = 0.1
        self.Segment._refresh_all(self.company)
        months = self.risky.hc_get_history()
        self.assertEqual(len(months), 12)
        self.assertEqual([month["size"] for month in months[-3:]], [0, 1, 1])
        self.assertEqual(months[-2]["entered"], 1)
        self.assertEqual((months[-1]["entered"], months[-1]["left"]), (0, 1))
        for segments in (self.Segment, self.risky | self.make_segment("B", "[('id', '<', 0)]")):
            with self.assertRaisesRegex(UserError, "open one segment"):
                segments.hc_get_history()

    def test_mailing(self):
        if "mailing.mailing" not in self.env:
            self.assertFalse(self.risky.can_mail)
            return
        self.assertTrue(self.risky.can_mail)
        self.assertFalse(self.risky.with_user(self.salesman).can_mail)
        self.env.user.group_ids = [Command.link(self.env.ref("base.group_multi_company").id)]
        for segment in (self.risky, self.make_segment("Phone", '[("phone", "!=", False)]')):
            action = segment.action_new_mailing()
            mailing = (
                self.env["mailing.mailing"]
                .with_context(**action["context"])
                .create({"subject": "Hello"})
            )
            self.assertEqual(mailing.mailing_model_id.model, "res.partner")
            found = self.env["res.partner"].browse(mailing._get_recipients())
            self.assertIn(self.person, found)
            self.assertEqual(found, self.members(segment))


def ready_domains():
    """The conditions shipped with the app, read from the file: a shop may have changed its own."""
    with file_open("hc_crm/data/segment/hc_segment_data.xml", "rb") as stream:
        tree = etree.parse(stream)
    return {
        record.get("id").removeprefix("hc_segment_"): record.find("field[@name='domain']").text
        for record in tree.iter("record")
    }
