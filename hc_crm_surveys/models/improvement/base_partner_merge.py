from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two contacts that turn out to be one were told once; what was sent is kept before what waits."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # superuser: the merge has the rights checked, and what the user does not see moves along as well
        notices = (
            self.env["hc.improvement.notice"]
            .sudo()
            .search([("partner_id", "in", (src_partners | dst_partner).ids)])
        )
        for rows in notices.grouped("improvement_id").values():
            rows.sorted(lambda row: (row.state != "sent", row.partner_id != dst_partner, row.id))[
                1:
            ].unlink()
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)
