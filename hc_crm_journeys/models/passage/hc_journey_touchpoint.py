from odoo import api, fields, models


class HcJourneyTouchpoint(models.Model):
    """A touchpoint that becomes a person's, becomes so everywhere: mails under way turn into drafts."""

    _inherit = "hc.journey.touchpoint"

    step_ids = fields.One2many("hc.outreach.step", "touchpoint_id", string="Steps of Outreach")
    rule_ids = fields.One2many("hc.journey.rule", "touchpoint_id", string="Customers Pass It When")

    @api.model_create_multi
    def create(self, vals_list):
        touchpoints = super().create(vals_list)
        touchpoints._hc_keep_human()
        return touchpoints

    def write(self, vals):
        result = super().write(vals)
        if vals.get("mode") == "human":
            self._hc_keep_human()
        if "active" in vals:
            self.filtered("rule_ids").journey_id._hc_renew()
        return result

    def _hc_keep_human(self):
        # superuser: whoever marks the map need not be somebody who writes plans; it only ever slows them down
        steps = self.filtered(lambda one: one.mode == "human").sudo().step_ids
        steps.filtered(lambda step: step._automates_person()).write({"never_automate": True})


class HcJourneyCell(models.Model):
    _inherit = "hc.journey.cell"

    def write(self, vals):
        """A touchpoint takes its events with it into another stage."""
        result = super().write(vals)
        if "stage_id" in vals:
            # superuser: whoever moves a card need not be somebody who writes rules
            for rule in self.touchpoint_ids.sudo().rule_ids:
                if rule.stage_id != rule.touchpoint_id.stage_id:
                    rule.stage_id = rule.touchpoint_id.stage_id
        return result
