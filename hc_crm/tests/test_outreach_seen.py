from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .common_outreach import OutreachAdminsCommon


@tagged("post_install", "-at_install")
class TestOutreachSeen(OutreachAdminsCommon):
    """Who is inside a plan is told to those who may see these customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own, cls.foreign = cls.make_partners(2)
        cls.own.user_id = cls.salesman
        cls.foreign.user_id = cls.seller_all
        cls.mixed = cls.make_plan([cls.quiet], name="Mixed")
        cls.hidden = cls.make_plan([cls.quiet], name="Hidden")
        cls.mixed._enroll(cls.own | cls.foreign)
        cls.hidden._enroll(cls.foreign)
        cls.env.flush_all()

    def found(self, user, *condition):
        plans = self.env["hc.outreach.plan"].with_user(user)
        return plans.search([condition, ("id", "in", (self.mixed | self.hidden).ids)]).sudo()

    def test_enrollments_searched_through_rules(self):
        secret = self.hidden.enrollment_ids
        for condition in (
            ("enrollment_ids", "!=", False),
            ("enrollment_ids", "in", secret.ids),
            ("enrollment_ids.partner_id", "=", self.foreign.id),
            ("enrollment_ids", "any", [("partner_id", "=", self.foreign.id)]),
            ("enrollment_ids.state", "=", "active"),
        ):
            with self.subTest(condition=condition):
                self.assertNotIn(self.hidden, self.found(self.salesman, *condition))
                self.assertIn(self.hidden, self.found(self.seller_all, *condition))
        self.assertIn(self.hidden, self.found(self.salesman, "enrollment_ids", "=", False))
        self.assertIn(self.mixed, self.found(self.salesman, "enrollment_ids", "!=", False))

    def test_from_contacts(self):
        """Along whatever path a contact leads to plans."""
        followers = [("message_follower_ids", "!=", False)]
        self.hidden.message_subscribe(self.person.ids)
        plans = self.env["hc.outreach.plan"].with_user(self.salesman)
        self.assertIn(self.hidden, plans.search(followers).sudo())
        inside = [("enrollment_ids.partner_id.name", "=", self.foreign.name)]
        self.assertFalse(plans.search([("id", "=", self.hidden.id), *inside]))
        partners = self.env["res.partner"].with_user(self.salesman)
        owned = [("user_id.id", "=", self.seller_all.id), ("id", "=", self.foreign.id)]
        self.assertTrue(partners.search(owned), "the contact itself is everybody's")

    def test_enroll_needs_write_access(self):
        reader = mail_new_test_user(
            self.env, login="hc_guard_reader", groups="sales_team.group_sale_salesman"
        )
        self.env["ir.rule"].create(
            {
                "name": "Only own contacts are written",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('user_id', '=', {reader.id})]",
                "perm_read": False,
            }
        )
        plan = self.mixed.with_user(reader)
        [mine] = self.make_partners(1, user_id=reader.id)
        self.assertTrue(self.person.with_user(reader).name, "they may read it")
        with self.assertRaises(AccessError):
            plan.hc_enroll((self.person | mine).ids)
        self.assertNotIn(self.person, self.mixed.enrollment_ids.partner_id)
        self.assertEqual(plan.hc_enroll(mine.ids)["entered"], 1)
