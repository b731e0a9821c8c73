from odoo import api, models
from odoo.exceptions import UserError, ValidationError


class HcOutreachStep(models.Model):
    """An automation of Odoo's own, run on the customer with the rights of the plan's responsible."""

    _inherit = "hc.outreach.step"

    @api.model
    def _step_types(self):
        return super()._step_types() | {
            "action": {
                "label": self.env._("Server action"),
                "icon": "fa-bolt",
                "channel": None,
                "human": False,
                "lanes": [],
            }
        }

    @api.constrains("type", "action_id", "version_id")
    def _check_action(self):
        for step in self:
            if step.type != "action" or not step.action_id:
                continue
            if step.action_id.sudo().model_id.model != "res.partner":
                raise ValidationError(
                    self.env._(
                        "Server action: “%s” is about other records. Choose one about contacts.",
                        step.action_id.sudo().name,
                    )
                )
            step._check_action_user()

    def _check_action_user(self):
        """It runs as the responsible: nobody lets things be done with rights they do not have."""
        # the host checks as superuser: who is asking is told by the user alone
        if self.env.user.has_group("base.group_system"):
            return
        if any(step.plan_id.user_id != self.env.user for step in self):
            raise ValidationError(
                self.env._(
                    "Server action: it runs with the rights of the plan's responsible. Only they "
                    "themselves, or an administrator of Odoo, can add it or change who is responsible."
                )
            )

    def _problems_action(self):
        if not self.action_id:
            return [self.env._("choose the server action; the one chosen is gone.")]
        if self.action_id.sudo().model_id.model != "res.partner":
            return [self.env._("the server action is about other records than contacts.")]
        return []

    def _step_text_action(self):
        return self.env._("Run “%s”", self.action_id.sudo().name or "?")

    def _run_action(self, deliveries):
        user = self.plan_id.user_id
        if not self.action_id:
            raise UserError(self.env._("The server action was deleted. Choose another one."))
        if not user.active:
            raise UserError(
                self.env._(
                    "The plan's responsible, with whose rights the action runs, works here no more."
                )
            )
        for row in deliveries:
            self.action_id.with_user(user).with_context(
                active_model="res.partner",
                active_id=row.partner_id.id,
                active_ids=row.partner_id.ids,
                hc_outreach_delivery_id=row.id,
            ).run()
        deliveries._set_done()


class HcOutreachPlan(models.Model):
    _inherit = "hc.outreach.plan"

    @api.constrains("user_id")
    def _check_action_user(self):
        steps = self.env["hc.outreach.step"].search(
            [("plan_id", "in", self.ids), ("type", "=", "action"), ("action_id", "!=", False)]
        )
        steps._check_action_user()
