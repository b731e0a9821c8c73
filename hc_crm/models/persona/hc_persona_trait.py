from odoo import api, fields, models

from ..links import check_links, search_visible

TRAIT_KINDS = [
    ("motivation", "Motivations"),
    ("goal", "Goals"),
    ("need", "Needs"),
    ("pain", "Pains"),
    ("fear", "Fears"),
    ("feeling", "Feelings"),
    ("aspiration", "Aspirations"),
    ("value", "Values"),
    ("do", "Do"),
    ("dont", "Don't"),
]


class HcPersonaTrait(models.Model):
    """One line on a persona's card. Research either supports it, contradicts it, or has not asked yet."""

    _name = "hc.persona.trait"
    _description = "Persona Trait"
    _order = "persona_id, kind, sequence, id"

    persona_id = fields.Many2one("hc.persona", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(TRAIT_KINDS, string="Section", required=True, default="need")
    name = fields.Char(string="Trait", required=True, translate=True)
    sequence = fields.Integer(default=10)
    insight_ids = fields.One2many(
        "hc.research.insight", "trait_id", string="Evidence", search="_search_insight_ids"
    )
    support_count = fields.Integer(
        string="Supports",
        compute="_compute_evidence",
        help="How many insights from research speak for this trait.",
    )
    contradict_count = fields.Integer(
        string="Contradicts",
        compute="_compute_evidence",
        help="How many insights from research speak against this trait.",
    )

    def _search_insight_ids(self, operator, value):
        return search_visible(self, "insight_ids", operator, value)

    @api.depends("insight_ids.stance")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_evidence(self):
        counts = {
            (trait.id, stance): count
            for trait, stance, count in self.env["hc.research.insight"]._read_group(
                [("trait_id", "in", self.ids)], ["trait_id", "stance"], ["__count"]
            )
        }
        for trait in self:
            # a line being typed has its origin's evidence
            trait_id = trait._origin.id
            trait.support_count = counts.get((trait_id, "supports"), 0)
            trait.contradict_count = counts.get((trait_id, "contradicts"), 0)

    @api.depends("name", "kind", "persona_id.name")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for trait in self:
            trait.display_name = f"{labels.get(trait.kind, '')}: {trait.name or ''}"

    def write(self, vals):
        # onto a card one may not read would be onto that of another company
        check_links(self, [vals], ("persona_id",))
        return super().write(vals)

    def action_open_evidence(self):
        """Show what research says about this one trait."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("hc_crm.hc_research_insight_action")
        return action | {
            "display_name": self.env._("Evidence: %(trait)s", trait=self.name),
            "domain": [("trait_id", "=", self.id)],
            "context": {"default_trait_id": self.id, "default_persona_id": self.persona_id.id},
        }
