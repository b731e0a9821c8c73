import re

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

# A key travels into SQL, CSS classes and the API: plain and short.
KEY_PATTERN = re.compile(r"[a-z][a-z0-9_]{1,31}")


class HcChannel(models.Model):
    """A way in which a business and a customer meet: phone, counter, letter …

    Interactions point at it; the timeline carries its ``key`` for entries of every other source too,
    so that "all calls" means logged calls and call activities done alike.
    """

    _name = "hc.channel"
    _description = "Contact Channel"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    key = fields.Char(
        string="Technical Key",
        required=True,
        help="Short name used by imports and the API, for example: call, visit, whatsapp.",
    )
    icon = fields.Char(
        default="fa-comment-o",
        required=True,
        help="A Font Awesome 4 icon, for example: fa-phone.",
    )
    sequence = fields.Integer(default=50)
    active = fields.Boolean(default=True)
    loggable = fields.Boolean(
        string="Offer when Logging",
        help="Show this channel among the icons of the “Log interaction” dialog.",
    )
    protected = fields.Boolean(
        readonly=True,
        help="Built in: the timeline needs it, so it can be renamed or hidden but not deleted.",
    )

    _key_unique = models.Constraint(
        "unique(key)", "Another channel has this technical key already."
    )

    @api.constrains("key")
    def _check_key(self):
        for channel in self:
            if not KEY_PATTERN.fullmatch(channel.key or ""):
                raise ValidationError(
                    self.env._(
                        "Technical key “%(key)s”: use 2 to 32 small letters, digits or underscores, "
                        "beginning with a letter.",
                        key=channel.key,
                    )
                )

    @api.constrains("icon")
    def _check_icon(self):
        for channel in self:
            if not re.fullmatch(r"(fa|oi)-[a-z0-9-]+", channel.icon or ""):
                raise ValidationError(
                    self.env._(
                        "Icon “%(icon)s”: give the name of a Font Awesome icon such as fa-phone.",
                        icon=channel.icon,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_protected(self):
        if protected := self.filtered("protected"):
            raise UserError(
                self.env._(
                    "The channel “%(name)s” is built in. Archive it instead, and it is no longer offered.",
                    name=protected[0].name,
                )
            )

    def write(self, vals):
        if "key" in vals and any(c.protected and c.key != vals["key"] for c in self):
            raise UserError(
                self.env._("The technical key of a built-in channel cannot be changed.")
            )
        res = super().write(vals)
        self.env.registry.clear_cache()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: also interactions of companies that the caller does not see keep their channel
        used = self.env["hc.interaction"].sudo().search([("channel_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "The channel “%(name)s” is used by interactions. Archive it instead.",
                    name=used.channel_id.name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:  # what is built in, our data says
            vals_list = [{k: v for k, v in vals.items() if k != "protected"} for vals in vals_list]
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def unlink(self):
        res = super().unlink()
        self.env.registry.clear_cache()
        return res

    @api.model
    @tools.ormcache("self.env.lang")
    def _hc_channel_info(self):
        """Return every channel as ``{key: {"id", "label", "icon"}}`` in the reader's language."""
        return {
            channel.key: {"id": channel.id, "label": channel.name, "icon": channel.icon}
            for channel in self.sudo().with_context(active_test=False).search([])
        }

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Imports may give the technical key."""
        if operator == "=" and isinstance(name, str) and name.strip():
            found = self.search(Domain("key", "=", name.strip()) & Domain(domain or []), limit=1)
            if found:
                return [(found.id, found.display_name)]
        return super().name_search(name, domain, operator, limit)

    @api.model
    def _hc_get(self, channel):
        """Return the channel of a key (or the record given), also an archived one.

        :raise UserError: naming a key that does not exist
        """
        if isinstance(channel, str):
            info = self._hc_channel_info().get(channel)
            if not info:
                raise UserError(self.env._("There is no channel “%(key)s”.", key=channel[:60]))
            return self.sudo().browse(info["id"])
        return channel.sudo()
