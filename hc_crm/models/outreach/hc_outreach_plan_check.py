from odoo import models
from odoo.exceptions import UserError


class HcOutreachPlan(models.Model):
    """What must be right before anybody is turned to."""

    _inherit = "hc.outreach.plan"

    def _check_startable(self):
        """:raises UserError: naming everything that is missing or wrong"""
        for plan in self:
            if problems := plan._problems():
                raise UserError(
                    self.env._(
                        "“%(plan)s” cannot run yet:\n%(problems)s",
                        plan=plan.name,
                        problems="\n".join(f"• {text}" for _step, text in problems),
                    )
                )

    def _problems(self):
        """Everything that keeps the plan from running.

        :return: ``[(step or empty, what is wrong and what helps), …]``
        """
        self.ensure_one()
        plan = self.sudo()
        Step = self.env["hc.outreach.step"].sudo()
        problems = [(Step, text) for text in plan._own_problems()]
        version = plan.draft_version_id or plan.live_version_id
        if not version.step_ids:
            problems.append((Step, self.env._("It has no steps. Add at least one.")))
        for step in version.step_ids:
            problems += [
                (step, f"{step._title()}: {text}")  # the name first, so that it is found
                for text in step._step_problems()
            ]
        return problems

    def _own_problems(self):
        """What is wrong with the plan itself, in words. The ways in add theirs."""
        texts = []
        if not self.user_id.active:
            texts.append(self.env._("Nobody is responsible. Choose a colleague who works here."))
        for name in ("partner_domain", "exit_domain", "goal_domain"):
            try:
                domain = self._read_domain(self[name])
                if domain.is_true():
                    continue
                with self.env.cr.savepoint(flush=False):
                    self._as_author(of=name).search(domain, limit=1)
            except Exception as error:
                # search methods of other apps' fields raise whatever they like
                texts.append(
                    self.env._(
                        "“%(field)s” does not work: %(error)s",
                        field=self._fields[name]._description_string(self.env),
                        error=error,
                    )
                )
        if not 0 < self.pilot_share <= 100:
            texts.append(self.env._("The pilot is a share from 1 to 100 percent."))
        if not 0 <= self.holdout_share <= 50:
            texts.append(self.env._("The hold-out is a share from 0 to 50 percent."))
        return texts


class HcOutreachStep(models.Model):
    _inherit = "hc.outreach.step"

    def _step_problems(self):
        """What keeps this step from being done, in words; each kind of step adds ``_problems_<kind>``."""
        self.ensure_one()
        if self.type not in self._step_types():
            return [self.env._("nobody knows how to do this any more. Remove the step.")]
        own = getattr(self, f"_problems_{self.type}", None)
        return own() if own else []

    def _problems_branch(self):
        texts = []
        if not self.child_ids:
            texts.append(self.env._("nothing hangs on this branch. Add steps to it, or remove it."))
        if self.branch_type == "domain":
            try:
                self._try_condition()
            except Exception as error:
                # search methods of other apps' fields raise whatever they like
                texts.append(self.env._("the condition does not work: %s", error))
        return texts
