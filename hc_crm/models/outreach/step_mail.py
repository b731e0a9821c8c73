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

    def _problems_mail(self):
        if not self.mail_template_id:
            return [self.env._("choose the template of the mail.")]
        return []

    def _run_mail(self, deliveries):
        deliveries._set_done()
