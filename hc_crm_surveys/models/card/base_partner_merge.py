from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """What two contacts said stands with the one they become: the merge moves it, we only look again."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        cards = (
            self.env["hc.card"].sudo().search([("partner_id", "in", src_partners.ids)])
        )  # superuser: the merge has the rights checked
        res = super()._update_foreign_keys(src_partners, dst_partner)
        self.env["hc.feedback"]._hc_later("hc.card", cards.ids)
        return res
