from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two contacts that turn out to be one have one persona."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # The merge moves rows by SQL and would stumble over "one open line per partner". A person's choice
        # is kept before the rules', the kept contact's before that of the others, the newest before older.
        # superuser: nobody writes memberships directly, and the merge itself has the rights checked
        current = (
            self.env["hc.persona.membership"]
            .sudo()
            .search(
                [("partner_id", "in", (src_partners | dst_partner).ids), ("date_left", "=", False)]
            )
            .sorted(
                lambda m: (m.source == "person", m.partner_id == dst_partner, m.date_entered),
                reverse=True,
            )
        )
        current[1:]._close(self.env._("Merged with another contact"))
        return super()._update_foreign_keys(src_partners, dst_partner)
