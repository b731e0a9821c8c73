import ast

from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    hc_interaction_ids = fields.One2many("hc.interaction", "partner_id", string="Interactions")
    hc_promise_ids = fields.One2many("hc.promise", "partner_id", string="Promises")

    def action_hc_log_interaction(self):
        """Open the “Log interaction” dialog for one customer or for all selected ones."""
        action = self.env["ir.actions.act_window"]._for_xml_id("hc_crm.hc_interaction_log_action")
        context = ast.literal_eval(action["context"] or "{}")
        action["context"] = dict(context, default_partner_ids=self.ids)
        return action
