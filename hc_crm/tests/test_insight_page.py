from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_insight import InsightCommon


@tagged("post_install", "-at_install")
class TestInsightPage(InsightCommon):
    """What each reader is told about a customer, and what is kept from them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.customers(130)
        cls.shop_orders(cls.people)
        cls.late, cls.shared, cls.once, cls.new = cls.customers(4, "Page")
        cls.orders(
            [(cls.late, ago, 100, cls.salesman) for ago in range(400, 150, -21)]
            + [(cls.shared, ago, 100, cls.salesman) for ago in range(400, 250, -21)]
            + [(cls.shared, ago, 100, cls.seller_all) for ago in range(250, 10, -21)]
            + [(cls.once, 20, 100, cls.salesman)]
        )
        cls.run_insight()
        cls.run_insight("history")

    def page(self, partner, user):
        return partner.with_user(user).with_company(self.shop).hc_get_insight()

    def test_a_regular_who_stopped(self):
        page = self.page(self.late, self.salesman)
        self.assertEqual(page["access"], "full")
        self.assertRegex(
            page["sentences"][0]["text"],
            r"every ~3 weeks; last time \d months ago. That is unusual",
        )
        self.assertEqual(page["rhythm"]["gap_days"], 21)
        self.assertTrue(page["rhythm"]["overdue"])
        self.assertEqual(page["risk"]["level"], "high")
        strongest = page["risk"]["reasons"][0]
        self.assertGreater(strongest["weight"], 0)
        self.assertIn("usually every ~3 weeks", strongest["text"])
        orders = self.env["sale.order"].with_user(self.salesman)
        found = orders.search(strongest["action"]["domain"])
        self.assertEqual(len(found), self.insight(self.late).frequency, "why? leads to the records")
        self.assertEqual(page["health"]["band"], "low")
        self.assertGreater(len(page["health"]["history"]), 5)
        self.assertGreater(page["health"]["history"][0]["health"], page["health"]["score"])
        weights = [abs(reason["weight"]) for reason in page["health"]["factors"]]
        self.assertEqual(weights, sorted(weights, reverse=True))
        self.assertIn("Not enough history", page["value"]["missing"])

    def test_reasons_add_up(self):
        insight = self.insight(self.late)
        total = 50 + 50 * sum(reason["weight"] for reason in insight.reasons)
        self.assertAlmostEqual(total, insight.health, places=1)

    def test_one_purchase(self):
        page = self.page(self.once, self.salesman)
        self.assertIn("1 of about 3 purchases", page["rhythm"]["text"])
        self.assertFalse(page["rhythm"]["gap_days"])

    def test_nothing_known(self):
        page = self.page(self.new, self.salesman)
        self.assertEqual(page["access"], "none")
        self.assertIn("no purchase and no contact yet", page["empty"])
        page = self.page(self.salesman.partner_id, self.salesman)
        self.assertIn("Colleagues", page["empty"])

    def test_optout(self):
        self.late.with_user(self.salesman).hc_profiling_optout = True
        page = self.page(self.late, self.salesman)
        self.assertEqual(page["access"], "optout")
        self.assertFalse(page["rhythm"] or page["sentences"] or page["usual"])
        self.env.cr.execute(
            "SELECT count(*) FROM hc_customer_insight_history WHERE partner_id = %s", [self.late.id]
        )
        self.assertEqual(self.env.cr.fetchone()[0], 0, "nothing is kept")

    def test_own_documents_only(self):
        """A customer of whom colleagues hold purchases: no figure that would tell about them."""
        page = self.page(self.shared, self.salesman)
        self.assertEqual(page["access"], "partial")
        self.assertFalse(page["rhythm"])
        self.assertNotIn("churn_risk", page["risk"])
        self.assertNotIn("score", page["health"])
        factors = {reason["factor"] for reason in page["health"]["factors"]}
        self.assertFalse(factors & {"rhythm", "trend", "engagement"})
        self.assertTrue(page["left_out"])
        self.assertFalse(self.shared.with_user(self.salesman).hc_insight_id)
        self.assertEqual(self.page(self.shared, self.seller_all)["access"], "full")
        self.assertEqual(self.page(self.shared, self.manager)["access"], "full")

    def test_own_documents_lists_and_searches(self):
        as_salesman = self.Insight.with_user(self.salesman)
        mine = [("company_id", "=", self.shop.id)]
        self.assertNotIn(self.shared, as_salesman.search(mine).partner_id)
        self.assertIn(self.late, as_salesman.search(mine).partner_id)
        with self.assertRaises(AccessError):
            as_salesman.browse(self.insight(self.shared).id).read(["monetary"])
        with self.assertRaises(AccessError):
            as_salesman.browse(self.insight(self.shared).id).read(["reasons"])
        Partner = self.env["res.partner"].with_user(self.salesman).with_company(self.shop)
        # no oracle: neither by a search, nor by its opposite, nor by grouping
        self.assertNotIn(self.shared, Partner.search([("hc_insight_id.frequency", ">", 3)]))
        self.assertNotIn(self.shared, Partner.search([("hc_insight_id.monetary", "<", 10**9)]))
        self.assertNotIn(self.shared, Partner.search([("hc_insight_id", "!=", False)]))
        self.assertIn(self.late, Partner.search([("hc_insight_id.frequency", ">", 3)]))
        self.assertEqual(
            as_salesman._read_group(mine, [], ["frequency:sum"])[0][0],
            sum(as_salesman.search(mine).mapped("frequency")),
        )
        history = self.env["hc.customer.insight.history"].with_user(self.salesman)
        self.assertFalse(history.search([("partner_id", "=", self.shared.id)]))

    def test_no_oracle_through_followers(self):
        """The host looks through followers as superuser."""
        self.contact.message_subscribe(self.shared.ids)
        for field, domain in (
            ("hc_insight_id", [("message_partner_ids.hc_insight_id.monetary", ">", 1)]),
            ("hc_segment_ids", [("message_partner_ids.hc_segment_ids", "!=", False)]),
        ):
            with self.subTest(field):
                Partner = self.env["res.partner"].with_user(self.salesman)
                self.assertNotIn(self.contact, Partner.with_company(self.shop).search(domain))

    def test_history_counts_only_what_was_known(self):
        history = self.env["hc.customer.insight.history"].search(
            [("partner_id", "=", self.late.id)], order="month desc", limit=1
        )
        self.assertEqual(history.frequency, self.insight(self.late).frequency)

    def test_a_colleague_sold_since_the_last_run(self):
        self.assertEqual(self.page(self.late, self.salesman)["access"], "full")
        self.orders([(self.late, 1, 77777, self.seller_all)])
        page = self.page(self.late, self.salesman)
        self.assertEqual(page["access"], "partial")
        self.assertNotIn("77777", str(page))
        period = f"{self.today:%Y-%m}"
        with self.assertRaises(AccessError):
            self.Insight.with_user(self.salesman).search([("purchase_period", "=", period)])

    def test_without_sales_rights(self):
        """Customer Care alone shows no purchase, not even one that is nobody's."""
        self.orders([(self.new, 5, 50), (self.new, 30, 50)])
        self.run_insight()
        carer = self.salesman.copy(
            {
                "login": "hc_carer",
                "company_id": self.shop.id,
                "company_ids": [Command.set(self.shop.ids)],
                "group_ids": [
                    Command.set(
                        [
                            self.env.ref("base.group_user").id,
                            self.env.ref("hc_crm.hc_crm_group_user").id,
                        ]
                    )
                ],
            }
        )
        self.assertFalse(self.Insight.with_user(carer).search([("partner_id", "=", self.new.id)]))
        self.assertEqual(self.page(self.new, carer)["access"], "partial")
        self.assertTrue(
            self.Insight.with_user(self.salesman).search([("partner_id", "=", self.new.id)])
        )

    def test_bad_days(self):
        for days in ("abc", 10**12, float("inf"), float("nan")):
            for operator in ("=", ">", "in"):
                value = [days] if operator == "in" else days
                with self.subTest(days=days, operator=operator), self.assertRaises(UserError):
                    self.Insight.search([("recency_days", operator, value)])
        with self.assertRaises(UserError):
            self.Insight.search([("purchase_period", "=", "9999-Q4")])

    def test_settings_stay_with_their_company(self):
        with self.assertRaises(UserError):
            self.config.with_user(self.manager).write({"company_id": self.other_company.id})

    def test_nobody_writes(self):
        insight = self.insight(self.late)
        for user in (self.salesman, self.seller_all, self.manager):
            with self.assertRaises(AccessError):
                insight.with_user(user).write({"health": 100})
            with self.assertRaises(AccessError):
                insight.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.env["hc.insight.run"].with_user(user).create({"company_id": self.shop.id})

    def test_other_company_portal_and_public(self):
        for user in (self.portal, self.public):
            with self.assertRaises(AccessError):
                self.late.with_user(user).hc_get_insight()
            with self.assertRaises(AccessError):
                self.Insight.with_user(user).search([])
            with self.assertRaises(AccessError):
                self.env["res.partner"].with_user(user).search([("hc_insight_id", "!=", False)])
            with self.assertRaises(AccessError):
                self.env["hc.insight.run"].with_user(user).hc_get_accuracy()
            with self.assertRaises(AccessError):
                self.env["hc.insight.config"].with_user(user).hc_preview_health({})
        stranger = self.stranger
        self.assertFalse(
            self.env["hc.customer.insight"]
            .with_user(stranger)
            .search([("company_id", "=", self.shop.id)])
        )
        page = self.late.with_user(stranger).hc_get_insight()
        self.assertEqual(page["access"], "none", "another company knows nothing of it")
        with self.assertRaises(AccessError):
            self.env["hc.insight.run"].with_user(stranger).hc_get_accuracy(self.shop.id)
        with self.assertRaises(AccessError):
            self.env["hc.insight.run"].with_user(stranger).hc_get_progress(self.shop.id)

    def test_settings_are_for_managers(self):
        for user in (self.salesman, self.seller_all):
            with self.assertRaises(AccessError):
                self.config.with_user(user).read(["horizon_days"])
            with self.assertRaises(AccessError):
                self.config.with_user(user).action_run()
            with self.assertRaises(AccessError):
                self.env["hc.insight.config"].with_user(user).hc_preview_health({"rhythm": 1})
        with self.assertRaises(AccessError):
            self.env["hc.insight.run"].with_user(self.salesman).hc_get_accuracy()
        self.config.with_user(self.manager).horizon_days = 180

    def test_feelings_on_hidden_documents(self):
        """A rating of a colleague's order is no reason for those who may not see the order."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.late.id,
                "user_id": self.seller_all.id,
                "company_id": self.shop.id,
            }
        )
        rating = self.env["rating.rating"].create(
            {
                "partner_id": self.late.id,
                "res_model_id": self.env["ir.model"]._get_id("sale.order"),
                "res_id": order.id,
                "rating": 1,
                "consumed": True,
            }
        )
        rating.rated_on = fields.Datetime.now() - timedelta(hours=1)
        self.run_insight()
        insight = self.insight(self.late)
        self.assertIn("feeling", {reason["factor"] for reason in insight.reasons})
        for user, sees in ((self.salesman, False), (self.seller_all, True)):
            factors = self.page(self.late, user)["health"]["factors"]
            self.assertEqual("feeling" in {factor["factor"] for factor in factors}, sees)
        # the figures themselves, too: they count what was said on that quotation
        self.assertFalse(self.late.with_user(self.salesman).with_company(self.shop).hc_insight_id)

    def test_contacts_about_hidden_quotations(self):
        """What somebody wrote on a colleague's quotation is no reason for those who may not see that."""
        self.env["sale.order"].create(
            {
                "partner_id": self.late.id,
                "user_id": self.seller_all.id,
                "company_id": self.shop.id,
            }
        )
        insight = self.insight(self.late)
        for user, sees in ((self.salesman, False), (self.seller_all, True)):
            reasons = {reason["factor"] for reason in insight.with_user(user).reasons}
            self.assertEqual("engagement" in reasons, sees)

    def test_ratings_of_another_company(self):
        order = self.env["sale.order"].create(
            {"partner_id": self.late.id, "company_id": self.other_company.id}
        )
        rating = self.env["rating.rating"].create(
            {
                "partner_id": self.late.id,
                "res_model_id": self.env["ir.model"]._get_id("sale.order"),
                "res_id": order.id,
                "rating": 1,
                "consumed": True,
            }
        )
        rating.rated_on = fields.Datetime.now() - timedelta(hours=1)
        self.run_insight()
        self.assertEqual(self.insight(self.late).feeling_count, 0)

    def test_company_of_the_contact_is_hidden(self):
        holding = self.env["res.partner"].create(
            {"name": "Hidden Holding", "is_company": True, "company_id": self.other_company.id}
        )
        contact = self.env["res.partner"].create({"name": "Shared", "parent_id": holding.id})
        self.env.cr.execute("UPDATE res_partner SET company_id = NULL WHERE id = %s", [contact.id])
        self.env.invalidate_all()
        page = self.page(contact, self.seller_all)
        self.assertEqual(page["access"], "none")
        self.assertIn("you do not see", page["empty"])

    def test_usual(self):
        product = self.env["product.product"].create({"name": "Usual Soap"})
        for day in ("2026-01-05", "2026-01-26", "2026-02-16"):
            self.env["sale.order"].with_company(self.shop).create(
                {
                    "partner_id": self.late.id,
                    "company_id": self.shop.id,
                    "user_id": self.salesman.id,
                    "state": "sale",
                    "date_order": day,
                    "order_line": [Command.create({"product_id": product.id, "tax_ids": False})],
                }
            )
        [usual] = self.page(self.late, self.salesman)["usual"]
        self.assertEqual((usual["name"], usual["times"]), ("Usual Soap", 3))
        self.assertEqual(usual["last_date"], "2026-02-16")
        self.assertFalse(self.page(self.late, self.other_seller())["usual"])

    def other_seller(self):
        return self.salesman.copy(
            {"login": "hc_other", "company_id": self.shop.id, "name": "Olga Other"}
        )

    def test_chips(self):
        chips = {
            chip["key"]: chip
            for chip in self.late.with_user(self.salesman)
            .with_company(self.shop)
            .hc_get_brief()["chips"]
        }
        self.assertEqual(set(chips), {"health", "rhythm", "risk"})
        self.assertRegex(chips["rhythm"]["text"], r"buys every ~3 weeks, last \d months ago")
        chips = self.shared.with_user(self.salesman).with_company(self.shop).hc_get_brief()["chips"]
        self.assertEqual(chips, [])

    def test_queries(self):
        self.page(self.late, self.salesman)
        partner = self.late.with_user(self.salesman).with_company(self.shop)
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        partner.hc_get_insight()
        self.assertLessEqual(self.env.cr.sql_log_count - before, 60)
        # a list of reasons asks for all rows at once
        insights = self.Insight.search([("company_id", "=", self.shop.id)], limit=80)
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        insights.with_user(self.seller_all).mapped("reasons")
        self.assertLessEqual(
            self.env.cr.sql_log_count - before, 32
        )  # apps that read feelings ask a few more, however many rows
