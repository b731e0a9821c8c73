from odoo import fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.hc_crm.models.links import storable

NOTE_LENGTH = 500


class HcJourney(models.Model):
    """Customers whom a colleague puts into a stage: what only people know."""

    _inherit = "hc.journey"

    def _hc_move(self, partner, stage, way="enter", date=None, note=None):
        """Let a customer enter a stage, or leave it, because a colleague says so.

        It counts as one event among the others: what happens later moves them on, what is known to have happened
        before stays before it.

        :param partner: a contact; it is their company or household that moves
        :param date: naive UTC, not to come; now if none
        """
        self.ensure_one()
        self.check_access("read")
        partner.check_access("read")
        stage.check_access("read")
        customer = partner.commercial_partner_id
        now = fields.Datetime.now()
        date = date or now
        if stage.journey_id != self:
            raise ValidationError(
                self.env._("“Stage”: “%(stage)s” is on another map.", stage=stage.name)
            )
        if date > now:
            raise ValidationError(
                self.env._("“When”: it lies in the future. Say when it happened.")
            )
        # superuser: whether somebody may be described at all is not for the reader to see in full
        eligible = self.sudo()._eligible()
        if (
            not self.env["res.partner"]
            .sudo()
            .search_count([("id", "=", customer.id), ("id", "in", eligible)])
        ):
            raise UserError(
                self.env._(
                    "%(customer)s cannot be on this map: they do not want to be described, are archived, belong "
                    "to another company, or are one of us.",
                    customer=partner.display_name,
                )
            )
        sign = self.env["hc.journey.sign"].sudo().create(
            {
                "journey_id": self.id, "stage_id": stage.id, "company_id": self.company_id.id,
                "partner_id": customer.id, "way": way, "date": date, "user_id": self.env.uid,
                "note": storable(note or "")[:NOTE_LENGTH] or False, "is_open": True,
            }
        )  # fmt: skip
        # superuser: passages are written by nobody else
        self.sudo()._refresh(partners=customer.ids)
        return sign
