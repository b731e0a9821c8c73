from odoo import models
from odoo.exceptions import UserError


class HcFeedback(models.Model):
    _inherit = "hc.feedback"

    def action_hc_link_improvement(self):
        """Link what is selected to the improvement that asks for it, or ask to which."""
        self.check_access("read")
        improvement_id = self.env.context.get("hc_improvement_id")
        if not improvement_id:
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Link to an Improvement"),
                "res_model": "hc.improvement.link",
                "views": [(False, "form")],
                "target": "new",
                "context": {"active_ids": self.ids, "active_model": self._name},
            }
        improvement = self.env["hc.improvement"].browse(improvement_id).exists()
        if not improvement:
            raise UserError(self.env._("The improvement was deleted meanwhile."))
        self._link_improvement(improvement)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _link_improvement(self, improvement):
        improvement.write({"feedback_ids": [(4, feedback.id) for feedback in self]})
