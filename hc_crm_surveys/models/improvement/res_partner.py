from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _hc_erase_sections(self):
        return [
            *super()._hc_erase_sections(),
            {
                "model": "hc.improvement.notice",
                "domain": [("partner_id", "in", self.ids)],
                "how": "delete",
                "why": "",
            },
        ]
