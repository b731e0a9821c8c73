from datetime import date, datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import HcCommon
from .test_insight_lists import insert_insight


@tagged("post_install", "-at_install")
class TestInsightRetention(HcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-08-20 10:00:00"))
        cls.env.cr.execute(SQL("DELETE FROM hc_customer_insight"))
        cls.product = cls.env["product.product"].create({"name": "Scarf", "list_price": 80})
        cls.anna = cls.buyer("Anna", "2025-11-03", "2025-11-20", "2026-01-15", "2026-05-02")
        cls.boris = cls.buyer("Boris", "2025-12-24", "2026-05-30")
        cls.clara = cls.buyer("Clara", "2026-04-01", "2026-08-19")
        cls.ancient = cls.buyer("Dora", "2010-01-01", "2026-05-01")

    @classmethod
    def buyer(cls, name, *days, user=None, **values):
        partner = cls.env["res.partner"].create({"name": name})
        for day in days:
            cls.order(partner, day, user)
        insert_insight(
            cls.env,
            partner,
            first_purchase_date=date.fromisoformat(days[0]),
            last_purchase_date=date.fromisoformat(days[-1]),
            frequency=len(days),
            status="active",
            **values,
        )
        return partner

    @classmethod
    def order(cls, partner, day, user=None, quantity=1, state="sale"):
        order = cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "user_id": (user or cls.seller_all).id,
                "date_order": datetime.fromisoformat(f"{day} 12:00:00"),
                "order_line": [(0, 0, {"product_id": cls.product.id, "product_uom_qty": quantity})],
            }
        )
        order.state = state
        return order

    def retention(self, period="quarter", user=None):
        Insight = self.env["hc.customer.insight"].with_user(user or self.seller_all)
        return Insight.hc_get_retention(period)

    def customers(self, retention):
        return {
            cohort["label"]: [cell["customers"] for cell in cohort["cells"]]
            for cohort in retention["cohorts"]
        }

    def test_quarters(self):
        retention = self.retention()
        self.assertEqual(self.customers(retention), {"Q4 2025": [2, 1, 2, 0], "Q2 2026": [1, 1]})
        self.assertEqual(
            retention["periods"], ["At first", "+1 quarter", "+2 quarters", "+3 quarters"]
        )
        first, second = retention["cohorts"]
        self.assertEqual((first["size"], first["start"]), (2, "2025-10-01"))
        self.assertEqual([cell["share"] for cell in first["cells"]], [1.0, 0.5, 1.0, 0.0])
        self.assertEqual([cell["is_running"] for cell in second["cells"]], [False, True])
        self.assertFalse(retention["empty"])

    def test_months(self):
        counted = self.customers(self.retention("month"))
        # two purchases in one month are one customer
        self.assertEqual(counted["Nov 2025"], [1, 0, 1, 0, 0, 0, 1, 0, 0, 0])
        self.assertEqual(counted["Apr 2026"], [1, 0, 0, 0, 1])

    def test_every_cell_can_be_clicked_through(self):
        Insight = self.env["hc.customer.insight"].with_user(self.seller_all)
        for period in ("month", "quarter"):
            for cohort in self.retention(period)["cohorts"]:
                for cell in cohort["cells"]:
                    found = Insight.search(cell["domain"])
                    self.assertEqual(len(found), cell["customers"], (cohort["label"], cell))
        self.assertEqual(self.retention()["res_model"], Insight._name)

    def test_what_is_no_purchase_does_not_count(self):
        self.order(self.boris, "2026-07-03", quantity=-1)
        self.order(self.boris, "2026-07-04", state="draft")
        self.order(self.boris, "2026-07-05", state="cancel")
        self.assertEqual(self.customers(self.retention())["Q4 2025"], [2, 1, 2, 0])
        # an order of the future is no purchase of today
        self.order(self.boris, "2026-12-05")
        self.assertEqual(self.customers(self.retention())["Q4 2025"], [2, 1, 2, 0])
        self.order(self.boris, "2026-07-06")
        self.assertEqual(self.customers(self.retention())["Q4 2025"], [2, 1, 2, 1])

    def test_archived_customers_are_no_cohort(self):
        self.clara.active = False
        self.assertEqual(list(self.customers(self.retention())), ["Q4 2025"])

    def test_contacts_count_for_their_company(self):
        contact = self.env["res.partner"].create({"name": "Ina", "parent_id": self.clara.id})
        self.clara.is_company = True
        self.order(contact, "2026-05-06")
        counted = self.customers(self.retention("month"))
        self.assertEqual(counted["Apr 2026"], [1, 1, 0, 0, 1])

    def test_rights(self):
        self.assertEqual(
            self.customers(self.retention(user=self.manager)), self.customers(self.retention())
        )
        for user in (self.salesman, self.portal, self.public):
            with self.assertRaises(AccessError):
                self.retention(user=user)

    def test_other_company_sees_nothing(self):
        retention = self.retention(user=self.stranger)
        self.assertEqual((retention["cohorts"], retention["periods"]), ([], []))
        self.assertIn(self.other_company.name, retention["empty"])

    def test_bad_input(self):
        for period in ("week", "", None, 3, ["month"]):
            with self.assertRaises(UserError):
                self.retention(period)

    def test_search_by_period(self):
        Insight = self.env["hc.customer.insight"].with_user(self.seller_all)

        def buyers(operator, value):
            return Insight.search([("purchase_period", operator, value)]).partner_id

        self.assertEqual(buyers("=", "2026-05"), self.anna + self.boris + self.ancient)
        self.assertEqual(buyers("=", "2026-Q3"), self.clara)
        self.assertEqual(buyers("in", ["2026-Q3", "2026-01"]), self.anna + self.clara)
        self.assertFalse(buyers("=", "1999-01"))
        for value in ("2026", "2026-13", "2026-Q5", "0000-01", "x", False, 5):
            with self.assertRaises(UserError):
                buyers("=", value)

    def test_search_is_for_those_who_see_all(self):
        mine = self.buyer(
            "Mine", "2026-05-04", user=self.salesman, seller_id=self.salesman.id, seller_count=1
        )
        self.env.execute_query(
            SQL(
                "UPDATE hc_customer_insight SET seller_count = 1, seller_id = %s WHERE partner_id <> %s "
                "RETURNING id",
                self.seller_all.id,
                mine.id,
            )
        )
        asked = [("purchase_period", "=", "2026-05")]
        # purchases as they are now, also of colleagues: not for those who see their own documents only
        with self.assertRaises(AccessError):
            self.env["hc.customer.insight"].with_user(self.salesman).search(asked)
        found = self.env["hc.customer.insight"].with_user(self.seller_all).search(asked)
        self.assertIn(mine, found.partner_id)
