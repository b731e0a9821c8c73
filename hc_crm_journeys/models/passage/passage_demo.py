from odoo import api, models

MAP = "hc_crm_journeys.demo_journey_shop"
# stage → values of the event that brings customers there
EVENTS = {
    "look": {
        "kind": "record", "model": "hc.interaction", "path": "partner_id", "date": "date",
        "domain": "[('channel_id.key', '=', 'counter'), ('direction', '=', 'in')]",
    },
    "order": {
        "kind": "record", "model": "sale.order", "path": "partner_id", "date": "date_order",
        "domain": "[('state', 'in', ('draft', 'sent'))]",
    },
    # overdue here are those who have not come again
    "again": {
        "kind": "record", "model": "sale.order", "path": "partner_id", "date": "date_order",
        "domain": "[('state', '=', 'sale')]",
    },
    "wear": {"kind": "feedback", "feedback_key": "delivery"},
    "wrong": {
        "kind": "record", "model": "hc.feedback.case", "path": "partner_id", "date": "date_open", "domain": "[]",
    },
}  # fmt: skip


class HcJourney(models.Model):
    _inherit = "hc.journey"

    @api.model
    def _hc_make_demo_events(self):
        """Let the customers of the demo data stand on the shop's map: by visits, orders, answers and cases. Once."""
        journey = self.env.ref(MAP, raise_if_not_found=False)
        if not journey or journey.rule_ids:
            return
        stages = {stage.uid: stage.id for stage in journey.stage_ids}
        vals_list = []
        for uid, event in EVENTS.items():
            vals = {"stage_id": stages[uid], "kind": event["kind"]}
            if name := event.get("model"):
                vals |= {
                    "model_id": self.env["ir.model"]._get_id(name),
                    "partner_path": event["path"],
                    "date_field_id": self.env["ir.model.fields"]._get(name, event["date"]).id,
                    "domain": event["domain"],
                }
            else:
                vals["feedback_key"] = event["feedback_key"]
            vals_list.append(vals)
        self.env["hc.journey.rule"].create(vals_list)
        journey._refresh(full=True)
