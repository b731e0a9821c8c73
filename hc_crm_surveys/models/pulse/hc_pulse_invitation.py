from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError


class HcPulseInvitation(models.Model):
    """Who was asked. Nothing leads from here to an answer: not even whether there is one."""

    _name = "hc.pulse.invitation"
    _description = "Colleague Asked"
    _order = "name, id"

    pulse_id = fields.Many2one("hc.pulse", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="Colleague", ondelete="set null")
    name = fields.Char(compute="_compute_from_user", store=True, readonly=False, precompute=True)
    email = fields.Char(compute="_compute_from_user", store=True, readonly=False, precompute=True)
    lang = fields.Char(compute="_compute_from_user", store=True, readonly=False, precompute=True)
    team = fields.Char(
        help="Figures by team are shown only where five or more of it answer, and nobody can be worked out "
        "from the rest."
    )
    state = fields.Selection(
        [
            ("waiting", "Not asked yet"),
            ("ready", "About to be asked"),
            ("sending", "Being sent"),
            ("sent", "Asked"),
            ("failed", "Could not be reached"),
        ],
        default="waiting",
        required=True,
        readonly=True,
    )
    error = fields.Char(readonly=True)

    _user_unique = models.UniqueIndex(
        "(pulse_id, user_id) WHERE user_id IS NOT NULL", "This colleague is on the list already."
    )
    _email_unique = models.UniqueIndex(
        "(pulse_id, lower(email)) WHERE email IS NOT NULL", "This address is on the list already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_history({name: value for name, value in vals.items() if value != "waiting"})
        return super().create(vals_list)

    def write(self, vals):
        self._check_history(vals)
        return super().write(vals)

    def _check_history(self, vals):
        """Nobody makes somebody be asked, or asked twice, by hand."""
        if not self.env.su and (vals.get("state") or vals.get("error")):
            raise UserError(
                self.env._("State: this cannot be typed in. Use “Ask Now” or “Ask Latecomers”.")
            )

    @api.depends("user_id")
    def _compute_from_user(self):
        for invitation in self:
            if user := invitation.user_id:
                invitation.name = user.name
                invitation.email = user.email_normalized or user.email
                invitation.lang = user.lang

    @api.constrains("email")
    def _check_email(self):
        for invitation in self:
            if invitation.email and not tools.email_normalize(invitation.email):
                raise ValidationError(
                    self.env._(
                        "E-mail “%(email)s”: this is not the address of one person.",
                        email=invitation.email,
                    )
                )
