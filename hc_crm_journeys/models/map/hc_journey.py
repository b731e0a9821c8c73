from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

from .hc_journey_cell import PROOFS

KINDS = [("map", "Journey Map"), ("blueprint", "Service Blueprint")]
MONTHS_TO_REVIEW = 6
# what the map shows of the journey itself
SHOWN = {
    "name", "kind", "time", "scenario", "persona_ids", "user_id", "review_date", "counterpart_id",
}  # fmt: skip
TIMES = [("as_is", "As It Is"), ("to_be", "As It Shall Be")]


class HcJourney(models.Model):
    """A map of what somebody goes through with us: stages × lanes, cards in the cells.

    Everything on it has a ``uid``, a text that is made once (in the browser, or here) and never changes: undo,
    versions, templates, files and the other half of a pair know things by it. ``revision`` counts changes of what
    stands on the map; whoever changes it says which revision they saw.
    """

    _name = "hc.journey"
    _description = "Journey"
    _inherit = ["mail.thread", "mail.activity.mixin", "bus.listener.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )  # fmt: skip
    kind = fields.Selection(KINDS, required=True, default="map")
    time = fields.Selection(TIMES, string="Shows", required=True, default="as_is")
    counterpart_id = fields.Many2one(
        "hc.journey", string="The Other Half", ondelete="set null", index="btree_not_null", copy=False,
        help="As it is beside as it shall be.",
    )  # fmt: skip
    scenario = fields.Text(help="Who wants what, in which situation, and what they expect.")
    persona_ids = fields.Many2many(
        "hc.persona", string="Personas", check_company=True, help="Whose journey it is."
    )
    user_id = fields.Many2one(
        "res.users", string="Owner", index="btree_not_null", ondelete="set null", tracking=True, copy=False,
        default=lambda self: self.env.user, domain="[('share', '=', False)]",
    )  # fmt: skip
    review_date = fields.Date(
        string="Look at It Again On", tracking=True, copy=False,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), months=MONTHS_TO_REVIEW),
    )  # fmt: skip
    is_stale = fields.Boolean(
        string="Stale", compute="_compute_is_stale", search="_search_is_stale",
        help="Nobody has looked at it by the day it was to be looked at again.",
    )  # fmt: skip
    revision = fields.Integer(default=0, readonly=True, copy=False)
    forgot_revision = fields.Integer(
        readonly=True, copy=False,
        help="Since then nothing was deleted for good: older maps in a browser are loaded anew.",
    )  # fmt: skip
    stage_ids = fields.One2many("hc.journey.stage", "journey_id", string="Stages")
    lane_ids = fields.One2many("hc.journey.lane", "journey_id", string="Lanes")
    cell_ids = fields.One2many("hc.journey.cell", "journey_id", string="Cards")
    stage_count = fields.Integer(string="Number of Stages", compute="_compute_counts")
    card_count = fields.Integer(string="Number of Cards", compute="_compute_counts")
    validated_share = fields.Float(
        string="Validated", compute="_compute_counts",
        help="Share of its cards that somebody has checked with customers.",
    )  # fmt: skip
    color = fields.Integer()

    @api.depends("stage_ids", "cell_ids.proof")
    def _compute_counts(self):
        counts = {
            (journey.id, proof): count
            for journey, proof, count in self.env["hc.journey.cell"]._read_group(
                [("journey_id", "in", self.ids)], ["journey_id", "proof"], ["__count"]
            )
        }
        stages = {
            journey.id: count
            for journey, count in self.env["hc.journey.stage"]._read_group(
                [("journey_id", "in", self.ids), ("parent_id", "=", False)],
                ["journey_id"],
                ["__count"],
            )
        }
        for journey in self:
            of_it = {proof: counts.get((journey._origin.id, proof), 0) for proof, _label in PROOFS}
            journey.card_count = sum(of_it.values())
            journey.validated_share = (
                of_it["validated"] / journey.card_count if journey.card_count else 0.0
            )
            journey.stage_count = stages.get(journey._origin.id, 0)

    @api.depends("review_date")
    def _compute_is_stale(self):
        today = fields.Date.context_today(self)
        for journey in self:
            journey.is_stale = bool(journey.review_date and journey.review_date < today)

    def _search_is_stale(self, operator, value):
        if operator != "in":
            return NotImplemented
        stale = Domain("review_date", "<", fields.Date.context_today(self))
        return stale if True in value else ~stale

    @api.constrains("user_id", "company_id")
    def _check_user(self):
        for journey in self:
            user = journey.user_id.sudo()
            if user and (user.share or journey.company_id not in user.company_ids):
                raise ValidationError(
                    self.env._(
                        "Owner: %(name)s is no colleague of %(company)s.",
                        name=user.name,
                        company=journey.company_id.sudo().name,
                    )
                )

    @api.constrains("name")
    def _check_name(self):
        for journey in self:
            if not (journey.name or "").strip():
                raise ValidationError(self.env._("Name: give the map a name."))

    def write(self, vals):
        if "active" in vals:
            self._hc_check_owner(self.env._("archive it"))
        if "user_id" in vals:
            self.filtered(lambda journey: journey.user_id.id != vals["user_id"])._hc_check_owner(
                self.env._("hand it to somebody else")
            )
        res = super().write(vals)
        if SHOWN & vals.keys() and "hc_revision" not in self.env.context:
            # changed in a form: whoever has the map open hears of it
            for journey in self:
                journey._hc_next_revision()
                journey._hc_tell_change()
        return res

    def unlink(self):
        # what the database takes with the map leaves its pictures behind
        versions = self.env["hc.journey.version"].sudo().search([("journey_id", "in", self.ids)])
        cells = self.env["hc.journey.cell"].sudo().with_context(active_test=False)
        cell_ids = cells.search([("journey_id", "in", self.ids)]).ids
        pictures = self.env["ir.attachment"].sudo().search(
            Domain("res_field", "!=", "-")
            & (
                Domain("res_model", "=", cells._name) & Domain("res_id", "in", cell_ids)
                | Domain("res_model", "=", versions._name) & Domain("res_id", "in", versions.ids)
            )
        )  # fmt: skip
        res = super().unlink()
        pictures.unlink()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_owner(self):
        self._hc_check_owner(self.env._("delete it"))

    def _hc_check_owner(self, what):
        """:raises AccessError: the current user may not do what a map's owner may"""
        if self.env.su or self.env.user.has_group("hc_crm.hc_crm_group_manager"):
            return
        if others := self.filtered(lambda journey: journey.user_id != self.env.user):
            raise AccessError(
                self.env._(
                    "“%(map)s”: only its owner or an administrator of Customer Care may %(what)s.",
                    map=others[0].name,
                    what=what,
                )
            )

    def action_hc_settings(self):
        """Whose it is, who keeps it true, until when: beside the map, in a dialog."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("About This Map"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("hc_crm_journeys.hc_journey_view_form_settings").id, "form")],
            "target": "new",
        }

    def action_hc_counterpart(self):
        """Open the other half of the pair."""
        self.ensure_one()
        return self.counterpart_id._get_records_action(name=self.counterpart_id.name)

    def action_hc_looked_at(self):
        """Looked at and still true: again in half a year."""
        self.write(
            {
                "review_date": fields.Date.add(
                    fields.Date.context_today(self), months=MONTHS_TO_REVIEW
                )
            }
        )
