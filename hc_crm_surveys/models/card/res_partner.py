from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_hc_told(self):
        """Note what this customer just said about us."""
        self.ensure_one()
        place = self.env["hc.card.place"].search(
            [("company_id", "=", (self.company_id or self.env.company).id)], limit=1
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("%(customer)s told me", customer=self.display_name),
            "res_model": "hc.card",
            "views": [(self.env.ref("hc_crm_surveys.hc_card_view_form_told").id, "form")],
            "target": "new",
            "context": {
                "default_partner_id": self.id,
                "default_source": "told",
                "default_place_id": place.id,
            },
        }

    def _hc_export_sections(self):
        return [
            *super()._hc_export_sections(),
            {
                "key": "cards",
                "label": self.env._("What you told us without being asked"),
                "rows": self._hc_export_cards,
            },
        ]

    def _hc_export_cards(self):
        cards = self.env["hc.card"].search(
            [("partner_id", "=", self.id), ("company_id", "=", self.env.company.id)]
        )
        return [
            {
                self.env._("Date"): str(card.date),
                self.env._("Question"): card.question_id.title or "",
                self.env._("Score"): card.answer or "",
                self.env._("In your words"): card.comment or "",
                self.env._("Answer to"): card.contact or "",
            }
            for card in cards
        ]

    def _hc_erase_sections(self):
        return [
            *super()._hc_erase_sections(),
            {
                "model": "hc.card",
                "domain": [("partner_id", "in", self.ids)],
                "how": "empty",
                "erase": self._hc_erase_cards,
                "why": self.env._(
                    "The score counts in the results; who it was and their words go."
                ),
            },
        ]

    def _hc_erase_cards(self, cards):
        scored = cards.filtered("answer")
        (cards - scored).unlink()
        scored.write({"partner_id": False, "comment": False, "contact": False})
