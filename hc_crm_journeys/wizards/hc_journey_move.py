from odoo import api, fields, models

from odoo.addons.hc_crm.models.links import check_links

from ..models.passage.hc_journey_rule import WAYS


class HcJourneyMove(models.TransientModel):
    _name = "hc.journey.move"
    _description = "Move a Customer on a Journey"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, ondelete="cascade"
    )
    journey_id = fields.Many2one("hc.journey", required=True, ondelete="cascade")
    stage_id = fields.Many2one(
        "hc.journey.stage",
        required=True,
        ondelete="cascade",
        domain="[('journey_id', '=', journey_id)]",
    )
    way = fields.Selection(WAYS, string="They", required=True, default="enter")
    date = fields.Datetime(string="When", required=True, default=fields.Datetime.now)
    note = fields.Char(string="Why")

    @api.model_create_multi
    def create(self, vals_list):
        check_links(self, vals_list, ["partner_id", "journey_id", "stage_id"], creating=True)
        return super().create(vals_list)

    def write(self, vals):
        check_links(self, [vals], ["partner_id", "journey_id", "stage_id"])
        return super().write(vals)

    @api.onchange("journey_id")
    def _onchange_journey(self):
        if self.stage_id.journey_id != self.journey_id:
            self.stage_id = False

    def action_apply(self):
        self.ensure_one()
        self.journey_id._hc_move(self.partner_id, self.stage_id, self.way, self.date, self.note)
        return {"type": "ir.actions.act_window_close"}
