from odoo import api, fields, models
from odoo.exceptions import ValidationError

# kind → (field that keeps it, field of its people, field of its day)
SOURCES = {
    "note": ("note_id", "participant_ids", "date"),
    "feedback": ("feedback_id", "partner_id", "date"),
    "interaction": ("interaction_id", "partner_id", "date"),
}


class HcJourneyEvidence(models.Model):
    """What a card rests on: a research note, an answer, a conversation, or words that somebody heard.

    The quote is there to be read by everybody who reads the map: whoever adds it takes it out of what they may
    read. What it was taken from is read and written through the journey only (``hc_evidence``), which shows it to
    those who may read that.
    """

    _name = "hc.journey.evidence"
    _description = "Evidence of a Card"
    _order = "id"

    cell_id = fields.Many2one(
        "hc.journey.cell", string="Card", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="cell_id.company_id", store=True, index=True)
    quote = fields.Text(help="Their own words, as far as the map needs them.")
    note_id = fields.Many2one(
        "hc.research.note", index="btree_not_null", ondelete="cascade", groups=fields.NO_ACCESS
    )
    feedback_id = fields.Many2one(
        "hc.feedback", index="btree_not_null", ondelete="cascade", groups=fields.NO_ACCESS
    )
    interaction_id = fields.Many2one(
        "hc.interaction", index="btree_not_null", ondelete="cascade", groups=fields.NO_ACCESS
    )

    _source_unique = models.UniqueIndex(
        "(cell_id, COALESCE(note_id, 0), COALESCE(feedback_id, 0), COALESCE(interaction_id, 0)) "
        "WHERE note_id IS NOT NULL OR feedback_id IS NOT NULL OR interaction_id IS NOT NULL",
        "This is evidence of the card already.",
    )

    @api.constrains("quote", "note_id", "feedback_id", "interaction_id")
    def _check_something(self):
        for evidence in self.sudo():
            if not evidence._source()[1] and not (evidence.quote or "").strip():
                raise ValidationError(
                    self.env._(
                        "Evidence: choose where it comes from, or write down what they said."
                    )
                )

    def _source(self):
        """Return its kind and the record it was taken from, as superuser; ``(False, None)`` for words alone."""
        self.ensure_one()
        for kind, (name, _people, _day) in SOURCES.items():
            if record := self.sudo()[name]:
                return kind, record
        return False, None

    def _people(self):
        """Return everybody whose words or deeds these are, as superuser."""
        people = self.env["res.partner"].sudo()
        for evidence in self:
            kind, record = evidence._source()
            if record:
                people |= record[SOURCES[kind][1]]
        return people
