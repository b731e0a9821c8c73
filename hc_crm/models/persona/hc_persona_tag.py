from random import randint

from odoo import fields, models


class HcPersonaTag(models.Model):
    """A word to sort personas by, for example “Shop” or “Online”."""

    _name = "hc.persona.tag"
    _description = "Persona Tag"
    _order = "name, id"

    def _default_color(self):
        return randint(1, 11)

    name = fields.Char(required=True, translate=True)
    color = fields.Integer(default=lambda self: self._default_color())

    _name_unique = models.Constraint(
        "unique(name)", "There is a persona tag with this name already."
    )
