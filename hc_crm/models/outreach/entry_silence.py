from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

USAGE = "usage"  # key of the channel of usage events


class HcOutreachEntry(models.AbstractModel):
    """Nothing happens for some days: no word and no purchase, or a feature is not used any more.

    Each silence is one occurrence, named after the day it began.
    """

    _inherit = "hc.outreach.entry"

    @api.model
    def _entries(self):
        return super()._entries() | {
            "silence": self.env._("We have not heard of each other for some days"),
            "unused": self.env._("They stopped using something"),
        }

    # -- silence --------------------------------------------------------------------------------

    def _entry_fields_silence(self):
        return ["entry_days"]

    def _entry_check_silence(self, plan):
        return self._check_days(plan) + self._check_insight(plan)

    def _entry_profiled_silence(self, plan):
        return True

    def _entry_text_silence(self, plan):
        return self.env._(
            "Every customer, after %(days)s days without a word or a purchase", days=plan.entry_days
        )

    def _entry_silence(self, plan, scope):
        return self._silence_rows(plan, scope.day_from, scope.day_to)

    def _entry_forecast_silence(self, plan, date_from, date_to):
        return self._silence_rows(plan, date_from, date_to)

    def _silence_rows(self, plan, day_from, day_to):
        rows = SQL(
            """
            SELECT partner_id, partner_id AS res_id, GREATEST(last_contact_date, last_purchase_date) AS day,
                   NULL::timestamp AS written
              FROM hc_customer_insight WHERE company_id = %s
               AND GREATEST(last_contact_date, last_purchase_date) IS NOT NULL
            """,
            plan.company_id.id,
        )
        return self._day_rows(
            plan, rows, "res.partner", False, day_from, day_to,
            occurrence=SQL("('silent since ' || kept)::varchar"),
        )  # fmt: skip

    # -- not used any more ----------------------------------------------------------------------

    def _entry_fields_unused(self):
        return ["entry_domain", "entry_days"]

    def _entry_model_unused(self, plan):
        return "hc.interaction"

    def _entry_check_unused(self, plan):
        return self._check_days(plan) + self._check_domain(
            plan, "entry_domain", self._seen_by_author(plan, "hc.interaction")
        )

    def _entry_text_unused(self, plan):
        return self.env._(
            "Every customer who has not used it for %(days)s days", days=plan.entry_days
        )

    def _entry_unused(self, plan, scope):
        return self._unused_rows(plan, scope.day_from, scope.day_to)

    def _entry_forecast_unused(self, plan, date_from, date_to):
        return self._unused_rows(plan, date_from, date_to)

    def _unused_rows(self, plan, day_from, day_to):
        """Usage events are interactions of the channel “usage”; the conditions say of what."""
        model = self._seen_by_author(plan, "hc.interaction")
        domain = self._own_domain(plan, "entry_domain", model)
        if "channel" not in (plan.entry_domain or ""):
            domain &= Domain("channel_id.key", "=", USAGE)
        query = model._search(domain)
        table = model._table
        query.groupby = SQL.identifier(table, "partner_id")
        rows = query.select(
            SQL("%s AS partner_id", query.groupby),
            SQL("MAX(%s) AS res_id", SQL.identifier(table, "id")),
            SQL(
                "(MAX(%s) AT TIME ZONE 'UTC' AT TIME ZONE %s)::date AS day",
                SQL.identifier(table, "date"),
                self._timezone(plan),
            ),
            SQL("NULL::timestamp AS written"),
        )
        return self._day_rows(
            plan, rows, "hc.interaction", False, day_from, day_to,
            occurrence=SQL("('last used ' || kept)::varchar"),
        )  # fmt: skip
