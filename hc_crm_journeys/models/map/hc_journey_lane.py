from odoo import fields, models

# key → (label, what a cell of it holds); the order is the one offered
LANE_KINDS = [
    ("touchpoint", "Touchpoint"),
    ("channel", "Channel"),
    ("action", "What They Do"),
    ("thought", "What They Think"),
    ("emotion", "How They Feel"),
    ("pain", "Pain Points"),
    ("truth", "Moments of Truth"),
    ("need", "Needs and Expectations"),
    ("response", "Our Human Answer"),
    ("evidence", "Evidence and Quotes"),
    ("image", "Pictures"),
    ("metric", "Figures"),
    ("opportunity", "Opportunities"),
    ("physical", "Physical Evidence"),
    ("onstage", "Onstage: What Colleagues Do in Sight"),
    ("backstage", "Backstage: What They Do Out of Sight"),
    ("support", "Support Processes"),
    ("employee_emotion", "How Colleagues Feel"),
    ("time", "Time Standard"),
    ("wait", "Waits"),
    ("fail", "Where It Can Fail"),
    ("own", "Own Lane"),
]
LINES = [
    ("interaction", "Line of Interaction"),
    ("visibility", "Line of Visibility"),
    ("internal", "Line of Internal Interaction"),
]


class HcJourneyLane(models.Model):
    _name = "hc.journey.lane"
    _inherit = "hc.journey.part"
    _description = "Lane of a Journey"
    _order = "position, id"

    kind = fields.Selection(LANE_KINDS, required=True, default="own")
    name = fields.Char(help="Empty: what its kind is called, in the reader's language.")
    position = fields.Float(help="Smaller is further up.")
    line_after = fields.Selection(LINES, string="Line below It")
    is_collapsed = fields.Boolean()
    metric = fields.Char(
        help="Of a lane of figures: nps, csat, ces, feeling, or a key of a figure."
    )

    _uid_unique = models.UniqueIndex("(journey_id, uid)", "This lane is on the map already.")

    def _hc_cells(self):
        cells = self.env["hc.journey.cell"].with_context(active_test=False)
        return cells.search([("lane_id", "in", self.ids)])
