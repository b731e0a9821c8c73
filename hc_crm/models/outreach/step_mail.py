from odoo import api, models


class HcOutreachStep(models.Model):
    _inherit = "hc.outreach.step"

    @api.model
    def _step_types(self):
        return super()._step_types() | {
            "mail": {
                "label": self.env._("E-mail"),
                "icon": "fa-envelope",
                "channel": "email",
                "human": False,
                "lanes": [],
            }
        }
