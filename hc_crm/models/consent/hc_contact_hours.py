from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..links import check_links

ALL_DAYS = "1234567"


class HcContactHours(models.Model):
    """When somebody likes to hear from us, as they said. It narrows the hours of the contact rules.

    Where nothing would be left of both, theirs hold: somebody who works at night may say so.
    """

    _name = "hc.contact.hours"
    _description = "Hours to Contact Them"
    _order = "partner_id"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", string="Person", required=True, ondelete="cascade")
    hour_from = fields.Float(
        string="Not before", required=True, default=0.0, help="In their own time zone."
    )
    hour_to = fields.Float(string="Not after", required=True, default=24.0)
    weekdays = fields.Char(
        required=True, default=ALL_DAYS, help="Digits of the days: 1 is Monday, 7 is Sunday."
    )

    _partner_uniq = models.UniqueIndex(
        "(partner_id)", "The hours of this contact are noted already. Change that note."
    )

    @api.constrains("hour_from", "hour_to", "weekdays")
    def _check_hours(self):
        for hours in self:
            if not 0 <= hours.hour_from < hours.hour_to <= 24:
                raise ValidationError(
                    self.env._(
                        "Hours: “not before” has to be earlier than “not after”, from 0 to 24."
                    )
                )
            days = hours.weekdays or ""
            if not days or not set(days) <= set(ALL_DAYS) or len(set(days)) < len(days):
                raise ValidationError(
                    self.env._(
                        "Days: choose at least one; each is a digit from 1 (Monday) to 7 (Sunday)."
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        check_links(self, vals_list, ("partner_id",), creating=True)
        hours = super().create(vals_list)
        hours._check_contact()
        return hours

    def write(self, vals):
        check_links(self, [vals], ("partner_id",))
        self._check_contact()
        res = super().write(vals)
        if "partner_id" in vals:
            self._check_contact()
        return res

    def unlink(self):
        self._check_contact()
        return super().unlink()

    def _check_contact(self):
        """Whoever may not change the contact may not say for them when they like to be reached."""
        if not self.env.su:
            # sudo: only to learn whose hours they are; the right to change them is asked as the user
            self.sudo().partner_id.with_env(self.env).check_access("write")

    @api.model
    def _hours_for(self, partner_ids):
        """Return ``{partner id: (hour_from, hour_to, {0 … 6})}`` of those who said when; 0 is Monday."""
        # superuser: what somebody asked for holds whoever sends
        return {
            hours.partner_id.id: (
                hours.hour_from,
                hours.hour_to,
                {int(digit) - 1 for digit in hours.weekdays},
            )
            for hours in self.sudo().search_fetch(
                [("partner_id", "in", list(partner_ids))],
                ["partner_id", "hour_from", "hour_to", "weekdays"],
            )
        }
