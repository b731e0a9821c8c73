from odoo import api, fields, models


class HcJourneyStage(models.Model):
    """A stage that moves, comes or goes changes what is before what."""

    _inherit = "hc.journey.stage"

    rule_ids = fields.One2many("hc.journey.rule", "stage_id", string="Customers Enter or Leave It When")

    def write(self, vals):
        result = super().write(vals)
        if {"position", "parent_id"} & vals.keys():
            self._hc_renew()
        return result

    @api.ondelete(at_uninstall=False)
    def _hc_unlink_renew(self):
        self._hc_renew()

    def _hc_renew(self):
        """Only maps with customers on them have anything to work out."""
        self.journey_id.filtered("date_passages_full")._hc_renew()
