import random
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from .common import HcCommon

DAYS = 720
CUSTOMERS = 150


@tagged("post_install", "-at_install")
class TestInsightTours(HcCommon, HttpCase):
    """What people click to understand a customer, on a small shop with two years of orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # what the database holds already is not part of this story
        cls.env.cr.execute("UPDATE sale_order SET state = 'cancel' WHERE state = 'sale'")
        cls.env.invalidate_all()
        partners = cls.env["res.partner"].create(
            [{"name": f"Regular {number}"} for number in range(CUSTOMERS)]
        )
        cls.late = cls.env["res.partner"].create(
            {"name": "Azra Lateson", "phone": "+32 2 555 07 07", "user_id": cls.salesman.id}
        )
        chance = random.Random(7)  # the same shop each time
        orders = []
        for number, partner in enumerate(partners):
            gap = chance.choice((20, 30, 45, 60))
            # two in five stop at some time
            last = chance.randint(150, DAYS - 100) if number % 5 < 2 else 0
            ago = DAYS - chance.randint(0, 200 if last else 600)
            while ago > last:
                orders.append((partner.id, ago, chance.randint(20, 300), None, "TOUR"))
                ago -= max(2, round(chance.gauss(gap, gap / 5)))
        # every three weeks, most money of all, and then not any more
        orders += [
            (cls.late.id, ago, 900, cls.salesman.id, "TOUR-LATE") for ago in range(700, 160, -21)
        ]
        cls.insert_orders(orders)
        run = cls.env["hc.insight.run"]._run(cls.company, "full")
        assert run.state == "done", run.error

    @classmethod
    def insert_orders(cls, orders):
        """Confirmed orders as copies of one, thousands in one statement."""
        model = cls.env["sale.order"]
        pattern = model.create({"partner_id": cls.person.id, "user_id": False})
        cls.env.flush_all()
        now = fields.Datetime.now()
        changed = ("partner_id", "partner_invoice_id", "partner_shipping_id")
        changed += ("date_order", "amount_untaxed", "amount_total", "user_id", "name", "state")
        same = [
            name
            for name, field in model._fields.items()
            if field.store and field.column_type and name not in ("id", *changed)
        ]
        columns = SQL(", ").join(map(SQL.identifier, same))
        rows = [
            SQL(
                "(%s, %s, %s, %s::timestamp, %s, %s, %s::int, %s, 'sale')",
                partner,
                partner,
                partner,
                now - timedelta(days=ago),
                amount,
                amount,
                seller,
                f"{name}-{number}",
            )
            for number, (partner, ago, amount, seller, name) in enumerate(orders)
        ]
        cls.env.cr.execute(
            SQL(
                """
                INSERT INTO sale_order (%(changed)s, %(same)s)
                SELECT copy.*, %(pattern_columns)s
                  FROM sale_order AS pattern, (VALUES %(rows)s) AS copy
                 WHERE pattern.id = %(pattern)s
                """,
                changed=SQL(", ").join(map(SQL.identifier, changed)),
                same=columns,
                pattern_columns=SQL(", ").join(SQL.identifier("pattern", name) for name in same),
                rows=SQL(", ").join(rows),
                pattern=pattern.id,
            )
        )
        pattern.unlink()
        cls.env.invalidate_all()

    def test_why_at_risk(self):
        self.start_tour("/odoo/customers-at-risk", "hc_insight_risk_tour", login="hc_salesman")
        self.assertRecordValues(
            self.env["hc.interaction"].search([("partner_id", "=", self.late.id)]),
            [{"summary": "Asked what we did wrong", "channel_key": "call"}],
        )

    def test_weights(self):
        config = self.env["hc.insight.config"]._for_company(self.company)
        self.start_tour("/odoo/insight-settings", "hc_insight_weights_tour", login="hc_manager")
        self.assertRecordValues(
            config,
            [
                {
                    "health_weight_rhythm": 0,
                    "health_weight_trend": 0,
                    "health_weight_engagement": 0,
                    "health_weight_feeling": 0,
                    "health_weight_care": 4,
                }
            ],
        )
        self.assertEqual(self.env["hc.insight.run"].search([], limit=1).state, "waiting")

    def test_accuracy(self):
        self.start_tour("/odoo/insight-accuracy", "hc_insight_accuracy_tour", login="hc_seller_all")
