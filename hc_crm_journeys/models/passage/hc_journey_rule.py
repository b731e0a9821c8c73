from odoo import fields, models


class HcJourneyRule(models.Model):
    """What lets a customer enter a stage, or pass a touchpoint."""

    _name = "hc.journey.rule"
    _description = "Event of a Journey"
    _order = "journey_id, stage_id, id"

    journey_id = fields.Many2one("hc.journey", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="journey_id.company_id", store=True, index=True)
    stage_id = fields.Many2one("hc.journey.stage", required=True, index=True, ondelete="cascade")
    touchpoint_id = fields.Many2one(
        "hc.journey.touchpoint", index="btree_not_null", ondelete="cascade"
    )
    active = fields.Boolean(default=True)
