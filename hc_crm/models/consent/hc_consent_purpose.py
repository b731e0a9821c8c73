from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..timeline.hc_channel import KEY_PATTERN


class HcConsentPurpose(models.Model):
    """What we contact people for. Each person says yes or no to each, by channel or for all channels."""

    _name = "hc.consent.purpose"
    _description = "Purpose of Contact"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    key = fields.Char(
        string="Technical Key",
        required=True,
        help="Short name used by imports and the API, for example: news.",
    )
    description = fields.Text(
        string="What They Get",
        translate=True,
        help="Shown to the customer in the preference centre, in plain words.",
    )
    basis = fields.Selection(
        [
            ("consent", "Only if they said yes"),
            ("interest", "Unless they said no"),
            ("contract", "Always: it belongs to what they ordered"),
        ],
        string="May We",
        required=True,
        default="consent",
    )
    is_budgeted = fields.Boolean(
        string="Counts as a Contact",
        default=True,
        help="Counts in the contact budget and waits for its turn and for quiet hours to end. Off for "
        "what people wait for, such as the progress of their order.",
    )
    sequence = fields.Integer(default=50)
    active = fields.Boolean(default=True)
    protected = fields.Boolean(
        readonly=True,
        help="Built in: it can be renamed or archived but not deleted.",
    )

    _key_unique = models.Constraint(
        "unique(key)", "Another purpose has this technical key already."
    )

    @api.constrains("key")
    def _check_key(self):
        for purpose in self:
            if not KEY_PATTERN.fullmatch(purpose.key or ""):
                raise ValidationError(
                    self.env._(
                        "Technical key “%(key)s”: use 2 to 32 small letters, digits or underscores, "
                        "beginning with a letter.",
                        key=purpose.key,
                    )
                )

    @api.constrains("name")
    def _check_name(self):
        for purpose in self:
            if not purpose.name.strip():
                raise ValidationError(self.env._("The name of the purpose is empty."))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:  # what is built in, our data says
            vals_list = [{k: v for k, v in vals.items() if k != "protected"} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if "key" in vals and any(p.protected and p.key != vals["key"] for p in self):
            raise UserError(
                self.env._("The technical key of a built-in purpose cannot be changed.")
            )
        if not self.env.su:
            vals = {k: v for k, v in vals.items() if k != "protected"}
        return super().write(vals)

    def copy_data(self, default=None):
        """A copy needs a key of its own."""
        vals_list = super().copy_data(default)
        known = set(self.sudo().with_context(active_test=False).search(Domain.TRUE).mapped("key"))
        for purpose, vals in zip(self, vals_list, strict=True):
            if "key" not in (default or {}):
                number = 2
                while f"{purpose.key[:28]}_{number}" in known:
                    number += 1
                vals["key"] = f"{purpose.key[:28]}_{number}"
                known.add(vals["key"])
                vals["name"] = self.env._("%(name)s (copy)", name=purpose.name)
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_protected(self):
        if protected := self.filtered("protected"):
            raise UserError(
                self.env._(
                    "The purpose “%(name)s” is built in. Archive it instead, and it is no longer offered.",
                    name=protected[0].name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # superuser: also what was said to companies that the caller does not see
        used = self.env["hc.consent"].sudo().search([("purpose_id", "in", self.ids)], limit=1)
        used = used.purpose_id or self._hc_used_by_plans()
        if used:
            raise UserError(
                self.env._(
                    "“%(name)s” is in use: customers said yes or no to it, or a plan writes for it. "
                    "Archive it instead.",
                    name=used[0].name,
                )
            )

    def _hc_used_by_plans(self):
        """Return those of these purposes that something sends for. Override to add what else does."""
        return self.browse()

    @api.model
    def _get(self, purpose):
        """Return the purpose of a key (or the record given), also an archived one.

        :raise UserError: naming a key that does not exist
        """
        if isinstance(purpose, str):
            # superuser: its name and basis are no secret
            found = self.sudo().with_context(active_test=False).search([("key", "=", purpose)])
            if not found:
                raise UserError(self.env._("There is no purpose “%(key)s”.", key=purpose[:60]))
            return found
        return purpose.sudo()

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Imports may give the technical key."""
        if operator == "=" and isinstance(name, str) and name.strip():
            found = self.search(Domain("key", "=", name.strip()) & Domain(domain or []), limit=1)
            if found:
                return [(found.id, found.display_name)]
        return super().name_search(name, domain, operator, limit)
