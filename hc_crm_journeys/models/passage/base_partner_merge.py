from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two contacts that turn out to be one went one way: it is worked out from both of theirs."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        customers = (src_partners | dst_partner).commercial_partner_id
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        # superuser: nobody writes passages directly, and the merge itself has the rights checked
        journeys = self.env["hc.journey"].sudo().search([("date_passages", "!=", False)])
        partners = customers | dst_partner.commercial_partner_id
        for journey in journeys:
            # a handful of maps, each worked out for a handful of customers
            journey._refresh(partners=partners.ids)
        return result
