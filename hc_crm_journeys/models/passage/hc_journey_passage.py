from odoo import fields, models


class HcJourneyPassage(models.Model):
    """A customer in a stage of a journey: from when to when, and by what."""

    _name = "hc.journey.passage"
    _description = "Customer on a Journey"
    _order = "date_from desc, id desc"

    journey_id = fields.Many2one("hc.journey", required=True, index=True, ondelete="cascade")
    stage_id = fields.Many2one("hc.journey.stage", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")
    date_from = fields.Datetime(string="Entered", required=True)
    date_to = fields.Datetime(string="Left")
