from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ...engine.map.difference import difference
from .document import LISTS
from .wire import WIRE

MAX_NAME = 200
# automatic versions that nobody named; there are more of them than anybody looks at
KEPT_AUTOMATIC = 20
DAYS_AUTOMATIC = 90


class HcJourneyVersion(models.Model):
    """A state of a map that was kept, by hand or before something takes it away; it can be restored."""

    _name = "hc.journey.version"
    _description = "Version of a Journey"
    _order = "id desc"

    journey_id = fields.Many2one(
        "hc.journey", string="Map", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="journey_id.company_id", store=True, index=True)
    name = fields.Char(required=True)
    is_automatic = fields.Boolean(string="Automatic", readonly=True)
    revision = fields.Integer(readonly=True)
    stage_count = fields.Integer(string="Stages", readonly=True)
    card_count = fields.Integer(string="Cards", readonly=True)
    content = fields.Json(readonly=True, prefetch=False, help="The map as a document.")
    change_text = fields.Char(string="Since Then", compute="_compute_change_text")

    @api.depends("content")
    @api.depends_context("lang")
    def _compute_change_text(self):
        now = {journey: journey._hc_document() for journey in self.journey_id}
        for version in self:
            found = version._difference(version.content or {}, now[version.journey_id])
            version.change_text = self.env._(
                "%(added)s added, %(removed)s removed, %(changed)s changed",
                added=len(found["added"]),
                removed=len(found["removed"]),
                changed=len(found["changed"]),
            )

    @api.constrains("name")
    def _check_name(self):
        for version in self:
            if not (version.name or "").strip() or len(version.name) > MAX_NAME:
                raise ValidationError(
                    self.env._("Name: 1 to %(max)s characters, for example “Before the sale”.", max=MAX_NAME)
                )  # fmt: skip

    @api.model_create_multi
    def create(self, vals_list):
        """A version holds what stands on its map now, whatever is given."""
        allowed = {"journey_id", "name"} | ({"is_automatic"} if self.env.su else set())
        vals_list = [{key: vals[key] for key in vals if key in allowed} for vals in vals_list]
        versions = super().create(vals_list)
        # whoever may not change the map, or not see it, keeps no version of it
        versions.journey_id.check_access("write")
        for version in versions:
            version._take()
        return versions

    def write(self, vals):
        if not self.env.su and vals.keys() - {"name"}:
            raise AccessError(self.env._("A version stays as it is; only its name can be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_owner(self):
        self.journey_id._hc_check_owner(self.env._("delete a version of it"))

    def _take(self):
        self.ensure_one()
        journey = self.journey_id
        document = journey._hc_document()
        self.sudo().write(
            {
                "content": document,
                "revision": journey.revision,
                "stage_count": len(document["stages"]),
                "card_count": len(document["cells"]),
            }
        )
        # superuser: pictures of cards that the user may read; the file itself is stored once
        uids = {
            cell.id: cell.uid
            for cell in self.env["hc.journey.cell"].search([("journey_id", "=", journey.id)])
        }
        for picture in journey._hc_picture_attachments().sudo():
            picture.copy(
                {
                    "name": uids[picture.res_id],
                    "res_model": self._name,
                    "res_field": False,
                    "res_id": self.id,
                }
            )

    @api.model
    def _difference(self, before, after):
        return difference(
            {what: self._full(what, before.get(name)) for what, name in LISTS.items()},
            {what: self._full(what, after.get(name)) for what, name in LISTS.items()},
        )

    @api.model
    def _full(self, what, things):
        """Return things of a document with all their values; a picture counts as there or not."""
        return [
            {name: wire.default for name, wire in WIRE[what].items()}
            | thing
            | ({"image": bool(thing.get("image"))} if what == "cell" else {})
            for thing in things or ()
        ]

    def action_restore(self):
        """Put the map back as it was then. What stands on it now is kept as a version first."""
        self.ensure_one()
        journey = self.journey_id
        journey.check_access("write")
        journey._hc_check_owner(self.env._("restore a version of it"))
        journey._hc_keep_version(self.env._("Before “%(name)s” was restored", name=self.name))
        journey._hc_restore(self.content, self._pictures())
        return journey._get_records_action(name=journey.name)

    def _pictures(self):
        """Return ``{uid of a card: its picture, base64}``."""
        attachments = self.env["ir.attachment"].sudo().search(
            [("res_model", "=", self._name), ("res_id", "=", self.id)]
        )  # fmt: skip
        return {attachment.name: attachment.datas.decode() for attachment in attachments}

    @api.autovacuum
    def _gc_automatic(self):
        before = fields.Datetime.now() - timedelta(days=DAYS_AUTOMATIC)
        old = self.search([("is_automatic", "=", True), ("create_date", "<", before)])
        for journey, versions in old.grouped("journey_id").items():
            kept = self.search([("journey_id", "=", journey.id)], limit=KEPT_AUTOMATIC)
            (versions - kept).unlink()
