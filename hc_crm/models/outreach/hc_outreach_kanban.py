from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

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
        help="Steps that failed, and mails of which nobody knows whether they arrived.",
    )
    result_text = fields.Char(string="Goal", compute="_compute_counts")
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
                [("plan_id", "in", self.ids), ("state", "in", ["failed", "doubt"])],
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
        """See who enters and do what is due, instead of within the hour."""
        self._check_may_run()
        self.ensure_one()
        if self.state == "running":
            # the same workers as by the clock: they lock what they take, so that nothing happens twice
            for xmlid in ("hc_outreach_enter_cron", "hc_outreach_work_cron"):
                if cron := self.env.ref(f"hc_crm.{xmlid}", raise_if_not_found=False):
                    cron.sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("On it. Reload in a minute to see what happened."),
            },
        }

    def action_pilot(self):
        """Begin with a tenth of those who enter."""
        self._check_may_run()
        self.ensure_one()
        self.pilot_share = PILOT_SHARE
        return True
