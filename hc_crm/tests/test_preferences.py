from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import HcCommon


@tagged("post_install", "-at_install")
class TestPreferenceLinks(HcCommon):
    """Personal links: who gets which, and what becomes of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Link = cls.env["hc.contact.link"]

    def token(self, partner, company=None):
        links = partner._hc_contact_links(company=company)
        return links[partner.id]["preferences"].rpartition("/")[2]

    def test_links(self):
        links = self.person._hc_contact_links("news")[self.person.id]
        token = self.token(self.person)
        self.assertRegex(token, r"^[A-Za-z0-9_-]{32}$")
        base = self.env.company.get_base_url()
        self.assertEqual(links["preferences"], f"{base}/care/{token}")
        self.assertEqual(links["unsubscribe"], f"{base}/care/{token}/unsubscribe/news")
        self.assertEqual(links["one_click"], f"{base}/care/{token}/one-click/news")
        # nobody unsubscribes from their own order
        service = self.person._hc_contact_links("service")[self.person.id]
        self.assertFalse(service["unsubscribe"] or service["one_click"])

    def test_token_is_kept_per_company(self):
        token = self.token(self.person)
        self.assertEqual(self.token(self.person), token)
        self.assertNotEqual(self.token(self.person, self.other_company), token)
        self.assertNotEqual(self.token(self.contact), token)

    def test_thousands_in_few_queries(self):
        partners = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(1500)])
        purpose = self.env.ref("hc_crm.hc_consent_purpose_news")
        self.person._hc_contact_links(purpose)
        self.env.flush_all()
        with self.assertQueryCount(3):
            links = partners._hc_contact_links(purpose)
        self.assertEqual(len({link["preferences"] for link in links.values()}), 1500)
        with self.assertQueryCount(1):
            self.assertEqual(partners._hc_contact_links(purpose), links)

    def test_revoked_and_renewed(self):
        token = self.token(self.person)
        other = self.token(self.person, self.other_company)
        self.Link._revoke(self.person, self.env.company)
        self.assertFalse(self.Link._find(token))
        self.assertTrue(self.Link._find(other))
        self.assertNotEqual(self.token(self.person), token)

    def test_expired(self):
        token = self.token(self.person)
        link = self.Link._find(token)
        link.date_expiry = fields.Datetime.now() + timedelta(hours=1)
        self.assertEqual(self.Link._find(token), link)
        link.date_expiry = fields.Datetime.now() - timedelta(seconds=1)
        self.assertFalse(self.Link._find(token))

    def test_no_tokens(self):
        for value in (None, "", "x", "-", "a\x00b", "' OR 1=1 --", "é" * 32, "a" * 100_000):
            self.assertFalse(self.Link._find(value))

    def test_merge_keeps_links_working(self):
        """A link in a mail of either contact opens the one page there is now."""
        double = self.env["res.partner"].create({"name": "Rosa again", "email": self.person.email})
        old, kept = self.token(double), self.token(self.person)
        self.env["hc.contact.hours"].create({"partner_id": double.id, "hour_from": 8})
        for partner in (double, self.person):
            partner.with_user(1)._hc_ask("erasure", f"by {partner.id}")
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (double + self.person).ids, self.person
        )
        self.assertEqual(self.Link._find(old).partner_id, self.person)
        self.assertEqual(self.Link._find(kept).partner_id, self.person)
        self.assertEqual(self.token(self.person), kept)
        self.assertEqual(
            self.env["hc.contact.hours"]._hours_for(self.person.ids)[self.person.id][0], 8
        )
        requests = self.env["hc.privacy.request"].search([("partner_id", "=", self.person.id)])
        self.assertEqual(sorted(requests.mapped("is_open")), [False, True])
        self.assertIn(f"by {double.id}", requests.filtered("is_open").text)

    def test_rights(self):
        token = self.token(self.person)
        for user in (self.manager, self.salesman, self.portal, self.public):
            with self.assertRaises(AccessError):
                self.Link.with_user(user).search([("token", "=", token)])
        # the button is for who may change the contact
        with self.assertRaises(AccessError):
            self.person.with_user(self.portal).action_hc_preferences()
        self.person.company_id = self.company
        with self.assertRaises(AccessError):
            self.person.with_user(self.stranger).action_hc_preferences()
        with self.assertRaises(AccessError):
            self.env["hc.preference.share"].with_user(self.stranger).create(
                {"partner_id": self.person.id}
            )
        reader = new_test_user(self.env, "hc_reader", groups="hc_crm.hc_crm_group_user")
        with self.assertRaises(AccessError):
            self.person.with_user(reader).action_hc_preferences()
        with self.assertRaises(AccessError):
            self.env["hc.preference.share"].with_user(reader).create({"partner_id": self.person.id})

    def test_dialog(self):
        action = self.person.with_user(self.salesman).action_hc_preferences()
        dialog = self.env["hc.preference.share"].with_user(self.salesman).browse(action["res_id"])
        before = dialog.url
        self.assertEqual(before, self.person._hc_contact_links()[self.person.id]["preferences"])
        self.assertEqual(dialog.action_open()["url"], before)
        dialog.action_renew()
        self.assertNotEqual(dialog.url, before)
        self.assertFalse(self.Link._find(before.rpartition("/")[2]))
        self.assertIn("revoked", self.person.message_ids[0].body)


@tagged("post_install", "-at_install")
class TestPreferenceActs(HcCommon):
    """What a person does on the page, and what the page says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.me = cls.person.with_user(1).with_context(allowed_company_ids=cls.company.ids)
        cls.news = cls.env.ref("hc_crm.hc_consent_purpose_news")
        cls.care = cls.env.ref("hc_crm.hc_consent_purpose_care")

    def known(self, key):
        return [row["value"] for row in self.me._hc_preference_known() if row["key"] == key]

    def said(self, partner=None):
        return self.env["hc.consent"].search([("partner_id", "=", (partner or self.person).id)])

    def test_unsubscribe_once(self):
        self.assertTrue(self.me._hc_unsubscribe(self.care))
        self.assertFalse(self.me._hc_unsubscribe(self.care), "once is enough")
        line = self.said()
        self.assertEqual(
            (line.state, line.how, line.channel_id.key, line.company_id),
            ("withdrawn", "unsubscribe", "email", self.company),
        )
        self.assertIn(self.care.name, line.proof)
        self.assertFalse(self.person._hc_contact_decision("email", "care"))
        # they never said yes to news: nothing to take back
        self.assertFalse(self.me._hc_unsubscribe(self.news))

    def test_choose_all(self):
        wanted = {
            (row["id"], choice["key"])
            for row in self.me._hc_preference_purposes()
            for choice in row["channels"]
            if choice["on"]
        }
        self.assertFalse(self.me._hc_choose_all(wanted), "nothing changed: nothing noted")
        self.assertFalse(self.said())
        self.assertTrue(
            self.me._hc_choose_all((wanted | {(self.news.id, "email")}) - {(self.care.id, "sms")})
        )
        lines = {(line.purpose_id, line.channel_id.key, line.state) for line in self.said()}
        self.assertEqual(lines, {(self.news, "email", "given"), (self.care, "sms", "withdrawn")})
        # no box ticked at all: no to every channel, also those the page does not offer
        self.me._hc_choose_all(set())
        allowed = self.person._hc_consent_of(self.care, "chat")[self.person.id][0]
        self.assertFalse(allowed)

    def test_asked_for_mail_again(self):
        """Odoo's blacklist ends all mail, and the page says so; who ticks a box of it comes off the list."""
        self.env["mail.blacklist"]._add(self.person.email)
        self.person.invalidate_recordset()
        email_on = {
            row["key"]: choice["on"]
            for row in self.me._hc_preference_purposes()
            for choice in row["channels"]
            if choice["key"] == "email"
        }
        self.assertEqual([key for key, on in email_on.items() if on], ["service"])
        self.assertTrue(self.me._hc_choose_all({(self.care.id, "email")}))
        self.person.invalidate_recordset()
        self.assertFalse(self.person.is_blacklisted)
        self.assertTrue(self.me._hc_choice(self.care, self.env.ref("hc_crm.hc_channel_email"))[0])

    def test_hours(self):
        self.me._hc_state_reach(False, 14, 18, "24")
        hours = self.env["hc.contact.hours"]._hours_for(self.person.ids)
        self.assertEqual(hours, {self.person.id: (14, 18, {1, 3})})
        self.assertIn("14 to 18", self.person.message_ids[0].body)
        self.assertEqual(self.person.message_ids[0].author_id, self.person)
        # the decision minds it: Monday at noon becomes Tuesday at two
        self.person.write({"country_id": self.env.ref("base.be").id, "tz": "Europe/Brussels"})
        policy = self.env["hc.contact.policy"]._for_company(self.company)
        policy.write({"hour_from": 9, "hour_to": 19, "calendar_id": False})
        monday = fields.Datetime.to_datetime("2027-11-22 11:00:00")
        decision = self.person._hc_contact_decision("email", "care", monday)
        self.assertEqual(
            (decision.answer, decision.code, str(decision.until)),
            ("later", "quiet_hours", "2027-11-23 13:00:00"),
        )
        # any time again: nothing kept
        self.me._hc_state_reach(False, 0, 24, "1234567")
        self.assertFalse(self.env["hc.contact.hours"].search([("partner_id", "=", self.person.id)]))
        for bad in (
            (False, 18, 9, "1"),
            (False, 0, 24, ""),
            (False, 0, 24, "89"),
            (10**7, 0, 24, "1"),
        ):
            with self.assertRaises(ValidationError):
                self.me._hc_state_reach(*bad)

    def test_hours_rights(self):
        self.person.company_id = self.company
        hours = self.env["hc.contact.hours"].with_user(self.salesman)
        row = hours.create({"partner_id": self.person.id, "hour_from": 8, "hour_to": 9})
        with self.assertRaises(AccessError):
            row.with_user(self.stranger).read(["hour_from"])
        with self.assertRaises(AccessError):
            hours.with_user(self.stranger).create(
                {"partner_id": self.contact.copy({"company_id": self.company.id}).id}
            )
        with self.assertRaises(ValidationError):
            row.weekdays = "11"

    def test_stated_channel(self):
        letter = self.env["hc.channel"].search([("key", "=", "letter")])
        call = self.env["hc.channel"].search([("key", "=", "call")])
        self.me._hc_state_reach(letter.id, 0, 24, "1234567")
        self.assertEqual(self.known("channel"), [letter.name])
        self.me._hc_state_reach(call.id, 0, 24, "1234567")
        self.assertEqual(self.known("channel"), [call.name])
        self.me._hc_state_reach(False, 0, 24, "1234567")
        self.assertEqual(self.known("channel"), [])

    def test_correct_at_once(self):
        self.assertEqual(
            self.me._hc_correct({"phone": "+32 2 555 99 99", "city": "Ghent"}, {}, ""),
            (True, False),
        )
        self.assertEqual((self.person.phone, self.person.city), ("+32 2 555 99 99", "Ghent"))
        note = self.person.message_ids[0]
        self.assertIn("+32 2 555 01 01", note.body, "the old number can be found")
        self.assertEqual(note.author_id, self.person)
        request = self.env["hc.privacy.request"].search([("partner_id", "=", self.person.id)])
        self.assertEqual((request.kind, request.state), ("correction", "done"))
        self.assertTrue(request.date_done)
        self.assertEqual(self.me._hc_correct({"city": "Ghent"}, {}, ""), (False, False))

    def test_name_and_email_are_asked(self):
        """A link that fell into other hands must not take over somebody's mail."""
        self.person.user_id = self.salesman
        self.me._hc_correct({}, {"name": "Rosa Neu", "email": "new@blum.example"}, "My cat is Mia")
        self.assertEqual(
            (self.person.name, self.person.email), ("Rosa Testblum", "rosa@blum.example")
        )
        request = self.env["hc.privacy.request"].search([("partner_id", "=", self.person.id)])
        self.assertEqual((request.state, request.user_id), ("new", self.salesman))
        for text in ("Rosa Neu", "new@blum.example", "My cat is Mia"):
            self.assertIn(text, request.text)
        self.assertEqual(request.activity_ids.user_id, self.salesman)
        self.assertEqual(request.activity_ids.date_deadline, request.date_due)
        # asked again: the same request, with what is new
        self.me._hc_correct({}, {}, "And my dog is Bo")
        self.assertIn("Bo", request.text)
        request.state = "done"
        self.assertFalse(request.activity_ids)

    def test_correct_bad_input(self):
        for values, wishes, text in (
            ({"phone": "call me"}, {}, ""),
            ({"phone": "1" * 40}, {}, ""),
            ({"street": "x" * 129}, {}, ""),
            ({"country_id": 10**8}, {}, ""),
            ({}, {"email": "no address"}, ""),
            ({}, {"name": "x" * 129}, ""),
            ({}, {}, "x" * 1001),
        ):
            with self.assertRaises(ValidationError):
                self.me._hc_correct(values, wishes, text)
        self.assertFalse(
            self.env["hc.privacy.request"].search([("partner_id", "=", self.person.id)])
        )

    def test_address_of_a_company(self):
        """A contact must not move its company, nor see more of it than the address."""
        self.company_customer.street = "Office Road 1"
        contact = self.contact.with_user(1).with_context(allowed_company_ids=self.company.ids)
        contact._hc_correct({"street": "Elsewhere 2", "phone": "+32 2 555 02 02"}, {}, "")
        self.assertEqual(self.company_customer.street, "Office Road 1")
        self.assertEqual(self.contact.phone, "+32 2 555 02 02")

    def test_object(self):
        self.assertTrue(self.me._hc_object(True))
        self.assertFalse(self.me._hc_object(True))
        self.assertTrue(self.person.hc_profiling_optout)
        page = self.me._hc_preference_page()
        self.assertTrue(page["optout_date"])
        self.assertEqual(page["inferences"], [])
        self.assertTrue(self.me._hc_object(False))
        self.assertFalse(self.person.hc_profiling_optout)
        requests = self.env["hc.privacy.request"].search([("partner_id", "=", self.person.id)])
        self.assertEqual(requests.mapped("state"), ["done", "done"])

    def test_facts_shown(self):
        fact = {"partner_id": self.person.id, "kind": "like"}
        self.env["hc.fact"].create(
            [
                {**fact, "text": "Likes dahlias", "source": "told"},
                {**fact, "text": "Haggles", "source": "observed"},
                {**fact, "text": "Ill", "source": "told", "sensitivity": "sensitive"},
                {**fact, "text": "Gone", "source": "told", "active": False},
                {
                    **fact, "text": "Expired", "source": "told", "date_learned": "2020-01-01",
                    "date_expiry": "2021-01-01",
                },
                {**fact, "text": "Of Brandon", "partner_id": self.contact.id},
            ]
        )  # fmt: skip
        self.assertEqual(self.known("fact"), ["Likes dahlias"])

    def test_inferences(self):
        persona = self.env["hc.persona"].create({"name": "Gardener Greta", "tagline": "Early bird"})
        self.env["hc.persona.membership"]._choose(self.person, persona)
        foreign = self.env["hc.customer.insight"].create(
            {
                "partner_id": self.person.id,
                "company_id": self.other_company.id,
                "currency_id": self.company.currency_id.id,
                "computed_at": fields.Datetime.now(),
                "rhythm_days": 50.0,
            }
        )
        keys = [line["key"] for line in self.me._hc_preference_inferences()]
        self.assertEqual(keys, ["persona"], "another company's figures are not shown")
        foreign.copy({"company_id": self.company.id, "value_state": "rank", "churn_risk": 0.8})
        lines = {line["key"]: line["value"] for line in self.me._hc_preference_inferences()}
        self.assertEqual(set(lines), {"persona", "rhythm", "risk"})
        self.assertIn("may stop buying", lines["risk"])
        self.assertNotRegex(str(lines), r"%|€|\$")
        self.env["hc.contact.policy"]._for_company(self.company).show_inferences = False
        self.assertEqual(self.me._hc_preference_page()["inferences"], [])

    def test_a_contact_does_not_see_the_figures_of_its_company(self):
        self.env["hc.customer.insight"].create(
            {
                "partner_id": self.company_customer.id,
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "computed_at": fields.Datetime.now(),
                "rhythm_days": 50.0,
            }
        )
        contact = self.contact.with_user(1).with_context(allowed_company_ids=self.company.ids)
        self.assertEqual(contact._hc_preference_inferences(), [])
