from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two contacts that turn out to be one: what either said, and what either was sent, is theirs.

    The lines of the log move along by themselves, and the latest of all counts. The ledger's company or
    household is that of the contact kept.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env.flush_all()
        res = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.cr.execute(
            "UPDATE hc_contact_attempt SET commercial_partner_id = partner.commercial_partner_id "
            "FROM res_partner AS partner "
            "WHERE partner.id = hc_contact_attempt.partner_id AND partner.id = %s",
            [dst_partner.id],
        )
        self.env.invalidate_all()
        return res
