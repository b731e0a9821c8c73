from odoo import api, fields, models
from odoo.exceptions import UserError


class HcPrivacyErase(models.TransientModel):
    """What erasing somebody deletes, empties and keeps, shown before it is done."""

    _name = "hc.privacy.erase"
    _description = "Erase a Person"

    request_id = fields.Many2one(
        "hc.privacy.request", required=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="request_id.partner_id", string="Person")
    line_ids = fields.One2many("hc.privacy.erase.line", "wizard_id", readonly=True)
    is_sure = fields.Boolean(string="I checked that it is really them who asked")

    @api.model_create_multi
    def create(self, vals_list):
        dialogs = super().create(vals_list)
        dialogs.request_id.check_access("write")
        for dialog in dialogs:
            dialog.line_ids = [
                fields.Command.create(
                    {name: line[name] for name in ("label", "count", "how", "why")}
                )
                for line in dialog.partner_id._hc_erase_preview()
            ]
        return dialogs

    def action_erase(self):
        self.ensure_one()
        request = self.request_id
        request.check_access("write")
        partner = request.partner_id
        partner.check_access("write")
        if not self.env.user.has_group("hc_crm.hc_crm_group_manager"):
            raise UserError(
                self.env._(
                    "Only administrators of Customer Care may erase a person. Ask one of them."
                )
            )
        if not self.is_sure:
            raise UserError(
                self.env._("Make sure that it is really them who asked, then tick the box.")
            )
        request._hc_log_erasure()
        lines = partner._hc_erase()[partner.id]
        how = dict(
            self.env["hc.privacy.erase.line"]._fields["how"]._description_selection(self.env)
        )
        request.write(
            {
                "state": "done",
                "outcome": "\n".join(
                    f"{how[line['how']]}: {line['label']} ({line['count']})" for line in lines
                ),
            }
        )
        return {"type": "ir.actions.act_window_close"}


class HcPrivacyEraseLine(models.TransientModel):
    _name = "hc.privacy.erase.line"
    _description = "What Erasing Does"
    _order = "id"

    wizard_id = fields.Many2one("hc.privacy.erase", required=True, ondelete="cascade")
    label = fields.Char(string="What", readonly=True)
    count = fields.Integer(string="How Many", readonly=True)
    how = fields.Selection(
        [("delete", "Deleted"), ("empty", "Emptied"), ("keep", "Kept")],
        string="What Happens",
        readonly=True,
    )
    why = fields.Text(readonly=True)
