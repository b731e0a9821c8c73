from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.hc_crm.models.links import check_links

TRIGGERS = ("stage_entered", "stage_left", "stage_overdue")


class HcAskRule(models.Model):
    """They entered a stage of a journey, left it, or are in it longer than they should be."""

    _inherit = "hc.ask.rule"

    stage_id = fields.Many2one(
        "hc.journey.stage", ondelete="set null", index="btree_not_null",
        domain="[('company_id', '=', company_id)]",
    )  # fmt: skip

    @api.model
    def _triggers(self):
        model = "hc.journey.passage"
        return super()._triggers() | {
            "stage_entered": {
                "label": self.env._("A stage of a journey was entered"),
                "phrase": self.env._("a stage of a journey was entered"),
                "model": model,
            },
            "stage_left": {
                "label": self.env._("A stage of a journey was left"),
                "phrase": self.env._("a stage of a journey was left"),
                "model": model,
            },
            "stage_overdue": {
                "label": self.env._("Somebody is in a stage longer than it should take"),
                "phrase": self.env._("a stage of a journey took longer than it should"),
                "model": model,
            },
        }

    def _trigger_stage_entered(self, query):
        return self._stage_event(query, SQL("hc_journey_passage.date_from"))

    def _trigger_stage_left(self, query):
        return self._stage_event(query, SQL("hc_journey_passage.date_to"))

    def _trigger_stage_overdue(self, query):
        query.add_where(SQL("hc_journey_passage.date_to IS NULL AND stage.standard_days > 0"))
        return self._stage_event(
            query,
            SQL("hc_journey_passage.date_from + stage.standard_days * INTERVAL '1 day'"),
        )

    def _stage_event(self, query, moment):
        if not self.stage_id:
            raise ValidationError(self.env._("“%s”: choose one.", self._label("stage_id")))
        query.add_join(
            "JOIN", "stage", "hc_journey_stage", SQL("stage.id = hc_journey_passage.stage_id")
        )
        query.add_where(
            SQL(
                "hc_journey_passage.stage_id = %s AND hc_journey_passage.touchpoint_number = 0 "
                "AND stage.company_id = %s",
                self.stage_id.id,
                self.company_id.id,
            )
        )
        # the contact it happened with, as long as there is one
        contact = SQL(
            "COALESCE((SELECT contact.id FROM res_partner AS contact "
            "WHERE contact.id = hc_journey_passage.contact_number), hc_journey_passage.partner_id)"
        )
        return contact, moment

    @api.constrains("trigger", "stage_id", "active", "company_id")
    def _check_stage(self):
        for rule in self.filtered(lambda rule: rule.trigger in TRIGGERS):
            if rule.active and not rule.stage_id:
                raise ValidationError(self.env._("“%s”: choose one.", rule._label("stage_id")))
            if rule.stage_id and rule.stage_id.company_id != rule.company_id:
                raise ValidationError(
                    self.env._(
                        "“%(field)s”: “%(stage)s” is another company's.",
                        field=rule._label("stage_id"),
                        stage=rule.stage_id.name,
                    )
                )

    @api.depends("stage_id")
    def _compute_preview_text(self):
        return super()._compute_preview_text()

    @api.model_create_multi
    def create(self, vals_list):
        check_links(self, vals_list, ["stage_id"])
        return super().create(vals_list)

    def write(self, vals):
        check_links(self, [vals], ["stage_id"])
        before = {rule.id: rule.stage_id for rule in self} if "stage_id" in vals else {}
        result = super().write(vals)
        # another stage is another rule: what happened before is no news to it
        changed = self.filtered(lambda rule: rule.id in before and before[rule.id] != rule.stage_id)
        if changed:
            changed.write({"date_since": fields.Datetime.now(), "error": False})
        return result
