from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    hc_insight_is_active = fields.Boolean(
        string="Work Out Insight",
        help="Rhythm, value, risk and health of the customers of this company. Off: nothing is worked out, "
        "and what was is deleted.",
    )

    @api.model
    def get_values(self):
        config = self.env["hc.insight.config"]._for_company(self.env.company)
        return {**super().get_values(), "hc_insight_is_active": config.is_active}

    def set_values(self):
        result = super().set_values()
        config = self.env["hc.insight.config"]._for_company(self.env.company)
        # switching it off deletes: only when it was really switched
        if config.is_active != self.hc_insight_is_active:
            config.is_active = self.hc_insight_is_active
        return result

    def action_hc_insight_config(self):
        return self.env["hc.insight.config"].action_open()
