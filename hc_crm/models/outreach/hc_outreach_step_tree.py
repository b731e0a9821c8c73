from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from .own_values import own_defaults, own_values


class HcOutreachStep(models.Model):
    """The way from one step to the next."""

    _inherit = "hc.outreach.step"

    @api.constrains("parent_id", "version_id", "lane")
    def _check_tree(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._(
                    "A step cannot stand in a branch of itself. Choose another place for it."
                )
            )
        for step in self:
            if step.parent_id and step.parent_id.version_id != step.version_id:
                raise ValidationError(
                    self.env._(
                        "“%(step)s” and the step it hangs on belong to different versions of the plan.",
                        step=step._title(),
                    )
                )
            if step.parent_id and not step.lane:
                raise ValidationError(
                    self.env._(
                        "“%(step)s” stands in a branch: say in which case it happens.",
                        step=step._title(),
                    )
                )
        self._check_lane()

    @api.constrains("branch_share")
    def _check_share(self):
        for step in self:
            if not 0 <= step.branch_share <= 100:
                raise ValidationError(
                    self.env._(
                        "“%(step)s”: the share of A is between 0 and 100 percent.",
                        step=step._title(),
                    )
                )

    def _check_draft(self):
        """What customers go through is not changed under them, only by a new version."""
        self.plan_id._check_not_ready()
        if not self.env.su and any(step.version_id.state != "draft" for step in self):
            raise UserError(
                self.env._(
                    "These steps are live: customers are going through them. Press “Change the Steps”, "
                    "which makes a new version of them."
                )
            )
        if not self.env.su:
            self.plan_id._check_not_looked_at()

    @api.model
    def default_get(self, fields):
        return own_defaults(self, super().default_get(fields))

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create([own_values(self, vals) for vals in vals_list])
        steps._check_draft()
        return steps

    def write(self, vals):
        vals = own_values(self, vals)
        self._check_draft()
        if "version_id" in vals and not self.env.su:
            if any(step.version_id.id != vals["version_id"] for step in self):
                raise UserError(
                    self.env._("A step stays in its plan. Duplicate it where you need it.")
                )
        result = super().write(vals)
        if "branch_type" in vals:
            self._move_lanes()
        if not {"type", "branch_type", "task_wait"}.isdisjoint(vals):
            self.child_ids._check_lane()
        return result

    def _move_lanes(self):
        """What hangs on a branch stays on it when it becomes one by chance, and the other way round."""
        for step in self:
            way = {"yes": "a", "no": "b"} if step.branch_type == "ab" else {"a": "yes", "b": "no"}
            for child in step.child_ids:
                if child.lane in way:
                    child.lane = way[child.lane]

    def _check_lane(self):
        """Nobody would ever come to a step that hangs on a way its parent does not have."""
        for step in self:
            if step.parent_id and step.lane not in dict(step.parent_id._flow_lanes()):
                raise ValidationError(
                    self.env._(
                        "“%(step)s” hangs on the way “%(lane)s”, which “%(parent)s” does not have. Move it "
                        "somewhere else first.",
                        step=step._title(),
                        lane=step.lane,
                        parent=step.parent_id._title(),
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_live(self):
        self._check_draft()

    @api.ondelete(at_uninstall=False)
    def _unlink_traces(self):
        """Nobody comes to this step any more, and nothing is left that would be about it."""
        # the database deletes what hangs on them, without asking us
        branches = self.with_context(active_test=False).search([("id", "child_of", self.ids)])
        published = branches.filtered(lambda step: step.version_id.state != "draft")
        if not published:
            return
        rows = [("step_id", "in", published.ids)]
        self.env["hc.outreach.delivery"].sudo().search(rows).unlink()
        waiting = self.env["hc.outreach.enrollment"].sudo().search(rows)
        waiting.step_id = False

    def _title(self):
        """The step as people call it: its name, or what kind of step it is."""
        self.ensure_one()
        return self.name or self._step_types().get(self.type, {}).get("label") or self.type

    def _lane_steps(self, lane):
        """The steps of one lane below this step, in their order."""
        self.ensure_one()
        return self._siblings(self, lane)

    @api.model
    def _siblings(self, parent, lane, version=None):
        steps = (version or parent.version_id).step_ids
        return steps.filtered(
            lambda step: step.parent_id == parent and (not parent or step.lane == lane)
        ).sorted(lambda step: (step.sequence, step.id))

    def _next_step(self, outcome=None):
        """Return the step after this one, or none at the end of the plan.

        First the lane of ``outcome`` below, then what follows beside, then what follows the parent.
        """
        self.ensure_one()
        if self.type == "stop":
            return self.browse()
        if outcome and (below := self._lane_steps(outcome)):
            return below[0]
        step = self
        while step:
            beside = self._siblings(step.parent_id, step.lane, step.version_id)
            place = beside.ids.index(step.id)
            if place + 1 < len(beside):
                return beside[place + 1]
            step = step.parent_id
        return step

    def _contact_channel(self):
        """Key of the ``hc.channel`` on which this step turns to the customer; None: it does not."""
        self.ensure_one()
        return self._step_types().get(self.type, {}).get("channel")
