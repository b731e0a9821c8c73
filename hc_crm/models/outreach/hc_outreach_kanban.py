from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from .hc_outreach_words import moment_text

INSIDE = ("active", "waiting")
LEFT = ("done", "goal", "exited", "failed")
# Fewer than these say nothing about a plan.
FEW = 20
PILOT_SHARE = 10


class HcOutreachPlan(models.Model):
    """What a card of a plan tells, and the ready ones to begin with."""

    _inherit = "hc.outreach.plan"

    inside_count = fields.Integer(string="Inside Now", compute="_compute_counts")
    left_month_count = fields.Integer(
        string="Done This Month",
        compute="_compute_counts",
        help="Who came to the end of the plan since the first of this month, by whichever way.",
    )
    problem_count = fields.Integer(
        string="Problems",
        compute="_compute_counts",
        help="Steps that failed or are tried again, and mails of which nobody knows whether they arrived.",
    )
    result_text = fields.Char(string="Goal", compute="_compute_counts")
    waiting_text = fields.Text(
        string="Who Waits for What", compute="_compute_waiting_text", compute_sudo=False
    )
    human_count = fields.Integer(string="Steps by a Person", compute="_compute_step_counts")
    step_count = fields.Integer(string="Steps", compute="_compute_step_counts")

    @api.depends_context("uid")
    def _compute_counts(self):
        Enrollment, Delivery = self.env["hc.outreach.enrollment"], self.env["hc.outreach.delivery"]
        month = fields.Datetime.now() + relativedelta(
            day=1, hour=0, minute=0, second=0, microsecond=0
        )
        states = {}
        for plan, state, count in Enrollment._read_group(
            [("plan_id", "in", self.ids)], ["plan_id", "state"], ["__count"]
        ):
            states.setdefault(plan.id, {})[state] = count
        left = dict(
            Enrollment._read_group(
                [
                    ("plan_id", "in", self.ids),
                    ("state", "in", LEFT),
                    ("date_left", ">=", month),
                ],
                ["plan_id"],
                ["__count"],
            )
        )
        problems = dict(
            Delivery._read_group(
                [("plan_id", "in", self.ids), ("is_trouble", "=", True)],
                ["plan_id"],
                ["__count"],
            )
        )
        for plan in self:
            of_plan = states.get(plan.id, {})
            plan.inside_count = sum(of_plan.get(state, 0) for state in INSIDE)
            plan.left_month_count = left.get(plan, 0)
            plan.problem_count = problems.get(plan, 0) + bool(plan.entry_error)
            plan.result_text = plan._result_text(of_plan)

    def _result_text(self, states):
        """A few words; the whole story with its interval stands under the steps."""
        self.ensure_one()
        taken = sum(states.get(state, 0) for state in (*INSIDE, *LEFT)) - states.get("waiting", 0)
        reached = states.get("goal", 0)
        if self.goal_type == "none" or not taken:
            return ""
        if taken < FEW:
            return self.env._(
                "Goal: %(reached)s of %(all)s, too few yet", reached=reached, all=taken
            )
        return self.env._(
            "Goal so far: %(reached)s of %(all)s (%(percent)s %%)",
            reached=reached,
            all=taken,
            percent=round(100 * reached / taken),
        )

    @api.depends("version_ids.step_ids.type", "live_version_id", "draft_version_id")
    def _compute_step_counts(self):
        for plan in self:
            steps = plan._flow_version().step_ids
            plan.step_count = len(steps)
            plan.human_count = len(steps.filtered(lambda one: one.is_human or one.never_automate))

    @api.model
    @api.readonly
    def hc_get_gallery(self):
        """Return the ready plans, as cards.

        :return: ``[{id, name, description, entry_text, purpose, steps: [{name, icon, mark, wait, lane_label,
            depth}], human: n}]``
        """
        self.browse().check_access("read")
        plans = self.search([("is_template", "=", True)])
        return [
            {
                "id": plan.id,
                "name": plan.name,
                "description": plan.description or "",
                "entry_text": plan.entry_text or "",
                "purpose": plan.purpose_id.name,
                "human": plan.human_count,
                "steps": plan._gallery_steps(),
            }
            for plan in plans
        ]

    def _gallery_steps(self):
        """The steps in the order of the tree, each with how deep it stands."""
        steps = self._flow_version().step_ids
        types = self.env["hc.outreach.step"]._step_types()
        children = steps.sorted(lambda step: (step.sequence, step.id)).grouped("parent_id")

        def walk(parent, depth):
            for step in children.get(parent, ()):
                info = types.get(step.type, {})
                yield {
                    "id": step.id,
                    "name": step._flow_name(),
                    "icon": info.get("icon", "fa-question"),
                    "mark": step._flow_mark(step.type, info, step.never_automate),
                    "wait": step._wait_text(),
                    "depth": depth,
                }
                yield from walk(step, depth + 1)

        return list(walk(self.env["hc.outreach.step"], 0))

    # -- buttons --------------------------------------------------------------------------------------

    def action_look_now(self):
        """See who enters, now; what is due is done by the job in a moment, and the page waits for it."""
        self._check_may_run()
        self.ensure_one()
        entered = 0
        if self.state == "running":
            # superuser: as the job does it; a pass that is under way already is left alone
            entered = self.sudo()._enter_guarded()
            self._trigger_work()
        return {
            "type": "ir.actions.client",
            "tag": "hc_outreach_look",
            "params": {"plan_id": self.id, "entered": entered},
        }

    @api.readonly
    def hc_get_waiting(self):
        """Return who waits in this plan and for what.

        :return: ``{"due": steps that the job does next, "lines": [sentence]}``
        """
        self.ensure_one()
        self.check_access("read")
        counts = self._waiting_counts()
        return {"due": counts["due"], "lines": self._waiting_lines(counts)}

    def _waiting_counts(self):
        """How many wait, by what they wait for; only customers and steps that the reader may see."""
        Delivery = self.env["hc.outreach.delivery"]
        now = Delivery._now()
        domain = [("plan_id", "=", self.id), ("enrollment_id.state", "=", "active")]
        counts = {
            "pilot": self.env["hc.outreach.enrollment"].search_count(
                [("plan_id", "=", self.id), ("state", "=", "waiting")]
            ),
            "due": Delivery.search_count(
                [*domain, ("state", "=", "due"), ("date_due", "<=", now), ("tries", "=", 0)]
            ),
            "trouble": Delivery.search_count([*domain, ("is_trouble", "=", True)]),
            "next": False,
        }
        for state, count, first in Delivery._read_group(
            [*domain, ("state", "in", ("due", "open", "sending")), ("tries", "=", 0)],
            ["state"],
            ["__count", "date_due:min"],
        ):
            counts[state if state != "due" else "all_due"] = count
            if state == "due":
                counts["next"] = first
        counts["later"] = counts.pop("all_due", 0) - counts["due"]
        return counts

    def _waiting_lines(self, counts):
        lines = []
        if counts["pilot"]:
            lines.append(
                self.env._(
                    "%(count)s wait for the pilot to be expanded: %(share)s %% take part so far.",
                    count=counts["pilot"],
                    share=self.pilot_share,
                )
            )
        if counts["due"]:
            lines.append(self.env._("%s are being worked on now.", counts["due"]))
        if counts["later"] and counts["next"] and not counts["due"]:
            lines.append(
                self.env._(
                    "%(count)s wait for their day; the next one on %(date)s.",
                    count=counts["later"],
                    date=moment_text(self.env, counts["next"]),
                )
            )
        elif counts["later"]:
            lines.append(self.env._("%s wait for their day.", counts["later"]))
        if counts.get("open"):
            lines.append(self.env._("%s wait for a colleague.", counts["open"]))
        if counts.get("sending"):
            lines.append(self.env._("%s are on their way to the mail server.", counts["sending"]))
        if counts["trouble"]:
            lines.append(self.env._("%s need a look: see Problems above.", counts["trouble"]))
        return lines

    def _compute_waiting_text(self):
        for plan in self:
            plan.waiting_text = (
                "\n".join(plan._waiting_lines(plan._waiting_counts()))
                if plan.id and plan.state in ("running", "paused")
                else False
            )

    def action_pilot(self):
        """Begin with a tenth of those who enter."""
        self._check_may_run()
        self.ensure_one()
        self.pilot_share = PILOT_SHARE
        return True
