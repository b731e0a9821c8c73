import ast

from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    hc_interaction_ids = fields.One2many(
        "hc.interaction", "partner_id", string="Interactions", groups="hc_crm.hc_crm_group_user"
    )
    hc_promise_ids = fields.One2many(
        "hc.promise", "partner_id", string="Promises", groups="hc_crm.hc_crm_group_user"
    )
    # Of the activities of a customer shared between companies, everybody sees what is theirs to see.
    activity_ids = fields.One2many(bypass_search_access=False)
    activity_summary = fields.Char(related_sudo=False)

    @api.ondelete(at_uninstall=False)
    def _hc_unlink_own(self):
        """Let the ORM delete what the database would: messages and files go with their record."""
        for model in ("hc.interaction", "hc.promise", "hc.fact"):
            # sudo: who may delete the customer may delete what is known about the customer
            self.env[model].sudo().with_context(active_test=False).search(
                [("partner_id", "in", self.ids)]
            ).unlink()

    def action_hc_log_interaction(self):
        """Open the “Log interaction” dialog for one customer or for all selected ones."""
        action = self.env["ir.actions.act_window"]._for_xml_id("hc_crm.hc_interaction_log_action")
        context = ast.literal_eval(action["context"] or "{}")
        action["context"] = dict(context, default_partner_ids=self.ids)
        return action
