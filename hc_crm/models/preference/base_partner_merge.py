from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two contacts that turn out to be one have one preferred channel, learned from all that was."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        among = [("partner_id", "in", (src_partners | dst_partner).ids)]
        # superuser: the merge has the rights checked, and what the user does not see moves along as well
        stated = self.env["hc.channel.preference"].sudo().search(among)
        kept = stated.sorted(
            lambda p: (p.partner_id == dst_partner, p.stated_date, p.id), reverse=True
        )[:1]
        (stated - kept).unlink()
        scores = self.env["hc.channel.score"].sudo().search(among)
        scores.unlink()
        self.env.flush_all()
        res = super()._update_foreign_keys(src_partners, dst_partner)
        if scores:
            self.env.invalidate_all()
            self.env["hc.channel.score"]._refresh(
                customer_ids=dst_partner.commercial_partner_id.ids
            )
        return res
