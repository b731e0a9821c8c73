"""What happens on a day of a simulation: who may be turned to, who has time for it, where they go from there."""

import sys
from collections import defaultdict
from heapq import heappop, heappush

# Steps of no pause follow each other on one day; a plan of more than that many in a row is cut there.
MAX_ROUNDS = 60


class Days:
    """The part of :class:`Simulation` that lives through its days, one after the other (``_live``).

    It reads what the simulation collected (queue, people, contacts, desks) and counts what happens.
    """

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
