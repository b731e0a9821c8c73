import logging

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..consent.contact_decision import array
from ..preference.hc_contact_event import EventScope

_logger = logging.getLogger(__name__)

# Days after the time for the goal is over during which what was entered late is still found.
SLACK_DAYS = 7


class HcOutreachEnrollment(models.Model):
    """Reaching the goal, and leaving a plan before its end.

    The goal is looked for among everybody who entered, whatever became of them, the hold-out included: what
    the plan is good for is the difference between the two. ``date_goal`` is when it was reached, not when
    that was noticed.
    """

    _inherit = "hc.outreach.enrollment"

    def _check_exits(self):
        """Let those leave who reached the goal, are archived, answered, or fit the plan's “stop for”.

        Called by the worker right before each step. The number of queries depends on the number of plans,
        not of people.

        :return: those that left
        """
        left = self.browse()
        active = self.filtered(lambda row: row.state in ("active", "waiting", "failed"))
        for plan, rows in active.grouped("plan_id").items():
            plan = plan.sudo()
            self.env.flush_all()
            goals = rows._find_goals(plan)
            rows._note_goals(goals)
            reached = rows & self.browse(goals) if goals else self.browse()
            reached._leave("goal", state="goal")
            rest = rows - reached
            for code, find in (
                ("archived", rest._find_archived),
                ("replied", rest._find_replied),
                ("exit_condition", rest._find_exit_condition),
            ):
                if found := find(plan):
                    gone = found & (rest - left)
                    gone._leave(code)
                    left |= gone
            left |= reached
        return left

    # -- leaving --------------------------------------------------------------------------------

    def _find_archived(self, plan):
        archived = self.env.execute_query(
            SQL(
                """
                SELECT e.id FROM hc_outreach_enrollment AS e
                  JOIN res_partner AS person ON person.id = e.partner_id
                 WHERE e.id = ANY(%s) AND person.active IS NOT TRUE
                """,
                array(self._ids),
            )
        )
        return self.browse(row for [row] in archived)

    def _find_replied(self, plan):
        if not plan.exit_on_reply or not self:
            return self.browse()
        return self.browse(self._find_replies(plan))

    def _find_exit_condition(self, plan):
        if not (found := self._matching(plan, "exit_domain")):
            return self.browse()
        return self.filtered(lambda row: row.partner_id.id in found)

    def _matching(self, plan, name):
        """Return the ids of those people who fit one of the plan's conditions; none without a condition."""
        domain = plan._read_domain(plan[name])
        if not self or domain.is_true():
            return set()
        Partner = plan._as_author(of=name).with_context(active_test=False)
        query = Partner._search(domain & Domain("id", "in", self.partner_id.ids))
        return set(query.get_result_ids())

    # -- goals ----------------------------------------------------------------------------------

    def _find_goals(self, plan):
        """Return ``{enrollment id: naive UTC}`` of those who reached the goal in time."""
        if not self or plan.goal_type == "none":
            return {}
        return getattr(self, f"_find_goals_{plan.goal_type}")(plan)

    def _find_goals_order(self, plan):
        """They bought: an order was confirmed (or paid in the shop) since they entered."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT entered.id, MIN(purchase.date)
                  FROM hc_outreach_enrollment AS entered
                  JOIN res_partner AS person ON person.id = entered.partner_id
                  JOIN res_partner AS buyer
                    ON buyer.commercial_partner_id = person.commercial_partner_id
                  JOIN LATERAL (%s) AS purchase ON purchase.date > entered.date_entered
                   AND purchase.date <= entered.date_entered + %s * INTERVAL '1 day'
                 WHERE entered.id = ANY(%s)
                 GROUP BY entered.id
                """,
                self._purchases_of(plan),
                plan.goal_days,
                list(self._ids),
            )
        )
        return dict(rows)

    def _purchases_of(self, plan):
        """Return the SELECT of moments at which ``buyer`` bought."""
        company = plan.company_id.id
        parts = [
            SQL(
                "SELECT date_order AS date FROM sale_order WHERE partner_id = buyer.id "
                "AND state = 'sale' AND company_id = %s",
                company,
            )
        ]
        if "pos.order" in self.env:
            parts.append(
                SQL(
                    "SELECT date_order FROM pos_order WHERE partner_id = buyer.id "
                    "AND state IN ('paid', 'done', 'invoiced') AND company_id = %s",
                    company,
                )
            )
        config = self.env["hc.insight.config"].sudo()._for_company(plan.company_id)
        if config.purchase_source == "invoice":
            # of an invoice only the day is known: one of the day they entered may have been before
            parts.append(
                SQL(
                    "SELECT invoice_date::timestamp FROM account_move WHERE partner_id = buyer.id "
                    "AND move_type = 'out_invoice' AND state = 'posted' AND company_id = %s",
                    company,
                )
            )
        return SQL(" UNION ALL ").join(parts)

    def _find_goals_reply(self, plan):
        return self._find_replies(plan, plan.goal_days)

    def _find_goals_domain(self, plan):
        now = fields.Datetime.now()
        found = self._matching(plan, "goal_domain")
        return {
            row.id: now
            for row in self
            if row.partner_id.id in found
            and now <= fields.Datetime.add(row.date_entered, days=plan.goal_days)
        }

    def _find_replies(self, plan, within_days=None):
        """Return ``{enrollment id: when they first turned to us since they entered}``, naive UTC.

        On any channel, see ``hc.contact.event``: what people did, no automatic reply. For a company any of
        its people counts. A talk that a colleague had because the plan asked for it is no answer.
        """
        pairs = self.env.execute_query(
            SQL(
                """
                SELECT entered.id, entered.partner_id FROM hc_outreach_enrollment AS entered
                 WHERE entered.id = ANY(%(ids)s)
                UNION
                SELECT entered.id, person.id FROM hc_outreach_enrollment AS entered
                  JOIN res_partner AS person ON person.commercial_partner_id = entered.partner_id
                 WHERE entered.id = ANY(%(ids)s)
                """,
                ids=list(self._ids),
            )
        )
        if not pairs:
            return {}
        scope = EventScope(
            # exclusive: what is said this very second counts
            until=fields.Datetime.add(fields.Datetime.now(), seconds=1),
            since=min(self.mapped("date_entered")),
            company_id=plan.company_id.id,
            partner_ids=sorted({partner_id for _id, partner_id in pairs}),
        )
        selects = self.env["hc.contact.event"]._selects(scope)
        limit = SQL("NOT (%s)", self._expected_reply())
        if within_days is not None:
            limit = SQL("event.date <= entered.date_entered + %s * INTERVAL '1 day'", within_days)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT entered.id, MIN(event.date)
                  FROM (%(events)s) AS event(%(columns)s)
                  JOIN UNNEST(%(ids)s::int[], %(partners)s::int[]) AS pair(id, partner_id)
                    ON pair.partner_id = event.partner_id
                  JOIN hc_outreach_enrollment AS entered ON entered.id = pair.id
                 WHERE event.is_contact AND event.direction IN ('in', 'both')
                   AND event.date > entered.date_entered AND %(limit)s
                   AND NOT (event.direction = 'both' AND EXISTS (
                       SELECT 1 FROM hc_outreach_delivery AS task
                        WHERE task.enrollment_id = entered.id AND task.type IN %(human)s
                          AND event.date >= task.date_due
                          AND (task.state = 'open' OR (task.state = 'done'
                               AND event.date <= task.date_done + INTERVAL '1 day'))))
                 GROUP BY entered.id
                """,
                events=SQL(" UNION ALL ").join(selects),
                columns=SQL(
                    "partner_id, date, kind, channel, direction, feeling, is_contact, company_id, is_open"
                ),
                ids=[row_id for row_id, _partner in pairs],
                partners=[partner_id for _id, partner_id in pairs],
                limit=limit,
                human=self._human_types(),
            )
        )
        return dict(rows)

    def _expected_reply(self):
        """Return a condition on ``event`` and ``entered``: the plan asked for it, so it is no reason to leave.

        Override to add what else a step of a plan asks for and waits for.
        """
        return SQL("FALSE")

    def _human_types(self):
        types = self.env["hc.outreach.step"]._step_types()
        return tuple(key for key, info in types.items() if info["human"]) or ("task",)

    def _note_goals(self, goals):
        """Write when the goal was reached on those where that is not known yet."""
        if not goals:
            return
        self.env.cr.execute(
            SQL(
                """
                UPDATE hc_outreach_enrollment AS entered SET date_goal = found.date
                  FROM UNNEST(%s::int[], %s::timestamp[]) AS found(id, date)
                 WHERE entered.id = found.id AND entered.date_goal IS NULL
                """,
                list(goals),
                list(goals.values()),
            )
        )
        self.browse(goals).invalidate_recordset(["date_goal"], flush=False)

    @api.model
    def _cron_goals(self):
        """Note who reached the goal after they went through, left, or while they are held out.

        Those still inside leave at once, and not only at their next step.
        """
        plans = self.env["hc.outreach.plan"].search(
            [("goal_type", "!=", "none"), ("state", "in", ("running", "paused", "done"))]
        )
        for left, plan in zip(range(len(plans) - 1, -1, -1), plans, strict=True):
            try:
                with self.env.cr.savepoint():
                    self._note_goals_of(plan)
            except Exception:
                # its own condition may be broken: said where it is entered and worked
                self.env.invalidate_all(flush=False)
                _logger.warning(
                    "The goal of plan %s could not be looked at", plan.id, exc_info=True
                )
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                break

    @api.model
    def _note_goals_of(self, plan):
        earliest = fields.Datetime.subtract(fields.Datetime.now(), days=plan.goal_days + SLACK_DAYS)
        rows = self.sudo().search(
            [
                ("plan_id", "=", plan.id),
                ("date_goal", "=", False),
                ("date_entered", ">=", earliest),
                ("state", "!=", "waiting"),
            ]
        )
        self.env.flush_all()
        goals = rows._find_goals(plan)
        rows._note_goals(goals)
        reached = rows.filtered(lambda row: row.id in goals and row.state == "active")
        reached._leave("goal", state="goal")
