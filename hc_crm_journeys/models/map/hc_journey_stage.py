from odoo import fields, models


class HcJourneyStage(models.Model):
    _name = "hc.journey.stage"
    _inherit = "hc.journey.part"
    _description = "Stage of a Journey"
    _order = "position, id"

    parent_id = fields.Many2one(
        "hc.journey.stage", string="Part Of", index="btree_not_null", ondelete="cascade"
    )
    name = fields.Char(required=True)
    position = fields.Float(help="Where it stands among its siblings; smaller is further left.")
    description = fields.Text()
    standard_days = fields.Float(
        string="Should Take (days)", help="Whoever is in it longer is overdue; 0 is any time."
    )

    _uid_unique = models.UniqueIndex("(journey_id, uid)", "This stage is on the map already.")
