from odoo import fields, models

PROOFS = [("assumed", "Assumed"), ("some", "Some Evidence"), ("validated", "Validated")]


class HcJourneyCell(models.Model):
    """A card: what stands in one cell of the map; a cell may hold several."""

    _name = "hc.journey.cell"
    _inherit = "hc.journey.part"
    _description = "Card of a Journey"
    _order = "stage_id, lane_id, position, id"
    _rec_name = "text"

    stage_id = fields.Many2one("hc.journey.stage", required=True, index=True, ondelete="cascade")
    lane_id = fields.Many2one("hc.journey.lane", required=True, index=True, ondelete="cascade")
    position = fields.Float(help="Smaller is further up in its cell.")
    text = fields.Text(default="")
    persona_id = fields.Many2one(
        "hc.persona", index="btree_not_null", ondelete="set null",
        help="Whose it is, where several are compared; empty is everybody's.",
    )  # fmt: skip
    # a feeling
    feeling = fields.Integer(help="From −2 to 2, where has_feeling.")
    has_feeling = fields.Boolean()
    feeling_other = fields.Integer(
        help="Either/or: what it may be as well, −2 to 2, where is_either."
    )
    is_either = fields.Boolean(string="Either/Or")
    # how well we know
    proof = fields.Selection(PROOFS, required=True, default="assumed")
    is_pain = fields.Boolean(string="Pain Point")
    is_truth = fields.Boolean(string="Moment of Truth")
    minutes = fields.Float(help="Time standard or wait.")
    about_uid = fields.Char(
        help="Card of the touchpoint of the same stage that it is about; empty is the whole stage."
    )
    user_id = fields.Many2one("res.users", string="Owner", ondelete="set null")
    image = fields.Image(max_width=1600, max_height=1600)
    color = fields.Integer()
    touchpoint_ids = fields.One2many("hc.journey.touchpoint", "cell_id")
    improvement_id = fields.Many2one("hc.improvement", ondelete="set null", index="btree_not_null")

    _uid_unique = models.UniqueIndex("(journey_id, uid)", "This card is on the map already.")
