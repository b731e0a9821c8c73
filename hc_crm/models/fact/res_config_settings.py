from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .hc_fact import KEEP_EXPIRED_DAYS, MAX_DAYS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    hc_fact_reminder = fields.Boolean(
        string="Remind of birthdays and other milestones", config_parameter="hc_crm.fact_reminder"
    )
    hc_fact_reminder_days = fields.Integer(
        string="Days Before", config_parameter="hc_crm.fact_reminder_days"
    )
    hc_fact_keep_expired_days = fields.Integer(
        string="Delete After",
        config_parameter="hc_crm.fact_keep_expired_days",
        default=KEEP_EXPIRED_DAYS,
    )

    @api.constrains("hc_fact_reminder_days", "hc_fact_keep_expired_days")
    def _check_hc_fact_days(self):
        for settings in self:
            if not 0 <= settings.hc_fact_reminder_days <= 60:
                raise ValidationError(self.env._("Days Before: choose between 0 and 60 days."))
            if settings.hc_fact_keep_expired_days < 1:
                raise ValidationError(self.env._("Delete After: choose at least one day."))
            if settings.hc_fact_keep_expired_days > MAX_DAYS:
                raise ValidationError(
                    self.env._("Delete After: choose at most %(max)s days.", max=MAX_DAYS)
                )
