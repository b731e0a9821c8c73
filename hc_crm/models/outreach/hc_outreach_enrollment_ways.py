from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ..consent.contact_decision import array


class HcOutreachEnrollment(models.Model):
    """Beginning, going on and leaving: rows written in sets, by the engine alone."""

    _inherit = "hc.outreach.enrollment"

    def _begin_steps(self, begin, after, placed=False):
        """Give people the step they come to.

        :param begin: ``{step: [enrollment id, …]}``
        :param after: naive UTC when the step before was over, or ``{enrollment id: naive UTC}``
        :param placed: it stands in the rows already that this is where they are
        :return: places to go on from, of those who did that step already in another version of the plan:
            ``[(enrollment id, step, outcome), …]``
        """
        if not begin:
            return []
        Delivery = self.env["hc.outreach.delivery"]
        enrollment_ids, step_ids, dues = [], [], []
        for step, ids in begin.items():
            due = step._due_at(self.browse(ids), after)
            enrollment_ids += ids
            step_ids += [step.id] * len(ids)
            dues += map(due.__getitem__, ids)
        Delivery.flush_model()
        self.env["hc.outreach.plan"].flush_model(["priority"])
        self.env["hc.outreach.step"].flush_model(["type"])
        self.flush_model()
        coming = SQL(
            "unnest(%s, %s, %s) AS v(enrollment_id, step_id, due)",
            array(enrollment_ids),
            array(step_ids),
            array(dues, "timestamp"),
        )
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO hc_outreach_delivery (
                    enrollment_id, step_id, plan_id, company_id, partner_id, type, state, priority,
                    date_due, date_first_due, tries)
                SELECT e.id, s.id, e.plan_id, e.company_id, e.partner_id, s.type, 'due', p.priority::int4,
                       v.due, v.due, 0
                  FROM %s
                  JOIN hc_outreach_enrollment AS e ON e.id = v.enrollment_id AND e.state = 'active'
                  JOIN hc_outreach_step AS s ON s.id = v.step_id
                  JOIN hc_outreach_plan AS p ON p.id = e.plan_id
                ON CONFLICT (enrollment_id, step_id) DO NOTHING
                RETURNING enrollment_id
                """,
                coming,
            )
        )
        if not placed:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE hc_outreach_enrollment AS e SET step_id = v.step_id
                      FROM %s WHERE e.id = v.enrollment_id AND e.state = 'active'
                    """,
                    coming,
                )
            )
        self.invalidate_model(["step_id", "delivery_ids"], flush=False)
        if len(rows) == len(enrollment_ids):
            return []
        # Some left meanwhile; some did the step before they moved to this version.
        known = self.env.execute_query(
            SQL(
                """
                SELECT d.enrollment_id, d.step_id, d.outcome
                  FROM %s
                  JOIN hc_outreach_delivery AS d USING (enrollment_id, step_id)
                  JOIN hc_outreach_enrollment AS e ON e.id = d.enrollment_id AND e.state = 'active'
                 WHERE d.state IN ('done', 'skipped') AND d.enrollment_id <> ALL(%s)
                """,
                coming,
                [enrollment_id for [enrollment_id] in rows],
            )
        )
        Step = self.env["hc.outreach.step"]
        return [(row, Step.browse(step_id), outcome) for row, step_id, outcome in known]

    def _walk(self, places, after, now):
        """Go on from these places to the next steps that were not done yet.

        :param places: ``[(enrollment id, step just over, outcome), …]``
        """
        ended = []
        while places:  # each round is one step further down a tree
            begin, following = defaultdict(list), {}
            for enrollment_id, step, lane in places:
                if (step, lane) not in following:
                    following[step, lane] = step._next_step(lane)
                if coming := following[step, lane]:
                    begin[coming].append(enrollment_id)
                else:
                    ended.append(enrollment_id)
            places = self._begin_steps(begin, after) if begin else []
        self.browse(ended)._set_through(now)

    def _begin(self, after=None):
        """Give those who just came in the first step of their version."""
        active = self.filtered(lambda enrollment: enrollment.state == "active")
        after = after or {row.id: row.date_begin or row.date_entered for row in active}
        for version, enrollments in active.grouped("version_id").items():
            if first := version._first_step():
                enrollments._begin_steps({first: list(enrollments._ids)}, after)
            else:
                enrollments._set_through(self.env["hc.outreach.delivery"]._now())

    def _set_through(self, now):
        """The plan is over for these people: they went through."""
        self._set_left("done", None, now)

    def _set_left(self, state, code, now):
        if not self:
            return
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE hc_outreach_enrollment
                   SET state = %s, exit_code = %s, date_left = %s, step_id = NULL
                 WHERE id = ANY(%s) AND state IN ('active', 'waiting', 'failed')
                """,
                state,
                code,
                now,
                list(self._ids),
            )
        )
        self.invalidate_recordset(["state", "exit_code", "date_left", "step_id"], flush=False)

    def _leave(self, code, state="exited"):
        """End the plan for these people at once: what was still to come is left out, for that reason.

        What is on its way already is not called back.

        :param code: why (``exit_code``): replied, exit_condition, goal, archived, erased, merged,
            plan_ended, by_hand, …
        :param state: ``exited``, ``goal`` or ``done``
        """
        if not self:
            return
        now = self.env["hc.outreach.delivery"]._now()
        deliveries = (
            self.env["hc.outreach.delivery"]
            .sudo()
            .search(
                [
                    ("enrollment_id", "in", self.ids),
                    ("state", "in", ("due", "open", "failed", "doubt")),
                ]
            )
        )
        deliveries.filtered(lambda delivery: delivery.state == "open")._call_off(code)
        deliveries.filtered(lambda delivery: delivery.state != "doubt")._mark(
            {"state": "skipped", "date_done": now, "reason_code": code, "reason_args": None}
        )
        self._set_left(state, code, now)

    def _check_exits(self):
        """Let those leave who reached the goal, answered, or meet the condition to stop.

        :return: those that left
        """
        return self.browse()
