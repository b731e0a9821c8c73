from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two contacts that turn out to be one are in a segment once."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # The merge moves rows by SQL and would stumble over "one open line per segment". The kept contact's
        # line is kept before those of the others, the oldest before newer ones.
        # superuser: nobody writes lines directly, and the merge itself has the rights checked
        current = (
            self.env["hc.segment.membership"]
            .sudo()
            .search(
                [("partner_id", "in", (src_partners | dst_partner).ids), ("date_left", "=", False)]
            )
            .sorted(lambda line: (line.partner_id != dst_partner, line.date_entered))
        )
        for lines in current.grouped(lambda line: (line.segment_id, line.company_id)).values():
            lines[1:]._close("merged")
        return super()._update_foreign_keys(src_partners, dst_partner)
