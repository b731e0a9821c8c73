from odoo import api, models
from odoo.tools import SQL


class HcAskRule(models.Model):
    """A ticket was closed; only with OCA's helpdesk (``helpdesk_mgmt``)."""

    _inherit = "hc.ask.rule"

    @api.model
    def _triggers(self):
        triggers = super()._triggers()
        ticket = self.env.get("helpdesk.ticket")
        if ticket is not None and {"closed_date", "partner_id"} <= ticket._fields.keys():
            triggers["ticket_closed"] = {
                "label": self.env._("A ticket was closed"),
                "phrase": self.env._("a ticket was closed"),
                "model": "helpdesk.ticket",
            }
        return triggers

    def _trigger_ticket_closed(self, query):
        closed = self.env["helpdesk.ticket"]._fields.get("closed")
        if closed is not None and closed.store:
            query.add_where(SQL("helpdesk_ticket.closed"))
        return SQL("helpdesk_ticket.partner_id"), SQL("helpdesk_ticket.closed_date")
