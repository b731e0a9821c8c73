from odoo import fields, models
from odoo.exceptions import ValidationError

from odoo.addons.hc_crm.models.links import storable

from .document import LISTS
from .hc_journey_version import MAX_NAME


class HcJourneyVersions(models.Model):
    """Keeping and restoring what stood on a map."""

    _inherit = "hc.journey"

    version_ids = fields.One2many("hc.journey.version", "journey_id", string="Versions")

    def hc_keep_version(self, name):
        """Keep what stands on the map under a name; return the version's id."""
        self._hc_one()
        self.check_access("write")
        if not isinstance(name, str):
            raise ValidationError(self.env._("Name: give the version a name."))
        return (
            self.env["hc.journey.version"]
            .create({"journey_id": self.id, "name": storable(name)})
            .id
        )

    def _hc_keep_version(self, name):
        # superuser: to mark it as automatic; it is the user who changes the map
        return (
            self.env["hc.journey.version"]
            .sudo()
            .create({"journey_id": self.id, "name": name[:MAX_NAME], "is_automatic": True})
        )

    def action_hc_versions(self):
        self._hc_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hc_crm_journeys.hc_journey_version_action"
        )
        return action | {
            "domain": [("journey_id", "=", self.id)],
            "context": {"default_journey_id": self.id},
        }

    def _hc_restore(self, document, pictures):
        """Make the map what a document says; what has the same uid stays the same thing.

        :param pictures: ``{uid of a card: its picture, base64}``
        """
        now = self._hc_document()
        current = self._hc_pictures()
        commands = []
        for what, name in LISTS.items():
            for thing in self.env["hc.journey.version"]._full(what, document[name]):
                values = {key: value for key, value in thing.items() if key != "uid"}
                if what == "cell":
                    then = pictures.get(thing["uid"], False)
                    if then and then == current.get(thing["uid"]):
                        del values["image"]
                    else:
                        values["image"] = then
                commands.append(
                    {"do": "create", "what": what, "uid": thing["uid"], "values": values}
                )
        kept = {(command["what"], command["uid"]) for command in commands}
        commands += [
            {"do": "delete", "what": what, "uid": thing["uid"]}
            for what, name in LISTS.items()
            for thing in now[name]
            if (what, thing["uid"]) not in kept
        ]
        head = {name: document[name] for name in ("name", "kind", "scenario", "personas")}
        commands.append({"do": "journey", "values": head})
        self._hc_run(commands)
