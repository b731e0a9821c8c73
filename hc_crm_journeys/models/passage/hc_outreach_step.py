from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.hc_crm.models.links import check_links


class HcOutreachStep(models.Model):
    """What a map says only a person does is never done by itself."""

    _inherit = "hc.outreach.step"

    touchpoint_id = fields.Many2one(
        "hc.journey.touchpoint", ondelete="set null", index="btree_not_null",
        domain="[('company_id', '=', company_id)]",
        help="Which touchpoint of a journey it is. What the map marks as a person's is never automated.",
    )  # fmt: skip

    def _automates_person(self):
        """Tell whether it would do by itself what the map says a person does."""
        self.ensure_one()
        return bool(
            self.touchpoint_id.sudo().mode == "human"
            and not self.is_human
            and not self.never_automate
            and self._contact_channel()
        )

    def _automates_text(self):
        touchpoint = self.touchpoint_id.sudo()
        return self.env._(
            "“%(touchpoint)s” is done by a person, says the map “%(journey)s”. Make it a task or a draft, or tick "
            "“%(field)s”.",
            touchpoint=(touchpoint.name or "")[:60],
            journey=touchpoint.journey_id.name,
            field=self._fields["never_automate"]._description_string(self.env),
        )

    @api.constrains("touchpoint_id", "type", "never_automate")
    def _check_touchpoint(self):
        for step in self:
            if step._automates_person():
                raise ValidationError(step._automates_text())
            company = step.touchpoint_id.sudo().company_id
            if company and step.company_id and company != step.company_id:
                raise ValidationError(
                    self.env._(
                        "“%(field)s”: it is on a map of another company.",
                        field=step._fields["touchpoint_id"]._description_string(self.env),
                    )
                )

    def _step_problems(self):
        problems = super()._step_problems()
        return [*problems, self._automates_text()] if self._automates_person() else problems

    @api.model_create_multi
    def create(self, vals_list):
        check_links(self, vals_list, ["touchpoint_id"])
        return super().create(vals_list)

    def write(self, vals):
        check_links(self, [vals], ["touchpoint_id"])
        return super().write(vals)
