from datetime import timedelta

from odoo import Command, fields

from .common import HcCommon


class RecommendationCommon(HcCommon):
    """A small clothes shop: ten who buy dress and shawl, ten who buy tie and square."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category, cls.other_category = cls.env["product.category"].create(
            [{"name": "Summer Clothes"}, {"name": "Accessories"}]
        )

        def product(name, price, category, **vals):
            return cls.env["product.product"].create(
                {
                    "name": name,
                    "list_price": price,
                    "categ_id": category.id,
                    "type": "consu",
                    "sale_ok": True,
                    "taxes_id": [],
                    **vals,
                }
            )

        cls.make_product = staticmethod(product)
        cls.dress = product("Linen Dress", 150, cls.category)
        cls.shawl = product("Shawl", 100, cls.category)
        cls.tie = product("Silk Tie", 60, cls.other_category)
        cls.square = product("Pocket Square", 30, cls.other_category)
        cls.crowd = cls.env["res.partner"].create([{"name": f"Crowd {i}"} for i in range(20)])
        for i, partner in enumerate(cls.crowd):
            pair = cls.dress | cls.shawl if i < 10 else cls.tie | cls.square
            cls.buy(partner, pair, days=30 + i)

    @classmethod
    def buy(cls, partner, products, days, user=None, **vals):
        """One confirmed order, so many days ago."""
        return cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "user_id": (user or cls.seller_all).id,
                "company_id": cls.company.id,
                "date_order": fields.Datetime.now() - timedelta(days=days),
                "state": "sale",
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": 1})
                    for product in products
                ],
                **vals,
            }
        )

    @classmethod
    def quote(cls, partner, products=(), user=None, **vals):
        return cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "user_id": (user or cls.seller_all).id,
                "company_id": cls.company.id,
                "order_line": [Command.create({"product_id": product.id}) for product in products],
                **vals,
            }
        )

    @classmethod
    def refresh(cls, company=None):
        return cls.env["hc.product.affinity"]._refresh(company or cls.company)

    def get(self, partner=None, user=None, **kwargs):
        self.env.flush_all()
        self.env.invalidate_all()
        partner = (partner or self.person).with_user(user or self.seller_all)
        return partner.hc_get_recommendations(**kwargs)

    def found(self, *args, **kwargs):
        """``{product: item}``"""
        items = self.get(*args, **kwargs)["items"]
        return {self.env["product.product"].browse(item["product_id"]): item for item in items}
