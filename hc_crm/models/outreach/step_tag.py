from odoo import Command, api, models
from odoo.exceptions import UserError


class HcOutreachStep(models.Model):
    """Put a tag on the customer, or take it off."""

    _inherit = "hc.outreach.step"

    @api.model
    def _step_types(self):
        return super()._step_types() | {
            "tag": {
                "label": self.env._("Tag"),
                "icon": "fa-tag",
                "channel": None,
                "human": False,
                "lanes": [],
            }
        }

    def _problems_tag(self):
        if not self.category_id:
            return [self.env._("choose the tag.")]
        if not self.category_way:
            return [self.env._("say whether the tag is put on or taken off.")]
        return []

    def _step_text_tag(self):
        tag = self.category_id.name or "?"
        if self.category_way == "remove":
            return self.env._("Take the tag “%s” off", tag)
        return self.env._("Put the tag “%s” on", tag)

    def _run_tag(self, deliveries):
        tag = self.category_id.sudo()
        if not tag:
            raise UserError(
                self.env._("The tag was deleted. Choose another one, or remove the step.")
            )
        command = Command.unlink if self.category_way == "remove" else Command.link
        # sudo: the plan does it, whoever its worker runs as
        deliveries.partner_id.sudo().write({"category_id": [command(tag.id)]})
        deliveries._set_done()
