from odoo import fields, models

from ..links import check_links


class HcPersonaChannel(models.Model):
    """One way of reaching a persona, in order of preference."""

    _name = "hc.persona.channel"
    _description = "Preferred Channel of a Persona"
    _order = "persona_id, sequence, id"
    _rec_name = "channel_id"

    persona_id = fields.Many2one("hc.persona", required=True, index=True, ondelete="cascade")
    channel_id = fields.Many2one("hc.channel", required=True, ondelete="cascade")
    icon = fields.Char(related="channel_id.icon")
    sequence = fields.Integer(
        default=10, help="The first one in the list is the one they like best."
    )
    note = fields.Char(
        string="Remark", translate=True, help="For example: “before nine in the morning”."
    )

    _channel_unique = models.Constraint(
        "unique(persona_id, channel_id)", "This channel is on the persona's list already."
    )

    def write(self, vals):
        # onto a card one may not read would be onto that of another company
        check_links(self, [vals], ("persona_id",))
        return super().write(vals)
