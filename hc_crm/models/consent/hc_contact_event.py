from odoo import api, models
from odoo.tools import SQL


class HcContactEvent(models.AbstractModel):
    _inherit = "hc.contact.event"

    @api.model
    def _automatic(self):
        """What went out by itself in a colleague's name is no act of that colleague.

        Whatever sends names its message in the ledger. What a colleague wrote or changed before it left
        (a personal draft) counts.
        """
        return SQL(
            "%s OR EXISTS (SELECT 1 FROM hc_contact_attempt AS own "
            "WHERE own.message_id = m.id AND own.by_person IS NOT TRUE)",
            super()._automatic(),
        )
