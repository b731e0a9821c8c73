from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import tagged

from .common_insight import InsightCommon


@tagged("post_install", "-at_install")
class TestInsightPurchases(InsightCommon):
    """Which documents are purchases, of whom, on which day, for how much."""

    def load(self, **kwargs):
        purchases = self.env["hc.insight.purchase"]._load(self.config, **kwargs)
        rows = zip(
            purchases.customer.tolist(),
            purchases.day.tolist(),
            purchases.amount.tolist(),
            strict=True,
        )
        today = self.today.toordinal()
        return [(customer, today - day, amount) for customer, day, amount in rows], purchases

    def test_orders_of_one_day_are_one_purchase(self):
        self.orders([(self.person, 3, 10), (self.person, 3, 5), (self.person, 1, 7)])
        self.assertEqual(self.load()[0], [(self.person.id, 3, 15.0), (self.person.id, 1, 7.0)])

    def test_contacts_buy_for_their_company(self):
        self.orders([(self.contact, 3, 10), (self.company_customer, 2, 5)])
        self.assertEqual(
            self.load()[0],
            [(self.company_customer.id, 3, 10.0), (self.company_customer.id, 2, 5.0)],
        )

    def test_only_confirmed_orders_of_the_company(self):
        self.orders([(self.person, 3, 10)], state="draft")
        self.orders([(self.person, 3, 10)], state="cancel")
        ids = self.orders([(self.person, 2, 10)])
        self.env["sale.order"].browse(ids).company_id = self.other_company
        self.env.flush_all()
        self.assertEqual(self.load()[0], [])

    def test_colleagues_are_no_customers(self):
        self.orders([(self.salesman.partner_id, 3, 10), (self.shop.partner_id, 3, 10)])
        self.assertEqual(self.load()[0], [])

    def test_day_is_the_company_s(self):
        self.shop.resource_calendar_id.tz = "Asia/Tokyo"
        [order] = self.orders([(self.person, 3, 10)])
        self.env["sale.order"].browse(order).date_order = fields.Datetime.now().replace(
            hour=20
        ) - timedelta(days=3)
        self.env.flush_all()
        purchases = self.load()[1]
        local = (fields.Date.today() - timedelta(days=2)).toordinal()
        self.assertEqual(purchases.day.tolist(), [local])

    def test_negative_totals_are_left_out_and_zero_is_a_gift(self):
        self.orders([(self.person, 3, -10), (self.person, 2, 0)])
        rows, purchases = self.load()
        self.assertEqual([row[:2] for row in rows], [(self.person.id, 2)])
        self.assertNotEqual(rows[0][2], rows[0][2], "the amount is unknown, not 0")
        self.assertEqual(purchases.left_out, 1)

    def test_currencies(self):
        yen, pound = self.env.ref("base.JPY"), self.env.ref("base.GBP")
        (yen + pound).active = True
        (yen + pound + self.shop.currency_id).rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": pound.id, "rate": 0.5, "name": "2020-01-01", "company_id": self.shop.id}
        )
        orders = self.env["sale.order"].browse(
            self.orders([(self.person, 3, 10), (self.person, 2, 10)])
        )
        for order, currency, rate in zip(orders, (pound, yen), (0.5, 1), strict=True):
            # in SQL: the ORM would work out the totals anew, of orders without lines
            self.env.cr.execute(
                "UPDATE sale_order SET currency_id = %s, currency_rate = %s WHERE id = %s",
                [currency.id, rate, order.id],
            )
        self.env.invalidate_all()
        rows, purchases = self.load()
        self.assertEqual(rows[0], (self.person.id, 3, 20.0))
        self.assertNotEqual(rows[1][2], rows[1][2], "no rate: bought, but for an unknown sum")
        self.assertEqual(purchases.without_rate, 1)
        run = self.run_insight()
        self.assertIn("exchange rate", run.warning_text)
        self.assertRecordValues(self.insight(self.person), [{"frequency": 2, "monetary": 20.0}])

    def test_until_and_future(self):
        self.orders([(self.person, 30, 10), (self.person, 2, 10), (self.person, -9, 10)])
        until = self.today - timedelta(days=10)
        self.assertEqual(self.load(until=until)[0], [(self.person.id, 30, 10.0)])
        run = self.run_insight()
        self.assertIn("future", run.warning_text)
        self.assertEqual(self.insight(self.person).frequency, 2)

    def invoice(self, partner, amount, day, refunded=0):
        product = self.env["product.product"].create({"name": "Thing", "type": "service"})
        journal = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
        )
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": day,
                "journal_id": journal.id,
                "invoice_line_ids": [
                    Command.create(
                        {"product_id": product.id, "price_unit": amount, "tax_ids": False}
                    )
                ],
            }
        )
        move.action_post()
        if refunded:
            refund = move._reverse_moves([{"invoice_date": day}])
            refund.invoice_line_ids.price_unit = refunded
            refund.action_post()
        return move

    @freeze_time("2026-06-15 10:00:00")
    def test_invoices(self):
        if not self.env["account.chart.template"]._get_chart_template_mapping().get("generic_coa"):
            self.skipTest("no chart of accounts here")
        if not self.company.chart_template:
            self.env["account.chart.template"].try_loading("generic_coa", company=self.company)
        config = self.env["hc.insight.config"]._for_company(self.company)
        config.purchase_source = "invoice"
        self.invoice(self.contact, 100, "2026-06-01")
        self.invoice(self.contact, 100, "2026-06-02", refunded=40)
        self.invoice(self.contact, 100, "2026-06-03", refunded=100)
        self.env["sale.order"].create(
            {"partner_id": self.contact.id, "state": "sale", "date_order": "2026-06-04"}
        )
        purchases = self.env["hc.insight.purchase"]._load(
            config,
            self.company_customer.ids,
        )
        self.assertEqual(purchases.amount.tolist(), [100.0, 60.0])
        self.assertEqual(purchases.left_out, 1)

    @freeze_time("2026-06-15 10:00:00")
    def test_credit_notes_of_orders(self):
        if not self.company.chart_template:
            self.env["account.chart.template"].try_loading("generic_coa", company=self.company)
        product = self.env["product.product"].create(
            {"name": "Coat", "type": "service", "invoice_policy": "order", "taxes_id": False}
        )
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": self.contact.id,
                    "order_line": [Command.create({"product_id": product.id, "price_unit": price})],
                }
                for price in (100, 80)
            ]
        )
        orders.order_line.tax_ids = False
        orders.action_confirm()
        for order, credited, day in zip(
            orders, (30, 80), ("2026-06-01", "2026-06-02"), strict=True
        ):
            order.date_order = day
            move = order._create_invoices()
            move.action_post()
            refund = move._reverse_moves([{"invoice_date": day}])
            refund.invoice_line_ids.price_unit = credited
            refund.action_post()
        self.env.flush_all()
        config = self.env["hc.insight.config"]._for_company(self.company)
        purchases = self.env["hc.insight.purchase"]._load(
            config,
            self.company_customer.ids,
        )
        self.assertEqual(purchases.amount.tolist(), [70.0], "one credited in part, one as a whole")
        self.assertEqual(purchases.left_out, 1)
