from odoo import api, models
from odoo.exceptions import AccessError, ValidationError

MAX_LIMIT = 24


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.readonly
    def hc_get_recommendations(self, order_id=False, replace_product_id=False, limit=6):
        """Return products the customer is likely to want, each with its reason.

        Worked out for the reader: of the customer's own purchases only those count that the reader may
        open; reasons that count other customers are aggregates (``hc.product.affinity``).

        :param order_id: id of the quotation they are for; what is on it is not suggested again
        :param replace_product_id: id of a product they cannot have: suggest what comes nearest
        :param limit: how many, 1 to 24
        :return: ``{"items": [{product_id, name, price, currency_id, image_url, reason, kind, score}],
            "empty": text or False, "lines": [{product_id, name}], "can_add": bool, "can_quote": bool}``;
            ``lines`` are the quotation's products, ``kind`` is affinity, usual, peers or similar
        """
        self.ensure_one()
        if not self.env.user.has_group("hc_crm.hc_crm_group_user"):
            raise AccessError(self.env._("Suggestions are for users of Customer Care only."))
        self.check_access("read")
        order = self._hc_check_id("sale.order", order_id, self.env._("Quotation"))
        replaced = self._hc_check_id("product.product", replace_product_id, self.env._("Product"))
        if type(limit) is not int or not 1 <= limit <= MAX_LIMIT:
            raise ValidationError(
                self.env._(
                    "Limit: “%(value)s” must be a whole number from 1 to %(most)s.",
                    value=limit,
                    most=MAX_LIMIT,
                )
            )
        result = self.env["hc.recommendation"]._recommend(self, order, replaced, limit)
        result["lines"] = [
            {"product_id": product.id, "name": product.display_name}
            for product in order._hc_replaceable_lines()
            .product_id._filtered_access("read")
            .with_context(display_default_code=False)
        ]
        result["can_add"] = (
            bool(order) and order.state in ("draft", "sent") and order.has_access("write")
        )
        result["can_quote"] = self.env["sale.order"].has_access("create")
        return result

    def _hc_check_id(self, model, value, label):
        """Return the readable record of an id that came over RPC; False and None are no record."""
        records = self.env[model]
        if value is None or value is False:
            return records
        # True is an int to Python; too large a number is an error of the database
        if type(value) is not int or not 0 < value < 2**31:
            raise ValidationError(
                self.env._(
                    "%(field)s: “%(value)s” is not an id. Give the number of an existing record.",
                    field=label,
                    value=value,
                )
            )
        record = records.browse(value).exists()
        if not record:
            raise ValidationError(
                self.env._(
                    "%(field)s: there is no record with number %(value)s any more. Reload the page.",
                    field=label,
                    value=value,
                )
            )
        record.check_access("read")
        return record
