from odoo import api, models
from odoo.tools import SQL


class HcAskRule(models.Model):
    """An order was confirmed, or delivered."""

    _inherit = "hc.ask.rule"

    @api.model
    def _triggers(self):
        return super()._triggers() | {
            "order_confirmed": {
                "label": self.env._("An order was confirmed"),
                "phrase": self.env._("an order was confirmed"),
                "model": "sale.order",
            },
            "order_delivered": {
                "label": self.env._("An order was delivered"),
                "phrase": self.env._("an order was delivered"),
                "model": "sale.order",
            },
        }

    def _trigger_order_confirmed(self, query):
        query.add_where(SQL("sale_order.state = 'sale'"))
        return SQL("sale_order.partner_id"), SQL("sale_order.date_order")

    def _trigger_order_delivered(self, query):
        """All of it arrived: by the deliveries of the warehouse, else by the quantities delivered.

        Without a warehouse nobody notes when: the last change of a line is the best there is.
        """
        query.add_where(SQL("sale_order.state = 'sale'"))
        picking = self.env.get("stock.picking")
        if picking is not None and "sale_id" in picking._fields:
            delivered = SQL(
                """
                SELECT MAX(picking.date_done) AS date
                  FROM stock_picking AS picking
                  JOIN stock_picking_type AS kind ON kind.id = picking.picking_type_id
                 WHERE picking.sale_id = sale_order.id AND kind.code = 'outgoing'
                   AND picking.state <> 'cancel'
                HAVING BOOL_AND(picking.state = 'done')
                """
            )
        else:
            delivered = SQL(
                """
                SELECT MAX(line.write_date) AS date
                  FROM sale_order_line AS line
                 WHERE line.order_id = sale_order.id AND line.display_type IS NULL
                   AND line.is_downpayment IS NOT TRUE AND line.product_uom_qty > 0
                HAVING BOOL_AND(COALESCE(line.qty_delivered, 0) >= line.product_uom_qty)
                """
            )
        query.add_join("JOIN", "delivered", SQL("LATERAL (%s)", delivered), SQL("TRUE"))
        return SQL("sale_order.partner_id"), SQL("delivered.date")
