from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # The merge moves rows by SQL and would stumble over "one row per plan, person and occurrence".
        self.env["hc.outreach.enrollment"]._merge_partners(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        # a copy without a foreign key, which the merge does not see
        self.env.cr.execute(
            SQL(
                """
                UPDATE hc_outreach_delivery AS d SET partner_id = e.partner_id
                  FROM hc_outreach_enrollment AS e
                 WHERE e.partner_id = %s AND d.enrollment_id = e.id AND d.partner_id <> e.partner_id
                """,
                dst_partner.id,
            )
        )
        self.env["hc.outreach.enrollment"].invalidate_model(flush=False)
        self.env["hc.outreach.delivery"].invalidate_model(flush=False)
        return result
