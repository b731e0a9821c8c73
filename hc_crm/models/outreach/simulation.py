"""What a plan would do in the coming days, beside all other running ones.

What it does
    Walks day by day: who enters, which steps are due, what the contact decision answers on that day, what is
    given to whom. Everybody has one contact budget and every colleague one limit of tasks, whichever plan
    wants them; higher priority goes first. Nothing is written.

How to use it
    ``Simulation(env, plan, days).run()`` returns the plain answer of ``hc.outreach.plan.hc_simulate``.

How it works
    The decision is asked once for everybody who shares channel, purpose and rules, and answers for the
    moment at which each step is due: the same moment that the preview of the step tells. It counts what was really sent; what the simulation sends is counted here. What
    customers will do is not known: ways through a branch that hang on it are taken in the shares seen so far.
"""

import hashlib
from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import datetime, time, timedelta
from itertools import chain

import pytz

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import SQL

from .simulation_day import Days
from .simulation_walk import Item, Walk

OUTCOMES = ("sent", "task", "person", "done", "postponed", "dropped")


class Simulation(Days):
    """One look ahead; see the module."""

    def __init__(self, env, plan, days):
        self.env = env(su=True)
        self.plan = plan.with_env(self.env)
        self.days = days
        self.now = fields.Datetime.now()
        self.company = self.plan.company_id or self.env.company
        self.tz = pytz.timezone(
            self.company.resource_calendar_id.tz or self.company.partner_id.tz or "UTC"
        )
        self.today = self._local_date(self.now)
        # naive UTC, of tomorrow and the days after: to look a day up is much faster than to work it out
        self.midnights = [self._at(day, 0) for day in range(1, days + 1)]
        self.noons = {}
        self.zones = {}  # partner id -> time zone
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
        self.desks = defaultdict(Counter)  # user id -> {last day on the desk: tasks}
        self.waiting = defaultdict(list)  # user id -> heap of what waits for room on the desk
        self.turned = Counter()
        self.moving = defaultdict(list)  # step -> those who come to it in this round
        self.questions = {}  # what steps ask -> the decision about all people and days
        self.unknown = 0  # other plans whose entry cannot be asked

    def _local_date(self, moment):
        return pytz.utc.localize(moment).astimezone(self.tz).date()

    def _day_of(self, moment):
        """The day from today on, counted from 0; at most the first one behind the look ahead."""
        return bisect_right(self.midnights, moment)

    def _noon(self, day):
        """The middle of a day, naive UTC; now, if that is over."""
        if day not in self.noons:
            self.noons[day] = max(self._at(day, 12), self.now)
        return self.noons[day]

    def _at(self, day, hour):
        local = self.tz.localize(datetime.combine(self.today + timedelta(days=day), time(hour)))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    # -- who is there -------------------------------------------------------------------------------

    def run(self):
        self.env.flush_all()
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
            plan.id: Walk(plan, is_tried=plan == self.plan) for plan in self.plan + others
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
        for _order, item in chain.from_iterable(self.waiting.values()):
            self._push_later(item)
        return self._answer()

    def _collect_inside(self):
        """Those who are in a plan already go on from where they stand."""
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
        """Who will enter, as far as anybody can know: drawn as the plan itself would draw them."""
        plan, mine = walk.plan, walk.plan == self.plan
        until = self.today + timedelta(days=self.days - 1)
        try:
            with self.env.cr.savepoint(flush=False):
                select, expected = self.env["hc.outreach.entry"]._forecast(plan, self.today, until)
                rows = plan._entering(select, self.now) if select else []
        except UserError:
            if mine:
                raise
            self.unknown += 1
            return
        if mine:
            self.expected = expected
        holdout, pilot = plan.holdout_share / 100, plan.pilot_share / 100
        per_day, entering = Counter(), []
        for partner_id, moment, draw in rows:
            moment = max(moment or self.now, self.now)
            day = self._day_of(moment)
            waits = draw >= holdout + (1 - holdout) * pilot
            if plan.daily_limit > 0 and holdout <= draw and not waits:
                while per_day[day] >= plan.daily_limit:
                    day += 1
                    moment = self._noon(day)
                per_day[day] += 1
            if day >= self.days:
                continue
            if mine:
                self.entered[day].append(partner_id)
                self.held += draw < holdout
                self.piloted += waits
            if draw >= holdout and not waits:
                entering.append((partner_id, moment, moment))
        if walk.first:
            self._begin(walk, walk.first, entering)

    def draw(self, plan, partner_id):
        """As ``hc.outreach.plan._draw_sql``: a number from 0 to 1 that hangs on plan and person alone."""
        digest = hashlib.md5(
            f"plan {plan.id},{partner_id}".encode(), usedforsecurity=False
        ).digest()
        return int.from_bytes(digest[:4], "big") / 2**32

    def _begin(self, walk, step, rows):
        """Give a step to people.

        :param rows: ``[(partner id, moment from which it counts, moment that began the plan)]``
        """
        new = self.env["res.partner"].browse({row[0] for row in rows} - self.zones.keys())
        self.zones |= new._hc_timezones(self.company)
        dues = walk.begin(step, rows, self.zones)
        for (partner_id, _moment, occurred), due in zip(rows, dues, strict=True):
            self._push(Item(walk, step, partner_id, due, occurred))

    def _push(self, item):
        day = self._day_of(item.due)
        if day < self.days:
            self.queue[day].append(item)
        else:
            self._push_later(item)

    def _push_later(self, item):
        if item.walk.plan == self.plan and not item.is_over:
            self.by_step[item.step.id]["later"] += 1

    def _read_people(self):
        ids = {item.partner_id for items in self.queue.values() for item in items}
        ids.update(partner_id for ids in self.entered.values() for partner_id in ids)
        self.people = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT p.id, COALESCE(p.user_id, c.user_id)
                      FROM res_partner p LEFT JOIN res_partner c ON c.id = p.commercial_partner_id
                     WHERE p.id = ANY(%s)
                    """,
                    list(ids),
                )
            )
        )

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
        users = set(self.people.values())
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
            self.desks[user_id][max((deadline - self.today).days, 0)] += 1

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
            "unknown": self.unknown,
        }
