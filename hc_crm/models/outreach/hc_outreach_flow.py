from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from .hc_outreach_words import lane_label, reason_label

STATES = ("due", "open", "sending", "done", "skipped", "failed", "doubt")
MAX_SHOWN = 10_000


class HcOutreachPlan(models.Model):
    """What the editor of a plan reads and changes."""

    _inherit = "hc.outreach.plan"

    @api.readonly
    def hc_get_flow(self, version_id=False):
        """Return the steps of one version and what became of them, as far as the reader may see.

        The same step in another version counts too: those inside an older version walk it there.

        :param version_id: which version; the one being edited by default, else the live one
        :return: ``{"version": {id, number, state} | False, "versions": [...], "editable", "entry_text",
            "inside", "types": [{key, label, icon, mark, lanes, description}], "steps": [{id, name, type,
            label, icon, mark, text, wait, parent_id, lane, lanes: [{key, label}], problems: [text],
            counts: {state: n}, reasons: [{state, code, label, count}]}]}``; steps in the order of the tree
        """
        self.ensure_one()
        self.check_access("read")
        version = self._flow_version(version_id)
        steps = version.step_ids.sorted("sequence")
        counts, reasons = self._flow_counts(steps)
        inside = self.env["hc.outreach.enrollment"].search_count(
            [("plan_id", "=", self.id), ("state", "=", "active")]
        )
        return {
            "version": version and self._flow_version_values(version),
            "versions": [self._flow_version_values(one) for one in self.version_ids],
            "editable": self._flow_editable(version),
            "entry_text": self.entry_text or "",
            "is_template": self.is_template,
            "state": self.state,
            "inside": inside,
            "types": self._flow_types(),
            "steps": [
                step._flow_values(counts.get(step.key, {}), reasons.get(step.key, []))
                for step in steps
            ],
        }

    def _flow_version(self, version_id=False):
        """The version that is shown: the one asked for, the one being edited, the live one, the last one."""
        if version_id:
            version = self.version_ids.filtered(lambda one: one.id == version_id)
            if not version:
                raise ValidationError(self.env._("Version: this plan has no such version."))
            return version
        return self.draft_version_id or self.live_version_id or self.version_ids[:1]

    def _flow_version_values(self, version):
        return {
            "id": version.id,
            "number": version.number,
            "state": version.state,
            "label": dict(version._fields["state"]._description_selection(self.env))[version.state],
        }

    def _flow_editable(self, version):
        """Only a version that is being edited changes; live ones are walked by people right now."""
        return (
            not self.is_template
            and version.state == "draft"
            and not self._is_looked_at()
            and self.has_access("write")
        )

    @api.model
    def _flow_types(self):
        Step = self.env["hc.outreach.step"]
        return [
            {
                "key": key,
                "label": info["label"],
                "icon": info["icon"],
                "mark": Step._flow_mark(key, info),
                "lanes": [{"key": lane, "label": label} for lane, label in info["lanes"]],
                "description": info.get("description") or Step._flow_descriptions().get(key, ""),
            }
            for key, info in Step._step_types().items()
        ]

    def _flow_counts(self, steps):
        """Return ``({step key: {state: n}}, {step key: [{state, code, label, count}]})``."""
        Delivery = self.env["hc.outreach.delivery"]
        groups = Delivery._read_group(
            [("plan_id", "in", self.ids), ("step_id.key", "in", steps.mapped("key"))],
            ["step_id", "state", "reason_code"],
            ["__count"],
        )
        counts, reasons = {}, {}
        for step, state, code, count in groups:
            of_step = counts.setdefault(step.key, {})
            of_step[state] = of_step.get(state, 0) + count
            if code and state in ("due", "skipped", "failed"):
                key = (step.key, state, code)
                reasons[key] = reasons.get(key, 0) + count
        by_step = {}
        for (step_key, state, code), count in sorted(reasons.items(), key=lambda item: -item[1]):
            by_step.setdefault(step_key, []).append(
                {
                    "state": state,
                    "code": code,
                    "label": reason_label(self.env, code),
                    "count": count,
                }
            )
        return counts, by_step

    # -- editing ------------------------------------------------------------------------------------

    def hc_add_step(self, step_type, parent_id=False, lane=False, index=None):
        """Add a step at a place of the version being edited.

        :param index: before which of its siblings, counted from 0; at the end by default
        :return: id of the new step
        """
        self.ensure_one()
        version = self._flow_draft()
        Step = self.env["hc.outreach.step"]
        if not isinstance(step_type, str) or step_type not in Step._step_types():
            raise ValidationError(
                self.env._("Kind of step: “%(type)s” is not one of the choices.", type=step_type)
            )
        parent = version._flow_step(parent_id) if parent_id else Step
        lane = parent._flow_check_lane(lane) if parent else False
        values = {
            "version_id": version.id,
            "type": step_type,
            "parent_id": parent.id,
            "lane": lane,
            **Step._flow_defaults(step_type),
        }
        step = Step.create(values)
        step._flow_place(parent, lane, index)
        return step.id

    def _flow_draft(self):
        """The version being edited."""
        self.check_access("write")
        self._check_not_looked_at()
        version = self.draft_version_id
        if not version or not self._flow_editable(version):
            raise UserError(
                self.env._(
                    "People are walking through these steps. Press “Edit” first: it makes a new version, "
                    "which you publish when it is ready."
                )
            )
        return version


class HcOutreachVersion(models.Model):
    _inherit = "hc.outreach.version"

    def _flow_step(self, step_id):
        step = self.step_ids.filtered(lambda one: one.id == step_id)
        if not step:
            raise UserError(
                self.env._("This step is not there any more. Somebody may have deleted it: reload.")
            )
        return step


class HcOutreachStep(models.Model):
    """Where a step stands in the flow, and what its box says."""

    _inherit = "hc.outreach.step"

    def _flow_name(self):
        self.ensure_one()
        return self.name or self._step_types().get(self.type, {}).get("label", self.type)

    @api.model
    def _flow_mark(self, key, info, never_automate=False):
        """⚙ automated, ◐ assisted (a person has a look) or ☍ human."""
        if info.get("human"):
            return "assisted" if key == "draft" else "human"
        return "assisted" if never_automate and info.get("channel") else "automated"

    @api.model
    def _flow_descriptions(self):
        return {
            "mail": self.env._("An e-mail from a template, in their language."),
            "sms": self.env._("A short text message to their mobile."),
            "draft": self.env._("We write, a colleague makes it personal and sends it."),
            "task": self.env._(
                "A colleague calls, visits or writes by hand; the plan waits for what comes of it."
            ),
            "branch": self.env._(
                "Two ways to go on: by a condition, by what they did, or by chance."
            ),
            "note": self.env._("A line on the customer's page, for colleagues."),
            "tag": self.env._("Add or remove a tag."),
            "field": self.env._("Change a field of the contact."),
            "lead": self.env._("An opportunity for the sales team."),
            "webhook": self.env._("Tell another system."),
            "action": self.env._("Run a server action."),
            "stop": self.env._("They leave the plan here."),
        }

    @api.model
    def _flow_defaults(self, step_type):
        """What a new step of a kind begins with: a pause before we turn to them again, none before a branch."""
        channel = self._step_types()[step_type].get("channel")
        return {"wait_type": "after", "wait_count": 3, "wait_unit": "days"} if channel else {}

    def _flow_lanes(self):
        """Return ``[(key, label)]`` of the lanes below this step."""
        self.ensure_one()
        if self.type == "branch" and self.branch_type == "ab":
            return [("a", self.env._("A")), ("b", self.env._("B"))]
        if self.type == "task" and not self.task_wait:
            return []
        return list(self._step_types().get(self.type, {}).get("lanes") or [])

    def _flow_values(self, counts, reasons):
        self.ensure_one()
        info = self._step_types().get(self.type, {})
        return {
            "id": self.id,
            "key": self.key,
            "name": self._flow_name(),
            "type": self.type,
            "label": info.get("label", self.type),
            "icon": info.get("icon", "fa-question"),
            "mark": self._flow_mark(self.type, info, self.never_automate),
            "channel": info.get("channel") or False,
            "text": self._step_text(),
            "wait": self._wait_text(),
            "parent_id": self.parent_id.id,
            "lane": self.lane or False,
            "lane_label": lane_label(self),
            "lanes": [{"key": key, "label": label} for key, label in self._flow_lanes()],
            "problems": self._flow_problems(),
            "counts": {state: counts.get(state, 0) for state in STATES},
            "reasons": reasons,
        }

    def _flow_problems(self):
        """Why the plan could not be started with this step as it is: texts."""
        self.ensure_one()
        # superuser: templates, colleagues and conditions as the worker will find them
        return [str(problem) for problem in self.sudo()._step_problems()]

    # -- editing ------------------------------------------------------------------------------------

    def _flow_check(self):
        self.ensure_one()
        if not self.exists():
            raise UserError(
                self.env._("This step is not there any more. Somebody may have deleted it: reload.")
            )
        self.check_access("write")
        version = self.plan_id._flow_draft()
        if self.version_id != version:
            raise UserError(
                self.env._("This version does not change any more. Press “Edit” first.")
            )

    def _flow_check_lane(self, lane):
        """Return ``lane`` if this step has it."""
        if isinstance(lane, str) and lane in dict(self._flow_lanes()):
            return lane
        raise ValidationError(
            self.env._(
                "“%(step)s” has no way “%(lane)s”.",
                step=self._flow_name(),
                lane=str(lane or "")[:50],
            )
        )

    def _flow_siblings(self, parent, lane):
        steps = self.version_id.step_ids
        return steps.filtered(
            lambda step: step.parent_id == parent and (not parent or step.lane == lane)
        ).sorted(lambda step: (step.sequence, step.id))

    def _flow_place(self, parent, lane, index=None):
        """Put this step among its siblings and number them anew."""
        self.ensure_one()
        others = self._flow_siblings(parent, lane) - self
        if index is not None and type(index) is not int:
            raise ValidationError(self.env._("Place: give a whole number, counted from 0."))
        index = len(others) if index is None else max(0, min(index, len(others)))
        order = [*list(others[:index]), self, *list(others[index:])]
        if self.parent_id != parent or (self.lane or False) != (lane or False):
            self.write({"parent_id": parent.id, "lane": lane or False})
        for number, step in enumerate(order, 1):
            if step.sequence != 10 * number:
                step.sequence = 10 * number

    def hc_place(self, parent_id=False, lane=False, index=None):
        """Put this step with all that hangs on it somewhere else.

        :param index: before which of the siblings there, this step left out, counted from 0
        """
        self._flow_check()
        parent = self.version_id._flow_step(parent_id) if parent_id else self.browse()
        above = parent
        while above:
            if above == self:
                raise UserError(self.env._("A step cannot be put into one of its own ways."))
            above = above.parent_id
        self._flow_place(parent, parent._flow_check_lane(lane) if parent else False, index)
        return True

    def hc_move(self, direction):
        """Move this step one place up (−1) or down (1); from the edge of a way, out of it.

        :return: whether it moved
        """
        if direction not in (-1, 1):
            raise ValidationError(self.env._("Direction: −1 is up, 1 is down."))
        self._flow_check()
        siblings = list(self._flow_siblings(self.parent_id, self.lane))
        index = siblings.index(self) + direction
        if 0 <= index < len(siblings):
            self._flow_place(self.parent_id, self.lane, index)
            return True
        parent = self.parent_id
        if not parent:
            return False
        around = list(parent._flow_siblings(parent.parent_id, parent.lane))
        self._flow_place(
            parent.parent_id, parent.lane, around.index(parent) + (1 if direction > 0 else 0)
        )
        return True

    def hc_duplicate(self):
        """Copy this step with all that hangs on it, behind it; return the id of the copy."""
        self._flow_check()
        siblings = list(self._flow_siblings(self.parent_id, self.lane))
        copy = self._flow_copy(self.parent_id)
        copy._flow_place(self.parent_id, self.lane, siblings.index(self) + 1)
        return copy.id

    def _flow_copy(self, parent):
        default = {
            "key": self._fields["key"].default(self),
            "parent_id": parent.id,
            "version_id": self.version_id.id,
        }
        copy = self.copy(default)
        # superuser: authors are nobody's to choose
        copy.sudo().branch_author_id = self.branch_author_id
        for child in self.child_ids:
            child._flow_copy(copy)
        return copy

    def hc_delete(self):
        """Delete this step with all that hangs on it."""
        self._flow_check()
        self.unlink()
        return True
