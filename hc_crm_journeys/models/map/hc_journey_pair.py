from odoo import api, models
from odoo.exceptions import UserError, ValidationError


class HcJourneyPair(models.Model):
    """A map as it is, beside the one as it shall be: the same uids, so that they can be compared."""

    _inherit = "hc.journey"

    def action_hc_make_to_be(self):
        """Make the other half of an as-is map: a copy under the same uids, to be changed into what shall be."""
        self._hc_one()
        self.check_access("write")
        if self.counterpart_id:
            return self.action_hc_counterpart()
        if self.time != "as_is":
            raise UserError(
                self.env._(
                    "This map shows how it shall be already. Begin with one that shows how it is."
                )
            )
        name = self.env._("%(name)s: as it shall be", name=self.name)
        other = self.copy({"name": name, "time": "to_be", "counterpart_id": self.id})
        self.counterpart_id = other
        return self.action_hc_counterpart()

    def hc_difference(self):
        """Return how the two halves of a pair differ, from as it is to as it shall be.

        ``{"before": {"id", "name"}, "after": …, "added": [[what, uid]], "removed": [[what, uid]], "changed":
        [{"what", "uid", "values": {name: [before, after]}}]}``
        """
        self._hc_one()
        self.check_access("read")
        other = self.counterpart_id._filtered_access("read")
        if not other:
            raise UserError(
                self.env._(
                    "This map has no other half. Make one to compare how it is with how it shall be."
                )
            )
        before, after = (self, other) if self.time == "as_is" else (other, self)
        found = self.env["hc.journey.version"]._difference(
            before._hc_document(), after._hc_document()
        )
        return {
            "before": {"id": before.id, "name": before.name},
            "after": {"id": after.id, "name": after.name},
        } | found

    @api.constrains("counterpart_id", "time", "company_id")
    def _check_counterpart(self):
        for journey in self:
            other = journey.counterpart_id.sudo()
            if other and (
                other == journey
                or other.time == journey.time
                or other.company_id != journey.company_id
            ):
                raise ValidationError(
                    self.env._(
                        "The Other Half: one of the two shows how it is, the other how it shall be, in one "
                        "company."
                    )
                )
