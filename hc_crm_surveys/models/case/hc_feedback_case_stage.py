from odoo import fields, models


class HcFeedbackCaseStage(models.Model):
    _name = "hc.feedback.case.stage"
    _description = "Stage of a Case"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    fold = fields.Boolean(string="Folded")
    is_solved = fields.Boolean(
        string="Solved", help="Cases get here when we have done what we could; then we ask again."
    )
    is_closed = fields.Boolean(string="Closed", help="Nothing more is to be done.")
