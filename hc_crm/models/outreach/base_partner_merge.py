from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # The merge moves rows by SQL and would stumble over "one row per plan, person and occurrence".
        self.env["hc.outreach.enrollment"]._merge_partners(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env["hc.outreach.enrollment"].invalidate_model(flush=False)
        self.env["hc.outreach.delivery"].invalidate_model(flush=False)
        return result
