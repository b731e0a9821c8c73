from odoo import api, fields, models
from odoo.exceptions import UserError


class HcImprovementLink(models.TransientModel):
    """From the list of answers: these people asked for that."""

    _name = "hc.improvement.link"
    _description = "Link to an Improvement"

    improvement_id = fields.Many2one(
        "hc.improvement", ondelete="cascade",
        domain="[('state', '!=', 'dropped')]",
    )  # fmt: skip
    name = fields.Char(string="Or a New One")
    feedback_ids = fields.Many2many("hc.feedback", string="What They Said", readonly=True)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if self.env.context.get("active_model") == "hc.feedback":
            ids = self.env.context.get("active_ids") or []
            values["feedback_ids"] = [(6, 0, self.env["hc.feedback"].browse(ids).exists().ids)]
        return values

    def action_link(self):
        self.ensure_one()
        feedback = self.feedback_ids
        if not feedback:
            raise UserError(self.env._("Nothing is selected. Tick some answers in the list first."))
        improvement = self.improvement_id
        if not improvement:
            if not (self.name or "").strip():
                raise UserError(self.env._("Improvement: choose one, or write what should change."))
            improvement = self.env["hc.improvement"].create(
                {
                    "name": self.name.strip(),
                    "company_id": feedback[0].company_id.id,
                    "topic_ids": [(6, 0, feedback.topic_ids.ids)],
                }
            )
        feedback._link_improvement(improvement)
        return improvement.get_formview_action()
