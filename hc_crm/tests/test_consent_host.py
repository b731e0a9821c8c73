from datetime import timedelta

from odoo.tests import tagged

from .common_contact import NOW, ContactCommon

PURPOSES = ("care", "feedback", "news")


@tagged("post_install", "-at_install")
class TestConsentHost(ContactCommon):
    """The log and the host's own lists are in step."""

    def blacklisted(self, email="rosa@blum.example"):
        return self.env["mail.blacklist"].search([("email", "=", email)])

    def no_to_everything(self, partners, channel=None, **kwargs):
        for purpose in self.env["hc.consent.purpose"].search([("basis", "!=", "contract")]):
            self.say(partners, purpose, "withdrawn", channel, **kwargs)

    def test_no_to_everything_comes_on_the_blacklist(self):
        self.say(self.person, "care", "withdrawn", "email")
        self.say(self.person, "feedback", "withdrawn")
        self.assertFalse(self.blacklisted())
        self.no_to_everything(self.person, "email")
        self.assertTrue(self.blacklisted().hc_by_consent)
        # a message about their order still goes out, as it does in the host
        self.assertYes(self.decide(purpose="service"))
        self.assertNever(self.decide(), "withdrawn")

    def test_twin_with_the_same_address(self):
        twin = self.make_person("Twin", email="rosa@blum.example")
        self.no_to_everything(self.person)
        self.assertNever(self.decide(twin), "blacklisted")
        self.say(twin, "news")
        self.assertTrue(self.blacklisted(), "the other one still says no")
        self.say(self.person, "news")
        self.assertFalse(self.blacklisted())
        self.assertYes(self.decide(twin))

    def test_no_to_one_company_only(self):
        self.no_to_everything(self.person, company=self.company)
        self.assertFalse(self.blacklisted())

    def test_text_messages(self):
        self.person.phone = "+32 475 12 34 56"
        self.no_to_everything(self.person, "sms")
        number = self.env["phone.blacklist"].search([("number", "=", "+32475123456")])
        self.assertTrue(number.hc_by_consent)
        self.assertFalse(self.blacklisted())
        self.assertYes(self.decide(channel="call", human=True))

    def test_given_again(self):
        self.no_to_everything(self.person)
        self.say(self.person, "care", how="api")
        self.assertTrue(self.blacklisted(), "another system is not the customer")
        self.say(self.person, "care", "withdrawn")
        self.say(self.person, "care", how="preferences")
        self.assertFalse(self.blacklisted())
        self.assertYes(self.decide())
        self.assertNever(self.decide(purpose="feedback"), "withdrawn")

    def test_what_a_person_put_there_stays(self):
        self.env["mail.blacklist"]._add("rosa@blum.example")
        self.say(self.person, "care")
        self.assertTrue(self.blacklisted())
        self.assertNever(self.decide(), "blacklisted")
        # so it does when they were there by their wish before
        self.no_to_everything(self.contact)
        self.env["mail.blacklist"]._add("brandon@linden.example")
        self.say(self.contact, "care")
        self.assertTrue(self.blacklisted("brandon@linden.example"))

    def test_blacklist_stands_in_the_log(self):
        twin = self.make_person("Twin", email="rosa@blum.example")
        self.say(self.person, "news", date=NOW - timedelta(days=1))
        self.env["mail.blacklist"]._add("rosa@blum.example")
        lines = self.env["hc.consent"].search(
            [("partner_id", "in", (self.person | twin).ids), ("how", "=", "blacklist")]
        )
        self.assertEqual(set(lines.mapped("partner_id.id")), {self.person.id, twin.id})
        self.assertEqual(set(lines.mapped("purpose_id.key")), set(PURPOSES))
        self.assertEqual(set(lines.mapped("state")), {"withdrawn"})
        self.env["mail.blacklist"]._remove("rosa@blum.example")
        latest = self.env["hc.consent"].search(
            [("partner_id", "=", twin.id), ("how", "=", "blacklist")], limit=1
        )
        self.assertEqual(latest.state, "given")
        # such lines tell, and do not count: what was said before holds again
        self.assertYes(self.decide(purpose="news"))
        self.assertNever(self.decide(twin, purpose="news"), "no_consent")

    def test_the_same_is_not_told_twice(self):
        for _time in range(2):
            self.env["hc.consent"]._hc_note_blacklist("email", ["rosa@blum.example"], True)
        lines = self.env["hc.consent"].search([("partner_id", "=", self.person.id)])
        self.assertEqual(len(lines), len(PURPOSES))

    def test_blacklisted_by_somebody_without_rights_here(self):
        """As on the host's unsubscribe page."""
        self.env["mail.blacklist"].with_user(self.public).sudo()._add("rosa@blum.example")
        self.assertNever(self.decide(), "blacklisted")


@tagged("post_install", "-at_install")
class TestConsentMailing(ContactCommon):
    def setUp(self):
        super().setUp()
        if "mailing.subscription" not in self.env:
            self.skipTest("mailings are not installed")
        self.news, self.events = self.env["mailing.list"].create(
            [{"name": "News"}, {"name": "Events"}]
        )
        self.subscriber = self.env["mailing.contact"].create(
            {"name": "Rosa", "email": "Rosa@Blum.example"}
        )
        self.subscriptions = self.env["mailing.subscription"].create(
            [
                {"contact_id": self.subscriber.id, "list_id": mailing_list.id}
                for mailing_list in self.news | self.events
            ]
        )
        self.say(self.person, "news", date=NOW - timedelta(days=30))

    def test_no_to_news_leaves_the_lists(self):
        left = self.subscriptions[0]
        left.opt_out = True
        self.say(self.person, "news", "withdrawn", "sms")
        self.assertFalse(self.subscriptions[1].opt_out)
        self.say(self.person, "news", "withdrawn", "email")
        self.assertTrue(self.subscriptions[1].opt_out)
        self.say(self.person, "news", how="preferences")
        self.assertFalse(self.subscriptions[1].opt_out)
        self.assertTrue(left.opt_out, "left by themselves")

    def test_leaving_all_lists_is_a_no_to_news(self):
        self.subscriptions[0].opt_out = True
        self.assertYes(self.decide(purpose="news"))
        self.subscriptions[1].opt_out = True
        decision = self.decide(purpose="news")
        self.assertNever(decision, "withdrawn")
        self.assertIn("mailing lists", decision.reason(self.env))
        self.assertYes(self.decide(purpose="care"))
        for _time in range(2):
            self.env["hc.consent"]._hc_sync_mailing_lists()
        lines = self.env["hc.consent"].search(
            [("partner_id", "=", self.person.id), ("how", "=", "mailing")]
        )
        self.assertEqual(lines.mapped("state"), ["withdrawn"])
        self.subscriptions[0].opt_out = False
        self.env["hc.consent"]._hc_sync_mailing_lists()
        self.assertYes(self.decide(purpose="news"))

    def test_yes_after_leaving(self):
        self.subscriptions.opt_out = True
        self.subscriptions.opt_out_datetime = NOW - timedelta(days=2)
        self.say(self.person, "news", date=NOW - timedelta(days=1))
        self.assertYes(self.decide(purpose="news"))
        self.env["hc.consent"]._hc_sync_mailing_lists()
        self.assertYes(self.decide(purpose="news"))

    def test_mailings_count_in_the_budget(self):
        self.policy.write({"budget_count": 2, "budget_days": 10})
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "Sale",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": "[]",
            }
        )
        self.env["mailing.trace"].create(
            [
                {
                    "trace_type": "mail",
                    "model": record._name,
                    "res_id": record.id,
                    "email": "rosa@blum.example",
                    "mass_mailing_id": mailing.id,
                    "trace_status": "sent",
                    "sent_datetime": NOW - timedelta(days=days),
                }
                for record, days in ((self.person, 4), (self.subscriber, 3))
            ]
        )
        self.assertLater(self.decide(), "budget", NOW + timedelta(days=6))
