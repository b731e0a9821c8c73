from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common_recommendation import RecommendationCommon


@tagged("post_install", "-at_install")
class TestRecommendationRights(RecommendationCommon):
    """Worked out for the reader, from what the reader may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.refresh()
        cls.carer = new_test_user(cls.env, login="hc_carer", groups="hc_crm.hc_crm_group_user")

    def test_outsiders(self):
        order = self.quote(self.portal.partner_id, self.dress)
        for user in (self.portal, self.public):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    self.get(user.partner_id, user)
                with self.assertRaises(AccessError):
                    self.get(self.portal.partner_id, user, order_id=order.id)
                with self.assertRaises(AccessError):
                    order.with_user(user).hc_add_recommendation(self.shawl.id)
        employee = new_test_user(self.env, login="hc_employee", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.get(user=employee)

    def test_purchases_of_colleagues_stay_unseen(self):
        """An own-documents salesperson learns nothing from a colleague's order with the customer."""
        self.buy(self.person, self.dress, days=20, user=self.seller_all)
        for days in (98, 70, 42):
            self.buy(self.person, self.tie, days=days, user=self.seller_all)
        self.assertIn(self.shawl, self.found(user=self.seller_all))
        self.assertIn(self.tie, self.found(user=self.seller_all))
        result = self.get(user=self.salesman)
        self.assertEqual(result["items"], [])
        self.assertIn("that you may see", result["empty"])
        # their own
        self.buy(self.person, self.square, days=20, user=self.salesman)
        found = self.found(user=self.salesman)
        self.assertEqual(list(found), [self.tie])
        self.assertEqual(
            found[self.tie]["reason"], "Bought with Pocket Square by 10 similar customers"
        )

    def test_without_rights_on_sales(self):
        """A user of Customer Care who sees no orders: no error, nothing from orders, no buttons."""
        self.buy(self.person, self.dress, days=20)
        result = self.get(user=self.carer)
        self.assertEqual(result["items"], [])
        self.assertIs(result["can_quote"], False)
        order = self.quote(self.person, self.dress)
        with self.assertRaises(AccessError):
            self.get(user=self.carer, order_id=order.id)

    def test_quotation_of_a_colleague(self):
        order = self.quote(self.person, self.dress, user=self.seller_all)
        with self.assertRaises(AccessError):
            self.get(user=self.salesman, order_id=order.id)
        with self.assertRaises(AccessError):
            order.with_user(self.salesman).hc_add_recommendation(self.shawl.id)
        order.user_id = self.salesman
        self.assertIn(self.shawl, self.found(user=self.salesman, order_id=order.id))
        order.with_user(self.salesman).hc_add_recommendation(self.shawl.id)
        self.assertIn(self.shawl, order.order_line.product_id)

    def test_another_company(self):
        """A shop's figures, orders and products stay its own."""
        self.buy(self.person, self.dress, days=20)
        result = self.get(user=self.stranger)
        self.assertEqual(result["items"], [])
        order = self.quote(self.person, self.dress)
        with self.assertRaises(AccessError):
            self.get(user=self.stranger, order_id=order.id)
        with self.assertRaises(AccessError):
            order.with_user(self.stranger).hc_add_recommendation(self.shawl.id)
        self.person.company_id = self.company
        with self.assertRaises(AccessError):
            self.get(user=self.stranger)

    def test_product_of_another_company(self):
        foreign = self.make_product("Foreign", 90, self.category, company_id=self.other_company.id)
        with self.assertRaises(AccessError):
            self.get(replace_product_id=foreign.id)
        order = self.quote(self.person, self.shawl)
        with self.assertRaises(AccessError):
            order.with_user(self.seller_all).hc_add_recommendation(foreign.id)
        # not even by somebody who works in both
        self.seller_all.company_ids += self.other_company
        in_both = order.with_user(self.seller_all).with_context(
            allowed_company_ids=(self.company | self.other_company).ids
        )
        with self.assertRaises(UserError):
            in_both.hc_add_recommendation(foreign.id)

    def test_products_by_their_rules(self):
        """A rule of the shop's own on products holds for suggestions and for their reasons."""
        hidden = self.make_product("Hidden Line", 90, self.category)
        for partner in self.crowd[:6]:
            self.buy(partner, hidden, days=3)
        self.refresh()
        self.buy(self.person, self.dress | hidden, days=20)
        order = self.quote(self.person, self.dress)
        self.assertIn(hidden, self.found(order_id=order.id))
        self.env["ir.rule"].create(
            {
                "name": "Nobody sees the hidden line",
                "model_id": self.env["ir.model"]._get("product.template").id,
                "domain_force": "[('name', '!=', 'Hidden Line')]",
                "groups": [Command.link(self.env.ref("hc_crm.hc_crm_group_user").id)],
            }
        )
        result = self.get(order_id=order.id)
        self.assertTrue(result["items"])
        self.assertNotIn("Hidden", str(result))
        self.assertNotIn("Hidden", str(self.get()))
        self.assertNotIn("Hidden", str(self.get(replace_product_id=self.dress.id)))

    def test_lists_are_for_administrators(self):
        for model in ("hc.product.affinity", "hc.product.popularity"):
            lines = self.env[model]
            for user in (self.salesman, self.seller_all, self.carer, self.portal):
                with self.assertRaises(AccessError):
                    lines.with_user(user).search([])
            seen = lines.with_user(self.manager).search([])
            self.assertEqual(seen.company_id, self.company)
            with self.assertRaises(AccessError):
                seen[0].write({"company_id": self.other_company.id})
            with self.assertRaises(AccessError):
                seen[0].unlink()

    def test_merged_and_deleted_products(self):
        """Lines go with their products: nothing stands in the way of deleting one."""
        throwaway = self.make_product("Throwaway", 5, self.category)
        orders = [self.buy(partner, throwaway, days=3) for partner in self.crowd[:6]]
        self.refresh()
        template = throwaway.product_tmpl_id
        self.assertTrue(
            self.env["hc.product.affinity"].search([("other_tmpl_id", "=", template.id)])
        )
        for order in orders:
            order.state = "cancel"
            order.unlink()
        template.unlink()
        self.assertFalse(template.exists())
