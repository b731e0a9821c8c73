from odoo import models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..links import given_id
from .hc_outreach_flow import STATES


class HcOutreachPlan(models.Model):
    """Where the numbers of a plan lead: to the customers behind them."""

    _inherit = "hc.outreach.plan"

    def action_open_deliveries(self, step_id=False, state=False, code=False):
        """The customers behind a number of the flow.

        :param state: a state of ``hc.outreach.delivery``, or several
        :param str code: of a reason
        """
        self.ensure_one()
        domain = Domain("plan_id", "=", self.id)
        name = self.name
        if step_id:
            step = self._flow_step_asked(step_id)
            domain &= Domain("step_id.key", "=", step.key)
            name = step._flow_name()
        if state:
            domain &= Domain("state", "in", self._flow_states(state, STATES))
        if code:
            if not isinstance(code, str):
                raise ValidationError(self.env._("Reason: give its code, a text."))
            domain &= Domain("reason_code", "=", code)
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "hc.outreach.delivery",
            "view_mode": "list",
            "views": [(False, "list")],
            "domain": list(domain),
            "context": {"create": False},
        }

    def _flow_step_asked(self, step_id):
        """Return a step of this plan, in whatever version.

        :raises UserError: there is none
        """
        step_id = given_id(self.env, step_id, self.env._("Step"))
        return self.version_ids._flow_step(step_id)

    def _flow_states(self, states, known):
        states = [states] if isinstance(states, str) else states
        if not isinstance(states, list | tuple) or any(state not in known for state in states):
            raise ValidationError(
                self.env._("State: choose among %(states)s.", states=", ".join(known))
            )
        return list(states)

    def action_open_enrollments(self, states=False):
        """The customers inside a plan, or those with these outcomes."""
        self.ensure_one()
        domain = Domain("plan_id", "=", self.id)
        if states:
            known = list(dict(self.env["hc.outreach.enrollment"]._fields["state"].selection))
            domain &= Domain("state", "in", self._flow_states(states, known))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers in “%(plan)s”", plan=self.name),
            "res_model": "hc.outreach.enrollment",
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": list(domain),
            "context": {"create": False},
        }

    def action_open_inside(self):
        return self.action_open_enrollments(["active", "waiting"])

    def action_open_left(self):
        return self.action_open_enrollments(["done", "goal", "exited", "failed"])

    def action_open_problems(self):
        """What went wrong in this plan, with what can be done about it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hc_crm.hc_outreach_delivery_action_trouble"
        )
        action["domain"] = [("is_trouble", "=", True), ("plan_id", "=", self.id)]
        return action
