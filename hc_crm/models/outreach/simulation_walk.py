"""The steps of one plan as the simulation walks them: plain values, read once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo.fields import Domain
from odoo.tools import SQL


@dataclass(slots=True, eq=False)
class Item:
    """One step of one person that is due at a moment (naive UTC)."""

    walk: "Walk"
    step: "Step"
    partner_id: int
    due: datetime
    occurred: datetime
    is_over: bool = False  # a person's task, and its time is over

    def __lt__(self, other):
        return False  # what is equal in its order may stand anyhow


class Step:
    """What of a step the simulation needs."""

    def __init__(self, step, plan):
        self.record = step
        self.id, self.key, self.type = step.id, step.key, step.type
        self.parent_id, self.lane = step.parent_id.id, step.lane or None
        self.order = (step.sequence, step.id)
        self.channel = step._contact_channel()
        self.is_human = step.is_human
        self.by_person = bool(
            step.is_human or step.type == "draft" or (step.never_automate and self.channel)
        )
        purpose = step.purpose_id or plan.purpose_id
        self.budgeted = bool(self.channel and not self.is_human and purpose.is_budgeted)
        self.question = None
        if self.channel:
            human_days = None if plan.human_days < 0 else plan.human_days
            self.question = (
                self.channel, purpose.key, self.is_human, plan._rests_on_figures(), human_days
            )  # fmt: skip
        self.lanes = [key for key, _label in step._flow_lanes()]
        self.deadline_days = step.deadline_days if step.type == "task" else 2
        self.waits = self.by_person and (step.type != "task" or step.task_wait)
        self.branch_days = step.branch_days if step.type == "branch" else 0
        self.overflow, self.backup = step.overflow, step.backup_user_id.id
        self.user_rule, self.user_id = step.user_rule, step.user_id.id
        self.team = step.team_id.sudo().member_ids.ids if step.user_rule == "team" else []
        self.users = {one for one in (self.user_id, self.backup, *self.team) if one}


class Walk:
    """A plan: which step follows which, when, and which way people take."""

    def __init__(self, plan, is_tried):
        """:param is_tried: it is the plan that is looked at, with its steps as they are being edited"""
        self.plan = plan
        self.priority = int(plan.priority or 0)
        version = plan._flow_version() if is_tried else plan.live_version_id
        self.steps = {step.id: Step(step, plan) for step in plan.version_ids.step_ids}
        self.children = {}
        for step in sorted(self.steps.values(), key=lambda one: one.order):
            key = (step.record.version_id.id, step.parent_id, step.lane if step.parent_id else None)
            self.children.setdefault(key, []).append(step)
        self.first = next(iter(self.children.get((version.id, False, None), [])), None)
        self.gone = set()  # those for whom the plan stops, as far as known today
        self.matching = {}
        self.shares = {}

    def step(self, step_id):
        return self.steps.get(step_id)

    def next(self, step, outcome):
        """The step after this one; None at the end of the plan."""
        if step.type == "stop":
            return None
        version_id = step.record.version_id.id
        if outcome and (below := self.children.get((version_id, step.id, outcome))):
            return below[0]
        while step:
            beside = self.children[
                version_id, step.parent_id, step.lane if step.parent_id else None
            ]
            place = beside.index(step) + 1
            if place < len(beside):
                return beside[place]
            step = self.steps.get(step.parent_id)
        return None

    # -- when: for whoever looks ahead, at everybody or at one ----------------------------------------

    @staticmethod
    def begin(step, rows, zones):
        """When a step is due for those who come to it; never before they do.

        :param rows: ``[(partner id, moment from which it counts, moment that began the plan)]``
        :param zones: ``{partner id: time zone}``
        :return: ``[naive UTC]``, in the order of the rows
        """
        if not rows:
            return []
        keyed = [(number, row[0], row[2]) for number, row in enumerate(rows)]
        after = {number: row[1] for number, row in enumerate(rows)}
        due = step.record._due_at(keyed, after, zones)
        return [max(due[number], row[1]) for number, row in enumerate(rows)]

    @staticmethod
    def over(step, moment, outcome=None):
        """When a step that happens at a moment is over: a task by its deadline, a branch after its wait."""
        if step.waits:
            return moment + timedelta(days=max(step.deadline_days, 1))
        return moment + timedelta(days=step.branch_days if outcome == "no" else 0)

    def moment_of(self, target, partner_id, start, moment, occurred, zones):
        """When somebody comes to a step, on the way that leads there and if nothing holds them.

        :param start: the step they have next
        :param moment: since when they are there (naive UTC)
        :return: naive UTC, or None: this way does not lead there
        """
        lanes, above = {}, target
        while above.parent_id:
            lanes[above.parent_id] = above.lane
            above = self.steps[above.parent_id]
        step = start
        while step:
            [moment] = self.begin(step, [(partner_id, moment, occurred)], zones)
            if step is target:
                return moment
            outcome = lanes.get(step.id)
            moment = self.over(step, moment, outcome)
            step = self.next(step, outcome)
        return None

    # -- which way ------------------------------------------------------------------------------------

    def read_branches(self, people):
        """Ask the conditions of branches and of leaving once for everybody, and what was seen so far."""
        plan = self.plan

        def matching(text, seen):
            try:
                domain = plan._read_domain(text)
                if domain.is_true():
                    return None
                with plan.env.cr.savepoint(flush=False):
                    known = Domain("id", "in", list(people))
                    return set(seen().search(known & domain).ids)
            except Exception:
                return None  # what cannot be asked is shown with the plan's problems

        self.gone = matching(plan.exit_domain, lambda: plan._as_author(of="exit_domain")) or set()
        for step in self.steps.values():
            if step.type == "branch" and step.record.branch_type == "domain":
                self.matching[step.id] = matching(step.record.branch_domain, step.record._as_author)
        rows = self.plan.env.execute_query(
            SQL(
                """
                SELECT s.key, d.outcome, COUNT(*)
                  FROM hc_outreach_delivery d JOIN hc_outreach_step s ON s.id = d.step_id
                 WHERE d.plan_id = %s AND d.state = 'done' AND d.outcome IS NOT NULL
                 GROUP BY s.key, d.outcome ORDER BY s.key, d.outcome
                """,
                self.plan.id,
            )
        )
        for key, outcome, count in rows:
            self.shares.setdefault(key, {})[outcome] = count

    def outcome(self, item, draw):
        """The way a person takes: as known, else in the shares seen so far, else evenly."""
        step = item.step
        if not step.lanes:
            return None
        if step.type == "branch":
            kind = step.record.branch_type
            if kind == "ab":
                return "a" if self._spread(draw, step) < step.record.branch_share / 100 else "b"
            if kind == "domain":
                inside = self.matching.get(step.id)
                return "yes" if inside is None or item.partner_id in inside else "no"
        seen = {lane: n for lane, n in self.shares.get(step.key, {}).items() if lane in step.lanes}
        if not seen:
            if step.type != "branch":
                return step.lanes[0]
            seen = dict.fromkeys(step.lanes, 1)
        place, total = self._spread(draw, step) * sum(seen.values()), 0
        for lane, count in seen.items():
            total += count
            if place < total:
                return lane
        return lane

    @staticmethod
    def _spread(draw, step):
        """Another number from 0 to 1 for each step, from the one of plan and person."""
        return (draw * 7919 + step.id * 0.6180339887) % 1

    # -- who ------------------------------------------------------------------------------------------

    def responsible(self, user_id):
        return user_id or self.plan.user_id.id

    def user(self, step, salesperson_id, turned):
        """Whose task it would be."""
        if step.user_rule == "user" and step.user_id:
            return step.user_id
        if step.user_rule == "team" and step.team:
            turned[step.id] += 1
            return step.team[turned[step.id] % len(step.team)]
        if step.user_rule == "plan":
            return self.plan.user_id.id
        return self.responsible(salesperson_id)
