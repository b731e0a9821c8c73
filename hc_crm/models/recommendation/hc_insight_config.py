from odoo import models
from odoo.tools import SQL


class HcInsightConfig(models.Model):
    _inherit = "hc.insight.config"

    def _forget(self):
        """Insight switched off: what was counted for suggestions goes as well."""
        for model in ("hc.product.affinity", "hc.product.popularity"):
            lines = self.env[model]
            # in SQL: nobody deletes these directly, the write on the settings was checked
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %s WHERE company_id = ANY(%s)",
                    SQL.identifier(lines._table),
                    self.company_id.ids,
                )
            )
            lines.invalidate_model()
        return super()._forget()
