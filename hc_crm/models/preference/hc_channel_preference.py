from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..links import check_links
from .hc_channel_score import NO_WAYS

MAX_NOTE = 300  # characters; a line, not a letter
EARLIEST_YEAR = 1970


class HcChannelPreference(models.Model):
    """How a customer said they want to be reached. What they said wins over what was learned.

    It is theirs, not profiling: it stays when somebody opts out. Who may change the contact may write it
    down, change it and take it back.
    """

    _name = "hc.channel.preference"
    _description = "Preferred Channel, as Stated"
    _order = "stated_date desc, id desc"
    _rec_name = "channel_id"

    partner_id = fields.Many2one("res.partner", string="Contact", required=True, ondelete="cascade")
    channel_id = fields.Many2one(
        "hc.channel",
        string="Reach Them by",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("key", "not in", NO_WAYS)],
    )
    stated_date = fields.Date(string="Said on", required=True, default=fields.Date.context_today)
    user_id = fields.Many2one(
        "res.users",
        string="Noted by",
        default=lambda self: self.env.user,
        ondelete="set null",
        readonly=True,
    )
    note = fields.Char(help="For example: not before ten o'clock.")

    _partner_uniq = models.UniqueIndex(
        "(partner_id)", "What this contact prefers is noted already. Change that note."
    )

    @api.constrains("channel_id")
    def _check_channel(self):
        for preference in self:
            if preference.channel_id.key in NO_WAYS:
                raise ValidationError(
                    self.env._(
                        "Reach Them by: “%(channel)s” is no way to reach somebody. Choose another.",
                        channel=preference.channel_id.name,
                    )
                )

    @api.constrains("stated_date")
    def _check_stated_date(self):
        # a day more: it is tomorrow already where the customer is
        latest = fields.Date.add(fields.Date.context_today(self), days=1)
        for preference in self:
            day = preference.stated_date
            if not day:
                raise self._hc_day_missing()
            if day.year < EARLIEST_YEAR or day > latest:
                raise ValidationError(
                    self.env._(
                        "Said on %(date)s: give the day on which they said so, today or before.",
                        date=day,
                    )
                )

    def _hc_day_missing(self):
        return ValidationError(
            self.env._("Said on: give the day on which they said so, today or before.")
        )

    @api.constrains("note")
    def _check_note(self):
        for preference in self:
            if len(preference.note or "") > MAX_NOTE:
                raise ValidationError(
                    self.env._(
                        "Note holds %(length)s characters; %(max)s is the most.",
                        length=len(preference.note),
                        max=MAX_NOTE,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        check_links(self, vals_list, ("partner_id", "channel_id"), creating=True)
        if not all(vals.get("stated_date", True) for vals in vals_list):
            # the database would refuse it before constraints are asked
            raise self._hc_day_missing()
        if not self.env.su:
            vals_list = [{**vals, "user_id": self.env.uid} for vals in vals_list]
        preferences = super().create(vals_list)
        preferences._hc_check_contact()
        preferences._hc_forget_cached()
        return preferences

    def write(self, vals):
        check_links(self, [vals], ("partner_id", "channel_id"))
        self._hc_check_contact()
        if not self.env.su:
            vals = {**vals, "user_id": self.env.uid}
        res = super().write(vals)
        if "partner_id" in vals:
            self._hc_check_contact()
        self._hc_forget_cached()
        return res

    def unlink(self):
        self._hc_check_contact()
        self._hc_forget_cached()
        return super().unlink()

    def _hc_check_contact(self):
        """Whoever may not change the contact may not say for them how they like to be reached."""
        if not self.env.su:
            # sudo: only to learn whose note it is; the right to change them is asked as the user
            self.sudo().partner_id.with_env(self.env).check_access("write")

    def _hc_forget_cached(self):
        self.env["res.partner"].invalidate_model(["hc_channel_id"])

    def action_take_back(self):
        """They did not say so, or not any more."""
        self.unlink()
        return {"type": "ir.actions.act_window_close"}
