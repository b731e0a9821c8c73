from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two contacts that turn out to be one are one customer, whom the next run looks at anew."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # The merge moves rows by SQL and would stumble over "one row per customer and company". Until the
        # next run the kept contact's figures stand, or those of whoever bought most.
        self.env.flush_all()
        for table in ("hc_customer_insight", "hc_customer_insight_history"):
            self.env.cr.execute(
                SQL(
                    """
                    DELETE FROM %(table)s WHERE id IN (
                        SELECT id FROM (
                            SELECT id, DENSE_RANK() OVER (
                                       PARTITION BY company_id
                                       ORDER BY partner_id = %(kept)s DESC, most DESC, partner_id
                                   ) AS place
                              FROM (
                                  SELECT id, partner_id, company_id,
                                         MAX(frequency) OVER (PARTITION BY partner_id, company_id)
                                             AS most
                                    FROM %(table)s WHERE partner_id = ANY(%(partners)s)
                              ) AS merged
                        ) AS placed
                         WHERE place > 1
                    )
                    """,
                    table=SQL.identifier(table),
                    kept=dst_partner.id,
                    partners=(src_partners | dst_partner).ids,
                )
            )
            self.env[table.replace("_", ".")].invalidate_model()
        return super()._update_foreign_keys(src_partners, dst_partner)
