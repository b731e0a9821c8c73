from collections import defaultdict
from datetime import datetime, time, timedelta

from odoo import Command, api, fields, models
from odoo.tools import SQL, split_every

from .insight_demo_world import World

SEED = 7
BATCH = 500
QUIET = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_create_nolog": True,
    "mail_notrack": True,
    "no_reset_password": True,
    # asked anew for every order otherwise
    "default_quotation_document_ids": False,
}
USERS = {
    "admin": "base.user_admin",
    "demo": "base.user_demo",
    "lena": "hc_crm.demo_user_lena",
}
# who stands in when the usual colleague is away
SELLERS_TURN = {"lena": "admin", "admin": "demo", "demo": "admin"}


class HcInsightDemo(models.AbstractModel):
    """Fills the shop of the demo story with its everyday customers; does nothing in a real database.

    Only the demo data calls it (``demo/insight/hc_insight_demo.xml``). Six hundred people and three thousand
    orders as XML would be seven megabytes nobody reads; here they are made by ``insight_demo_world.py``.
    """

    _name = "hc.insight.demo"
    _description = "Everyday Customers of the Demo Shop"

    @api.model
    def _populate(self):
        demo = self.with_context(**QUIET)
        world = World(SEED, fields.Date.today()).customers()
        users = {key: self.env.ref(xmlid) for key, xmlid in USERS.items()}
        partners = demo._create_partners(world, users)
        demo._create_orders(world, partners, users)
        demo._create_talks(world, partners, users)
        # who is who is there from the first minute, not only after the first night
        self.env["hc.persona.membership"]._refresh()
        self._work_out(self.env.ref("base.main_company"))

    @api.model
    def _work_out(self, company):
        """Insight is there from the first minute: today's and that of the past months."""
        # filled within this transaction: without statistics PostgreSQL would plan as for empty tables
        self.env.flush_all()
        self.env.cr.execute(SQL("ANALYZE"))
        # the past is looked at with what is learned today, and today compared with three months ago
        for kind in ("full", "history", "full"):
            self.env["hc.insight.run"]._run(company, kind=kind)
        self.env["hc.segment"]._refresh_all()

    @api.model
    def _create_partners(self, world, users):
        countries = {
            key: self.env.ref(f"base.{'uk' if key == 'gb' else key}").id
            for key in {one.country for one in world}
        }
        california = self.env.ref("base.state_us_5").id
        return self.env["res.partner"].create(
            [
                {
                    "name": one.name,
                    "is_company": one.is_company,
                    "function": one.function,
                    "email": one.email,
                    "phone": one.phone,
                    "city": one.city,
                    "country_id": countries[one.country],
                    "state_id": california if one.country == "us" else False,
                    "user_id": users[one.seller].id,
                    "create_date": datetime.combine(one.since, time(9)),
                }
                for one in world
            ]
        )

    @api.model
    def _create_orders(self, world, partners, users):
        products = defaultdict(lambda: self.env["product.product"])
        prefix = "demo_product_"
        for data in self.env["ir.model.data"].search(
            [("module", "=", "hc_crm"), ("model", "=", "product.product")]
        ):
            if data.name.startswith(prefix):
                products[data.name[len(prefix) :]] = self.env["product.product"].browse(data.res_id)
        team = self.env.ref("sales_team.team_sales_department")
        bags = sorted(
            ((bag.day, number, bag) for number, one in enumerate(world) for bag in one.bags),
            key=lambda row: row[:2],
        )
        Order = self.env["sale.order"]
        for some in split_every(BATCH, bags):
            orders = Order.create(
                [
                    {
                        "partner_id": partners[number].id,
                        "user_id": users[self._seller(world[number], bag)].id,
                        "team_id": team.id,
                        "date_order": self._moment(day, number),
                        "create_date": self._moment(day, number),
                        "order_line": [
                            Command.create(
                                {
                                    "product_id": products[key].id,
                                    "product_uom_qty": quantity,
                                    "discount": discount,
                                    "price_unit": products[key].list_price,
                                    # looked up line by line otherwise
                                    "analytic_distribution": False,
                                }
                            )
                            for key, quantity, discount in bag.lines
                        ],
                    }
                    for day, number, bag in some
                ]
            )
            # as in demo/shop: action_confirm would date every order today, deliver and invoice it
            orders.write({"state": "sale"})

    @api.model
    def _seller(self, one, bag):
        return SELLERS_TURN[one.seller] if bag.is_seller_other else one.seller

    @api.model
    def _moment(self, day, number):
        """Some minute of the opening hours, another one for every customer."""
        return datetime.combine(day, time(9)) + timedelta(
            minutes=(number * 47 + day.day * 13) % 540
        )

    @api.model
    def _create_talks(self, world, partners, users):
        channels = {channel.key: channel.id for channel in self.env["hc.channel"].search([])}
        self.env["hc.interaction"].create(
            [
                {
                    "partner_id": partner.id,
                    "date": self._moment(day, partner.id),
                    "channel_id": channels[channel],
                    "direction": direction,
                    "sentiment": str(sentiment),
                    "summary": summary,
                    "user_id": users[one.seller].id,
                }
                for one, partner in zip(world, partners, strict=True)
                for day, channel, direction, sentiment, summary in one.talks
            ]
        )
