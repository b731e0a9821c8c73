from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_preference import PreferenceCommon, ago

COUNTS = "5 of 6"
HIDDEN = "not all of which are open to you"


@tagged("post_install", "-at_install")
class TestPreferenceRights(PreferenceCommon):
    """Counts of answers tell about the records counted; the channel that works best does not."""

    def as_user(self, user, partner=None):
        return (partner or self.person).with_user(user)

    def evidence(self, user, partner=None):
        self.env.invalidate_all()
        return self.as_user(user, partner)._hc_channel_preference()["learned"]["evidence"]

    def message(self, days, hour, author, on):
        return self.env["mail.message"].create(
            {
                "model": on._name,
                "res_id": on.id,
                "author_id": author.id,
                "date": ago(days, hour),
                "message_type": "comment",
                "subtype_id": self.env.ref("mail.mt_comment").id,
                "record_company_id": on.company_id.id,
                "body": "Hello",
            }
        )

    def correspondence(self, on):
        """Six e-mails on a document, five answered."""
        for number in range(6):
            self.message(100 + 10 * number, 9, self.seller_all.partner_id, on)
            if number:
                self.message(100 + 10 * number, 12, self.person, on)

    def order(self, seller, company=None):
        return self.env["sale.order"].create(
            {
                "partner_id": self.person.id,
                "user_id": seller.id,
                "company_id": (company or self.company).id,
            }
        )

    def test_open_contacts(self):
        """Interactions are read by every colleague of their company."""
        self.habits()
        self.refresh()
        for user in (self.salesman, self.seller_all, self.manager):
            with self.subTest(user.login):
                self.assertIn(COUNTS, self.evidence(user))
        self.assertIn(HIDDEN, self.evidence(self.stranger))
        rows = self.env["hc.channel.score"].with_user(self.stranger)
        self.assertFalse(rows.search([("partner_id", "=", self.person.id)]))
        self.assertEqual(self.as_user(self.stranger).hc_channel_id, self.email)

    def test_contacts_on_documents(self):
        """Own-documents salespeople learn the channel, not how often others wrote on their orders."""
        self.correspondence(self.order(self.seller_all))
        self.refresh()
        self.assertIn(HIDDEN, self.evidence(self.salesman))
        self.assertEqual(self.as_user(self.salesman).hc_channel_id, self.email)
        rows = self.env["hc.channel.score"].with_user(self.salesman)
        self.assertFalse(rows.search([("partner_id", "=", self.person.id)]))
        self.assertFalse(rows.search([("partner_id", "=", self.person.id), ("answered", "=", 5)]))
        row = self.env["hc.channel.score"].search([("partner_id", "=", self.person.id)])
        with self.assertRaises(AccessError):
            row.with_user(self.salesman).read(["answered"])
        for user in (self.seller_all, self.manager):
            self.assertIn(COUNTS, self.evidence(user))
        self.assertIn(HIDDEN, self.evidence(self.stranger))

    def test_one_closed_record_closes_the_count(self):
        self.habits()
        self.message(90, 9, self.seller_all.partner_id, self.order(self.seller_all))
        self.refresh()
        self.assertIn(HIDDEN, self.evidence(self.salesman))
        self.assertIn("5 of 7", self.evidence(self.seller_all))

    def test_a_closed_answer_closes_the_count_of_calls(self):
        """A missed call answered on a colleague's order: the count of calls tells of that order."""
        for number in range(3):
            self.interact("call", 100 + 10 * number, "out", hour=9)
        order = self.order(self.seller_all)
        self.message(100, 12, self.person, order)
        self.message(110, 12, self.person, order)
        self.refresh()
        self.assertEqual(self.counts(), {"call": (3, 2, 0)})
        self.assertIn(HIDDEN, self.evidence(self.salesman))
        self.assertIn("2 of 3", self.evidence(self.seller_all))

    def test_documents_of_another_company(self):
        self.correspondence(self.order(self.stranger, self.other_company))
        self.refresh()
        for user in (self.salesman, self.seller_all, self.manager):
            with self.subTest(user.login):
                self.assertIn(HIDDEN, self.evidence(user))
        self.assertIn(COUNTS, self.evidence(self.stranger))

    def test_documents_of_two_companies(self):
        self.correspondence(self.order(self.stranger, self.other_company))
        self.habits()
        self.refresh()
        for user in (self.salesman, self.seller_all, self.manager, self.stranger):
            with self.subTest(user.login):
                self.assertIn(HIDDEN, self.evidence(user))

    def test_documents_of_unknown_company(self):
        order = self.order(self.seller_all)
        self.correspondence(order)
        self.env["mail.message"].search(
            [("model", "=", "sale.order"), ("res_id", "=", order.id)]
        ).record_company_id = False
        self.refresh()
        for user in (self.salesman, self.seller_all, self.stranger):
            self.assertIn(HIDDEN, self.evidence(user))

    def test_contact_of_another_company(self):
        self.habits()
        self.refresh()
        self.person.company_id = self.company
        self.env["hc.channel.preference"].create(
            {"partner_id": self.person.id, "channel_id": self.call.id}
        )
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self.as_user(self.stranger)._hc_channel_preference()
        with self.assertRaises(AccessError):
            self.as_user(self.stranger).read(["hc_channel_id"])
        with self.assertRaises(AccessError):
            self.as_user(self.stranger).action_hc_state_channel()
        for model in ("hc.channel.preference", "hc.channel.score"):
            found = self.env[model].with_user(self.stranger)
            self.assertFalse(found.search([("partner_id", "=", self.person.id)]))
        with self.assertRaises(AccessError):
            self.env["hc.channel.preference"].with_user(self.stranger).create(
                {"partner_id": self.person.id, "channel_id": self.email.id}
            )
        found = self.env["res.partner"].with_user(self.stranger)
        self.assertNotIn(self.person, found.search([("hc_channel_id", "=", self.call.id)]))

    def test_outsiders(self):
        self.habits()
        self.refresh()
        for user in (self.portal, self.public):
            for model in ("hc.channel.preference", "hc.channel.score"):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                user.partner_id.with_user(user).read(["hc_channel_id"])
            with self.assertRaises(AccessError):
                self.env["res.partner"].with_user(user).search(
                    [("hc_channel_id", "=", self.email.id)]
                )

    def test_nobody_writes_scores(self):
        self.habits()
        self.refresh()
        row = self.env["hc.channel.score"].search([("partner_id", "=", self.person.id)], limit=1)
        for user in (self.salesman, self.seller_all, self.manager):
            mine = row.with_user(user)
            with self.assertRaises(AccessError):
                mine.score = 1
            with self.assertRaises(AccessError):
                mine.unlink()
            with self.assertRaises(AccessError):
                mine.copy()

    def test_who_may_not_write_the_contact(self):
        """Somebody who reads customers but may not change them notes nothing for them."""
        self.env["ir.model.access"].search(
            [("model_id.model", "=", "res.partner"), ("perm_write", "=", True)]
        ).perm_write = False
        preference = self.env["hc.channel.preference"].create(
            {"partner_id": self.person.id, "channel_id": self.call.id}
        )
        mine = preference.with_user(self.salesman)
        self.assertEqual(mine.channel_id, self.call)
        with self.assertRaises(AccessError):
            mine.channel_id = self.email
        with self.assertRaises(AccessError):
            mine.action_take_back()
        with self.assertRaises(AccessError):
            mine.create({"partner_id": self.contact.id, "channel_id": self.call.id})
        with self.assertRaises(AccessError):
            self.as_user(self.salesman).action_hc_state_channel()

    def test_a_note_does_not_move_to_another_contact(self):
        self.contact.company_id = self.company_customer.company_id = self.other_company
        preference = self.env["hc.channel.preference"].create(
            {"partner_id": self.person.id, "channel_id": self.call.id}
        )
        with self.assertRaises(AccessError):
            preference.with_user(self.salesman).partner_id = self.contact
