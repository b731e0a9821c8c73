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
import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import datetime, time, timedelta
from heapq import heappop, heappush
from itertools import chain

import pytz

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import SQL

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

    # -- a day --------------------------------------------------------------------------------------

    def _live(self, day):
        for _round in range(MAX_ROUNDS):
            items = self.queue.pop(day, []) + self._taken_up(day)
            if not items:
                return
            items.sort(key=self._order)
            for item in items:
                self._happen(item, day, self._decision(item, self._moment(item, day)))
            self._move_on()

    @staticmethod
    def _order(item):
        return -item.walk.priority, item.due, item.partner_id, item.step.id

    def _taken_up(self, day):
        """Those who waited for a colleague, as many as there is room for now."""
        items = []
        for user_id, heap in self.waiting.items():
            room = self._room(user_id, day) if heap else 0
            items += [heappop(heap)[1] for _number in range(min(room, len(heap)))]
        return items

    def _moment(self, item, day):
        """When on that day it happens: when it is due, or later if it had to wait for somebody."""
        due = max(item.due, self.now)
        return due if self._day_of(due) == day else self._noon(day)

    def _decision(self, item, at):
        """Whether they may be contacted at that moment; None: the step contacts nobody."""
        question = item.step.question
        if not question or item.is_over:
            return None
        if question not in self.questions:
            channel, purpose, human, profiled, human_days = question
            self.questions[question] = (
                self.env["res.partner"]
                .browse(self.people)
                ._hc_contact_question(
                    channel, purpose, self.now, self._at(self.days, 0), company=self.company,
                    human=human, profiled=profiled, human_days=human_days,
                )
            )  # fmt: skip
        return self.questions[question].answer(item.partner_id, at)

    def _happen(self, item, day, decision):
        step, plan = item.step, item.walk.plan
        if item.is_over:  # a task that was open already
            return self._go_on_through(item, day)
        if item.partner_id in item.walk.gone:
            if plan == self.plan:
                self.gone["exit_condition"] += 1
            return None
        if decision is not None and decision.answer != "yes":
            return self._held_back(item, day, decision)
        if step.budgeted and (free := self._budget_free(item.partner_id, day)) > day:
            return self._postpone(item, day, free, "budget")
        return self._give(item, day) if step.by_person else self._do(item, day)

    def _do(self, item, day):
        """It happens by itself."""
        if item.step.budgeted:
            self.contacts[item.partner_id].append(day)
        self._note(item, day, "sent" if item.step.channel else "done")
        return self._go_on_through(item, day)

    def _go_on_through(self, item, day):
        draw = self.draw(item.walk.plan, item.partner_id)
        return self._go_on(item, day, item.walk.outcome(item, draw))

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
        if item.step.is_human:
            return self._give(item, day)  # when to call is for the colleague to see
        until = self._day_of(decision.until) if decision.until else day + 1
        if until <= day:  # later on the same day
            item.due = decision.until or item.due
            return self._give(item, day) if item.step.by_person else self._do(item, day)
        return self._postpone(item, day, until, code, decision.until)

    def _budget_free(self, partner_id, day):
        """The first day from ``day`` on at which the budget has room."""
        days, most = self.policy.budget_days, self.policy.budget_count
        inside = sorted(one for one in self.contacts.get(partner_id, ()) if one > day - days)
        if most <= 0 or len(inside) < most:
            return day
        return inside[-most] + days

    def _postpone(self, item, day, until, code, moment=None):
        self._note(item, day, "postponed", code)
        item.due = moment or self._noon(until)
        self._push(item)

    def _user(self, item):
        return self.people.get(item.partner_id)

    def _give(self, item, day):
        """A task for a colleague, within their limit."""
        step = item.step
        user_id = item.walk.user(step, self._user(item), self.turned)
        if user_id and self._is_full(user_id, day):
            if step.overflow == "backup" and step.backup and not self._is_full(step.backup, day):
                user_id = step.backup
            elif step.overflow == "backup" or step.user_rule == "team":
                return self._postpone(item, day, day + 1, "workload")  # somebody else may have room
            else:
                self._note(item, day, "postponed", "workload")
                return heappush(self.waiting[user_id], (self._order(item), item))
        self._note(item, day, "task")
        if step.budgeted:
            self.contacts[item.partner_id].append(day)
        self._take_desk(user_id, day, step.deadline_days)
        if step.waits:
            item.due, item.is_over = item.walk.over(step, self._moment(item, day)), True
            return self._push(item)
        return self._go_on(item, day, None)

    def _is_full(self, user_id, day):
        return self._room(user_id, day) <= 0

    def _room(self, user_id, day):
        """How many more tasks fit on the desk."""
        limit = self.policy.task_limit
        if limit <= 0:
            return sys.maxsize
        return limit - sum(count for last, count in self.desks[user_id].items() if last >= day)

    def _take_desk(self, user_id, day, deadline_days):
        if user_id:
            self.tasks[user_id][day] += 1
            self.desks[user_id][day + max(deadline_days, 1) - 1] += 1

    def _go_on(self, item, day, outcome):
        following = item.walk.next(item.step, outcome)
        if not following:
            return
        # a task that is over waits no more
        moment = self._moment(item, day)
        moment = moment if item.is_over else item.walk.over(item.step, moment, outcome)
        self.moving[following].append((item.walk, item.partner_id, moment, item.occurred))

    def _move_on(self):
        """Give everybody of this round their next step: one question for each step."""
        moving, self.moving = self.moving, defaultdict(list)
        for step, rows in moving.items():
            self._begin(rows[0][0], step, [row[1:] for row in rows])

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
            "unknown": self.unknown,
        }
