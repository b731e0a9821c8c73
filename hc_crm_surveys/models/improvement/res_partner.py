from odoo import models

ANSWERING = "hc_answering_feedback"


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _hc_answering(self, feedback):
        """Return these people, to be asked about for a letter that answers what they said.

        That they were unhappy then is the reason to write, and does not speak against it.

        :param feedback: ``{partner id: hc.feedback}``
        """
        said = {}
        for row in feedback.values():
            customer_id = row.sudo().partner_id.commercial_partner_id.id
            if row.date:
                said[customer_id] = max(row.date, said.get(customer_id, row.date))
        return self.with_context(**{ANSWERING: tuple(sorted(said.items()))})

    def _hc_bad_feelings(self, question, since):
        said = dict(question.env.context.get(ANSWERING) or ())
        return [
            row
            for row in super()._hc_bad_feelings(question, since)
            if row[0] not in said or row[1] > said[row[0]]
        ]

    def _hc_erase_sections(self):
        return [
            *super()._hc_erase_sections(),
            {
                "model": "hc.improvement.notice",
                "domain": [("partner_id", "in", self.ids)],
                "how": "delete",
                "why": "",
            },
        ]
