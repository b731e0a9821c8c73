from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            # superuser: whoever may archive a contact takes it out of plans they may not see
            self.env["hc.outreach.enrollment"].sudo()._hc_leave(self, "archived")
        return result
