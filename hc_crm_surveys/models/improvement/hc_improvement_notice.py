from odoo import api, fields, models

from .improvement_inform import PURPOSE


class HcImprovementNotice(models.Model):
    """One person is told, once, that what they asked for is done."""

    _name = "hc.improvement.notice"
    _description = "Letter about an Improvement"
    _inherit = ["hc.letter"]
    _order = "id desc"

    improvement_id = fields.Many2one(
        "hc.improvement", required=True, readonly=True, index=True, ondelete="cascade"
    )
    feedback_id = fields.Many2one(
        "hc.feedback", string="What They Said", readonly=True, ondelete="set null",
        index="btree_not_null",
    )  # fmt: skip
    _person_unique = models.UniqueIndex(
        "(improvement_id, partner_id)", "They were told about this already."
    )

    def _letter_purpose(self):
        return PURPOSE

    def _render_letter(self):
        return self.improvement_id._render_letter(
            self.partner_id, self.feedback_id, self._letter_lang()
        )

    def _letter_decisions(self, purpose, company):
        feedback = {row.partner_id.id: row.feedback_id for row in self}
        return self.partner_id._hc_answering(feedback)._hc_contact_decisions(
            "email", purpose, company=company
        )

    def _send(self):
        """Several contacts with one address are one mailbox: it gets one letter."""
        taken = {
            (row.improvement_id.id, row.partner_id.email_normalized)
            for row in self.search(
                [("improvement_id", "in", self.improvement_id.ids), ("state", "=", "sent")]
            )
        }
        twins = self.browse()
        for row in self.sorted("id"):
            key = (row.improvement_id.id, row.partner_id.email_normalized)
            if key[1] and key in taken:
                twins |= row
            taken.add(key)
        twins.write({"state": "skipped", "reason_code": "same_address"})
        return super(HcImprovementNotice, self - twins)._send()


class HcContactAttempt(models.Model):
    _inherit = "hc.contact.attempt"

    @api.model
    def _reason_texts(self):
        return super()._reason_texts() | {
            "same_address": lambda env, args: env._(
                "Somebody else with the same e-mail address was told."
            ),
        }
