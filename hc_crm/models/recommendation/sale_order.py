from odoo import models
from odoo.exceptions import AccessError, UserError


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def hc_add_recommendation(self, product_id, replace_product_id=False):
        """Add a suggested product to this quotation, at the price the host gives it.

        :param product_id: id of the product.product to add
        :param replace_product_id: id of a product of the quotation it stands in for: that line goes, its
            quantity and place stay
        :return: id of the new line
        :raise UserError: when the quotation is closed or the product cannot be sold on it
        """
        self.ensure_one()
        if not self.env.user.has_group("hc_crm.hc_crm_group_user"):
            raise AccessError(self.env._("Suggestions are for users of Customer Care only."))
        self.check_access("write")
        check = self.env["res.partner"]._hc_check_id
        product = check("product.product", product_id, self.env._("Product"))
        replaced = check("product.product", replace_product_id, self.env._("Product to replace"))
        if not product:
            raise UserError(self.env._("Say which product to add."))
        if self.state not in ("draft", "sent") or self.locked:
            states = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(order)s is no longer a quotation (%(state)s), so nothing can be added. Make a new "
                    "quotation for %(product)s.",
                    order=self.name,
                    state=states[self.state],
                    product=product.display_name,
                )
            )
        self._hc_check_sellable(product)
        if product in self.order_line.product_id:
            raise UserError(
                self.env._(
                    "%(product)s is on %(order)s already. Change the quantity of its line.",
                    product=product.display_name,
                    order=self.name,
                )
            )
        values = {"order_id": self.id, "product_id": product.id}
        lines = self._hc_replaceable_lines().filtered(lambda line: line.product_id == replaced)
        if replaced and not lines:
            raise UserError(
                self.env._(
                    "%(product)s is not on %(order)s any more. Reload the page.",
                    product=replaced.display_name,
                    order=self.name,
                )
            )
        if lines:
            values |= {
                "product_uom_qty": sum(lines.mapped("product_uom_qty")),
                "sequence": lines[0].sequence,
            }
        else:
            values["sequence"] = self._get_new_line_sequence("order_line", False)
        lines.unlink()
        return self.env["sale.order.line"].create(values).id

    def _hc_check_sellable(self, product):
        domain = self.env["hc.recommendation"]._sellable_domain(self.company_id)
        allowed = product.active and product.product_tmpl_id.filtered_domain(domain)
        if not allowed:
            raise UserError(
                self.env._(
                    "%(product)s cannot be added to %(order)s: it is archived, not for sale in "
                    "%(company)s, or has to be chosen from the catalog (services, combos).",
                    product=product.display_name,
                    order=self.name,
                    company=self.company_id.name,
                )
            )

    def _hc_replaceable_lines(self):
        """Return the lines of products somebody may not be able to have."""
        return self.order_line.filtered(
            lambda line: (
                line.product_id.type == "consu"
                and not line.combo_item_id
                and not line.is_downpayment
            )
        )
