from odoo import api, fields, models


class HcJourneyStage(models.Model):
    _name = "hc.journey.stage"
    _inherit = "hc.journey.part"
    _description = "Stage of a Journey"
    _order = "position, id"
    _parent_name = "parent_id"

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

    def _hc_cells(self):
        cells = self.env["hc.journey.cell"].with_context(active_test=False)
        stages = self.with_context(active_test=False).search([("id", "child_of", self.ids)])
        return cells.search([("stage_id", "in", stages.ids)])

    @api.depends("name")
    def _compute_display_name(self):
        for stage in self:
            stage.display_name = stage.name or self.env._("Stage without a Name")
