from odoo import fields, models

KINDS = [
    ("enps", "Would they recommend us as a place to work (0–10)"),
    ("agree", "How far they agree (1–5): counts in the index"),
    ("comment", "In their own words"),
]


class HcPulseQuestion(models.Model):
    """What colleagues are asked. Those without a round are what every new round begins with."""

    _name = "hc.pulse.question"
    _description = "Question of a Pulse"
    _order = "sequence, id"

    pulse_id = fields.Many2one("hc.pulse", index="btree_not_null", ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Question", required=True, translate=True)
    kind = fields.Selection(KINDS, required=True, default="agree")

    def _scale(self):
        """Return ``(lowest, highest)``; None of words."""
        self.ensure_one()
        return {"enps": (0, 10), "agree": (1, 5)}.get(self.kind)
