from odoo import fields, models


class HcJourneyLink(models.Model):
    """An arrow between two cards."""

    _name = "hc.journey.link"
    _description = "Dependency on a Journey"

    journey_id = fields.Many2one("hc.journey", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="journey_id.company_id", store=True, index=True)
    uid = fields.Char(required=True, readonly=True)
    from_id = fields.Many2one("hc.journey.cell", required=True, index=True, ondelete="cascade")
    to_id = fields.Many2one("hc.journey.cell", required=True, index=True, ondelete="cascade")
    is_two_way = fields.Boolean()
    name = fields.Char(string="Why")
    revision = fields.Integer(readonly=True)

    _uid_unique = models.UniqueIndex("(journey_id, uid)", "This arrow is on the map already.")
