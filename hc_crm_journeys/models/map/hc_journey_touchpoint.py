from odoo import fields, models

MODES = [("human", "A Person"), ("assisted", "A Person, with Help"), ("automated", "Automatic")]


class HcJourneyTouchpoint(models.Model):
    """What a card in a lane of touchpoints is more than words: who does it, by which channel, by which key
    feedback names it. One for each such card; it comes and goes with it.
    """

    _name = "hc.journey.touchpoint"
    _description = "Touchpoint"
    _order = "journey_id, id"

    cell_id = fields.Many2one("hc.journey.cell", required=True, index=True, ondelete="cascade")
    journey_id = fields.Many2one(related="cell_id.journey_id", store=True, index=True)
    company_id = fields.Many2one(related="cell_id.company_id", store=True, index=True)
    stage_id = fields.Many2one(related="cell_id.stage_id", store=True, index=True)
    name = fields.Text(related="cell_id.text", string="Touchpoint")
    active = fields.Boolean(default=True, help="Off while its card is deleted, or in another lane.")
    mode = fields.Selection(
        MODES, string="Done By", help="Outreach never automates what a person does."
    )
    channel_id = fields.Many2one("hc.channel", ondelete="set null")
    key = fields.Char(
        string="Moment", index="btree_not_null",
        help="Technical name by which feedback knows it, for example delivery.",
    )  # fmt: skip

    _cell_unique = models.UniqueIndex("(cell_id)", "A card is one touchpoint.")
