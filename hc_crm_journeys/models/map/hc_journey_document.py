from odoo import models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .batch import MAX_THINGS, Batch
from .batch_save import BatchSave
from .document import FORMAT, LISTS, Document
from .journey_values import HEAD
from .wire import WIRE

MAX_DOCUMENT = sum(MAX_THINGS.values())
# what a map says about itself and keeps in another company or database
HEAD_KEPT = ("name", "kind", "time", "scenario")
# what only this database knows
LOCAL = ("user", "improvement")


class HcJourneyDocument(models.Model):
    """A whole map as a document, and back: see ``document``."""

    _inherit = "hc.journey"

    def _hc_document(self, is_portable=False):
        """Return the map as a document.

        :param is_portable: channels by key, personas by name, nothing that only this database knows
        """
        self.ensure_one()
        document = {"format": FORMAT} | {name: HEAD[name].value_of(self) for name in HEAD_KEPT}
        rows = {what: self._hc_rows(what) for what in LISTS}
        if not is_portable:
            document["personas"] = HEAD["personas"].value_of(self)
        else:
            self._hc_make_portable(document, rows["cell"])
        for what, name in LISTS.items():
            document[name] = [
                {"uid": row["uid"]}
                | {
                    key: row[key]
                    for key, wire in WIRE[what].items()
                    if (key == "position" or row[key] != wire.default)
                    and not (is_portable and key in LOCAL)
                }
                for row in rows[what]
            ]
        return document

    def _hc_make_portable(self, document, cells):
        personas = self.env["hc.persona"].with_context(active_test=False).search(Domain.TRUE)
        names = {persona.id: persona.name for persona in personas}
        keys = {info["id"]: key for key, info in self.env["hc.channel"]._hc_channel_info().items()}
        document["personas"] = [
            names[persona_id]
            for persona_id in HEAD["personas"].value_of(self)
            if persona_id in names
        ]
        pictures = self._hc_pictures()
        for cell in cells:
            cell["image"] = pictures.get(cell["uid"], False)
            cell["persona"] = names.get(cell["persona"], False)
            cell["channel"] = keys.get(cell["channel"], False)

    def _hc_make_local(self, document, things):
        """Put ids in the place of names; a persona that is not here is nobody's."""
        personas = {persona.name: persona.id for persona in self.env["hc.persona"].search([])}
        channels = self.env["hc.channel"]._hc_channel_info()
        for cell in things["cell"]:
            for name in LOCAL:
                cell.pop(name, None)
            if isinstance(cell.get("persona"), str):
                cell["persona"] = personas.get(cell["persona"], False)
            key = cell.get("channel")
            if isinstance(key, str):
                if key and key not in channels:
                    raise ValidationError(
                        self.env._(
                            "Card “%(card)s”: there is no channel “%(key)s”. It is one of %(keys)s.",
                            card=str(cell.get("text"))[:50],
                            key=key[:50],
                            keys=", ".join(channels),
                        )
                    )
                cell["channel"] = channels[key]["id"] if key else False
        given = document.get("personas") or []
        return [
            personas.get(name, False) if isinstance(name, str) else name
            for name in (given if isinstance(given, list) else [])
        ]

    def _hc_document_commands(self, document):
        return Document(self.env, document).commands()

    def _hc_new_from(self, document, is_portable=True, **vals):
        """Make a map of a document; return it.

        :param vals: columns of the journey that are not the document's
        :raises ValidationError: naming what is wrong in it
        """
        read = Document(self.env, document)
        personas = document.get("personas") or []
        if is_portable:
            personas = self._hc_make_local(document, read.things)
        head = {name: document[name] for name in HEAD_KEPT if document.get(name) is not None}
        journey = self.create({"name": self.env._("New Map")} | vals)
        head = {name: value for name, value in head.items() if HEAD[name].column not in vals}
        if "persona_ids" not in vals:
            head["personas"] = [persona_id for persona_id in personas if persona_id]
        journey._hc_run([{"do": "journey", "values": head}, *read.commands()])
        return journey

    def _hc_run(self, commands):
        """Do commands of our own making, made of what was there once; return the batch.

        Records that are gone meanwhile, or not the user's to see, are left out.
        """
        self.ensure_one()
        self._hc_lock()
        batch = Batch(self, commands, MAX_DOCUMENT, is_ours=True).run()
        BatchSave(batch).leave_out_gone()
        if BatchSave(batch).save():
            self._hc_tell_change()
        return batch

    def copy(self, default=None):
        """A copy has all that stands on the map, under the same uids."""
        copies = super().copy(default)
        for journey, copy in zip(self, copies, strict=True):
            journey._hc_copy_parts(copy)
        return copies

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if default and "name" in default:
            return vals_list
        return [
            dict(vals, name=self.env._("%(name)s (copy)", name=journey.name))
            for journey, vals in zip(self, vals_list, strict=True)
        ]

    def _hc_copy_parts(self, copy):
        commands = self._hc_document_commands(self._hc_document())
        pictures = self._hc_pictures()
        for command in commands:
            # an address of a picture means “as it is”, and there is none yet
            if command["what"] == "cell" and "image" in command["values"]:
                command["values"]["image"] = pictures.get(command["uid"], False)
        copy._hc_run(commands)

    def _hc_pictures(self):
        """Return ``{uid of a card: its picture, base64}``."""
        pictures = self._hc_picture_attachments().sudo()
        cells = self.env["hc.journey.cell"].browse(pictures.mapped("res_id"))
        uids = {cell.id: cell.uid for cell in cells}
        return {uids[picture.res_id]: picture.datas.decode() for picture in pictures}

    def _hc_picture_attachments(self):
        cells = self.env["hc.journey.cell"].search([("journey_id", "=", self.id)])
        # superuser: who reads a card may see its picture
        return self.env["ir.attachment"].sudo().search(
            [("res_model", "=", "hc.journey.cell"), ("res_field", "=", "image"), ("res_id", "in", cells.ids)]
        )  # fmt: skip
