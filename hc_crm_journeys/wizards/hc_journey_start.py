from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class HcJourneyStart(models.TransientModel):
    """How a new map begins: with a template, with nothing, or with a file."""

    _name = "hc.journey.start"
    _description = "Begin a Map"

    way = fields.Selection(
        [("template", "A Template"), ("empty", "An Empty Map"), ("file", "A File")],
        string="Begin with", required=True, default="template",
    )  # fmt: skip
    template = fields.Selection(
        selection="_selection_template", default=lambda self: self._selection_template()[0][0]
    )
    template_text = fields.Char(compute="_compute_template_text")
    name = fields.Char()
    file = fields.Binary(attachment=False)
    filename = fields.Char()
    line_ids = fields.One2many("hc.journey.start.line", "start_id", string="Rows We Do Not Know")

    @api.model
    def _selection_template(self):
        documents = self.env["hc.journey"]._hc_template_documents()
        return [(key, document["name"]) for key, document in documents.items()]

    @api.depends("template")
    def _compute_template_text(self):
        templates = {one["key"]: one for one in self.env["hc.journey"].hc_templates()}
        for start in self:
            one = templates.get(start.template)
            start.template_text = one and self.env._(
                "%(description)s %(stages)s stages, %(cards)s cards.",
                description=one["description"],
                stages=one["stages"],
                cards=one["cards"],
            )

    def action_start(self):
        """Make the map and open it; ask what a row is where the file has one that we do not know."""
        self.ensure_one()
        Journey = self.env["hc.journey"]
        if self.way == "template":
            journey = Journey.browse(Journey.hc_new_from_template(self.template))
        elif self.way == "empty":
            if not (self.name or "").strip():
                raise UserError(
                    self.env._("Name: give the map a name, for example “Buying a coat”.")
                )
            journey = Journey.create({"name": self.name})
        else:
            if not self.file:
                raise UserError(self.env._("File: choose a .json, .csv or .xlsx file."))
            result = Journey.hc_import(
                self.filename or "", self.file.decode(), {line.name: line._lane() for line in self.line_ids}
            )  # fmt: skip
            if "unknown" in result:
                return self._ask(result["unknown"])
            journey = Journey.browse(result["id"])
        return journey._get_records_action(name=journey.name)

    def _ask(self, unknown):
        known = self.line_ids.mapped("name")
        self.line_ids = [
            Command.create({"row": row["row"], "name": row["name"]})
            for row in unknown
            if row["name"] not in known
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Map"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }


class HcJourneyStartLine(models.TransientModel):
    _name = "hc.journey.start.line"
    _description = "Row of a File that We Do Not Know"
    _order = "row, id"

    start_id = fields.Many2one("hc.journey.start", required=True, ondelete="cascade")
    row = fields.Integer(readonly=True)
    name = fields.Char(string="It Says", required=True, readonly=True)
    kind = fields.Selection(
        selection="_selection_kind", string="It Is", required=True, default="own"
    )

    @api.model
    def _selection_kind(self):
        lane = self.env["hc.journey.lane"]._fields["kind"]
        return [("out", self.env._("Leave It Out")), *lane._description_selection(self.env)]

    def _lane(self):
        """Return the kind of lane, False to leave the row out."""
        return self.kind != "out" and self.kind
