from odoo import api, fields, models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    hc_brief_partner_id = fields.Many2one(
        "res.partner",
        string="Customer to Be Briefed On",
        compute="_compute_hc_brief_partner_id",
        help="The first person invited who does not work here.",
    )

    @api.depends("partner_ids")
    def _compute_hc_brief_partner_id(self):
        # sudo: who is a colleague is no secret, though a reader may not open every user.
        colleagues = (
            self.env["res.users"]
            .sudo()
            .with_context(active_test=False)
            .search([("partner_id", "in", self.partner_ids.ids), ("share", "=", False)])
            .partner_id
        )
        for event in self:
            event.hc_brief_partner_id = (event.partner_ids - colleagues)[:1]
