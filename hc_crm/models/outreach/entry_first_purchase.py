from odoo import api, models
from odoo.tools import SQL


class HcOutreachEntry(models.AbstractModel):
    """Somebody bought for the first time: so many days after it, once.

    Figures say when that was, and they are worked out every hour: a first purchase of today is known today.
    """

    _inherit = "hc.outreach.entry"

    @api.model
    def _entries(self):
        return super()._entries() | {"first_purchase": self.env._("They bought for the first time")}

    def _entry_fields_first_purchase(self):
        return ["entry_days"]

    def _entry_check_first_purchase(self, plan):
        return self._check_days(plan, 0) + self._check_insight(plan)

    def _entry_text_first_purchase(self, plan):
        return self._days_text(plan.entry_days, self.env._("their first purchase"))

    def _entry_first_purchase(self, plan, scope):
        return self._first_purchase_rows(plan, scope.day_from, scope.day_to)

    def _entry_forecast_first_purchase(self, plan, date_from, date_to):
        return self._first_purchase_rows(plan, date_from, date_to)

    def _first_purchase_rows(self, plan, day_from, day_to):
        rows = SQL(
            "SELECT partner_id, partner_id AS res_id, first_purchase_date AS day, NULL::timestamp AS written "
            "FROM hc_customer_insight WHERE company_id = %s AND first_purchase_date IS NOT NULL",
            plan.company_id.id,
        )
        return self._day_rows(
            plan, rows, "res.partner", False, day_from, day_to,
            occurrence=SQL("'first purchase'::varchar"),
        )  # fmt: skip
