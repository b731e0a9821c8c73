from odoo import api, fields, models
from odoo.tools import SQL

from .hc_outreach_entry import MAX_DAYS

BELATED_DAYS = 3  # a greeting that comes later is worse than none


class HcOutreachEntry(models.AbstractModel):
    """Birthdays and anniversaries that are good to know (``hc.fact``), and those of being a customer.

    What is sensitive is known to few: nobody enters a plan because of it.
    """

    _inherit = "hc.outreach.entry"

    @api.model
    def _entries(self):
        return super()._entries() | {
            "milestone": self.env._("A birthday or another day good to know"),
            "customer_since": self.env._("Anniversary of their first purchase"),
        }

    # -- good to know ---------------------------------------------------------------------------

    def _entry_fields_milestone(self):
        return ["entry_occasion", "entry_days", "recipient"]

    def _entry_check_milestone(self, plan):
        problems = self._check_days(plan, -MAX_DAYS)
        if not plan.entry_occasion:
            problems.append(self._missing("entry_occasion"))
        return problems

    def _entry_text_milestone(self, plan):
        labels = dict(plan._fields["entry_occasion"]._description_selection(self.env))
        return self._days_text(plan.entry_days, labels.get(plan.entry_occasion, ""))

    def _entry_milestone(self, plan, scope):
        return self._milestone_rows(plan, self._not_belated(scope), scope.day_to)

    def _entry_forecast_milestone(self, plan, date_from, date_to):
        return self._milestone_rows(plan, date_from, date_to)

    def _not_belated(self, scope):
        earliest = fields.Date.subtract(scope.day_to, days=BELATED_DAYS)
        return max(scope.day_from, earliest) if scope.day_from else scope.day_to

    def _milestone_rows(self, plan, day_from, day_to):
        Fact = self.env["hc.fact"].with_context(active_test=True)
        query = Fact._search(
            [
                ("kind", "=", "milestone"),
                ("occasion", "=", plan.entry_occasion),
                ("sensitivity", "=", "normal"),
                ("is_expired", "=", False),
                ("date", "!=", False),
            ]
        )

        def rows(yearly):
            return SQL(
                "SELECT partner_id, id AS res_id, date AS day, write_date AS written FROM hc_fact "
                "WHERE id IN %s AND yearly IS %s TRUE",
                query.subselect(),
                SQL() if yearly else SQL("NOT"),
            )

        # one birthday a year, even if it was noted anew
        birthday = SQL("('birthday,' || EXTRACT(YEAR FROM kept)::int)::varchar")
        return SQL(
            "%s UNION ALL %s",
            self._day_rows(
                plan, rows(True), "hc.fact", True, day_from, day_to,
                occurrence=birthday if plan.entry_occasion == "birthday" else None,
            ),
            self._day_rows(plan, rows(False), "hc.fact", False, day_from, day_to),
        )  # fmt: skip

    # -- customer since -------------------------------------------------------------------------

    def _entry_fields_customer_since(self):
        return ["entry_days"]

    def _entry_check_customer_since(self, plan):
        return self._check_days(plan, -MAX_DAYS) + self._check_insight(plan)

    def _check_insight(self, plan):
        """Figures come from insight: without it nobody would ever enter."""
        if not plan.company_id:  # a ready plan: asked once somebody uses it
            return []
        if self.env["hc.insight.config"]._for_company(plan.company_id).is_active:
            return []
        return [
            self._missing_text(
                self.env._(
                    "Insight is switched off for %(company)s: switch it on under Configuration, Insight.",
                    company=plan.company_id.name,
                )
            )
        ]

    def _entry_text_customer_since(self, plan):
        return self._days_text(
            plan.entry_days, self.env._("the anniversary of their first purchase")
        )

    def _entry_customer_since(self, plan, scope):
        return self._customer_since_rows(plan, self._not_belated(scope), scope.day_to)

    def _entry_forecast_customer_since(self, plan, date_from, date_to):
        return self._customer_since_rows(plan, date_from, date_to)

    def _customer_since_rows(self, plan, day_from, day_to):
        rows = SQL(
            "SELECT partner_id, partner_id AS res_id, first_purchase_date AS day, NULL::timestamp AS written "
            "FROM hc_customer_insight WHERE company_id = %s AND first_purchase_date IS NOT NULL",
            plan.company_id.id,
        )
        return self._day_rows(
            plan, rows, "res.partner", True, day_from, day_to,
            occurrence=SQL("('customer_since,' || EXTRACT(YEAR FROM kept)::int)::varchar"),
        )  # fmt: skip
