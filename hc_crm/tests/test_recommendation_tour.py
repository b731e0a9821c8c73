from odoo import Command, fields
from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestRecommendationTour(HttpCase):
    def test_add_a_suggested_product(self):
        """A suggestion is added by one click; another product stands in for one they cannot have."""
        category = self.env["product.category"].create({"name": "Tour Clothes"})
        dress, shawl, skirt = self.env["product.product"].create(
            [
                {"name": name, "type": "consu", "list_price": price, "categ_id": category.id}
                for name, price in (("Tour Dress", 150), ("Tour Shawl", 30), ("Tour Skirt", 140))
            ]
        )
        crowd = self.env["res.partner"].create([{"name": f"Tour {i}"} for i in range(10)])
        self.env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "state": "sale",
                    "date_order": fields.Datetime.now(),
                    "order_line": [
                        Command.create({"product_id": product.id})
                        for product in ((dress, shawl) if i < 5 else (skirt,))
                    ],
                }
                for i, partner in enumerate(crowd)
            ]
        )
        self.env["hc.product.affinity"]._refresh(self.env.company)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Tour Customer"}).id,
                "order_line": [Command.create({"product_id": dress.id, "product_uom_qty": 2})],
            }
        )
        self.start_tour(f"/odoo/sales/{order.id}", "hc_recommendation_tour", login="admin")
        order.invalidate_recordset()
        self.assertEqual(order.order_line.product_id, shawl | skirt)
        instead = order.order_line.filtered(lambda line: line.product_id == skirt)
        self.assertEqual((instead.product_uom_qty, instead.price_unit), (2, 140))
