import ast

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from .timeline_source import Source

FIRST_NUMBER = 128
LAST_NUMBER = 255


class OwnSource(Source):
    """A source that an administrator added; its domain may use fields that a reader may not."""

    def _available(self, env):
        if not super()._available(env):
            return False
        try:
            env[self.model]._search(self.domain)
        except AccessError:
            return False
        return True


class HcTimelineSource(models.Model):
    """A source of the timeline that an administrator adds: any model with a customer and a date."""

    _name = "hc.timeline.source"
    _description = "Timeline Source"
    _order = "sequence, id"

    name = fields.Char(
        string="Called", required=True, translate=True, help="What readers call such an entry."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    number = fields.Integer(
        readonly=True, copy=False, help="Part of every entry's id; never used twice."
    )
    model_id = fields.Many2one(
        "ir.model",
        string="Documents",
        required=True,
        ondelete="cascade",
        domain=[("transient", "=", False), ("abstract", "=", False)],
    )
    model = fields.Char(related="model_id.model", string="Document Model")
    partner_path = fields.Char(
        string="Field of the Customer",
        required=True,
        compute="_compute_partner_path",
        store=True,
        readonly=False,
        precompute=True,
        help="How to get from the document to the customer, for example partner_id or order_id.partner_id.",
    )
    date_field = fields.Char(
        string="Field of the Date", required=True, default="create_date", help="When it happened."
    )
    title_field = fields.Char(
        string="Field of the Title", help="Shown as the entry's title; empty: the document's name."
    )
    user_field = fields.Char(
        string="Field of the Colleague", help="For example user_id; may stay empty."
    )
    channel_id = fields.Many2one(
        "hc.channel",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.ref("hc_crm.hc_channel_other", raise_if_not_found=False),
    )
    direction = fields.Selection([("in", "From the customer"), ("out", "From us")])
    domain = fields.Char(string="Which Documents", default="[]", required=True)
    is_automated = fields.Boolean(
        string="Made by a Machine", help="Hidden when a reader asks for what people did only."
    )
    with_messages = fields.Boolean(
        string="Messages Too",
        default=True,
        help="Show e-mails and notes written on these documents as well.",
    )
    problem = fields.Char(
        compute="_compute_problem", help="Why this source shows nothing at the moment, if so."
    )

    _number_range = models.Constraint(
        "CHECK (number BETWEEN 128 AND 255)", "Numbers below 128 belong to built-in sources."
    )
    _number_unique = models.Constraint(
        "unique(number)", "Two timeline sources cannot share a number."
    )

    @api.model_create_multi
    def create(self, vals_list):
        used = set(
            self.sudo()
            .with_context(active_test=False)
            .search([("number", ">=", FIRST_NUMBER)])
            .mapped("number")
        )
        free = (number for number in range(FIRST_NUMBER, LAST_NUMBER + 1) if number not in used)
        for vals in vals_list:
            number = next(free, None)
            if number is None:
                raise ValidationError(
                    self.env._(
                        "There is room for %(count)s sources of your own. Delete one that is no longer used.",
                        count=LAST_NUMBER - FIRST_NUMBER + 1,
                    )
                )
            vals["number"] = number
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        if "number" in vals:
            raise UserError(
                self.env._(
                    "The number of a timeline source is part of its entries and never changes."
                )
            )
        res = super().write(vals)
        self.env.registry.clear_cache()
        return res

    def unlink(self):
        res = super().unlink()
        self.env.registry.clear_cache()
        return res

    @api.constrains(
        "model_id", "partner_path", "date_field", "title_field", "user_field", "domain", "active"
    )
    def _check_paths(self):
        for source in self.filtered("active"):
            if problem := source._find_problem():
                raise ValidationError(problem)

    @api.depends("model_id")
    def _compute_partner_path(self):
        """Suggest the way to the customer: the model's own contact, or that of what it belongs to."""
        for source in self:
            model = self.env.get(source.model)
            if model is None:
                source.partner_path = source.partner_path or "partner_id"
                continue
            own, further = [], []
            for name, field in model._fields.items():
                if field.type != "many2one" or not field.store or name in models.MAGIC_COLUMNS:
                    continue
                if field.comodel_name == "res.partner":
                    own.append(name)
                elif field.comodel_name in self.env and field.comodel_name != "res.users":
                    link = self.env[field.comodel_name]._fields.get("partner_id")
                    if link is not None and link.type == "many2one" and link.store:
                        further.append(f"{name}.partner_id")
            own.sort(key=lambda name: name != "partner_id")
            # "order_id" before "company_id": what a line belongs to is required, where it is filed is not
            further.sort(
                key=lambda path: (
                    path.startswith(("company_id", "currency_id")),
                    not model._fields[path.split(".")[0]].required,
                )
            )
            source.partner_path = (own + further + ["partner_id"])[0]

    @api.depends("model_id", "partner_path", "date_field", "title_field", "user_field", "domain")
    def _compute_problem(self):
        for source in self:
            source.problem = source._find_problem()

    def _find_problem(self):
        """Return in words why the source cannot be shown, or False."""
        self.ensure_one()
        label = {name: self._fields[name]._description_string(self.env) for name in self._fields}
        if self.model not in self.env:
            return self.env._(
                "“Documents”: the model %(model)s is not installed any more.",
                model=self.model or "?",
            )
        model = self.env[self.model]
        if model._abstract or model._transient or not model._auto:
            return self.env._("“Documents”: %(model)s holds no lasting records.", model=self.model)
        walked = model
        *path, last = (self.partner_path or "").split(".")
        for name in path:
            field = walked._fields.get(name)
            if not field or field.type != "many2one" or not field.store:
                return self.env._(
                    "“%(label)s”: %(name)s is not a stored link to one record of %(model)s.",
                    label=label["partner_path"], name=name, model=walked._name,
                )  # fmt: skip
            walked = self.env[field.comodel_name]
        field = walked._fields.get(last)
        if (
            not field
            or field.comodel_name != "res.partner"
            or not field.store
            or (field.type not in ("many2one", "many2many"))
        ):
            return self.env._(
                "“%(label)s”: %(name)s of %(model)s does not lead to a contact.",
                label=label["partner_path"], name=last or "?", model=walked._name,
            )  # fmt: skip
        for fname, types in (
            ("date_field", ("date", "datetime")),
            ("title_field", ("char", "text", "selection", "html")),
            ("user_field", ("many2one",)),
        ):
            name = self[fname]
            if not name and fname != "date_field":
                continue
            field = model._fields.get(name)
            if (
                not field
                or not field.store
                or field.type not in types
                or (fname == "user_field" and field.comodel_name != "res.users")
            ):
                return self.env._(
                    "“%(label)s”: %(model)s has no fitting stored field %(name)s.",
                    label=label[fname], model=self.model, name=name or "?",
                )  # fmt: skip
        try:
            Domain(ast.literal_eval(self.domain or "[]")).validate(model)
        except (ValueError, SyntaxError, TypeError) as error:
            return self.env._(
                "“%(label)s”: %(error)s. Use the filter editor.", label=label["domain"], error=error
            )
        return False

    @tools.ormcache()
    def _hc_has_sources(self):
        # Asked for each page of a timeline; most administrators never add a source.
        return bool(self.sudo().search_count([], limit=1))

    @api.model
    def _hc_sources(self):
        """Return the administrators' sources as :class:`Source` objects; broken ones are left out."""
        if not self._hc_has_sources():
            return []
        return [
            OwnSource(
                f"x_{source.number}", source.number, source.model,
                label=lambda env, source_id=source.id: env["hc.timeline.source"]._hc_label(source_id),
                partner=source.partner_path, date=source.date_field,
                channel=source.channel_id.key, direction=source.direction or None,
                domain=ast.literal_eval(source.domain or "[]"),
                title=source.title_field or None, text=(source.title_field,) if source.title_field else (),
                user=source.user_field or None, automated=source.is_automated,
                messages=source.with_messages and hasattr(self.env[source.model], "message_post"),
            )
            # sudo: configuration, read on behalf of whoever reads a timeline.
            for source in self.sudo().search([])
            if not source._find_problem()
        ]  # fmt: skip

    @api.model
    def _hc_label(self, source_id):
        return self.sudo().browse(source_id).name
