from odoo import api, models
from odoo.tools import SQL

# Points of 100 by which a figure must come back before crossing the limit counts anew: one that trembles
# around it would let the same person in again and again.
RECOVERED = 5


class HcOutreachEntry(models.AbstractModel):
    """A figure of insight crosses a limit.

    It is the crossing that counts, and not being beyond: who was beyond when the plan started, or had their
    turn, stands in ``hc.outreach.seen`` until the figure has come back by ``RECOVERED`` points.
    """

    _inherit = "hc.outreach.entry"

    @api.model
    def _entries(self):
        return super()._entries() | {"figure": self.env._("A figure crosses a limit")}

    def _entry_fields_figure(self):
        return ["entry_figure", "entry_value"]

    def _entry_check_figure(self, plan):
        problems = self._check_insight(plan)
        if not plan.entry_figure:
            return [*problems, self._missing("entry_figure")]
        if not 1 <= plan.entry_value <= 99:
            problems.append(
                self.env._(
                    "%(field)s: give a number from 1 to 99 (of 100).",
                    field=self._label("entry_value"),
                )
            )
        return problems

    def _entry_profiled_figure(self, plan):
        return True

    def _entry_text_figure(self, plan):
        texts = {
            "churn_risk": self.env._(
                "Every customer more than %(value)g%% likely to stop buying", value=plan.entry_value
            ),
            "health": self.env._(
                "Every customer whose health falls below %(value)g", value=plan.entry_value
            ),
            "health_drop": self.env._(
                "Every customer whose health fell by %(value)g within three months",
                value=plan.entry_value,
            ),
        }
        return texts.get(plan.entry_figure, "")

    def _figure_sql(self, plan, back=0):
        """Return the condition of being beyond the limit; a limit easier to reach by ``back`` points.

        NULL, not enough history, is neither beyond nor back.
        """
        value = plan.entry_value
        return {
            "churn_risk": SQL("insight.churn_risk * 100 > %s", value - back),
            "health": SQL("insight.health < %s AND insight.health_band <> 'unknown'", value + back),
            "health_drop": SQL("insight.health_change <= %s", back - value),
        }[plan.entry_figure]

    def _figure_rows(self, plan):
        return SQL(
            """
            FROM hc_customer_insight AS insight
            WHERE insight.company_id = %s AND %s
              AND NOT EXISTS (SELECT 1 FROM hc_outreach_seen AS seen
                               WHERE seen.plan_id = %s AND seen.res_id = insight.partner_id)
            """,
            plan.company_id.id,
            self._figure_sql(plan),
            plan.id,
        )

    def _entry_figure(self, plan, scope):
        return SQL(
            """
            SELECT insight.partner_id, (%s || ',' || %s)::varchar, 'res.partner'::varchar, insight.partner_id,
                   %s::timestamp
            %s
            """,
            plan.entry_figure,
            str(scope.day_to),
            scope.now,
            self._figure_rows(plan),
        )

    def _entry_start_figure(self, plan):
        self._see(plan, SQL("SELECT insight.partner_id AS res_id %s", self._figure_rows(plan)))

    def _entry_done_figure(self, plan):
        self._see(plan, SQL("SELECT res_id FROM hc_outreach_candidate"))
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM hc_outreach_seen AS seen USING hc_customer_insight AS insight
                 WHERE seen.plan_id = %s AND insight.partner_id = seen.res_id AND insight.company_id = %s
                   AND NOT (%s)
                """,
                plan.id,
                plan.company_id.id,
                self._figure_sql(plan, RECOVERED),
            )
        )

    def _entry_expected_figure(self, plan, since):
        """As many as came in before or, for a plan that never ran, are beyond now and were not last month."""
        if plan.date_started:
            return self._count_entered(plan, since)
        if plan.entry_figure == "health_drop":
            return None
        before = {
            "churn_risk": SQL("past.churn_risk * 100 <= %s", plan.entry_value),
            "health": SQL("past.health >= %s", plan.entry_value),
        }[plan.entry_figure]
        return SQL(
            """
            SELECT COUNT(*) FROM hc_customer_insight AS insight
              JOIN hc_customer_insight_history AS past
                ON past.partner_id = insight.partner_id AND past.company_id = insight.company_id
             WHERE insight.company_id = %(company)s AND %(now)s AND %(before)s
               AND past.month = (SELECT MAX(month) FROM hc_customer_insight_history
                                  WHERE company_id = %(company)s)
            """,
            company=plan.company_id.id,
            now=self._figure_sql(plan),
            before=before,
        )
