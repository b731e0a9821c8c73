from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..links import check_links

# what an insight leads to, and whose names it would tell
LINKS = ("note_id", "persona_id", "trait_id")


class HcResearchInsight(models.Model):
    """One thing learnt from research, and what it says about a persona's trait: true, or not true."""

    _name = "hc.research.insight"
    _description = "Research Insight"
    _order = "date desc, note_id, sequence, id"

    name = fields.Char(string="Insight", required=True)
    note_id = fields.Many2one("hc.research.note", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    persona_id = fields.Many2one(
        "hc.persona",
        compute="_compute_persona_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    trait_id = fields.Many2one(
        "hc.persona.trait",
        index="btree_not_null",
        ondelete="set null",
        domain="[('persona_id', '=?', persona_id)]",
        help="The line on the persona's card this speaks about. Empty: about the persona as a whole.",
    )
    stance = fields.Selection(
        [("supports", "Supports"), ("contradicts", "Contradicts")],
        required=True,
        default="supports",
        help="Does what you saw or heard agree with the persona?",
    )
    quote = fields.Text(help="Their own words, if they are worth keeping.")
    date = fields.Date(related="note_id.date", store=True, index=True)
    note_type = fields.Selection(related="note_id.note_type", store=True)
    company_id = fields.Many2one(related="note_id.company_id", store=True, index=True)

    @api.depends("trait_id")
    def _compute_persona_id(self):
        for insight in self:
            insight.persona_id = insight.trait_id.persona_id or insight.persona_id

    @api.constrains("trait_id", "persona_id")
    def _check_trait_persona(self):
        for insight in self:
            if insight.trait_id and insight.trait_id.persona_id != insight.persona_id:
                raise ValidationError(
                    self.env._(
                        "Insight “%(insight)s”: the trait “%(trait)s” is on the card of another persona. "
                        "Choose a trait of %(persona)s, or leave the trait empty.",
                        insight=insight.name,
                        trait=insight.trait_id.name,
                        persona=insight.persona_id.name or self.env._("the persona"),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        check_links(self, vals_list, LINKS, creating=True)
        return super().create(vals_list)

    def write(self, vals):
        check_links(self, [vals], LINKS)
        res = super().write(vals)
        if "note_id" in vals:
            # the host asks before, not whether the result is still one's own
            self.check_access("write")
        return res

    @api.model
    def _evidence_by_persona(self, personas):
        """Return what the reader may see of the evidence, counted in people.

        ``{persona_id: {"people", "supporting", "contradicting", "methods": int, "newest": date}}``. A note
        without named participants counts as one person nobody can name.
        """
        if not personas:
            return {}
        query = self._search([("persona_id", "in", personas.ids)])
        if query.is_empty():
            return {}
        self.flush_model(["persona_id", "note_id", "stance", "date", "note_type"])
        self.env["hc.research.note"].flush_model(["participant_ids"])
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT insight.persona_id,
                       COUNT(DISTINCT voice.id) AS people,
                       COUNT(DISTINCT voice.id) FILTER (
                           WHERE insight.stance = 'supports') AS supporting,
                       COUNT(DISTINCT voice.id) FILTER (
                           WHERE insight.stance = 'contradicts') AS contradicting,
                       COUNT(DISTINCT insight.note_type) AS methods,
                       MAX(insight.date) AS newest
                  FROM hc_research_insight AS insight
             LEFT JOIN hc_research_note_participant_rel AS participant
                    ON participant.note_id = insight.note_id
            CROSS JOIN LATERAL (
                       SELECT COALESCE(participant.partner_id, -insight.note_id) AS id
                       ) AS voice
                 WHERE insight.id IN %s
                 GROUP BY insight.persona_id
                """,
                query.subselect(),
            )
        )
        return {row.pop("persona_id"): row for row in rows}
