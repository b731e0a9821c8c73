from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

SIMPLE = ("char", "selection", "boolean", "date", "many2one")
# Rights, companies and who belongs to whom hang on these, or the host keeps them itself.
CLOSED_FIELDS = {
    "active",
    "barcode",
    "commercial_partner_id",
    "company_id",
    "company_name",
    "company_type",
    "email",
    "is_company",
    "name",
    "parent_id",
    "partner_share",
    "phone",
    "type",
    "tz",
    "user_id",
    "vat",
}
CLOSED_WORDS = ("token", "signup", "password", "property_", "peppol", "credit", "hc_")
CLOSED_MODELS = {"res.users", "res.groups", "res.company", "res.partner"}
CLOSED_APPS = ("ir.", "account.", "hc.")
YES = {"yes", "true", "1", "y"}
NO = {"no", "false", "0", "n"}
MAX_CHAR = 250


class HcOutreachStep(models.Model):
    """Write a value into a field of the contact. Only plain fields that no right hangs on."""

    _inherit = "hc.outreach.step"

    field_id = fields.Many2one(
        domain="[('model', '=', 'res.partner'), ('id', 'in', field_choice_ids)]"
    )
    field_choice_ids = fields.Many2many(
        "ir.model.fields", compute="_compute_field_choice_ids", string="Fields to Choose from"
    )

    @api.depends("type")
    def _compute_field_choice_ids(self):
        Partner = self.env["res.partner"]
        names = [name for name in Partner._fields if self._field_is_open(name)]
        choice = (
            self.env["ir.model.fields"]
            .sudo()
            .search([("model", "=", "res.partner"), ("name", "in", names)])
        )
        for step in self:
            step.field_choice_ids = choice if step.type == "field" else False

    @api.model
    def _step_types(self):
        return super()._step_types() | {
            "field": {
                "label": self.env._("Change of a field"),
                "icon": "fa-pencil",
                "channel": None,
                "human": False,
                "lanes": [],
            }
        }

    @api.model
    def _field_is_open(self, name):
        """Tell whether a plan may write this field of contacts."""
        field = self.env["res.partner"]._fields.get(name)
        return bool(
            field is not None
            and field.type in SIMPLE
            and field.store
            and not field.related
            and not field.groups
            and not field.readonly
            and name not in models.MAGIC_COLUMNS
            and not field.company_dependent
            and name not in CLOSED_FIELDS
            and not name.startswith("_")
            and not any(word in name for word in CLOSED_WORDS)
            and not (
                field.type == "many2one"
                and (
                    field.comodel_name in CLOSED_MODELS
                    or field.comodel_name.startswith(CLOSED_APPS)
                )
            )
        )

    @api.constrains("type", "field_id", "field_value")
    def _check_field(self):
        for step in self:
            if step.type == "field" and step.field_id:
                step._field_typed()

    def _field_typed(self):
        """Return the value to write; :raises ValidationError: naming the field and what it takes"""
        self.ensure_one()
        line = self.field_id.sudo()
        if line.model != "res.partner" or not self._field_is_open(line.name):
            raise ValidationError(
                self.env._(
                    "Field: plans may not write “%(field)s”. Choose another one.",
                    field=line.field_description or line.name,
                )
            )
        field = self.env["res.partner"]._fields[line.name]
        text = (self.field_value or "").strip()
        convert = getattr(self, f"_field_{field.type}")
        if not text and field.type != "boolean":
            if field.required:
                raise ValidationError(
                    self.env._("Value: “%s” cannot be left empty.", line.field_description)
                )
            return False
        return convert(field, line, text)

    def _field_refuse(self, line, takes):
        raise ValidationError(
            self.env._(
                "Value: “%(value)s” does not fit “%(field)s”. %(takes)s",
                value=(self.field_value or "")[:40],
                field=line.field_description,
                takes=takes,
            )
        )

    def _field_char(self, field, line, text):
        most = min(field.size or MAX_CHAR, MAX_CHAR)
        if len(text) > most:
            self._field_refuse(line, self.env._("%s characters is the most.", most))
        return text

    def _field_boolean(self, field, line, text):
        if text.lower() not in YES | NO:
            self._field_refuse(line, self.env._("Write yes or no."))
        return text.lower() in YES

    def _field_date(self, field, line, text):
        if text.lower() == "today":
            return fields.Date.context_today(self)
        try:
            return fields.Date.to_date(text)
        except ValueError:
            self._field_refuse(line, self.env._("Write “today” or a day like 2026-12-31."))

    def _field_selection(self, field, line, text):
        choices = field._description_selection(self.env)
        for key, label in choices:
            if text.lower() in (str(key).lower(), str(label).lower()):
                return key
        labels = ", ".join(str(label) for _key, label in choices[:20])
        return self._field_refuse(line, self.env._("It takes one of: %s", labels))

    def _field_many2one(self, field, line, text):
        Model = self.env[field.comodel_name].sudo()
        found = Model.browse()
        if text.isdigit() and len(text) < 10:
            found = Model.browse(int(text)).exists()
        if not found and Model._rec_name:
            found = Model.search([(Model._rec_name, "=ilike", text)], limit=2)
        if len(found) != 1:
            self._field_refuse(
                line,
                self.env._("Write the exact name of one record that is there."),
            )
        return found.id

    def _problems_field(self):
        if not self.field_id:
            return [self.env._("choose the field; the one chosen is gone.")]
        try:
            self._field_typed()
        except ValidationError as error:
            return [str(error)]
        return []

    def _step_text_field(self):
        return self.env._(
            "Set “%(field)s” to “%(value)s”",
            field=self.field_id.field_description or "?",
            value=self.field_value or "",
        )

    def _run_field(self, deliveries):
        if not self.field_id:
            raise UserError(
                self.env._("The field is gone with the app it came with. Change the step.")
            )
        value = self._field_typed()
        # sudo: the plan does it; which fields it may write is decided above
        deliveries.partner_id.sudo().write({self.field_id.sudo().name: value})
        deliveries._set_done()
