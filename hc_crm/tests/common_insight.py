import random
from datetime import datetime, time, timedelta

from psycopg2.extras import execute_values

from odoo import fields

from .common import HcCommon


class InsightCommon(HcCommon):
    """A company of its own, so that what the database holds already is not part of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls.env["res.company"].create(
            {"name": "Insight Shop", "currency_id": cls.env.ref("base.EUR").id}
        )
        cls.Run = cls.env["hc.insight.run"]
        cls.Insight = cls.env["hc.customer.insight"].with_company(cls.shop)
        cls.config = cls.env["hc.insight.config"]._for_company(cls.shop)
        users = cls.salesman + cls.seller_all + cls.manager
        users.write({"company_ids": [(4, cls.shop.id)], "company_id": cls.shop.id})
        # whoever the database knows already is no customer here
        ours = cls.company_customer + cls.contact + cls.person
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE res_partner SET partner_share = FALSE WHERE id <> ALL(%s)", [ours.ids]
        )
        cls.env.invalidate_all()
        cls.today = cls.env["hc.insight.purchase"]._today(cls.shop)

    @classmethod
    def customers(cls, count, prefix="Customer"):
        return cls.env["res.partner"].create([{"name": f"{prefix} {n}"} for n in range(count)])

    @classmethod
    def orders(cls, rows, state="sale"):
        """Insert orders, thousands in one statement.

        :param rows: (partner, days ago, amount) or (partner, days ago, amount, user)
        :return: their ids
        """
        cls.env.flush_all()
        # noon of the shop's day, whatever day it is in UTC by now
        now = datetime.combine(cls.today, time(12))
        values = []
        for number, (partner, ago, amount, *user) in enumerate(rows):
            values.append(
                (
                    f"INS{number}", partner.id, partner.id, partner.id, cls.shop.id,
                    cls.shop.currency_id.id, 1, state, now - timedelta(days=ago), amount, amount,
                    user[0].id if user and user[0] else None, fields.Datetime.now(),
                )
            )  # fmt: skip
        found = execute_values(
            cls.env.cr._obj,
            """
            INSERT INTO sale_order (name, partner_id, partner_invoice_id, partner_shipping_id,
                company_id, currency_id, currency_rate, state, date_order, amount_untaxed,
                amount_total, user_id, write_date) VALUES %s RETURNING id
            """,
            values,
            page_size=10_000,
            fetch=True,
        )
        cls.env.invalidate_all()
        return [row[0] for row in found]

    @classmethod
    def shop_orders(cls, partners, seed=1, days=900):
        """Orders of a shop where two in five customers stop at some time."""
        chance = random.Random(seed)
        rows = []
        for number, partner in enumerate(partners):
            gap = chance.choice((20, 30, 45, 60))
            last = chance.randint(150, days - 350) if number % 5 < 2 else 0
            ago = days - chance.randint(0, 150 if last else days - 150)
            while ago > last:
                rows.append((partner, ago, chance.randint(20, 300)))
                ago -= max(2, round(chance.gauss(gap, gap / 5)))
        return cls.orders(rows)

    @classmethod
    def run_insight(cls, kind="full", **kwargs):
        run = cls.Run._run(cls.shop, kind, **kwargs)
        assert run.state == "done", run.error
        return run

    def insight(self, partner):
        return self.Insight.search(
            [("partner_id", "=", partner.id), ("company_id", "=", self.shop.id)]
        )

    @classmethod
    def snapshot(cls):
        """All that is known about everybody, except when it was worked out."""
        cls.env.cr.execute(
            """
            SELECT to_jsonb(insight) - 'id' - 'computed_at' FROM hc_customer_insight AS insight
             WHERE company_id = %s ORDER BY partner_id
            """,
            [cls.shop.id],
        )
        return [row[0] for row in cls.env.cr.fetchall()]
