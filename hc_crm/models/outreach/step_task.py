from odoo import api, models


class HcOutreachStep(models.Model):
    _inherit = "hc.outreach.step"

    @api.model
    def _step_types(self):
        return super()._step_types() | {
            "task": {
                "label": self.env._("Task for a person"),
                "icon": "fa-user",
                "channel": "call",
                "human": True,
                "lanes": [
                    ("reached", self.env._("Reached")),
                    ("voicemail", self.env._("Voicemail")),
                    ("not_needed", self.env._("Not needed")),
                    ("not_done", self.env._("Not done")),
                ],
            }
        }
