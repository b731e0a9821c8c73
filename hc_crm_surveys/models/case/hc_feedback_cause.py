from odoo import fields, models


class HcFeedbackCause(models.Model):
    """Why it went wrong, so that it can be counted."""

    _name = "hc.feedback.cause"
    _description = "Root Cause"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
