"""A batch of commands of the editor, worked out on rows before anything is stored."""

from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.hc_crm.models.links import storable

from .journey_values import head_value, parse_head
from .wire import TOUCHPOINT, UID, WIRE, parse, thing_label

MAX_COMMANDS = 5000
# of each kind on one map: far beyond what anybody can look at, and still opened in seconds
MAX_THINGS = {"stage": 500, "lane": 200, "cell": 20_000, "link": 20_000}


class Batch:
    """Commands on one journey.

    ``create`` of something that is there already is a ``write``: a request whose answer was lost is sent again.
    ``write`` leaves alone what differs both from ``base`` and from the new value, and tells so in ``clashes``.
    ``delete`` takes with it what stands in a stage or lane, and the arrows of a card. Order counts, but for what
    things name each other by: a card may come before its stage.

    ``is_ours``: they are of our own making and overwrite what is there.

    After ``run``: ``rows`` (``{what: {uid: row}}``), ``dirty`` (``{(what, uid): names of changed values}``),
    ``head`` (changed columns of the journey), ``clashes``, ``is_settled`` (cards were moved into a sub-stage).
    """

    def __init__(self, journey, commands, most=MAX_COMMANDS, is_ours=False):
        self.journey = journey
        self.env = journey.env
        self.clashes = []
        self.dirty = {}
        self.head = {}
        self.is_settled = False
        self.most = most
        self.is_ours = is_ours
        self.commands = self._checked(commands)
        self.rows = self._load()

    def run(self):
        for do, what, uid, values, base in self.commands:
            if what == "journey":
                self._write_head(values, base)
            elif do == "delete":
                self._delete(what, uid)
            else:
                self._write(do, what, uid, values, base)
        self._check_targets()
        self._check_parents()
        self._settle()
        return self

    # commands
    def _checked(self, commands):
        if not isinstance(commands, list | tuple) or len(commands) > self.most:
            self._refuse(self.env._("it is a list of at most %(max)s commands.", max=self.most))
        return [self._checked_command(command) for command in commands]

    def _checked_command(self, command):
        if not isinstance(command, dict):
            self._refuse(self.env._("each command says what to do, for example create."))
        do, what, uid = command.get("do"), command.get("what"), command.get("uid")
        values, base = command.get("values") or {}, command.get("base") or {}
        if do not in ("create", "write", "delete", "journey"):
            self._refuse(self.env._("a command does create, write, delete or journey."))
        if not isinstance(values, dict) or not isinstance(base, dict):
            self._refuse(self.env._("values and base are each names with their values."))
        if do == "journey":
            return do, do, False, parse_head(self.env, values), parse_head(self.env, base)
        if not isinstance(what, str) or what not in WIRE:
            self._refuse(self.env._("a command is about a stage, lane, cell or link."))
        if not isinstance(uid, str) or not UID.fullmatch(uid):
            self._refuse(
                self.env._(
                    "a uid is 1 to 36 letters, digits, - or _; “%(uid)s” is none.",
                    uid=storable(str(uid))[:50],
                )
            )
        return (
            do,
            what,
            uid,
            {name: parse(self.env, what, name, value) for name, value in values.items()},
            {name: parse(self.env, what, name, value) for name, value in base.items()
             if name in WIRE[what] and WIRE[what][name].is_shared},
        )  # fmt: skip

    def _refuse(self, remedy):
        raise ValidationError(self.env._("Commands: %(remedy)s", remedy=remedy))

    # rows
    def _load(self):
        """Return what the commands are about; stages and lanes are few and always needed."""
        uids = {what: set() for what in WIRE}
        for _do, what, uid, values, _base in self.commands:
            if what == "journey":
                continue
            uids[what].add(uid)
            for name, value in values.items():
                target = getattr(WIRE[what][name], "what", None)
                if target and value:
                    uids[target].add(value)
        kinds = {(do, what) for do, what, *_rest in self.commands}
        takes_cells = bool(kinds & {("delete", "stage"), ("delete", "lane")}) or any(
            what == "stage" and "parent" in values for _do, what, _uid, values, _base in self.commands
        )  # fmt: skip
        takes_links = takes_cells or ("delete", "cell") in kinds
        domains = {
            "stage": Domain.TRUE,
            "lane": Domain.TRUE,
            "cell": Domain.TRUE if takes_cells else Domain("uid", "in", sorted(uids["cell"])),
            "link": Domain.TRUE if takes_links else Domain("uid", "in", sorted(uids["link"])),
        }
        return {
            what: {
                row["uid"]: row
                for row in self.journey._hc_rows(what, domain, active_test=False)
            }
            if not domain.is_false()
            else {}
            for what, domain in domains.items()
        }  # fmt: skip

    def active(self, what):
        return [row for row in self.rows[what].values() if row["active"]]

    def _put(self, what, row, name, value):
        if row[name] != value:
            row.setdefault("was", {}).setdefault(name, row[name])
            row[name] = value
            self.dirty.setdefault((what, row["uid"]), set()).add(name)

    # what commands do
    def _write(self, do, what, uid, values, base):
        row = self.rows[what].get(uid)
        is_new = do == "create" and not (row and row["active"])
        if is_new:
            self._create(what, uid, values, row)
            return
        if not row or not row["active"]:
            self.clashes.append({"what": what, "uid": uid, "gone": True, "mine": values})
            return
        for name, mine in values.items():
            theirs = row[name]
            if mine == theirs:
                continue
            if do == "create":
                # sent again; somebody else may have gone on meanwhile
                is_shared = WIRE[what][name].is_shared and not self.is_ours
                is_clash = is_shared and row["writer"] != self.env.uid
            else:
                is_clash = name in base and base[name] != theirs
            if is_clash:
                self._clash(what, uid, name, theirs, mine, row["writer"])
            else:
                self._put(what, row, name, mine)

    def _clash(self, what, uid, name, theirs, mine, writer):
        # superuser: who it was, for the question which of two stays
        by = self.env["res.users"].sudo().browse(writer).name if writer else False
        self.clashes.append(
            {"what": what, "uid": uid, "field": name, "theirs": theirs, "mine": mine, "by": by}
        )

    def _create(self, what, uid, values, row):
        """Make it, or bring it back as it is created now: its picture, events and evidence are still there."""
        for name, wire in WIRE[what].items():
            if (
                getattr(wire, "is_required", False)
                and getattr(wire, "what", None)
                and not values.get(name)
            ):
                self._refuse(
                    self.env._(
                        "%(thing)s “%(uid)s”: say in which %(name)s.",
                        thing=thing_label(self.env, what), uid=uid, name=name,
                    )
                )  # fmt: skip
        new = {name: wire.default for name, wire in WIRE[what].items()} | values
        if not row:
            row = {"id": False, "uid": uid, "writer": self.env.uid, "active": False, "revision": 0}
            if what == "cell":
                row["touchpoint"] = False
            self.rows[what][uid] = row
        elif what == "cell":
            new |= {name: row[name] for name in ("image", *TOUCHPOINT) if name not in values}
        row.update(new, active=True, is_created=True)
        self.dirty.setdefault((what, uid), set()).update(WIRE[what], ["active"])

    def _delete(self, what, uid):
        row = self.rows[what].get(uid)
        if not row or not row["active"]:
            return
        self._put(what, row, "active", False)
        if what == "stage":
            for child in self.active("stage"):
                if child["parent"] == uid:
                    self._delete("stage", child["uid"])
        if what in ("stage", "lane"):
            for cell in self.active("cell"):
                if cell[what] == uid:
                    self._delete("cell", cell["uid"])
        if what == "cell":
            for link in self.active("link"):
                if uid in (link["from"], link["to"]):
                    self._delete("link", link["uid"])

    def _write_head(self, values, base):
        for name, mine in values.items():
            theirs = self.head.get(name, head_value(self.journey, name))
            if mine == theirs:
                continue
            if name in base and base[name] != theirs:
                self._clash("journey", False, name, theirs, mine, self.journey.write_uid.id)
            else:
                self.head[name] = mine

    def takes_words_since(self, revision):
        """Return whether something is deleted that others changed after ``revision``."""
        return any(
            not row["active"]
            and "active" in names
            and row["id"]
            and row["revision"] > revision
            and row["writer"] != self.env.uid
            for (what, uid), names in self.dirty.items()
            for row in [self.rows[what][uid]]
        )

    # what must hold afterwards
    def _check_targets(self):
        """What is named must be on this map. What somebody else deleted meanwhile is a clash, not an error."""
        for what, uid in list(self.dirty):
            row = self.rows[what][uid]
            if not row["active"]:
                continue
            for name in self.dirty[what, uid] & set(WIRE[what]):
                target = getattr(WIRE[what][name], "what", None)
                if not target or not row[name]:
                    continue
                other = self.rows[target].get(row[name])
                if other is None:
                    raise ValidationError(
                        self.env._(
                            "%(thing)s “%(uid)s”: its %(name)s “%(other)s” is not on this map.",
                            thing=thing_label(self.env, what), uid=uid, name=name, other=row[name],
                        )
                    )  # fmt: skip
                if not other["active"]:
                    self._lose(what, row, name, other)
                    break

    def _lose(self, what, row, name, other):
        """It stands in something that is gone meanwhile: what is new is not stored, and its words go back to
        whoever wrote them; what was there before stays where it was.
        """
        if not row.get("is_created"):
            self._clash(what, row["uid"], name, row["was"][name], row[name], other["writer"])
            row[name] = row["was"][name]
            self.dirty[what, row["uid"]].discard(name)
            return
        mine = {name: row[name] for name in self.dirty[what, row["uid"]] & set(WIRE[what])}
        self.clashes.append({"what": what, "uid": row["uid"], "gone": True, "mine": mine})
        del self.dirty[what, row["uid"]]
        row["active"] = False

    def _check_parents(self):
        stages = self.rows["stage"]
        for row in self.active("stage"):
            seen = {row["uid"]}
            parent = row["parent"]
            while parent:
                if parent in seen:
                    raise ValidationError(
                        self.env._(
                            "Stage “%(name)s”: it cannot be part of itself. Choose another stage that it "
                            "is part of, or none.",
                            name=row["name"],
                        )
                    )
                seen.add(parent)
                parent = stages[parent]["parent"]
        for link in self.active("link"):
            if link["from"] == link["to"]:
                raise ValidationError(self.env._("Arrow: it leads from one card to another."))

    def _settle(self):
        """Only stages without sub-stages carry cards: others move into their first sub-stage.

        It happens where two people do it at once: one divides a stage, the other writes a card in it.
        """
        children = {}
        for row in sorted(self.active("stage"), key=lambda row: (row["position"], row["uid"])):
            children.setdefault(row["parent"], []).append(row["uid"])
        for cell in self.active("cell"):
            stage = cell["stage"]
            while stage in children:
                stage = children[stage][0]
            if stage != cell["stage"]:
                self._put("cell", cell, "stage", stage)
                self.is_settled = True
