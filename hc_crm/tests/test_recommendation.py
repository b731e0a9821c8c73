from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common_recommendation import RecommendationCommon


@tagged("post_install", "-at_install")
class TestAffinity(RecommendationCommon):
    """What is counted, and what is not."""

    def pairs(self, company=None):
        lines = self.env["hc.product.affinity"].search(
            [("company_id", "=", (company or self.company).id)]
        )
        return {
            (line.product_tmpl_id.product_variant_id, line.other_tmpl_id.product_variant_id): line
            for line in lines
        }

    def test_counts(self):
        result = self.refresh()
        self.assertGreaterEqual(result["customers"], 20)
        line = self.pairs()[self.dress, self.shawl]
        self.assertEqual((line.support, line.confidence), (10, 1.0))
        self.assertGreater(line.lift, 1.9)
        self.assertLess(line.cautious_lift, line.lift)
        self.assertNotIn((self.dress, self.tie), self.pairs())

    def test_again_gives_the_same(self):
        self.refresh()
        before = {pair: line.support for pair, line in self.pairs().items()}
        self.refresh()
        self.assertEqual({pair: line.support for pair, line in self.pairs().items()}, before)

    def test_queries_do_not_grow(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.refresh()
            return self.env.cr.sql_log_count - before

        count()  # caches
        few = count()
        for partner in self.crowd[:10]:
            self.buy(partner, self.tie | self.square, days=3)
        self.assertEqual(count(), few)

    def test_one_customer_is_counted_once(self):
        """Many orders, several people of one company: one customer."""
        for days in (1, 2, 3):
            self.buy(self.company_customer, self.dress | self.tie, days=days)
            self.buy(self.contact, self.dress | self.tie, days=days)
        self.refresh()
        self.assertNotIn((self.dress, self.tie), self.pairs())

    def test_what_is_no_purchase(self):
        buyers = self.env["res.partner"].create([{"name": f"Odd {i}"} for i in range(6)])
        hat, boots = (
            self.make_product("Hat", 50, self.category),
            self.make_product("Boots", 80, self.category),
        )
        service = self.make_product("Tailoring", 20, self.category, type="service")
        for partner in buyers:
            self.buy(partner, hat | service, days=5)
            self.buy(partner, boots, days=5, state="draft")
            self.buy(partner, boots, days=5, state="cancel")
            self.buy(partner, boots, days=1000)
            self.buy(partner, boots, days=-3)
            self.buy(partner, hat, days=5).order_line.product_uom_qty = 2
            returned = self.buy(partner, boots, days=2)
            returned.order_line.product_uom_qty = -1
        self.refresh()
        for pair in ((hat, boots), (boots, hat), (hat, service), (service, hat)):
            self.assertNotIn(pair, self.pairs())

    def test_archived_products_are_not_offered_but_tell(self):
        self.dress.product_tmpl_id.active = False
        self.refresh()
        self.assertNotIn((self.shawl, self.dress), self.pairs())
        lines = self.env["hc.product.affinity"].search(
            [("product_tmpl_id", "=", self.dress.product_tmpl_id.id)]
        )
        self.assertEqual(lines.other_tmpl_id, self.shawl.product_tmpl_id)

    def test_colleagues_are_not_customers(self):
        for user in (self.salesman, self.seller_all, self.manager):
            self.buy(user.partner_id, self.dress | self.tie, days=4)
        self.refresh()
        self.assertNotIn((self.dress, self.tie), self.pairs())

    def test_companies_apart(self):
        for partner in self.crowd[:5]:
            self.buy(partner, self.dress | self.tie, days=3, company_id=self.other_company.id)
        self.refresh()
        self.refresh(self.other_company)
        self.assertNotIn((self.dress, self.tie), self.pairs())
        # three of them as much as all five: no more than chance
        self.assertFalse(self.pairs(self.other_company))
        for partner in self.crowd[5:9]:
            self.buy(partner, self.square, days=3, company_id=self.other_company.id)
        self.refresh(self.other_company)
        self.assertEqual(self.pairs(self.other_company)[self.dress, self.tie].support, 5)
        self.assertIn((self.dress, self.shawl), self.pairs())

    def test_floor_of_the_settings(self):
        config = self.env["hc.insight.config"]._for_company(self.company)
        config.support_floor = 11
        self.refresh()
        self.assertNotIn((self.dress, self.shawl), self.pairs())
        config.support_floor = 10
        self.refresh()
        self.assertIn((self.dress, self.shawl), self.pairs())

    def test_switched_off_is_forgotten(self):
        config = self.env["hc.insight.config"]._for_company(self.company)
        self.refresh()
        self.assertTrue(self.pairs())
        config.is_active = False
        self.assertFalse(self.pairs())
        self.assertFalse(
            self.env["hc.product.popularity"].search([("company_id", "=", self.company.id)])
        )

    def test_as_of(self):
        self.env["hc.product.affinity"]._refresh(
            self.company, fields.Date.today() - timedelta(days=45)
        )
        # of the second ten those are left who bought 45 days ago or before
        self.assertNotIn((self.dress, self.shawl), self.pairs())
        self.env["hc.product.affinity"]._refresh(self.company, date.today())
        self.assertIn((self.dress, self.shawl), self.pairs())

    def test_nothing_bought(self):
        empty = self.env["res.company"].create({"name": "New Shop"})
        self.assertEqual(self.refresh(empty), {"pairs": 0, "products": 0, "customers": 0})

    def test_personas(self):
        persona = self.env["hc.persona"].create({"name": "Dressy Dora"})
        for partner in self.crowd[:8]:
            partner.persona_id = persona
        self.refresh()
        line = self.env["hc.product.popularity"].search(
            [
                ("persona_id", "=", persona.id),
                ("product_tmpl_id", "=", self.dress.product_tmpl_id.id),
            ]
        )
        self.assertEqual((line.customer_count, line.share), (8, 1.0))
        self.assertGreater(line.lift, 1.9)
        self.assertEqual(line.best_product_id, self.dress)


@tagged("post_install", "-at_install")
class TestRecommendation(RecommendationCommon):
    """What is suggested, why, and what never is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.refresh()

    def test_bought_together(self):
        self.buy(self.person, self.dress, days=20)
        item = self.found()[self.shawl]
        self.assertEqual(item["kind"], "affinity")
        self.assertEqual(item["reason"], "Bought with Linen Dress by 10 similar customers")
        self.assertEqual(item["name"], "Shawl")
        self.assertEqual(item["price"], 100)
        self.assertEqual(item["currency_id"], self.company.currency_id.id)
        self.assertEqual(item["image_url"], f"/web/image/product.product/{self.shawl.id}/image_128")

    def test_the_whole_company_counts(self):
        self.buy(self.contact, self.dress, days=20)
        self.assertIn(self.shawl, self.found(self.company_customer))
        self.assertIn(self.shawl, self.found(self.contact))

    def test_usual_that_is_due(self):
        for days in (98, 70, 42):
            self.buy(self.person, self.tie, days=days)
        item = self.found()[self.tie]
        self.assertEqual(item["kind"], "usual")
        self.assertEqual(item["reason"], "Buys it every ~4 weeks, last 6 weeks ago")
        # they have just bought it
        self.buy(self.person, self.tie, days=1)
        self.assertNotIn(self.tie, self.found())

    def test_an_order_of_the_far_future(self):
        """A mistyped year is no purchase yet, and no reason to say nothing."""
        for days in (98, 70, 42, -900 * 365):
            self.buy(self.person, self.tie, days=days)
        self.assertEqual(self.found()[self.tie]["kind"], "usual")

    def test_peers(self):
        persona = self.env["hc.persona"].create({"name": "Dressy Dora"})
        for partner in self.crowd[:8] | self.person:
            partner.persona_id = persona
        self.refresh()
        item = self.found()[self.dress]
        self.assertEqual(item["kind"], "peers")
        self.assertEqual(item["reason"], "Liked by 8 customers like them (Dressy Dora)")

    def test_what_lies_on_the_quotation(self):
        order = self.quote(self.person, self.tie)
        found = self.found(order_id=order.id)
        self.assertEqual(list(found), [self.square])
        self.assertEqual(
            found[self.square]["reason"], "Bought with Silk Tie by 10 similar customers"
        )
        self.buy(self.person, self.dress, days=20)
        self.assertEqual(
            self.found(order_id=order.id)[self.shawl]["reason"],
            "Bought with Linen Dress, which they have, by 10 similar customers",
        )
        result = self.get(order_id=order.id)
        self.assertEqual(result["lines"], [{"product_id": self.tie.id, "name": "Silk Tie"}])
        self.assertIs(result["can_add"], True)
        order.order_line = [
            Command.create({"product_id": product.id})
            for product in self.square | self.shawl | self.dress
        ]
        result = self.get(order_id=order.id)
        self.assertEqual(result["items"], [])
        self.assertIn("Nothing new to suggest", result["empty"])

    def test_product_of_another_company(self):
        foreign = self.make_product("Foreign", 90, self.category)
        order = self.quote(self.person, self.dress)
        # as if it had been everybody's when it was counted
        line = self.env["hc.product.affinity"].search(
            [("product_tmpl_id", "=", self.dress.product_tmpl_id.id)], limit=1
        )
        self.env.cr.execute(
            "UPDATE hc_product_affinity SET other_tmpl_id = %s WHERE id = %s",
            [foreign.product_tmpl_id.id, line.id],
        )
        self.assertIn(foreign, self.found(order_id=order.id))
        foreign.company_id = self.other_company
        self.assertNotIn(foreign, self.found(order_id=order.id))

    def test_prices_of_the_quotation(self):
        self.env.ref("base.group_user").implied_ids += self.env.ref(
            "product.group_product_pricelist"
        )
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Half",
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "3_global",
                            "compute_price": "percentage",
                            "percent_price": 50,
                        }
                    )
                ],
            }
        )
        order = self.quote(self.person, self.tie, pricelist_id=pricelist.id)
        self.assertEqual(self.found(order_id=order.id)[self.square]["price"], 15)
        self.person.property_product_pricelist = pricelist
        self.buy(self.person, self.tie, days=9)
        self.assertEqual(self.found()[self.square]["price"], 15)

    def test_what_they_have_is_not_suggested(self):
        self.buy(self.person, self.dress | self.shawl, days=20)
        self.assertNotIn(self.shawl, self.found())

    def test_never_suggested(self):
        order = self.quote(self.person, self.dress)
        template = self.shawl.product_tmpl_id
        self.assertIn(self.shawl, self.found(order_id=order.id))
        for values, back in (
            ({"active": False}, {"active": True}),
            ({"sale_ok": False}, {"sale_ok": True}),
            ({"type": "service"}, {"type": "consu"}),
        ):
            with self.subTest(values):
                template.write(values)
                self.assertNotIn(self.shawl, self.found(order_id=order.id))
                template.write(back)
        self.assertIn(self.shawl, self.found(order_id=order.id))
        self.shawl.active = False
        self.assertFalse(self.found(order_id=order.id))

    def test_sent_back(self):
        order = self.quote(self.person, self.dress)
        self.assertIn(self.shawl, self.found(order_id=order.id))
        returned = self.buy(self.person, self.shawl, days=10, user=self.salesman)
        returned.order_line.product_uom_qty = -1
        self.assertNotIn(self.shawl, self.found(order_id=order.id))
        returned.date_order = fields.Datetime.now() - timedelta(days=300)
        self.assertIn(self.shawl, self.found(order_id=order.id))

    def test_credited(self):
        order = self.quote(self.contact, self.dress)
        credit = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.company_customer.id,
                "invoice_date": fields.Date.today() - timedelta(days=20),
                "invoice_line_ids": [
                    Command.create({"product_id": self.shawl.id, "quantity": 1, "price_unit": 9})
                ],
            }
        )
        self.assertIn(self.shawl, self.found(self.contact, order_id=order.id))
        credit.action_post()
        self.assertNotIn(self.shawl, self.found(self.contact, order_id=order.id))

    def test_nobody_is_singled_out(self):
        """A floor raised since the last count holds at once."""
        order = self.quote(self.person, self.dress)
        config = self.env["hc.insight.config"]._for_company(self.company)
        config.support_floor = 11
        self.assertFalse(self.found(order_id=order.id))

    def test_their_size(self):
        size = self.env["product.attribute"].create(
            {"name": "Size", "value_ids": [Command.create({"name": n}) for n in "SML"]}
        )
        attribute = [
            Command.create(
                {"attribute_id": size.id, "value_ids": [Command.set(size.value_ids.ids)]}
            )
        ]
        shirt, jacket = self.env["product.template"].create(
            [
                {"name": n, "type": "consu", "list_price": 80, "attribute_line_ids": attribute}
                for n in ("Shirt", "Jacket")
            ]
        )
        for i, partner in enumerate(self.crowd[10:16]):
            variants = shirt.product_variant_ids[0] | jacket.product_variant_ids[2 if i else 1]
            self.buy(partner, variants, days=12)
        self.refresh()
        # the best seller, without knowing more
        order = self.quote(self.person, shirt.product_variant_ids[0])
        self.assertIn(jacket.product_variant_ids[2], self.found(order_id=order.id))
        self.buy(self.person, shirt.product_variant_ids[1], days=12)
        found = self.found(order_id=order.id)
        self.assertIn(jacket.product_variant_ids[1], found)
        self.assertEqual(found[jacket.product_variant_ids[1]]["name"], "Jacket (M)")

    def test_past_preference(self):
        """Of two that go equally well, the one of their category and price comes first."""
        bow = self.make_product("Bow", 60, self.other_category)
        cape = self.make_product("Cape", 900, self.category)
        for partner in self.crowd[10:16]:
            self.buy(partner, bow | cape, days=3)
        self.refresh()
        self.buy(self.person, self.tie, days=9)
        self.assertEqual(
            [p for p in self.found() if p in bow | cape],
            [bow, cape],
        )

    def test_something_instead(self):
        stole = self.make_product("Stole", 110, self.category)
        self.make_product("Fur", 5000, self.category)
        for partner in self.crowd[:6]:
            self.buy(partner, stole, days=3)
        self.refresh()
        order = self.quote(self.person, self.shawl)
        found = self.found(order_id=order.id, replace_product_id=self.shawl.id)
        self.assertEqual(set(found), {self.dress, stole})
        self.assertEqual(next(iter(found)), stole)
        self.assertEqual(found[stole]["kind"], "similar")
        self.assertRegex(
            found[stole]["reason"],
            r"^Also in Summer Clothes · .*10\.00.* more · 6 customers bought both$",
        )
        # what they cannot have may be archived by now
        self.shawl.product_tmpl_id.active = False
        self.assertIn(stole, self.found(replace_product_id=self.shawl.id))

    def test_instead_by_shared_company(self):
        """Two of a kind are bought by different people, with the same third."""
        coffee, brew = (self.make_product(n, 10, self.category) for n in ("Coffee", "Brew"))
        milk = self.make_product("Milk", 2, self.other_category)
        brew.categ_id = self.other_category
        for i, partner in enumerate(self.crowd[:10]):
            self.buy(partner, (coffee if i < 5 else brew) | milk, days=3)
        self.refresh()
        found = self.found(replace_product_id=coffee.id)
        self.assertIn("its buyers also take Milk, like yours", found[brew]["reason"])

    def test_nothing_instead(self):
        unique = self.make_product(
            "Unique", 77777, self.env["product.category"].create({"name": "U"})
        )
        self.assertIn("Unique", self.get(replace_product_id=unique.id)["empty"])

    def test_says_what_is_missing(self):
        result = self.get()
        self.assertEqual(result["items"], [])
        self.assertIn("Not enough history to say", result["empty"])
        self.assertIn("confirmed order", result["empty"])
        self.env["hc.product.affinity"].search([]).unlink()
        self.buy(self.person, self.dress, days=3)
        self.assertIn("Configuration / Insight", self.get()["empty"])

    def test_limit(self):
        self.buy(self.person, self.dress | self.tie, days=9)
        self.assertEqual(len(self.found()), 2)
        self.assertEqual(len(self.found(limit=1)), 1)

    def test_bad_input(self):
        for kwargs in (
            {"limit": 0},
            {"limit": 25},
            {"limit": "6"},
            {"limit": True},
            {"limit": float("nan")},
            {"order_id": "1"},
            {"order_id": True},
            {"order_id": -1},
            {"order_id": 2**40},
            {"order_id": [1]},
            {"order_id": 2**31 - 1},
            {"replace_product_id": {}},
            {"replace_product_id": 1.5},
            {"replace_product_id": 2**31 - 1},
        ):
            with self.subTest(kwargs), self.assertRaises(ValidationError):
                self.get(**kwargs)

    def test_queries(self):
        """As many for one order as for hundreds."""
        self.buy(self.person, self.dress, days=20)
        order = self.quote(self.person, self.tie)

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            result = self.person.with_user(self.seller_all).hc_get_recommendations(
                order_id=order.id, limit=24
            )
            self.assertTrue(result["items"])
            return self.env.cr.sql_log_count - before

        count()  # caches of rules and rights
        few = count()
        self.assertLessEqual(few, 60)
        more = [self.make_product(f"More {i}", 10 + i, self.category) for i in range(12)]
        for partner in self.crowd[:5]:
            for product in more:
                self.buy(partner, product, days=9)
        for days in range(1, 40):
            self.buy(self.person, self.dress, days=days)
        self.refresh()
        count()
        self.assertLessEqual(count(), few + 2)

    def test_opted_out(self):
        if "hc_profiling_optout" not in self.env["res.partner"]._fields:
            self.skipTest("nobody can opt out")
        self.buy(self.person, self.dress, days=20)
        self.assertIn(self.shawl, self.found())
        self.person.hc_profiling_optout = True
        result = self.get()
        self.assertEqual(result["items"], [])
        self.assertIn("does not want to be profiled", result["empty"])
        order = self.quote(self.person, self.tie)
        self.assertEqual(list(self.found(order_id=order.id)), [self.square])


@tagged("post_install", "-at_install")
class TestAddRecommendation(RecommendationCommon):
    def add(self, order, product, *args, user=None):
        return order.with_user(user or self.seller_all).hc_add_recommendation(product.id, *args)

    def test_add(self):
        order = self.quote(self.person, self.dress)
        line = self.env["sale.order.line"].browse(self.add(order, self.shawl))
        self.assertEqual(line.order_id, order)
        self.assertEqual((line.product_id, line.price_unit), (self.shawl, 100))
        self.assertEqual(order.amount_untaxed, 250)
        self.assertEqual(order.order_line[-1], line)

    def test_add_to_an_empty_one(self):
        order = self.quote(self.person, state="sent")
        self.add(order, self.shawl)
        self.assertEqual(order.order_line.product_id, self.shawl)

    def test_instead(self):
        order = self.quote(self.person, self.dress | self.tie)
        order.order_line[0].product_uom_qty = 3
        self.add(order, self.shawl, self.dress.id)
        self.assertEqual(order.order_line.product_id, self.shawl | self.tie)
        line = order.order_line.filtered(lambda line: line.product_id == self.shawl)
        self.assertEqual((line.product_uom_qty, line.price_unit), (3, 100))
        with self.assertRaisesRegex(UserError, "not on .* any more"):
            self.add(order, self.square, self.dress.id)

    def test_not_possible(self):
        order = self.quote(self.person, self.dress)
        service = self.make_product("Tailoring", 20, self.category, type="service")
        foreign = self.make_product("Foreign", 20, self.category, company_id=self.other_company.id)
        unsold = self.make_product("Unsold", 20, self.category, sale_ok=False)
        archived = self.make_product("Archived", 20, self.category, active=False)
        for product in (service, unsold, archived):
            with self.subTest(product.name), self.assertRaisesRegex(UserError, product.name):
                self.add(order, product)
        with self.assertRaises(UserError):
            self.add(order, foreign)
        with self.assertRaisesRegex(UserError, "already"):
            self.add(order, self.dress)
        for value in (False, None):
            with self.assertRaisesRegex(UserError, "which product"):
                order.hc_add_recommendation(value)
        for value in ("1", True, 0, -3, 1.0, [1], 2**31 - 1, 2**50):
            with self.subTest(value), self.assertRaises(ValidationError):
                order.hc_add_recommendation(value)
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "no longer a quotation"):
            self.add(order, self.shawl)

    def test_prefilled_quotation(self):
        """What the button on the customer opens: a new quotation with the product and its price."""
        form = Form(
            self.env["sale.order"]
            .with_user(self.seller_all)
            .with_context(
                default_partner_id=self.person.id,
                default_order_line=[
                    Command.create({"product_id": self.shawl.id, "product_uom_qty": 1})
                ],
            )
        )
        order = form.save()
        self.assertEqual(order.partner_id, self.person)
        self.assertEqual(order.order_line.product_id, self.shawl)
        self.assertEqual((order.order_line.product_uom_qty, order.order_line.price_unit), (1, 100))
