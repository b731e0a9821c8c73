from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _hc_evidence_domain(self):
        return [
            "|", "|",
            ("feedback_id.partner_id", "in", self.ids),
            ("interaction_id.partner_id", "in", self.ids),
            ("note_id.participant_ids", "in", self.ids),
        ]  # fmt: skip

    def _hc_export_sections(self):
        return [
            *super()._hc_export_sections(),
            {
                "key": "journey_evidence",
                "label": self.env._("Where our maps rest on your words"),
                "rows": self._hc_export_evidence,
            },
        ]

    def _hc_export_evidence(self):
        # superuser: whom evidence is of is kept out of reach; it is theirs
        found = self.env["hc.journey.evidence"].sudo().search(
            [*self._hc_evidence_domain(), ("company_id", "=", self.env.company.id)]
        )  # fmt: skip
        return [
            {
                self.env._("Map"): one.cell_id.journey_id.name,
                self.env._("Card"): one.cell_id.text or "",
                self.env._("In your words"): one.quote or "",
            }
            for one in found
        ]

    def _hc_erase_sections(self):
        # before what it was taken from, which forgets whose it was
        return [
            {
                "model": "hc.journey.evidence",
                "domain": self._hc_evidence_domain(),
                "how": "delete",
                "why": self.env._("Cards of journey maps no longer rest on their words."),
            },
            *super()._hc_erase_sections(),
        ]
