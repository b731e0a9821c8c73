from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two contacts that turn out to be one are not profiled if one of them asked for it."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # superuser: the merge has the rights checked, and a wish that the user does not see counts as well
        optouts = (
            self.env["hc.profiling.optout"]
            .sudo()
            .search([("partner_id", "in", (src_partners | dst_partner).ids)])
            .sorted(lambda o: (o.partner_id != dst_partner, o.date, o.id))
        )
        # The merge moves rows by SQL and would stumble over "one line per person".
        optouts[1:].unlink()
        self.env.flush_all()
        res = super()._update_foreign_keys(src_partners, dst_partner)
        if optouts:
            self.env.invalidate_all()
            dst_partner.sudo()._hc_forget_profile()
        return res
