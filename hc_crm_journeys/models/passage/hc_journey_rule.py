from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.hc_crm.models.links import check_links, storable
from odoo.addons.hc_crm.models.segment.condition import read

WAYS = [("enter", "Enter the Stage"), ("leave", "Leave the Stage")]
DIRECTIONS = [("in", "From the Customer"), ("out", "From Us")]
BANDS = [("good", "Good"), ("neutral", "Neutral"), ("bad", "Bad")]
SEGMENT_WAYS = [("entered", "Entered"), ("left", "Left")]
# A change of these makes it another rule: everybody's way is found anew.
MEANING = {
    "stage_id", "touchpoint_id", "way", "kind", "source", "channel_id", "direction", "model_id", "domain",
    "partner_path", "date_field_id", "segment_id", "segment_way", "feedback_key", "feedback_band", "active",
}  # fmt: skip


class HcJourneyRule(models.Model):
    """What lets a customer enter a stage or leave it, or pass a touchpoint.

    How to add a kind: override ``_kinds`` and write ``_fields_<kind>()`` (what it asks for),
    ``_check_<kind>()`` (what is wrong, in words), ``_words_<kind>()`` and ``_events_<kind>(contacts)`` (see
    ``hc_journey_rule_events``).

    Rules look at everybody's records, so only administrators write them. Who may see what came of it is decided
    for each customer (see ``hc.journey.passage``).
    """

    _name = "hc.journey.rule"
    _description = "Event of a Journey"
    _order = "journey_id, stage_id, id"
    _rec_name = "words"

    stage_id = fields.Many2one("hc.journey.stage", required=True, index=True, ondelete="cascade")
    journey_id = fields.Many2one(related="stage_id.journey_id", store=True, index=True)
    company_id = fields.Many2one(related="journey_id.company_id", store=True, index=True)
    touchpoint_id = fields.Many2one(
        "hc.journey.touchpoint", index="btree_not_null", ondelete="cascade",
        domain="[('stage_id', '=', stage_id)]",
        help="Empty: customers enter or leave the stage. Else they pass this touchpoint.",
    )  # fmt: skip
    active = fields.Boolean(default=True)
    way = fields.Selection(
        WAYS, string="Customers", required=True, default="enter",
        help="Whoever enters another stage leaves this one by that; leaving by itself is for those who are done.",
    )  # fmt: skip
    kind = fields.Selection("_kind_selection", string="When", required=True, default="record")
    words = fields.Char(string="In Words", compute="_compute_words")
    # an entry of the timeline
    source = fields.Selection("_source_selection", string="What Happens")
    channel_id = fields.Many2one("hc.channel", string="By", ondelete="set null")
    direction = fields.Selection(DIRECTIONS, string="Whose Doing")
    # a record
    model_id = fields.Many2one(
        "ir.model", string="Record", ondelete="cascade", domain="[('transient', '=', False)]"
    )
    condition_model = fields.Char(compute="_compute_condition_model")
    domain = fields.Char(string="Conditions", default="[]")
    partner_path = fields.Char(
        string="Field of the Customer", help="For example partner_id, or order_id.partner_id."
    )
    date_field_id = fields.Many2one(
        "ir.model.fields", string="Day of It", ondelete="set null",
        domain="[('model_id', '=', model_id), ('ttype', 'in', ('date', 'datetime')), ('store', '=', True)]",
        help="Empty: when it was made.",
    )  # fmt: skip
    # a segment
    segment_id = fields.Many2one("hc.segment", ondelete="set null")
    segment_way = fields.Selection(SEGMENT_WAYS, string="They", default="entered")
    # feedback
    feedback_key = fields.Char(string="Moment", help="Technical name as kept on the feedback.")
    feedback_band = fields.Selection(BANDS, string="How It Was")
    # refreshing
    date_seen = fields.Datetime(
        readonly=True, copy=False, help="Up to when its events were looked at; empty: not yet."
    )
    error = fields.Char(readonly=True, copy=False, help="Why it finds nobody at the moment.")
    match_text = fields.Char(string="So Far", compute="_compute_match_text")
    field_names = fields.Json(compute="_compute_field_names")

    # -- the registry ---------------------------------------------------------------------------

    @api.model
    def _kinds(self):
        """Return ``{kind: label}``; other files add theirs."""
        return {
            "record": self.env._("A record is as it should be"),
            "timeline": self.env._("Something stands on their timeline"),
            "segment": self.env._("They enter or leave a segment"),
            "domain": self.env._("Something is true of them"),
            "feedback": self.env._("They tell us how a moment was"),
        }

    @api.model
    def _kind_selection(self):
        return list(self._kinds().items())

    @api.model
    def _source_selection(self):
        """What can stand on a timeline here, but not what this writes there itself."""
        sources = self.env["hc.timeline"]._get_sources()
        labels = {
            source.key: source.label(self.env)
            for source in sources
            if source.model in self.env and source.model != "hc.journey.passage"
        }
        return list(labels.items())

    @api.depends("kind")
    def _compute_field_names(self):
        for rule in self:
            rule.field_names = rule._call("fields", default=[])

    def _call(self, prefix, *args, default=None):
        method = getattr(self, f"_{prefix}_{self.kind}", None)
        return method(*args) if method else default

    # -- what may be saved ----------------------------------------------------------------------

    def _label(self, name):
        return self.env._("“%(label)s”", label=self._fields[name]._description_string(self.env))

    def _choose(self, name):
        return self.env._("%(field)s: choose one.", field=self._label(name))

    @api.constrains(*sorted(MEANING))
    def _check_meaning(self):
        for rule in self:
            if rule.touchpoint_id and rule.touchpoint_id.stage_id != rule.stage_id:
                raise ValidationError(
                    self.env._(
                        "%(field)s: “%(touchpoint)s” stands in another stage. Choose one of this stage.",
                        field=rule._label("touchpoint_id"),
                        touchpoint=(rule.touchpoint_id.name or "")[:60],
                    )
                )
            if problem := rule._call("check"):
                raise ValidationError(problem)

    def _readable_model(self, name):
        """Return a model whose records have a life of their own and which the user may read, else None."""
        model = self.env.get(name) if name else None
        if model is None or model._abstract or model._transient or not model._auto:
            return None
        return model if model.has_access("read") else None

    def _check_record(self):
        if not self.model_id:
            return self._choose("model_id")
        name = self.model_id.sudo().model
        model = self._readable_model(name)
        if model is None:
            return self.env._(
                "%(field)s: %(model)s is not installed any more, holds no lasting records, or is not yours to "
                "read. Choose others.",
                field=self._label("model_id"),
                model=name,
            )
        if self._path(model) is None:
            return self.env._(
                "%(field)s: %(path)s of %(model)s does not lead to a contact.",
                field=self._label("partner_path"),
                path=self.partner_path or "partner_id",
                model=model._description,
            )
        date = self.date_field_id.sudo()
        if date and (
            date.model != name or date.ttype not in ("date", "datetime") or not date.store
        ):
            return self.env._(
                "%(field)s: “%(date)s” is no stored day of %(model)s.",
                field=self._label("date_field_id"),
                date=date.name,
                model=model._description,
            )
        if not date and "create_date" not in model._fields:
            return self._choose("date_field_id")
        if not model._log_access:
            return self.env._(
                "%(field)s: %(model)s does not note when it is changed. Choose others.",
                field=self._label("model_id"),
                model=model._description,
            )
        self._read_domain(model)
        return None

    def _fields_record(self):
        return ["model_id", "domain", "date_field_id", "partner_path"]

    def _fields_timeline(self):
        return ["source", "channel_id", "direction", "domain"]

    def _check_timeline(self):
        if not self.source:
            return self._choose("source")
        if self.source not in dict(self._source_selection()):
            return self.env._(
                "%(field)s: the app that brought it is gone. Choose another.",
                field=self._label("source"),
            )
        if (self.domain or "[]") != "[]":
            model = self._readable_model(self.condition_model)
            if model is None:
                return self.env._(
                    "%(field)s: there are no conditions on these.", field=self._label("domain")
                )
            self._read_domain(model)
        return None

    def _fields_segment(self):
        return ["segment_id", "segment_way"]

    def _check_segment(self):
        segment = self.segment_id.sudo()
        if not segment:
            return self._choose("segment_id")
        if segment.company_id and segment.company_id != self.company_id:
            return self.env._(
                "%(field)s: “%(segment)s” is another company's.",
                field=self._label("segment_id"),
                segment=segment.name,
            )
        return None

    def _fields_domain(self):
        return ["domain"]

    def _check_domain(self):
        if self._read_domain(self.env["res.partner"]).is_true():
            return self.env._(
                "%(field)s: add at least one condition, else it were true of everybody.",
                field=self._label("domain"),
            )
        return None

    def _fields_feedback(self):
        return ["feedback_key", "feedback_band"]

    def _check_feedback(self):
        if not (self.feedback_key or "").strip():
            return self.env._("%(field)s: name one.", field=self._label("feedback_key"))
        return None

    def _path(self, model):
        return self.env["hc.outreach.entry"]._find_path(model, self.partner_path)

    def _read_domain(self, model):
        """Return the conditions as a Domain over ``model``.

        :raise ValidationError: they cannot be read, or name what is not there or what the user may not read
        """
        try:
            domain = Domain(read(self.domain))
            domain.validate(model)
            # with its values: “soon” is no date
            model.with_context(active_test=False)._search(domain)
        except (ValueError, TypeError, KeyError, UserError, NotImplementedError) as error:
            raise ValidationError(
                self.env._(
                    "%(field)s: the conditions over %(model)s do not work: %(error)s. Set them anew with the "
                    "filter editor.",
                    field=self._label("domain"),
                    model=model._description,
                    error=str(error).rstrip("."),
                )
            ) from error
        return domain

    @api.onchange("kind", "model_id", "source")
    def _onchange_kind(self):
        old = self._origin
        if (old.kind, old.model_id, old.source) != (self.kind, self.model_id, self.source):
            self.domain = "[]"
        if self.date_field_id.model_id != self.model_id:
            self.date_field_id = False

    @api.depends("kind", "model_id", "source")
    def _compute_condition_model(self):
        for rule in self:
            name = False
            if rule.kind == "record":
                name = rule.model_id.sudo().model
            elif rule.kind == "domain":
                name = "res.partner"
            elif rule.kind == "timeline" and rule.source:
                models_named = {source.model for source in rule._sources()}
                name = models_named.pop() if len(models_named) == 1 else False
            rule.condition_model = name if name and name in self.env else False

    # -- changes --------------------------------------------------------------------------------

    def _check_given(self, vals_list, creating=False):
        for vals in vals_list:
            for name, value in vals.items():
                if isinstance(value, str) and storable(value) != value:
                    raise ValidationError(
                        self.env._(
                            "%(field)s: contains a character that cannot be stored. Remove it.",
                            field=self._label(name) if name in self._fields else str(name)[:50],
                        )
                    )
        names = ["stage_id", "touchpoint_id", "channel_id", "segment_id"]
        check_links(self, vals_list, names, creating)

    @api.model_create_multi
    def create(self, vals_list):
        self._check_given(vals_list, creating=True)
        rules = super().create(vals_list)
        rules.journey_id._hc_renew()
        return rules

    def write(self, vals):
        self._check_given([vals])
        before = self.journey_id
        result = super().write(vals)
        if MEANING & vals.keys():
            self.sudo().write({"date_seen": False, "error": False})
            if MEANING & vals.keys() - {"active"}:
                # since when another condition was true tells nothing about this one
                signs = self.env["hc.journey.sign"].sudo()
                signs.search([("rule_id", "in", self.ids)]).unlink()
            (before | self.journey_id)._hc_renew()
        return result

    def unlink(self):
        journeys = self.journey_id
        result = super().unlink()
        journeys.exists()._hc_renew()
        return result

    def action_delete(self):
        """From the dialog of a stage."""
        self.unlink()
        return {"type": "ir.actions.act_window_close"}

    @api.model
    def _check_author(self):
        if not self.env.user.has_group("hc_crm.hc_crm_group_manager"):
            raise AccessError(
                self.env._(
                    "Only administrators of Customer Care say by what customers enter stages."
                )
            )
