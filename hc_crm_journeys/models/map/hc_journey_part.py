from datetime import timedelta
from uuid import uuid4

from odoo import api, fields, models

KEPT_DAYS = 30
MAX_GC = 10_000


class HcJourneyPart(models.AbstractModel):
    """What stands on a map, and is known there by its uid.

    Deleting it in the editor archives it: whoever undoes that a minute later gets it back with its events,
    evidence and picture, and an editor that asks what changed is told that it is gone. After ``KEPT_DAYS`` it
    is deleted for good.
    """

    _name = "hc.journey.part"
    _description = "Part of a Journey"

    journey_id = fields.Many2one("hc.journey", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="journey_id.company_id", store=True, index=True)
    uid = fields.Char(required=True, readonly=True, default=lambda self: str(uuid4()))
    active = fields.Boolean(default=True, help="Off: somebody deleted it; it can be undone.")
    revision = fields.Integer(
        readonly=True, help="Of the journey, when this was last changed or deleted."
    )

    @api.model_create_multi
    def create(self, vals_list):
        if "hc_revision" in self.env.context:
            return super().create(vals_list)
        parts = super().create(vals_list)
        parts._note_change()
        return parts

    def write(self, vals):
        if "hc_revision" not in self.env.context and not vals.keys() <= {"revision"}:
            self._note_change()
        return super().write(vals)

    def unlink(self):
        # whoever has the map open cannot be told what is gone: they load it again
        self.journey_id._hc_forget_changes()
        cells = self._hc_cells()
        if cells != self:
            cells.unlink()
        return super().unlink()

    def _hc_cells(self):
        """Return the cards that go with this; the database would leave their pictures behind."""
        return self.env["hc.journey.cell"]

    @api.autovacuum
    def _gc_deleted(self):
        """Delete for good what somebody deleted long ago; nobody undoes that any more."""
        if self._abstract:
            return
        before = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.with_context(active_test=False).search(
            [("active", "=", False), ("write_date", "<", before)], limit=MAX_GC
        ).unlink()

    def _note_change(self):
        """Somebody changes this outside the editor: those who have the map open hear of it."""
        for journey, parts in self.grouped("journey_id").items():
            parts.with_context(hc_revision=True).write({"revision": journey._hc_next_revision()})
            journey._hc_tell_change()
