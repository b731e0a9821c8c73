from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_profiling import ProfilingCommon


@tagged("post_install", "-at_install")
class TestProfilingRights(ProfilingCommon):
    def test_colleagues(self):
        for user in (self.salesman, self.seller_all, self.manager):
            with self.subTest(user.login):
                partner = self.person.with_user(user)
                partner.hc_profiling_optout = True
                self.env.invalidate_all()
                self.assertTrue(partner.hc_profiling_optout)
                self.assertEqual(
                    self.optouts(user).partner_id,
                    self.person,
                )
                partner.hc_profiling_optout = False

    def test_it_deletes_also_what_the_user_may_not_read(self):
        """Whoever notes the wish need not see all that was worked out."""
        self.profile(self.person)
        self.env["hc.customer.insight"].search([("partner_id", "=", self.person.id)]).write(
            {"seller_count": 2}
        )
        self.assertFalse(
            self.env["hc.customer.insight"]
            .with_user(self.salesman)
            .search([("partner_id", "=", self.person.id)])
        )
        self.person.with_user(self.salesman).hc_profiling_optout = True
        self.assertEqual(self.traces(self.person), [])

    def test_everybody_who_reads_the_contact_sees_the_wish(self):
        """A wish that is not seen is not respected: also by colleagues in another company."""
        self.person.hc_profiling_optout = True
        self.env.invalidate_all()
        self.assertTrue(self.person.with_user(self.stranger).hc_profiling_optout)

    def test_contacts_of_another_company(self):
        self.person.company_id = self.company
        self.person.hc_profiling_optout = True
        optout = self.optouts()
        self.env.invalidate_all()
        stranger = self.person.with_user(self.stranger)
        with self.assertRaises(AccessError):
            stranger.hc_profiling_optout = False
        with self.assertRaises(AccessError):
            stranger.read(["hc_profiling_optout", "hc_profiling_reason"])
        with self.assertRaises(AccessError):
            stranger.action_hc_profiling()
        theirs = optout.with_user(self.stranger)
        self.assertFalse(self.optouts(self.stranger))
        for act in (theirs.action_take_back, theirs.action_open_customer):
            with self.assertRaises(AccessError):
                act()
        found = self.env["res.partner"].with_user(self.stranger)
        self.assertNotIn(self.person, found.search([("hc_profiling_optout", "=", True)]))
        self.assertTrue(optout.exists())

    def test_who_may_not_write_the_contact(self):
        self.person.hc_profiling_optout = True
        self.env["ir.model.access"].search(
            [("model_id.model", "=", "res.partner"), ("perm_write", "=", True)]
        ).perm_write = False
        for user in (self.salesman, self.seller_all, self.manager):
            with self.subTest(user.login):
                optout = self.optouts(user)
                self.assertTrue(optout)
                with self.assertRaises(AccessError):
                    optout.action_take_back()
                with self.assertRaises(AccessError):
                    self.contact.with_user(user).hc_profiling_optout = True
                with self.assertRaises(AccessError):
                    self.contact.with_user(user).write({"hc_profiling_reason": "x"})
        self.assertFalse(self.contact.hc_profiling_optout)

    def test_nobody_writes_lines_directly(self):
        self.person.hc_profiling_optout = True
        optout = self.optouts()
        for user in (self.salesman, self.seller_all, self.manager):
            mine = optout.with_user(user)
            with self.assertRaises(AccessError):
                mine.reason = "Changed"
            with self.assertRaises(AccessError):
                mine.unlink()
            with self.assertRaises(AccessError):
                mine.create({"partner_id": self.contact.id})

    def test_outsiders(self):
        self.person.hc_profiling_optout = True
        for user in (self.portal, self.public):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    self.env["hc.profiling.optout"].with_user(user).search([])
                own = user.partner_id.with_user(user)
                with self.assertRaises(AccessError):
                    own.read(["hc_profiling_optout"])
                with self.assertRaises(AccessError):
                    own.write({"hc_profiling_optout": True})
                with self.assertRaises(AccessError):
                    own.search([("hc_profiling_optout", "=", True)])
                with self.assertRaises(AccessError):
                    own.action_hc_profiling()

    def test_wrong_types(self):
        for value in ("yes", 1, [1]):
            self.person.with_user(self.salesman).hc_profiling_optout = value
            self.assertIs(self.person.hc_profiling_optout, True)
        self.person.with_user(self.salesman).hc_profiling_optout = None
        self.assertIs(self.person.hc_profiling_optout, False)
