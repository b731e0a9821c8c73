from odoo import fields, models


class HcJourneyLink(models.Model):
    """An arrow between two cards."""

    _name = "hc.journey.link"
    _inherit = "hc.journey.part"
    _description = "Dependency on a Journey"

    from_id = fields.Many2one("hc.journey.cell", required=True, index=True, ondelete="cascade")
    to_id = fields.Many2one("hc.journey.cell", required=True, index=True, ondelete="cascade")
    is_two_way = fields.Boolean()
    name = fields.Char(string="Why")

    _uid_unique = models.UniqueIndex("(journey_id, uid)", "This arrow is on the map already.")
