from odoo import fields, models
from odoo.tools import SQL

from ..consent.contact_decision import array

# What lets a step wait because something is wrong between the customer and us: a person's business.
TROUBLE = {"complaint", "dispute", "pause"}
# How long to wait when nobody says until when.
ASK_AGAIN_HOURS = 24


class HcOutreachDelivery(models.Model):
    """Whether a step should still happen, asked right before it does."""

    _inherit = "hc.outreach.delivery"

    def _allowed(self):
        """Return the rows whose plan, enrollment and customer are still as they have to be."""
        odd = self._odd_ones()
        rows = self - self.browse(odd["stopped"])
        gone = self.browse(odd["gone"])
        gone._mark(
            {
                "state": "skipped",
                "date_done": self._now(),
                "reason_code": "left",
                "reason_args": None,
            }
        )
        late = self.browse(odd["late"])
        late._set_skipped("too_late")
        rows -= gone | late
        enrollments = rows.enrollment_id
        archived = self.browse(odd["archived"]).enrollment_id
        archived._leave("archived")
        elsewhere = self.browse(odd["elsewhere"]).enrollment_id - archived
        elsewhere._leave("other_company")
        left = archived | elsewhere
        for plan, some in (enrollments - left).grouped("plan_id").items():
            try:
                with self.env.cr.savepoint():
                    left |= some._check_exits()
            except Exception as error:
                # nobody is written to as long as it is unknown whether they should be
                rows.filtered(lambda row, broken=plan: row.plan_id == broken)._set_failed(
                    self.env._(
                        "When to stop, or the goal, cannot be asked: %(error)s",
                        error=self._error_text(error),
                    )
                )
        return rows._still_due()

    def _still_due(self):
        """Return those that are still to be done for somebody who is still inside."""
        self.env.flush_all()
        found = {
            row
            for [row] in self.env.execute_query(
                SQL(
                    """
                    SELECT d.id FROM hc_outreach_delivery AS d
                      JOIN hc_outreach_enrollment AS e ON e.id = d.enrollment_id
                     WHERE d.id = ANY(%s) AND d.state = 'due' AND e.state = 'active'
                    """,
                    array(self._ids),
                )
            )
        }
        return self.browse(row for row in self._ids if row in found)

    def _odd_ones(self):
        """Return the rows that are not as they have to be: ``{why: [delivery id]}``.

        The first that holds: their plan was ``stopped``; they are ``gone`` from it; it is too ``late``,
        since it could have happened so long ago that it makes no sense any more (what was held back for a
        reason of its own is not late: the wait was meant); the customer is ``archived``, or belongs
        ``elsewhere``, to another company.
        """
        self.env.flush_all()
        odd = {"stopped": [], "gone": [], "late": [], "archived": [], "elsewhere": []}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, why FROM (
                    SELECT d.id, CASE
                           WHEN p.state <> 'running' THEN 'stopped'
                           WHEN e.state <> 'active' THEN 'gone'
                           WHEN p.late_days > 0 AND d.reason_code IS NULL AND COALESCE(d.tries, 0) = 0
                                AND COALESCE(d.date_first_due, d.date_due)
                                    < %s::timestamp - p.late_days * INTERVAL '1 day' THEN 'late'
                           WHEN person.active IS NOT TRUE THEN 'archived'
                           WHEN person.company_id <> e.company_id THEN 'elsewhere' END AS why
                      FROM hc_outreach_delivery AS d
                      JOIN hc_outreach_enrollment AS e ON e.id = d.enrollment_id
                      JOIN hc_outreach_plan AS p ON p.id = d.plan_id
                      JOIN res_partner AS person ON person.id = e.partner_id
                     WHERE d.id = ANY(%s)) AS row
                 WHERE why IS NOT NULL
                """,
                self._now(),
                array(self._ids),
            )
        )
        for row, why in rows:
            odd[why].append(row)
        return odd

    def _is_too_late(self, now):
        """Whether it could have happened so long ago that it makes no sense any more."""
        days = self.plan_id.late_days
        since = self.date_first_due or self.date_due
        return bool(days > 0 and since and since < fields.Datetime.subtract(now, days=days))

    def _decided(self, step):
        """Ask whether the customer may be contacted; mark who may not, or not now; return the others."""
        channel = step._contact_channel()
        if not channel:
            return self
        plan = step.plan_id
        purpose = step.purpose_id or plan.purpose_id
        options = {"company": plan.company_id, "human": step.is_human}
        if plan._rests_on_figures():
            options["profiled"] = True
        if plan.human_days >= 0:
            options["human_days"] = plan.human_days
        decisions = self.partner_id._hc_contact_decisions(
            channel, purpose.key, self._now(), **options
        )
        allowed, groups = [], {}
        for row in self:
            decision = decisions[row.partner_id.id]
            if decision.answer == "yes" or (decision.answer == "later" and step.is_human):
                # a colleague has a task in their own time: when to call is theirs to see
                allowed.append(row.id)
            else:
                groups.setdefault((decision.answer, decision.code), []).append((row, decision))
        for (answer, code), found in groups.items():
            rows = self.browse(row.id for row, _decision in found)
            rows._obey(step, answer, code, {row.id: decision for row, decision in found})
        return self.browse(allowed)

    def _obey(self, step, answer, code, decisions):
        """Do what the plan says for one kind of answer.

        :param decisions: ``{delivery id: ContactDecision}``
        """
        plan = step.plan_id
        args = {row: decision.args or None for row, decision in decisions.items()}
        args = args if any(args.values()) else None
        if code in TROUBLE or code == "automation_off":
            if plan.trouble_action == "task":
                self._mark({"reason_code": code, "reason_args": args})
                self._log_attempts("person", code=code, args=args)
                step._give_to_person(self)
                return
            if answer == "never" or plan.trouble_action == "skip":
                self._set_skipped(code, args)
                return
        elif answer == "never":
            self._set_skipped(code, args)
            return
        elif code == "human_contact" and plan.human_action == "note":
            step._note_to_colleague(self, code, args)
            return
        elif code == "human_contact" and plan.human_action == "skip":
            self._set_skipped(code, args)
            return
        now = self._now()
        soon = fields.Datetime.add(now, hours=ASK_AGAIN_HOURS)
        until = {
            row: decision.until if decision.until and decision.until > now else soon
            for row, decision in decisions.items()
        }
        self._set_postponed(until, code, args)

    def _call_off(self, code):
        """The plan ended for somebody while a person had the step: take the task back.

        :param code: why they left
        """
        self.activity_id.sudo().unlink()
