from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.hc_crm.engine import persona as engine
from odoo.addons.hc_crm.models.links import given_id, storable

from ..map.wire import MAX_TEXT
from .hc_journey_evidence import SOURCES

DAYS_PER_MONTH = 365.25 / 12
# how well founded → what the card may say
SUGGESTED = {
    engine.ASSUMPTION: "assumed",
    engine.SOME: "some",
    engine.STALE: "some",
    engine.WELL: "validated",
}


class HcJourney(models.Model):
    """What the cards of a map rest on."""

    _inherit = "hc.journey"

    def hc_evidence(self, uid):
        """Return what a card rests on, and how well founded that makes it.

        ``{"evidence": [{"id", "quote", "kind", "source": {"id", "model", "name", "date"} | False, "user"}],
        "proof": what the card says, "suggestion": what it may say, "why": in words}``. A ``source`` that the
        reader may not see is ``False``; ``kind`` says what it is.
        """
        cell = self._hc_cell(uid, "read")
        found = self.env["hc.journey.evidence"].search([("cell_id", "=", cell.id)])
        return {
            "evidence": [self._hc_evidence_shown(evidence) for evidence in found],
            "proof": cell.proof,
        } | self._hc_proof_suggestion(found)

    def hc_add_evidence(self, uid, values):
        """Add evidence to a card; return what ``hc_evidence`` returns.

        :param values: ``{"kind": "note" | "feedback" | "interaction" | False, "id": record, "quote": text}``
        """
        cell = self._hc_cell(uid, "write")
        values = values if isinstance(values, dict) else {}
        kind, quote = values.get("kind"), values.get("quote") or ""
        if not isinstance(quote, str) or len(quote) > MAX_TEXT:
            raise ValidationError(
                self.env._("Quote: a text of at most %(max)s characters.", max=MAX_TEXT)
            )
        vals = {"cell_id": cell.id, "quote": storable(quote)}
        if kind:
            if not isinstance(kind, str) or kind not in SOURCES:
                raise ValidationError(
                    self.env._("Evidence: it is one of %(kinds)s.", kinds=", ".join(SOURCES))
                )
            name = SOURCES[kind][0]
            Model = self.env[self.env["hc.journey.evidence"]._fields[name].comodel_name]
            source_id = given_id(self.env, values.get("id"), self.env._("Evidence"))
            # who may not read it, cannot say that it proves something
            if not source_id or not Model.search_count([("id", "=", source_id)], limit=1):
                raise ValidationError(
                    self.env._(
                        "Evidence: it is no longer there, or not yours to see. Choose another."
                    )
                )
            vals[name] = source_id
            if (
                self.env["hc.journey.evidence"]
                .sudo()
                .search_count([("cell_id", "=", cell.id), (name, "=", source_id)], limit=1)
            ):
                raise UserError(self.env._("This is evidence of the card already."))
        # superuser: where it comes from is kept out of reach of lists and exports
        self.env["hc.journey.evidence"].sudo().create(vals)
        cell._note_change()
        return self.hc_evidence(uid)

    def hc_remove_evidence(self, uid, evidence_id):
        """Take evidence off a card; return what ``hc_evidence`` returns."""
        cell = self._hc_cell(uid, "write")
        evidence_id = given_id(self.env, evidence_id, self.env._("Evidence"))
        evidence = self.env["hc.journey.evidence"].search(
            [("id", "=", evidence_id), ("cell_id", "=", cell.id)]
        )
        if evidence:
            evidence.sudo().unlink()
            cell._note_change()
        return self.hc_evidence(uid)

    def _hc_cell(self, uid, operation):
        """Return the card of a uid.

        :raises UserError: there is none
        """
        self._hc_one()
        self.check_access(operation)
        return self._hc_thing("cell", uid)

    @api.model
    def _hc_evidence_shown(self, evidence):
        kind, source = evidence._source()
        source = source and source.with_env(self.env)._filtered_access("read")
        return {
            "id": evidence.id,
            "quote": evidence.quote or "",
            "kind": kind,
            "source": {
                "id": source.id,
                "model": source._name,
                "name": source.display_name,
                "date": fields.Date.to_string(source[SOURCES[kind][2]]),
            }
            if source
            else False,
            # superuser: the name of a colleague
            "user": {"id": evidence.create_uid.id, "name": evidence.create_uid.sudo().name},
        }

    @api.model
    def _hc_proof_suggestion(self, found):
        """Return how well founded evidence makes a card, by the measure that personas have."""
        sources = [source for source in (one._source() for one in found) if source[1]]
        people, kinds = len(found._people()), len({kind for kind, _record in sources})
        today = fields.Date.context_today(self)
        days = [fields.Date.to_date(record[SOURCES[kind][2]]) for kind, record in sources]
        age = max(0.0, (today - max(days)).days / DAYS_PER_MONTH) if days else None
        # words alone, or of nobody we know, are some evidence: of one person
        heard = max(people, 1) if found else 0
        suggestion = SUGGESTED[engine.foundation(heard, 0, kinds, age)]
        if not found:
            why = self.env._("Nothing is known yet. Ask a customer, and note what they say.")
        elif suggestion == "validated":
            why = self.env._("%(people)s people in %(kinds)s ways.", people=heard, kinds=kinds)
        else:
            why = self.env._(
                "%(people)s heard. Validated needs %(few)s people in two ways, or %(many)s, and nothing older "
                "than a year.",
                people=heard,
                few=engine.PEOPLE_MAIN_THEMES,
                many=engine.PEOPLE_SATURATION,
            )
        return {"suggestion": suggestion, "why": why}

    @api.model
    def _hc_evidence_counts(self, cell_ids):
        if not cell_ids:
            return {}
        return {
            cell.id: count
            for cell, count in self.env["hc.journey.evidence"]._read_group(
                [("cell_id", "in", cell_ids)], ["cell_id"], ["__count"]
            )
        }
