from odoo import api, fields, models
from odoo.exceptions import ValidationError

MAX_REASON = 300  # characters; a line, not a letter


class HcProfilingOptout(models.Model):
    """Somebody who asked not to be profiled: no score is computed of them, and none is kept.

    Beside ``res.partner``, as all that is ours. Lines are made and deleted through
    ``res.partner.hc_profiling_optout``, which asks for the right to change the contact.
    """

    _name = "hc.profiling.optout"
    _description = "Person Who Opted Out of Profiling"
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", string="Person", required=True, ondelete="cascade", readonly=True
    )
    date = fields.Date(
        string="Since", required=True, default=fields.Date.context_today, readonly=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Noted by",
        default=lambda self: self.env.user,
        ondelete="set null",
        readonly=True,
    )
    reason = fields.Char(
        string="How We Know", readonly=True, help="For example: asked by e-mail on 3 March."
    )

    _partner_uniq = models.UniqueIndex("(partner_id)", "This person opted out already.")

    @api.constrains("reason")
    def _check_reason(self):
        for optout in self:
            if len(optout.reason or "") > MAX_REASON:
                raise ValidationError(
                    self.env._(
                        "How We Know holds %(length)s characters; %(max)s is the most.",
                        length=len(optout.reason),
                        max=MAX_REASON,
                    )
                )

    def action_open_customer(self):
        self.ensure_one()
        return self.partner_id.get_formview_action()

    def action_take_back(self):
        """They agree to be profiled again; the right to change the contact is asked."""
        self.partner_id.hc_profiling_optout = False
