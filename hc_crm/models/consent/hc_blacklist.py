from odoo import api, fields, models

from .hc_consent_host import BLACKLISTS, FROM_CONSENT


class HcBlacklist(models.AbstractModel):
    """What a blacklist of the host takes on or off stands in the log of everybody concerned.

    For the lists named in ``BLACKLISTS``; each names its channel.
    """

    _name = "hc.blacklist"
    _description = "Blacklist Told in the Log"

    _hc_channel = None  # key of ``hc.channel``

    hc_by_consent = fields.Boolean(
        string="By the Customer's Wish",
        readonly=True,
        copy=False,
        help="Customer Care put it here because they said no to everything on this channel.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.context.get(FROM_CONSENT):
            vals_list = [{**vals, "hc_by_consent": False} for vals in vals_list]
        entries = super().create(vals_list)
        entries.filtered("active")._hc_note(True)
        return entries

    def write(self, vals):
        if "active" not in vals or self.env.context.get(FROM_CONSENT):
            return super().write(vals)
        changed = self.filtered(lambda entry: entry.active != bool(vals["active"]))
        # a person decided: it is theirs from now on
        res = super().write({**vals, "hc_by_consent": False})
        changed._hc_note(bool(vals["active"]))
        return res

    def unlink(self):
        self.filtered("active")._hc_note(False)
        return super().unlink()

    def _add(self, *args, **kwargs):
        """Also an address that is there already, by the customer's wish, is a person's decision now."""
        entries = super()._add(*args, **kwargs)
        if not self.env.context.get(FROM_CONSENT):
            # superuser: as the field is nobody's to write
            entries.sudo().filtered("hc_by_consent").hc_by_consent = False
        return entries

    def _hc_note(self, active):
        if self and not self.env.context.get(FROM_CONSENT):
            _model, column, _attribute = BLACKLISTS[self._hc_channel]
            self.env["hc.consent"]._hc_note_blacklist(self._hc_channel, self.mapped(column), active)
