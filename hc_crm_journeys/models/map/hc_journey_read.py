from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.hc_crm.models.links import MAX_ID

from .hc_journey_cell import PROOFS
from .wire import IMAGE_URL, MODELS, TOUCHPOINT, UID, WIRE

HEAD_COLUMNS = [
    "active", "company_id", "counterpart_id", "forgot_revision", "kind", "name", "review_date", "revision",
    "scenario", "time", "user_id",
]  # fmt: skip
PARTS = {"stages": "stage", "lanes": "lane", "cells": "cell", "links": "link"}


class HcJourneyRead(models.Model):
    """What the editor reads: the whole map in one go, and later what others changed."""

    _inherit = "hc.journey"

    def hc_map(self):
        """Return the whole map, as ``{"id", "name", …, "stages", "lanes", "cells", "links"}``.

        Things name each other by uid; their order is (position, uid). ≤ 12 queries, whatever its size.
        """
        self._hc_one()
        # with the other half of its pair
        self.with_context(active_test=False).search_fetch(
            Domain("id", "=", self.id) | Domain("counterpart_id", "=", self.id), HEAD_COLUMNS
        )
        self.check_access("read")
        parts = {name: self._hc_rows(what) for name, what in PARTS.items()}
        users = self._hc_user_names({cell["user"] for cell in parts["cells"]} | {self.user_id.id})
        return (
            self._hc_head(users)
            | self._hc_shown(parts, users)
            | {"proofs": self._hc_proofs(parts["cells"])}
        )

    def hc_changes(self, revision):
        """Return what changed since ``revision``: ``{"revision", "set", "gone", "journey"}``.

        ``set`` holds things as the map does, ``gone`` lists ``[what, uid]``. ``{"reload": True}``: that is too
        long ago to be told.
        """
        self._hc_one()
        self.check_access("read")
        if type(revision) is not int or not self.forgot_revision <= revision <= self.revision:
            return {"reload": True}
        since = Domain("revision", ">", revision)
        parts, gone = {}, []
        for name, what in PARTS.items():
            rows = self._hc_rows(what, since, active_test=False)
            parts[name] = [row for row in rows if row["active"]]
            gone += [[what, row["uid"]] for row in rows if not row["active"]]
        users = self._hc_user_names({cell["user"] for cell in parts["cells"]} | {self.user_id.id})
        return {
            "revision": self.revision,
            "set": self._hc_shown(parts, users),
            "gone": gone,
            "journey": self._hc_head(users),
        }

    def _hc_one(self):
        """:raises UserError: not one map that exists"""
        if len(self) != 1 or type(self.id) is not int or not 0 < self.id <= MAX_ID:
            raise UserError(self.env._("This map is no longer there. Go back to the list of maps."))

    def _hc_thing(self, what, uid):
        """Return the stage, lane, card or arrow (``what``) with a uid.

        :raises ValidationError: there is none on this map
        """
        thing = self.env[MODELS[what]]
        if isinstance(uid, str) and UID.fullmatch(uid):
            thing = thing.search([("journey_id", "=", self.id), ("uid", "=", uid)], limit=1)
        if not thing:
            raise ValidationError(
                self.env._(
                    "“%(thing)s”: it is not on this map any more. Open the map anew.",
                    thing=thing._description,
                )
            )
        return thing

    def _hc_head(self, users):
        """Return what the map says about itself.

        :param users: names of users by id
        """
        self.ensure_one()
        selections = {
            name: self.env["hc.journey.lane"]._fields[name]._description_selection(self.env)
            for name in ("kind", "line_after")
        }
        # a persona that is archived still stands on its maps; one that the reader may not see does not
        personas = (
            self.env["hc.persona"]
            .with_context(active_test=False)
            .search_fetch([("id", "in", self._hc_persona_query())], ["name", "tagline"])
        )
        other = self.counterpart_id._filtered_access("read")
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "time": self.time,
            "scenario": self.scenario or "",
            "revision": self.revision,
            "can_write": self.has_access("write"),
            "user": self._hc_user(self.user_id.id, users),
            "review_date": fields.Date.to_string(self.review_date) or False,
            "is_stale": self.is_stale,
            "counterpart": (other and {"id": other.id, "name": other.name, "time": other.time}) or False,
            "personas": [
                {
                    "id": persona.id,
                    "name": persona.name,
                    "tagline": persona.tagline or "",
                    "color": persona.id % 12,
                    "avatar": f"{IMAGE_URL}hc.persona/{persona.id}/avatar_128",
                }
                for persona in personas
            ],
            "channels": [
                {"id": info["id"], "key": key, "name": info["label"], "icon": info["icon"]}
                for key, info in self.env["hc.channel"]._hc_channel_info().items()
            ],
            "lane_kinds": [{"kind": key, "label": label} for key, label in selections["kind"]],
            "lines": [{"line": key, "label": label} for key, label in selections["line_after"]],
        }  # fmt: skip

    def _hc_persona_query(self):
        field = self._fields["persona_ids"]
        return SQL(
            "SELECT %s FROM %s WHERE %s = %s",
            SQL.identifier(field.column2),
            SQL.identifier(field.relation),
            SQL.identifier(field.column1),
            self.id,
        )

    @api.model
    def _hc_user_names(self, ids):
        """Return ``{id: name}`` of colleagues, also of those whom the reader may not see otherwise."""
        ids = [user_id for user_id in ids if user_id]
        if not ids:
            return {}
        self.env["res.partner"].flush_model(["name"])
        self.env["res.users"].flush_model(["partner_id"])
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT users.id, partner.name
                      FROM res_users AS users JOIN res_partner AS partner ON partner.id = users.partner_id
                     WHERE users.id IN %s
                    """,
                    tuple(ids),
                )
            )
        )

    @api.model
    def _hc_user(self, user_id, users):
        return {"id": user_id, "name": users.get(user_id) or ""} if user_id else False

    @api.model
    def _hc_proofs(self, cells):
        """Return how many cards there are, and how well founded they are."""
        count = dict.fromkeys((key for key, _label in PROOFS), 0)
        for cell in cells:
            count[cell["proof"]] += 1
        return {"count": len(cells)} | count

    def _hc_rows(self, what, domain=Domain.TRUE, active_test=True):
        """Return things of one kind as ``{"id", "active", "writer", "revision", "uid", value: …}``.

        Values as the server knows them (``wire.WIRE``): other things by uid, records by id.
        """
        wires = {
            name: wire
            for name, wire in WIRE[what].items()
            if name != "image" and not (what == "cell" and name in TOUCHPOINT)
        }
        names = {column for wire in wires.values() for column in wire.columns(wire.default)}
        records = (
            self.env[MODELS[what]]
            .with_context(active_test=active_test)
            .search_fetch(
                Domain("journey_id", "in", self.ids) & Domain(domain),
                sorted(names | {"uid", "active", "revision", "write_uid"}),
                order="uid" if what == "link" else "position, uid",
            )
        )
        rows = [
            {
                "id": record.id,
                "active": record.active,
                "writer": record.write_uid.id,
                "revision": record.revision,
                "uid": record.uid,
            }
            | {name: wire.value_of(record) for name, wire in wires.items()}
            for record in records
        ]
        if what == "cell":
            self._hc_add_to_cells(rows)
        return rows

    @api.model
    def _hc_add_to_cells(self, rows):
        """Add what cards do not keep themselves: touchpoint, picture."""
        by_id = {row["id"]: row for row in rows}
        for row in rows:
            row.update(
                dict.fromkeys(TOUCHPOINT, False), touchpoint=False, is_touchpoint=False, image=False
            )
        if not rows:
            return
        touchpoints = (
            self.env["hc.journey.touchpoint"]
            .with_context(active_test=False)
            .search_fetch(
                [("cell_id", "in", list(by_id))], ["cell_id", "active", "mode", "channel_id", "key"]
            )
        )
        for touchpoint in touchpoints:
            by_id[touchpoint.cell_id.id].update(
                touchpoint=touchpoint.id,
                is_touchpoint=touchpoint.active,
                mode=touchpoint.mode,
                channel=touchpoint.channel_id.id,
                key=touchpoint.key,
            )
        # superuser: whether there is a picture; who reads the card may see it
        pictures = (
            self.env["ir.attachment"]
            .sudo()
            .search_fetch(
                [
                    ("res_model", "=", "hc.journey.cell"),
                    ("res_field", "=", "image"),
                    ("res_id", "in", list(by_id)),
                ],
                ["res_id", "checksum"],
            )
        )
        for picture in pictures:
            by_id[picture.res_id]["image"] = (
                f"{IMAGE_URL}hc.journey.cell/{picture.res_id}/image?unique={(picture.checksum or '')[:8]}"
            )

    def _hc_shown(self, parts, users):
        """Return rows as the editor gets them.

        :param parts: ``{"cells": rows, …}``
        :param users: names of users by id
        """
        cells = parts["cells"]
        evidence = self._hc_evidence_counts([row["id"] for row in cells])
        improvements = self._hc_improvement_names({cell["improvement"] for cell in cells})
        shown = {
            name: [
                {"uid": row["uid"], "revision": row["revision"]}
                | {key: row[key] for key in WIRE[what] if name != "cells" or key not in TOUCHPOINT}
                for row in parts[name]
            ]
            for name, what in PARTS.items()
        }
        for row, cell in zip(cells, shown["cells"], strict=True):
            cell["user"] = self._hc_user(row["user"], users)
            # a change that the reader may not see is none to them
            label = improvements.get(row["improvement"])
            cell["improvement"] = {"id": row["improvement"], "name": label} if label else False
            cell["evidence_count"] = evidence.get(row["id"], 0)
            cell["touchpoint"] = row["is_touchpoint"] and {
                "id": row["touchpoint"],
                "mode": row["mode"],
                "channel": row["channel"],
                "key": row["key"],
            }
        return shown

    @api.model
    def _hc_improvement_names(self, ids):
        """Return ``{id: name}`` of the changes that the reader may see."""
        ids = [improvement_id for improvement_id in ids if improvement_id]
        if not ids:
            return {}
        Improvement = self.env["hc.improvement"].with_context(active_test=False)
        return {
            improvement.id: improvement.name
            for improvement in Improvement.search_fetch([("id", "in", ids)], ["name"])
        }

    @api.model
    def _hc_evidence_counts(self, cell_ids):
        """Return ``{id of a card: how much evidence it has}``; see ``evidence``."""
        return {}
