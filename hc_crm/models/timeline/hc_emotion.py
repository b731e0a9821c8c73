from odoo import fields, models


class HcEmotion(models.Model):
    """A word for what a customer felt, finer than the five faces (Plutchik's families as a start)."""

    _name = "hc.emotion"
    _description = "Emotion"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    valence = fields.Selection(
        [("-1", "Unpleasant"), ("0", "Neither"), ("1", "Pleasant")],
        default="0",
        required=True,
    )
    active = fields.Boolean(default=True)

    _name_unique = models.Constraint("unique(name)", "This emotion exists already.")
