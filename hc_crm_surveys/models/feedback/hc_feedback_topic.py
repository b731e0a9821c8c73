from odoo import fields, models


class HcFeedbackTopic(models.Model):
    """What customers talk about: delivery, price, staff … recognised by words, in any language."""

    _name = "hc.feedback.topic"
    _description = "Topic of Feedback"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    key = fields.Char(string="Technical Key", required=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    active = fields.Boolean(default=True)
    user_id = fields.Many2one("res.users", string="Answers for It", ondelete="set null")

    _key_unique = models.Constraint("unique(key)", "Another topic has this technical key already.")
