import random
from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

SEED = 11
PLANS = (
    "welcome",
    "thanks",
    "check_in",
    "win_back",
    "quotation",
    "complaint",
    "loyalty",
    "birthday",
)
PAST_DAYS = 200  # the plans run for so long
SETTLED_DAYS = 10  # what happened later is left to the plans themselves
TEN_O_CLOCK = time(8)  # in UTC
OUTCOMES = ("reached", "voicemail", "not_done")
OUTCOME_WEIGHTS = (60, 28, 12)
# A colleague's list is for one morning.
TASKS_TODAY = {"check_in": 3, "win_back": 2, "loyalty": 1, "complaint": 2, "quotation": 2}
GOAL_DAYS = 60


class HcOutreachDemo(models.AbstractModel):
    """Half a year of outreach in the shop of the demo story, and the tasks of this morning.

    Only the demo data calls it (``demo/outreach/hc_outreach_demo.xml``). What is past is written as it would
    have been; what is of today the plans do themselves. Nothing is sent by it.
    """

    _name = "hc.outreach.demo"
    _description = "Outreach of the Demo Shop"

    @api.model
    def _populate(self):
        self = self.sudo()
        self.env.flush_all()
        plans = {key: self._start_plan(key) for key in PLANS}
        self._write_past(plans["welcome"], self._first_purchases())
        self._write_past(plans["thanks"], self._orders())
        self._write_past(plans["check_in"], self._silences())
        self.env.invalidate_all()
        for key, count in TASKS_TODAY.items():
            self._begin_today(plans[key], count)
        self.env["hc.outreach.delivery"]._work(rounds=3)

    def _start_plan(self, key):
        """Return a running plan made of a ready one, as if started long ago."""
        ready = self.env.ref(f"hc_crm.outreach_plan_{key}")
        plan = self.env["hc.outreach.plan"].browse(ready.action_use_template()["res_id"])
        admin = self.env.ref("base.user_admin")
        vals = {"user_id": admin.id, "company_id": self.env.ref("base.main_company").id}
        if key == "thanks":
            vals |= {"goal_type": "order", "goal_days": GOAL_DAYS, "holdout_share": 15}
        plan.write(vals)
        plan._publish()
        plan.write(
            {
                "state": "running",
                "date_started": fields.Datetime.subtract(fields.Datetime.now(), days=PAST_DAYS),
            }
        )
        return plan

    # -- who came in, and when --------------------------------------------------------------------

    def _first_purchases(self):
        return self._moments(
            "SELECT partner_id, first_purchase_date, 'once' FROM hc_customer_insight "
            "WHERE company_id = %s AND first_purchase_date BETWEEN %s AND %s"
        )

    def _orders(self):
        """One order in two months and customer: whoever was thanked just now is not thanked again."""
        return self._moments(
            """
            SELECT partner_id, MIN(date_order)::date, 'sale.order,' || MIN(id) FROM sale_order
             WHERE state = 'sale' AND company_id = %s AND date_order BETWEEN %s AND %s
             GROUP BY partner_id
            """
        )

    def _silences(self):
        """Customers of whom nothing was heard for two months, and of whom something has been since."""
        return self._moments(
            """
            SELECT partner_id, (day + 60)::date, 'silent since ' || day
              FROM (SELECT partner_id, date_order::date AS day,
                           LEAD(date_order::date) OVER (PARTITION BY partner_id ORDER BY date_order) AS next
                      FROM sale_order WHERE state = 'sale' AND company_id = %s) AS sale
             WHERE next - day > 75 AND day + 60 BETWEEN %s AND %s AND partner_id %% 3 = 0
            """
        )

    def _moments(self, query):
        today = fields.Date.today()
        bounds = (today - timedelta(days=PAST_DAYS), today - timedelta(days=SETTLED_DAYS))
        company = self.env.ref("base.main_company")
        rows = self.env.execute_query(SQL(query, company.id, *bounds))
        return sorted(rows, key=lambda row: (row[1], row[0]))

    # -- the past ---------------------------------------------------------------------------------

    def _write_past(self, plan, moments):
        """Write who went through a plan: the steps as far as they are over by today."""
        chance = random.Random(f"{SEED} {plan.template_key}")
        seen, enrollments = set(), []
        for partner_id, day, occurrence in moments:
            if (partner_id, occurrence) in seen:
                continue
            seen.add((partner_id, occurrence))
            entered = datetime.combine(
                day + timedelta(days=max(plan.entry_days, 0) % 60), TEN_O_CLOCK
            )
            if entered < fields.Datetime.now():
                enrollments.append((partner_id, occurrence, entered, chance.random()))
        share = plan.holdout_share / 100
        ids = self._insert_enrollments(plan, enrollments, share)
        rows, attempts = [], []
        for enrollment_id, (partner_id, _occurrence, entered, draw) in zip(
            ids, enrollments, strict=True
        ):
            if draw >= share:
                self._walk(plan, enrollment_id, partner_id, entered, chance, rows)
        deliveries = self._insert_deliveries(plan, rows)
        for delivery_id, row in zip(deliveries, rows, strict=True):
            if attempt := self._attempt(plan, delivery_id, row):
                attempts.append(attempt)
        self.env["hc.contact.attempt"]._hc_log(attempts)
        self._write_goals(plan)

    def _insert_enrollments(self, plan, enrollments, share):
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO hc_outreach_enrollment (plan_id, version_id, company_id, partner_id, occurrence,
                       date_occurred, date_entered, date_begin, date_left, draw, is_pilot, state)
                SELECT %s, %s, %s, v.partner_id, v.occurrence, v.entered, v.entered, v.entered,
                       CASE WHEN v.draw >= %s THEN v.entered + INTERVAL '30 days' END, v.draw, FALSE,
                       CASE WHEN v.draw < %s THEN 'holdout' ELSE 'done' END
                  FROM unnest(%s::int4[], %s::varchar[], %s::timestamp[], %s::float8[])
                       AS v(partner_id, occurrence, entered, draw)
                RETURNING id
                """,
                plan.id, plan.live_version_id.id, plan.company_id.id, share, share,
                *map(list, zip(*enrollments, strict=True)),
            )
        )  # fmt: skip
        return [row for [row] in rows]

    def _walk(self, plan, enrollment_id, partner_id, entered, chance, rows):
        """Add the rows of the steps of one customer, up to the one that is still to come."""
        step, at = plan.live_version_id._first_step(), entered
        now = fields.Datetime.now()
        while step:
            if step.wait_type == "after":
                days = {"days": 1, "workdays": 1.4, "weeks": 7}.get(
                    step.wait_unit, 1
                ) * step.wait_count
                at = at + timedelta(days=days)
            if at > now - timedelta(hours=12):
                # not this morning: nothing is sent while somebody installs the demo
                tomorrow = datetime.combine(now.date() + timedelta(days=1), TEN_O_CLOCK)
                rows.append((enrollment_id, partner_id, step, max(at, tomorrow), "due", None, None))
                return
            outcome, state, code = None, "done", None
            if step.type == "task":
                outcome = chance.choices(OUTCOMES, OUTCOME_WEIGHTS)[0]
                at = at + timedelta(
                    days=chance.choice((0, 0, 1, 2)), hours=chance.choice((0, 1, 3, 5))
                )
            elif chance.random() < 0.12:
                state, code = "skipped", chance.choice(("human_contact", "budget", "no_address"))
            rows.append((enrollment_id, partner_id, step, min(at, now), state, outcome, code))
            step = step._next_step(outcome)

    def _insert_deliveries(self, plan, rows):
        if not rows:
            return []
        seller = dict(
            self.env.execute_query(
                SQL("SELECT id, user_id FROM res_partner WHERE user_id IS NOT NULL")
            )
        )
        values = [
            (
                enrollment_id, step.id, partner_id, step.type, state, at,
                None if state == "due" else at, outcome, code,
                seller.get(partner_id, plan.user_id.id) if step.is_human else None,
            )
            for enrollment_id, partner_id, step, at, state, outcome, code in rows
        ]  # fmt: skip
        found = self.env.execute_query(
            SQL(
                """
                INSERT INTO hc_outreach_delivery (enrollment_id, step_id, plan_id, company_id, partner_id, type,
                       state, priority, date_due, date_first_due, date_done, outcome, reason_code, user_id, tries)
                SELECT v.enrollment, v.step, %s, %s, v.partner, v.type, v.state, %s, v.due, v.due, v.done,
                       v.outcome, v.code, v.user_id, 0
                  FROM unnest(%s::int4[], %s::int4[], %s::int4[], %s::varchar[], %s::varchar[],
                              %s::timestamp[], %s::timestamp[], %s::varchar[], %s::varchar[], %s::int4[])
                       AS v(enrollment, step, partner, type, state, due, done, outcome, code, user_id)
                RETURNING id
                """,
                plan.id, plan.company_id.id, int(plan.priority), *map(list, zip(*values, strict=True)),
            )
        )  # fmt: skip
        self.env.cr.execute(
            SQL(
                """
                UPDATE hc_outreach_enrollment AS e SET state = 'active', date_left = NULL, step_id = d.step_id
                  FROM hc_outreach_delivery AS d
                 WHERE d.enrollment_id = e.id AND d.state = 'due' AND e.plan_id = %s
                """,
                plan.id,
            )
        )
        return [row for [row] in found]

    def _attempt(self, plan, delivery_id, row):
        _enrollment, partner_id, step, at, state, _outcome, code = row
        channel = step._contact_channel()
        if state == "due" or not channel or step.is_human:
            return None
        return {
            "partner_id": partner_id,
            "company_id": plan.company_id.id,
            "purpose_id": plan.purpose_id.id,
            "channel_id": self.env.ref(f"hc_crm.hc_channel_{channel}").id,
            "date": at,
            "outcome": "sent" if state == "done" else "dropped",
            "is_budgeted": plan.purpose_id.is_budgeted,
            "subject": step.mail_template_id.name or step.name,
            "reason_code": code or False,
            "res_model": "hc.outreach.delivery",
            "res_id": delivery_id,
        }

    def _write_goals(self, plan):
        """Whoever bought in time has reached the goal: with their own orders; whoever was reached, answered."""
        if plan.goal_type == "reply":
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE hc_outreach_enrollment AS e
                       SET state = 'goal', date_goal = d.date_done, date_left = d.date_done
                      FROM hc_outreach_delivery AS d
                     WHERE d.enrollment_id = e.id AND d.outcome = 'reached' AND e.plan_id = %s
                    """,
                    plan.id,
                )
            )
        if plan.goal_type != "order":
            return
        self.env.cr.execute(
            SQL(
                """
                UPDATE hc_outreach_enrollment AS e
                   SET date_goal = sale.date,
                       state = CASE WHEN e.state = 'holdout' THEN e.state ELSE 'goal' END,
                       date_left = CASE WHEN e.state = 'holdout' THEN NULL ELSE sale.date END
                  FROM (SELECT e.id, MIN(o.date_order) AS date
                          FROM hc_outreach_enrollment AS e
                          JOIN sale_order AS o ON o.partner_id = e.partner_id AND o.state = 'sale'
                           AND o.date_order > e.date_entered
                           AND o.date_order <= e.date_entered + make_interval(days => %s)
                         WHERE e.plan_id = %s GROUP BY e.id) AS sale
                 WHERE sale.id = e.id
                """,
                plan.goal_days,
                plan.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM hc_outreach_delivery AS d USING hc_outreach_enrollment AS e
                 WHERE d.enrollment_id = e.id AND e.plan_id = %s AND d.state = 'due' AND e.state = 'goal'
                """,
                plan.id,
            )
        )

    # -- this morning -----------------------------------------------------------------------------

    def _begin_today(self, plan, count):
        """Let some customers in whom the plan is for; the engine gives their tasks out."""
        partners = getattr(self, f"_today_{plan.template_key}")()
        for partner in partners[:count]:
            plan._enroll(partner, occurrence="this morning")

    def _by_figures(self, domain, order):
        """Customers of different colleagues, so that each has something to do."""
        found = self.env["hc.customer.insight"].search(domain, order=order, limit=60)
        found = found.filtered(lambda one: one.partner_id.phone and one.partner_id.user_id)
        turns = found.grouped(lambda one: one.partner_id.user_id)
        mixed = self.env["res.partner"]
        for place in range(3):
            for mine in turns.values():
                mixed |= mine[place : place + 1].partner_id
        return mixed

    def _today_check_in(self):
        return self._by_figures(
            [("status", "=", "late"), ("health_band", "!=", "low")], "monetary desc"
        )

    def _today_win_back(self):
        margaret = self.env.ref("hc_crm.demo_partner_margaret", raise_if_not_found=False)
        others = self._by_figures(
            [("churn_risk", ">", 0.6), ("frequency", ">", 4)], "monetary desc"
        )
        return (margaret or self.env["res.partner"]) | others

    def _today_loyalty(self):
        champions = self.env.ref("hc_crm.hc_segment_champions")
        members = self.env["hc.segment.membership"].search(
            [("segment_id", "=", champions.id), ("date_left", "=", False)], limit=20
        )
        return members.partner_id.filtered("user_id")

    def _today_complaint(self):
        unhappy = self.env["hc.interaction"].search(
            [("sentiment", "in", ("-2", "-1")), ("is_automated", "=", False)],
            order="date desc",
            limit=4,
        )
        return unhappy.partner_id

    def _today_quotation(self):
        waiting = self.env["sale.order"].search(
            [("state", "in", ("draft", "sent")), ("partner_id.email", "!=", False)],
            order="date_order desc",
            limit=10,
        )
        return waiting.partner_id
