from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL


class HcCustomerInsight(models.Model):
    """Days instead of a date: a condition must be true tomorrow as well, and be edited by a click."""

    _inherit = "hc.customer.insight"

    next_purchase_days = fields.Integer(
        string="Days until Next Purchase",
        compute="_compute_next_purchase_days",
        search="_search_next_purchase_days",
        aggregator=None,
        help="Below zero: it was expected that many days ago.",
    )

    @api.depends("next_purchase_date")
    def _compute_next_purchase_days(self):
        today = fields.Date.context_today(self)
        for insight in self:
            expected = insight.next_purchase_date
            insight.next_purchase_days = (expected - today).days if expected else 0

    def _search_next_purchase_days(self, operator, value):
        if operator not in ("<", ">", "<=", ">=", "in"):
            return NotImplemented
        today = fields.Date.context_today(self)
        try:
            days = [
                fields.Date.add(today, days=int(number))
                for number in (value if operator == "in" else [value])
                if number is not False and number is not None
            ]
        except (TypeError, ValueError, OverflowError) as error:
            raise UserError(
                self.env._("Days until the next purchase must be a whole number of days.")
            ) from error
        if not days:
            return Domain("next_purchase_date", "=", False)
        # unknown is neither soon nor late
        known = Domain("next_purchase_date", "!=", False)
        return known & Domain("next_purchase_date", operator, days if operator == "in" else days[0])

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "next_purchase_days":
            return super()._field_to_sql(alias, field_expr, query)
        return SQL(
            "(%s - %s::date)",
            self._field_to_sql(alias, "next_purchase_date", query),
            fields.Date.context_today(self),
        )
