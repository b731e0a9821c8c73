from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..links import check_links

NOTE_TYPES = [
    ("interview", "Interview"),
    ("shadowing", "Shadowing"),
    ("ethnography", "Ethnography"),
    ("diary", "Diary"),
    ("workshop", "Workshop"),
]


class HcResearchNote(models.Model):
    """One sitting with real customers: an interview, an hour beside them, a diary they kept.

    The raw notes hold people's own words, so only their authors and administrators change them; what was
    learnt is drawn out of them as insights, and those are the evidence of a persona.
    """

    _name = "hc.research.note"
    _description = "Research Note"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"

    name = fields.Char(string="Title", required=True, tracking=True)
    note_type = fields.Selection(
        NOTE_TYPES, string="Type", required=True, default="interview", index=True
    )
    date = fields.Date(required=True, default=fields.Date.context_today, index=True)
    participant_ids = fields.Many2many(
        "res.partner",
        "hc_research_note_participant_rel",
        "note_id",
        "partner_id",
        string="Participants",
        help="The people you listened to. Each counts once as evidence, however much they said.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        required=True,
        index=True,
        domain=[("share", "=", False)],
    )
    interviewer_ids = fields.Many2many(
        "res.users",
        "hc_research_note_interviewer_rel",
        "note_id",
        "user_id",
        string="Interviewers",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    location = fields.Char(string="Where")
    notes = fields.Html(
        string="Raw Notes",
        sanitize=True,
        help="What was said and seen, as close to their words as possible.",
    )
    insight_ids = fields.One2many("hc.research.insight", "note_id", string="Insights", copy=True)
    insight_count = fields.Integer(compute="_compute_insight_count")
    persona_ids = fields.Many2many(
        "hc.persona",
        string="Personas",
        compute="_compute_persona_ids",
        search="_search_persona_ids",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )

    @api.model_create_multi
    def create(self, vals_list):
        check_links(self, vals_list, ("company_id", "user_id"), creating=True)
        notes = super().create(vals_list)
        notes._check_people(notes.browse().participant_ids, notes.browse().interviewer_ids)
        return notes

    def write(self, vals):
        check_links(self, [vals], ("company_id", "user_id"))
        # superuser: others may have named people whom the current user does not see; those may stay
        before = self.sudo().participant_ids, self.sudo().interviewer_ids
        res = super().write(vals)
        if not {"participant_ids", "interviewer_ids"}.isdisjoint(vals):
            self._check_people(*before)
        if "company_id" in vals:
            # the host asks before, not whether the result is still one's own
            self.check_access("write")
        return res

    def _check_people(self, participants, interviewers):
        """Nobody names people they may not read: their names would stand on the note."""
        # superuser: only to learn whom the notes name; the rights to them are asked as the user
        named = self.sudo()
        (named.participant_ids - participants).with_env(self.env).check_access("read")
        (named.interviewer_ids - interviewers).with_env(self.env).check_access("read")

    @api.constrains("date")
    def _check_date(self):
        today = fields.Date.context_today(self)
        for note in self:
            if note.date > today:
                raise ValidationError(
                    self.env._(
                        "“%(note)s”: the date %(date)s is still to come. Research is noted after it took "
                        "place; plan it as an activity or a meeting instead.",
                        note=note.name,
                        date=note.date,
                    )
                )

    @api.depends("insight_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_insight_count(self):
        counts = dict(
            self.env["hc.research.insight"]._read_group(
                [("note_id", "in", self.ids)], ["note_id"], ["__count"]
            )
        )
        for note in self:
            note.insight_count = counts.get(note._origin, 0)

    @api.depends("insight_ids.persona_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_persona_ids(self):
        for note in self:
            note.persona_ids = note.insight_ids.persona_id

    def _search_persona_ids(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        return fields.Domain("insight_ids", "any", [("persona_id", operator, value)])
