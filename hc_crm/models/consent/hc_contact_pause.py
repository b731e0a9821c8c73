from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..links import check_links

MAX_REASON = 300  # characters; a line, not a letter
EARLIEST_YEAR = 1970


class HcContactPause(models.Model):
    """A time in which only people turn to this customer: a bereavement, a dispute, or for good.

    That of a company or household holds for all of its people. Who may change the contact may note it.
    """

    _name = "hc.contact.pause"
    _description = "Only People Contact Them"
    _order = "date_from desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade"
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Until", help="Empty: for good. Nothing goes out by itself.")
    reason = fields.Char(help="For colleagues: what happened, what to mind.")
    user_id = fields.Many2one(
        "res.users",
        string="Noted by",
        default=lambda self: self.env.user,
        ondelete="set null",
        readonly=True,
    )
    is_current = fields.Boolean(
        string="Now", compute="_compute_is_current", search="_search_is_current"
    )

    @api.depends("date_from", "date_to")
    def _compute_is_current(self):
        today = fields.Date.context_today(self)
        for pause in self:
            pause.is_current = bool(
                pause.date_from
                and pause.date_from <= today
                and (not pause.date_to or pause.date_to >= today)
            )

    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        current = Domain("date_from", "<=", today) & (
            Domain("date_to", "=", False) | Domain("date_to", ">=", today)
        )
        if set(value) == {True, False}:
            return Domain.TRUE
        return current if True in value else ~current

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for pause in self:
            if pause.date_from.year < EARLIEST_YEAR:
                raise ValidationError(
                    self.env._(
                        "From %(date)s: the year cannot be before %(year)s. Is a digit missing?",
                        date=pause.date_from,
                        year=EARLIEST_YEAR,
                    )
                )
            if pause.date_to and pause.date_to < pause.date_from:
                raise ValidationError(
                    self.env._(
                        "“Until” lies before “From”. Give a later day, or none: then it is for good."
                    )
                )

    @api.constrains("reason")
    def _check_reason(self):
        for pause in self:
            if len(pause.reason or "") > MAX_REASON:
                raise ValidationError(
                    self.env._(
                        "Reason holds %(length)s characters; %(max)s is the most.",
                        length=len(pause.reason),
                        max=MAX_REASON,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        check_links(self, vals_list, ("partner_id",), creating=True)
        if not self.env.su:
            vals_list = [{**vals, "user_id": self.env.uid} for vals in vals_list]
        pauses = super().create(vals_list)
        pauses._hc_check_contact()
        return pauses

    def write(self, vals):
        check_links(self, [vals], ("partner_id",))
        self._hc_check_contact()
        if not self.env.su:
            vals = {k: v for k, v in vals.items() if k != "user_id"}
        res = super().write(vals)
        if "partner_id" in vals:
            self._hc_check_contact()
        return res

    def unlink(self):
        self._hc_check_contact()
        return super().unlink()

    def _hc_check_contact(self):
        """Whoever may not change the contact may not decide that only people contact them."""
        if not self.env.su:
            # superuser: only to learn whose pause it is; the right to change them is asked as the user
            self.sudo().partner_id.with_env(self.env).check_access("write")

    def action_end(self):
        """From today on they hear from us by ourselves again; what was noted stays."""
        today = fields.Date.context_today(self)
        for pause in self:
            yesterday = fields.Date.subtract(today, days=1)
            if pause.date_to and pause.date_to < today:
                raise UserError(self.env._("This pause is over already."))
            if pause.date_from > yesterday:
                pause.unlink()
            else:
                pause.date_to = yesterday
        return {"type": "ir.actions.act_window_close"}

    @api.model
    def _hc_current(self, partner):
        """Return the pause that holds for this person now, their own or that of their company."""
        pauses = self.search(
            Domain("partner_id", "in", (partner | partner.commercial_partner_id).ids)
            & Domain("is_current", "=", True)
        )
        return pauses.sorted(lambda p: (not p.date_to, p.date_to or p.date_from), reverse=True)[:1]
