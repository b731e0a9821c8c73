"""What a plan would do in the coming days, beside all other running ones.

What it does
    Walks day by day: who enters, which steps are due, what the contact decision answers on that day, what is
    given to whom. Everybody has one contact budget and every colleague one limit of tasks, whichever plan
    wants them; higher priority goes first. Nothing is written.

How to use it
    ``Simulation(env, plan, days).run()`` returns the plain answer of ``hc.outreach.plan.hc_simulate``.

How it works
    One round asks the decision once for everybody of a day who shares channel, purpose and rules. The
    decision counts what was really sent; what the simulation sends is counted here. What customers will do
    is not known: ways through a branch that hang on it are taken in the shares seen so far.
"""

import hashlib
from collections import Counter, defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from .simulation_walk import Item, Walk

# Steps of no pause follow each other on one day; a plan of more than that many in a row is cut there.
MAX_ROUNDS = 60
OUTCOMES = ("sent", "task", "person", "done", "postponed", "dropped")


class Simulation:
    """One look ahead; see the module."""

    def __init__(self, env, plan, days):
        self.env = env(su=True)
        self.plan = plan.with_env(self.env)
        self.days = days
        self.now = fields.Datetime.now()
        self.tz = pytz.timezone(
            plan.company_id.partner_id.tz or env.user.tz or env.context.get("tz") or "UTC"
        )
        self.today = self.now.astimezone(self.tz).date() if self.now.tzinfo else self._local_date(self.now)
        self.company = plan.company_id or env.company
        self.queue = defaultdict(list)
        self.entered = defaultdict(list)  # day -> [partner id] of the plan looked at
        self.by_day = defaultdict(Counter)
        self.by_step = defaultdict(Counter)
        self.reasons = Counter()  # (step id, outcome, code) -> people
        self.noted = set()
        self.expected = 0
        self.held = self.piloted = 0
        self.gone = Counter()
        self.tasks = defaultdict(Counter)  # user id -> {day: new tasks}
        self.open_until = defaultdict(list)  # user id -> [day on which a task is off the desk]
        self.turned = Counter()

    def _local_date(self, moment):
        return pytz.utc.localize(moment).astimezone(self.tz).date()

    def _day_of(self, moment):
        return max((self._local_date(moment) - self.today).days, 0)

    def _noon(self, day):
        """The middle of a day, naive UTC; now, if that is over."""
        local = self.tz.localize(datetime.combine(self.today + timedelta(days=day), time(12)))
        return max(local.astimezone(pytz.utc).replace(tzinfo=None), self.now)

    # -- who is there -------------------------------------------------------------------------------

    def run(self):
        self.policy = self.env["hc.contact.policy"].search(
            [("company_id", "=", self.company.id)], limit=1
        ) or self.env["hc.contact.policy"].new({"company_id": self.company.id})
        others = self.env["hc.outreach.plan"].search(
            [
                ("state", "=", "running"),
                ("company_id", "=", self.company.id),
                ("id", "!=", self.plan.id),
            ]
        )
        self.walks = {
            plan.id: Walk(plan, self.now)
            for plan in self.plan + others
            if not plan.is_template or plan == self.plan
        }
        self._collect_inside()
        for walk in self.walks.values():
            self._collect_entrants(walk)
        self._read_people()
        for walk in self.walks.values():
            walk.read_branches(self.people)
        self._read_budget()
        self._read_desks()
        for day in range(self.days):
            self._live(day)
        return self._answer()

    def _collect_inside(self):
        """Those who are in a plan already go on from where they stand."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT d.plan_id, d.step_id, d.partner_id, d.state, d.date_due, d.date_expire, e.date_occurred
                  FROM hc_outreach_delivery d JOIN hc_outreach_enrollment e ON e.id = d.enrollment_id
                 WHERE d.plan_id = ANY(%s) AND d.state IN ('due', 'open') AND e.state = 'active'
                """,
                list(self.walks),
            )
        )
        for plan_id, step_id, partner_id, state, due, expire, occurred in rows:
            walk = self.walks[plan_id]
            step = walk.step(step_id)
            if not step:
                continue
            if state == "open":
                # a colleague has it; done by the end of its time at the latest
                due = min(expire or self.now, self.now + timedelta(days=3))
            self._push(Item(walk, step, partner_id, due, occurred or due, state == "open"))

    def _collect_entrants(self, walk):
        plan, until = walk.plan, self.now + timedelta(days=self.days)
        known, expected = self.env["hc.outreach.plan"]._simulation_forecast(plan, self.now, until)
        mine = plan == self.plan
        if mine:
            self.expected = expected
        first = walk.first
        per_day = Counter()
        for partner_id, moment in sorted(known, key=lambda one: (one[1], one[0])):
            moment = max(moment, self.now)
            day = self._day_of(moment)
            if plan.daily_limit > 0:
                while per_day[day] >= plan.daily_limit:
                    day += 1
                    moment = self._noon(day)
                per_day[day] += 1
            if day >= self.days:
                continue
            draw = self.draw(plan, partner_id)
            held = draw < plan.holdout_share / 100
            waits = not held and self._pilot_draw(draw, plan) >= plan.pilot_share / 100
            if mine:
                self.entered[day].append(partner_id)
                self.held += held
                self.piloted += waits
            if held or waits or not first:
                continue
            due = walk.due(first, moment, moment, self._tz_of(partner_id))
            self._push(Item(walk, first, partner_id, due, moment))

    @staticmethod
    def _pilot_draw(draw, plan):
        """The draw among those who are not held out, from 0 to 1 again."""
        held = plan.holdout_share / 100
        return (draw - held) / (1 - held) if held < 1 else 1.0

    def draw(self, plan, partner_id):
        """A number from 0 to 1 that hangs on plan and person alone."""
        digest = hashlib.md5(f"{plan.id}:{partner_id}".encode(), usedforsecurity=False).digest()
        return int.from_bytes(digest[:4], "big") / 2**32

    def _tz_of(self, partner_id):
        person = self.people.get(partner_id) if hasattr(self, "people") else None
        return (person and person["tz"]) or self.tz.zone

    def _push(self, item):
        day = self._day_of(item.due)
        if day < self.days:
            self.queue[day].append(item)
        elif item.walk.plan == self.plan:
            self.by_step[item.step.id]["later"] += 1

    def _read_people(self):
        ids = {item.partner_id for items in self.queue.values() for item in items}
        ids.update(partner_id for ids in self.entered.values() for partner_id in ids)
        self.people = {
            row[0]: {"tz": row[1], "user_id": row[2]}
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT p.id, p.tz, COALESCE(p.user_id, c.user_id)
                      FROM res_partner p LEFT JOIN res_partner c ON c.id = p.commercial_partner_id
                     WHERE p.id = ANY(%s)
                    """,
                    list(ids),
                )
            )
        }

    def _read_budget(self):
        """``{partner id: [days of contacts that count, negative ones are past]}``"""
        self.contacts = defaultdict(list)
        since = self.now - timedelta(days=self.policy.budget_days)
        for partner_id, moment in self.env.execute_query(
            SQL(
                """
                SELECT partner_id, date FROM hc_contact_attempt
                 WHERE partner_id = ANY(%s) AND outcome = 'sent' AND is_budgeted AND date > %s
                """,
                list(self.people),
                since,
            )
        ):
            self.contacts[partner_id].append((self._local_date(moment) - self.today).days)

    def _read_desks(self):
        """What lies on everybody's desk, and until when: a task is done by its deadline."""
        users = {person["user_id"] for person in self.people.values()}
        users |= set(self.plan.user_id.ids)
        for walk in self.walks.values():
            users |= {user for step in walk.steps.values() for user in step.users}
            users |= set(walk.plan.user_id.ids)
        users.discard(None)
        for user_id, deadline in self.env.execute_query(
            SQL(
                "SELECT user_id, date_deadline FROM mail_activity WHERE active AND user_id = ANY(%s)",
                list(users),
            )
        ):
            self.open_until[user_id].append(max((deadline - self.today).days, 0))

    # -- a day --------------------------------------------------------------------------------------

    def _live(self, day):
        for _round in range(MAX_ROUNDS):
            items = self.queue.pop(day, [])
            if not items:
                return
            items.sort(key=lambda item: (-item.walk.priority, item.due, item.partner_id))
            decisions = self._decisions(items, day)
            for item in items:
                self._happen(item, day, decisions.get(item.question, {}).get(item.partner_id))

    def _decisions(self, items, day):
        asked = defaultdict(set)
        for item in items:
            if item.question and not item.is_over:
                asked[item.question].add(item.partner_id)
        at = self._noon(day)
        answers = {}
        for question, ids in asked.items():
            channel, purpose, human, profiled, human_days = question
            answers[question] = (
                self.env["res.partner"]
                .browse(sorted(ids))
                ._hc_contact_decisions(
                    channel, purpose, at, company=self.company, human=human, profiled=profiled,
                    human_days=human_days,
                )
            )  # fmt: skip
        return answers

    def _happen(self, item, day, decision):
        step, plan = item.step, item.walk.plan
        if item.is_over:  # a task that was open already
            return self._go_on(item, day, item.walk.outcome(item, self.draw(plan, item.partner_id)))
        if item.partner_id in item.walk.gone:
            if plan == self.plan:
                self.gone["exit_condition"] += 1
            return None
        if decision is not None and decision.answer != "yes":
            return self._held_back(item, day, decision)
        if step.budgeted and (free := self._budget_free(item.partner_id, day)) > day:
            return self._postpone(item, day, free, "budget")
        if step.is_human:
            return self._give(item, day)
        if step.channel:
            if step.budgeted:
                self.contacts[item.partner_id].append(day)
            self._note(item, day, "sent")
        else:
            self._note(item, day, "done")
        return self._go_on(item, day, item.walk.outcome(item, self.draw(plan, item.partner_id)))

    def _held_back(self, item, day, decision):
        """As the plan's rules say: wait, leave out, or leave it to a person."""
        plan, code = item.walk.plan, decision.code
        trouble = code in ("complaint", "dispute", "pause", "automation_off")
        if trouble and plan.trouble_action == "task":
            self._note(item, day, "person", code)
            self._take_desk(item.walk.responsible(self._user(item)), day, 2)
            return self._go_on(item, day, None)
        skip = trouble and plan.trouble_action == "skip"
        skip = skip or (code == "human_contact" and plan.human_action != "wait")
        if decision.answer == "never" or skip:
            self._note(item, day, "dropped", code)
            return self._go_on(item, day, None)
        until = self._day_of(decision.until) if decision.until else day + 1
        if until <= day:  # later on the same day
            if item.step.is_human:
                return self._give(item, day)
            self._note(item, day, "sent")
            if item.step.budgeted:
                self.contacts[item.partner_id].append(day)
            return self._go_on(
                item, day, item.walk.outcome(item, self.draw(plan, item.partner_id))
            )
        return self._postpone(item, day, until, code)

    def _budget_free(self, partner_id, day):
        """The first day from ``day`` on at which the budget has room."""
        days, most = self.policy.budget_days, self.policy.budget_count
        inside = sorted(one for one in self.contacts.get(partner_id, ()) if one > day - days)
        if most <= 0 or len(inside) < most:
            return day
        return inside[-most] + days

    def _postpone(self, item, day, until, code):
        self._note(item, day, "postponed", code)
        item.due = self._noon(until)
        item.postponed = True
        self._push(item)

    def _user(self, item):
        return self.people.get(item.partner_id, {}).get("user_id")

    def _give(self, item, day):
        """A task for a colleague, within their limit."""
        step = item.step
        user_id = item.walk.user(step, self._user(item), self.turned)
        if user_id and self._is_full(user_id, day):
            if step.overflow == "backup" and step.backup and not self._is_full(step.backup, day):
                user_id = step.backup
            else:
                return self._postpone(item, day, day + 1, "task_limit")
        self._note(item, day, "task")
        self._take_desk(user_id, day, step.deadline_days)
        if step.waits:
            over = self._noon(day + max(step.deadline_days, 1))
            item.due, item.is_over = over, True
            return self._push(item)
        return self._go_on(item, day, None)

    def _is_full(self, user_id, day):
        limit = self.policy.task_limit
        if limit <= 0:
            return False
        return sum(one >= day for one in self.open_until[user_id]) >= limit

    def _take_desk(self, user_id, day, deadline_days):
        if user_id:
            self.tasks[user_id][day] += 1
            self.open_until[user_id].append(day + max(deadline_days, 1) - 1)

    def _go_on(self, item, day, outcome):
        following = item.walk.next(item.step, outcome)
        if not following:
            return
        moment = self._noon(day) if day else self.now
        due = item.walk.due(following, moment, item.occurred, self._tz_of(item.partner_id))
        self._push(Item(item.walk, following, item.partner_id, due, item.occurred))

    def _note(self, item, day, outcome, code=None):
        if item.walk.plan != self.plan:
            return
        key = (item.partner_id, item.step.id, outcome, code)
        if outcome == "postponed" and key in self.noted:
            return  # waiting on is not another reason
        self.noted.add(key)
        self.by_day[day][outcome] += 1
        self.by_step[item.step.id][outcome] += 1
        if code:
            self.reasons[item.step.id, outcome, code] += 1

    # -- the answer ---------------------------------------------------------------------------------

    def _answer(self):
        entered = [
            (partner_id, day) for day in sorted(self.entered) for partner_id in self.entered[day]
        ]
        return {
            "days": [
                {
                    "date": fields.Date.to_string(self.today + timedelta(days=day)),
                    "entered": len(self.entered.get(day, ())),
                    **{outcome: self.by_day[day][outcome] for outcome in OUTCOMES},
                }
                for day in range(self.days)
            ],
            "entrants": entered,
            "expected": self.expected,
            "held": self.held,
            "piloted": self.piloted,
            "gone": sum(self.gone.values()),
            "steps": {step_id: dict(counts) for step_id, counts in self.by_step.items()},
            "reasons": dict(self.reasons),
            "tasks": {user: dict(days) for user, days in self.tasks.items()},
            "limit": self.policy.task_limit,
            "plans": len(self.walks) - 1,
        }


def domain_of(text):
    """The conditions of a plan or step as a list; empty if they cannot be read."""
    try:
        return list(Domain(safe_eval(text or "[]")))
    except Exception:
        return []
