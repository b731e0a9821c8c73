import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize

from ..links import check_links

# The host's normalisation lets “@example.com” pass.
EMAIL_SHAPE = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class HcPartnerEmail(models.Model):
    """Another e-mail address of a customer: private, former, of the assistant …

    Nothing is sent to it. It only lets mail, imports and other systems find the right customer.
    """

    _name = "hc.partner.email"
    _description = "Other E-mail Address"
    _order = "partner_id, id"
    _rec_name = "email"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="partner_id.company_id", store=True, index="btree_not_null"
    )
    email = fields.Char(string="E-mail", required=True)
    email_normalized = fields.Char(
        string="Normalized E-mail", compute="_compute_email_normalized", store=True, index=True
    )
    label = fields.Char(help="For example: private, former employer, assistant.")

    _email_unique = models.Constraint(
        "unique(partner_id, email_normalized)",
        "This customer has that other e-mail address already.",
    )

    @api.depends("email")
    def _compute_email_normalized(self):
        for address in self:
            address.email_normalized = email_normalize(address.email)

    @api.constrains("email", "partner_id")
    def _check_email(self):
        for address in self:
            if not EMAIL_SHAPE.fullmatch(address.email_normalized or ""):
                raise ValidationError(
                    self.env._(
                        "E-mail: “%(email)s” is not one e-mail address. Write it like name@example.com.",
                        email=address.email,
                    )
                )
            if address.email_normalized == address.partner_id.email_normalized:
                raise ValidationError(
                    self.env._(
                        "E-mail: %(email)s is the main address of %(name)s already.",
                        email=address.email,
                        name=address.partner_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        check_links(self, vals_list, ("partner_id",), creating=True)
        return super().create(vals_list)

    def write(self, vals):
        check_links(self, [vals], ("partner_id",))
        res = super().write(vals)
        if "partner_id" in vals:
            # the host asks before, not whether the result is still one's own
            self.check_access("write")
        return res
