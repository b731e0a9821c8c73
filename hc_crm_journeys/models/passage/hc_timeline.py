from odoo import api, models

from odoo.addons.hc_crm.models.timeline.timeline_source import Source

NUMBER = 50


class PassageSource(Source):
    """Entering a stage. What brought it about stands there itself, so this one is among the automatic ones."""

    def _fields_to_render(self, env):
        return ["stage_id", "journey_id", "date_to", "visit"]

    def _render(self, record):
        return {
            "title": record.env._("Entered “%(stage)s”", stage=record.stage_id.name),
            "note": record.journey_id.name,
        }


class HcTimeline(models.Model):
    _inherit = "hc.timeline"

    @api.model
    def _get_sources(self):
        return [
            *super()._get_sources(),
            PassageSource(
                "journey", NUMBER, "hc.journey.passage",
                label=lambda env: env._("Stage of a Journey"), date="date_from", channel="log",
                domain=[("touchpoint_number", "=", 0)], text=("stage_id.name",), automated=True,
            ),
        ]  # fmt: skip
