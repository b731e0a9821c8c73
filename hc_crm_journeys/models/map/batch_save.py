"""Storing what a batch worked out."""

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .batch import MAX_THINGS
from .journey_values import HEAD
from .wire import MODELS, TOUCHPOINT, WIRE, field_label, thing_label


class BatchSave:
    """Stores a ``Batch``: all of it, or nothing and a ``ValidationError``."""

    def __init__(self, batch):
        self.batch = batch
        self.journey = batch.journey
        self.env = batch.env
        self.rows = batch.rows

    def save(self):
        """Return whether anything changed."""
        if not self.batch.dirty and not self.batch.head:
            return False
        self._check_references()
        self._check_number()
        if self.batch.head:
            self._save_head()
        revision = self.journey._hc_next_revision()
        self.env = self.env(context={**self.env.context, "hc_revision": revision})
        self._save_stages()
        for what in ("lane", "cell", "link"):
            self._save_kind(what, [uid for kind, uid in self.batch.dirty if kind == what])
        self._save_touchpoints()
        self.env.flush_all()
        return True

    # checks
    def _check_references(self):
        """Records that are chosen must be there, and the one who chooses must see them."""
        for what, name, _ids in self._gone():
            label = (
                HEAD[name].label(self.journey)
                if what == "journey"
                else field_label(self.env, what, name)
            )
            raise ValidationError(
                self.env._(
                    "%(thing)s, %(field)s: it is no longer there, or not yours to see. Choose another from "
                    "the list.",
                    thing=thing_label(self.env, what),
                    field=label,
                )
            )

    def leave_out_gone(self):
        """Choose nothing where somebody would be told that it is not there."""
        for what, name, ids in self._gone():
            if what == "journey":
                self.batch.head[name] = [one for one in self.batch.head[name] if one not in ids]
                continue
            for kind, uid in self.batch.dirty:
                if kind == what and self.rows[what][uid][name] in ids:
                    self.rows[what][uid][name] = False

    def _gone(self):
        """Return ``[(what, name, ids)]`` of chosen records that are not there, or not the user's to see."""
        chosen = {}
        for what, uid in self.batch.dirty:
            row = self.rows[what][uid]
            if not row["active"]:
                continue
            for name in self.batch.dirty[what, uid] & set(WIRE[what]):
                if (model := getattr(WIRE[what][name], "model", None)) and row[name]:
                    chosen.setdefault((model, what, name), set()).add(row[name])
        for name, value in self.batch.head.items():
            if name == "personas":
                chosen["hc.persona", "journey", name] = set(value)
            elif name == "user" and value:
                chosen["res.users", "journey", name] = {value}
        gone = []
        for (model, what, name), ids in chosen.items():
            found = (
                self.env[model]
                .with_context(active_test=False)
                .search(Domain("id", "in", list(ids)) & self._domain_of(model))
            )
            if missing := ids - set(found.ids):
                gone.append((what, name, missing))
        return gone

    def _domain_of(self, model):
        if model == "res.users":
            return Domain("share", "=", False) & Domain(
                "company_ids", "in", self.journey.company_id.ids
            )
        if model == "hc.channel":
            return Domain.TRUE
        companies = self.journey.company_id.ids + ([False] if model == "hc.persona" else [])
        return Domain("company_id", "in", companies)

    def _check_number(self):
        """Refuse a map that nobody could open any more."""
        for what, most in MAX_THINGS.items():
            is_new = [
                uid
                for kind, uid in self.batch.dirty
                if kind == what and self.rows[what][uid].get("is_created")
            ]
            if not is_new:
                continue
            there = self.env[MODELS[what]].search_count([("journey_id", "=", self.journey.id)])
            if there + len(is_new) > most:
                raise ValidationError(
                    self.env._(
                        "%(thing)s: %(max)s is the most on one map. Divide it into several maps.",
                        thing=thing_label(self.env, what),
                        max=most,
                    )
                )

    # storing
    def _save_head(self):
        vals = {}
        for name, value in self.batch.head.items():
            vals |= (
                {"persona_ids": [Command.set(value)]}
                if name == "personas"
                else HEAD[name].columns(value)
            )
        # the batch counts as one change
        self.journey.with_context(hc_revision=True).write(vals)

    def _save_stages(self):
        """A stage is made before what is part of it."""
        left = {uid for kind, uid in self.batch.dirty if kind == "stage"}
        while left:
            ready = {uid for uid in left if self.rows["stage"][uid]["parent"] not in left}
            # a deleted one may still name a parent that is deleted as well, in a circle even
            ready = ready or left
            self._save_kind("stage", ready)
            left -= ready

    def _save_kind(self, what, uids):
        Model = self.env[MODELS[what]]
        new, written = [], {}
        for uid in sorted(uids):
            row, names = self.rows[what][uid], self.batch.dirty[what, uid]
            if not row["id"] and not row["active"]:
                continue  # made and deleted in one batch
            vals = self._columns(what, row, names)
            if not row["id"]:
                new.append((row, vals))
            else:
                key = tuple(sorted((name, repr(value)) for name, value in vals.items()))
                written.setdefault(key, (vals, []))[1].append(row["id"])
        if new:
            made = Model.create([vals for _row, vals in new])
            for record, (row, _vals) in zip(made, new, strict=True):
                row["id"] = record.id
        for vals, ids in written.values():
            Model.browse(ids).write(vals)

    def _columns(self, what, row, names):
        vals = {"revision": self.env.context["hc_revision"]}
        if "active" in names:
            vals["active"] = row["active"]
        if not row["active"]:
            return vals
        if not row["id"]:
            vals |= {"journey_id": self.journey.id, "uid": row["uid"]}
        for name in names & set(WIRE[what]):
            wire, value = WIRE[what][name], row[name]
            if what == "cell" and name in TOUCHPOINT:
                continue
            if target := getattr(wire, "what", None):
                value = value and self.rows[target][value]["id"]
            vals |= wire.columns(value)
        return vals

    def _save_touchpoints(self):
        """A card in a lane of touchpoints is one; in another lane, or deleted, it rests."""
        dirty = self.batch.dirty
        turned = [
            uid
            for (what, uid), names in dirty.items()
            if what == "lane" and "kind" in names and not self.rows["lane"][uid].get("is_created")
        ]
        rows = {
            uid: self.rows["cell"][uid]
            for (what, uid), names in dirty.items()
            if what == "cell" and names & {"active", "lane", *TOUCHPOINT}
        }
        if turned:
            turned_ids = [self.rows["lane"][uid]["id"] for uid in turned]
            others = self.journey._hc_rows("cell", Domain("lane_id", "in", turned_ids))
            rows = {row["uid"]: row for row in others} | rows
        Touchpoint = self.env["hc.journey.touchpoint"].with_context(active_test=False)
        new, by_state = [], {}
        for row in rows.values():
            if not row["id"]:
                continue
            is_one = row["active"] and self.rows["lane"][row["lane"]]["kind"] == "touchpoint"
            vals = {"active": is_one}
            if is_one:
                for name in TOUCHPOINT:
                    vals |= WIRE["cell"][name].columns(row[name])
            if row["touchpoint"]:
                key = tuple(sorted(vals.items()))
                by_state.setdefault(key, (vals, []))[1].append(row["touchpoint"])
            elif is_one:
                new.append(vals | {"cell_id": row["id"]})
        if new:
            Touchpoint.create(new)
        for vals, ids in by_state.values():
            Touchpoint.browse(ids).write(vals)
