from odoo import api, fields, models


class HcPreferenceShare(models.TransientModel):
    """The personal link of one contact, for a colleague who may change that contact."""

    _name = "hc.preference.share"
    _description = "Preference Page of a Contact"

    partner_id = fields.Many2one(
        "res.partner", string="Contact", required=True, readonly=True, ondelete="cascade"
    )
    url = fields.Char(string="Personal Link", compute="_compute_url")
    is_renewed = fields.Boolean(readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        dialogs = super().create(vals_list)
        dialogs.partner_id.check_access("write")
        return dialogs

    def write(self, vals):
        res = super().write(vals)
        if "partner_id" in vals:
            self.partner_id.check_access("write")
        return res

    @api.depends("partner_id", "is_renewed")
    def _compute_url(self):
        self.partner_id.with_env(self.env).check_access("write")
        links = self.partner_id._hc_contact_links()
        for dialog in self:
            dialog.url = links[dialog.partner_id.id]["preferences"]

    def action_open(self):
        return {"type": "ir.actions.act_url", "url": self.url, "target": "new"}

    def action_renew(self):
        """Let the links in all earlier mails open nothing any more, and make a new one."""
        self.ensure_one()
        partner = self.partner_id
        partner.check_access("write")
        # superuser: nobody else has rights on links
        self.env["hc.contact.link"].sudo()._revoke(partner, self.env.company)
        partner._message_log_batch(
            {
                partner.id: self.env._(
                    "The personal link to the preference page was revoked and renewed."
                )
            }
        )
        self.is_renewed = True
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preference Page"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }
