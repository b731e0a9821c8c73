from odoo import api, fields, models

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

    @api.model_create_multi
    def create(self, vals_list):
        self.env["hc.pulse"].browse(
            {vals["pulse_id"] for vals in vals_list if type(vals.get("pulse_id")) is int}
        )._check_draft()
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() - {"sequence"}:
            self.pulse_id._check_draft()
        if type(vals.get("pulse_id")) is int:
            self.env["hc.pulse"].browse(vals["pulse_id"])._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_before_asked(self):
        """What was answered goes with its question. (A round takes its questions along in the database.)"""
        self.pulse_id._check_draft()

    def _scale(self):
        """Return ``(lowest, highest)``; None of words."""
        self.ensure_one()
        return {"enps": (0, 10), "agree": (1, 5)}.get(self.kind)
