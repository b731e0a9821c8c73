from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two contacts that turn out to be one were asked about the same thing once: the further one counts."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env.flush_all()
        # The merge moves rows by SQL and would stumble over "one row per person, rule and occurrence".
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM (
                    SELECT id, ROW_NUMBER() OVER (
                               PARTITION BY rule_id, occurrence
                               ORDER BY array_position(
                                   ARRAY['answered', 'sent', 'sending', 'expired', 'failed', 'skipped'],
                                   state::text) NULLS LAST, partner_id = %s DESC, id) AS place
                      FROM hc_ask WHERE partner_id = ANY(%s) AND rule_id IS NOT NULL
                ) AS ask WHERE place > 1
                """,
                dst_partner.id,
                (src_partners | dst_partner).ids,
            )
        )
        double = self.env["hc.ask"].sudo().browse(row for [row] in rows)
        double._cancel_mails()
        double.unlink()
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env["hc.ask"].invalidate_model(flush=False)
        return result
