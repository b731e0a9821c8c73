from odoo import api, models
from odoo.tools import SQL


class HcAskRule(models.Model):
    """An opportunity was won, or lost."""

    _inherit = "hc.ask.rule"

    @api.model
    def _triggers(self):
        return super()._triggers() | {
            "lead_won": {
                "label": self.env._("An opportunity was won"),
                "phrase": self.env._("an opportunity was won"),
                "model": "crm.lead",
            },
            "lead_lost": {
                "label": self.env._("An opportunity was lost"),
                "phrase": self.env._("an opportunity was lost"),
                "model": "crm.lead",
            },
        }

    def _trigger_lead_won(self, query):
        query.add_where(SQL("crm_lead.active AND crm_lead.won_status = 'won'"))
        return self._lead_closed()

    def _trigger_lead_lost(self, query):
        query.add_where(SQL("crm_lead.won_status = 'lost'"))
        return self._lead_closed()

    def _lead_closed(self):
        return SQL("crm_lead.partner_id"), SQL("crm_lead.date_closed")
