from odoo import models
from odoo.tools import SQL


class HcInsightConfig(models.Model):
    _inherit = "hc.insight.config"

    def _forget(self):
        """Insight switched off: who was in a segment because of figures, and the figures kept of it, go too."""
        memberships = self.env["hc.segment.membership"]
        # in SQL: nobody deletes these directly, the write on the settings was checked
        self.env.cr.execute(
            SQL("DELETE FROM hc_segment_membership WHERE company_id = ANY(%s)", self.company_id.ids)
        )
        memberships.invalidate_model()
        return super()._forget()
