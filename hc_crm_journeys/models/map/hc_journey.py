from odoo import fields, models

KINDS = [("map", "Journey Map"), ("blueprint", "Service Blueprint")]
TIMES = [("as_is", "As It Is"), ("to_be", "As It Shall Be")]


class HcJourney(models.Model):
    """A map of what somebody goes through with us: stages × lanes, cards in the cells.

    Everything on it has a ``uid``, a text that is made once (in the browser, or here) and never changes: undo,
    versions, templates, files and the other half of a pair know things by it. ``revision`` counts changes of what
    stands on the map; whoever changes it says which revision they saw.
    """

    _name = "hc.journey"
    _description = "Journey"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, id"

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )  # fmt: skip
    kind = fields.Selection(KINDS, required=True, default="map")
    time = fields.Selection(TIMES, string="Shows", required=True, default="as_is")
    counterpart_id = fields.Many2one(
        "hc.journey", string="The Other Half", ondelete="set null", index="btree_not_null", copy=False,
        help="As it is beside as it shall be.",
    )  # fmt: skip
    scenario = fields.Text(help="Who wants what, in which situation, and what they expect.")
    persona_ids = fields.Many2many("hc.persona", string="Personas", help="Whose journey it is.")
    user_id = fields.Many2one(
        "res.users", string="Owner", index="btree_not_null", ondelete="set null", tracking=True,
        default=lambda self: self.env.user, domain="[('share', '=', False)]",
    )  # fmt: skip
    review_date = fields.Date(string="Look at It Again On", tracking=True)
    revision = fields.Integer(default=0, readonly=True, copy=False)
    stage_ids = fields.One2many("hc.journey.stage", "journey_id", string="Stages")
    lane_ids = fields.One2many("hc.journey.lane", "journey_id", string="Lanes")
    cell_ids = fields.One2many("hc.journey.cell", "journey_id", string="Cards")
