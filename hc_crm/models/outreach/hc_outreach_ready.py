from odoo import api, models
from odoo.tools import convert_file

# Ready plans that only make sense with another app: (name, model and field that come with the app, file).
WITH_OTHER_APPS = [
    (
        "outreach_plan_cart",
        "sale.order",
        "website_id",
        "data/outreach/hc_outreach_plan_cart_data.xml",
    ),
]


class HcOutreachPlan(models.Model):
    _inherit = "hc.outreach.plan"

    @api.model
    @api.autovacuum
    def _load_ready_plans(self):
        """Offer the ready plans of apps that were installed since; also called at every update."""
        loaded = False
        for name, model, field, file in WITH_OTHER_APPS:
            if model not in self.env or field not in self.env[model]._fields:
                continue
            known = self.env["ir.model.data"].search_count(
                [("module", "=", "hc_crm"), ("name", "=", name)], limit=1
            )
            if not known:  # whoever deleted it does not want it back
                convert_file(self.env, "hc_crm", file, {}, mode="init", noupdate=True)
                loaded = True
        langs = [code for code, _name in self.env["res.lang"].get_installed() if code != "en_US"]
        if loaded and langs:
            self.env["ir.module.module"]._load_module_terms(["hc_crm"], langs)
