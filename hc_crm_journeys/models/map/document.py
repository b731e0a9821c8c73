"""A whole map as a document: what templates, files, versions and copies are made of.

::

    {"format": "hc_crm_journeys.map", "name": "…", "kind": "map", "time": "as_is", "scenario": "…",
     "lanes":  [{"uid": "do", "kind": "action"}, …],
     "stages": [{"uid": "buy", "name": "Buy"}, …],
     "cells":  [{"uid": "pays", "stage": "buy", "lane": "do", "text": "Pays"}, …],
     "links":  [{"from": "pays", "to": "waits"}, …]}

Values are those of ``wire.WIRE``; what is left out is its default, a place is that in its list. So that people can
write one by hand, a stage may hold its sub-stages in ``stages`` and its cards in ``cells``, by uid of their lane: a
list of texts, or of cards; uids left out are made up.
"""

from uuid import uuid4

from odoo.exceptions import ValidationError

from .wire import UID, WIRE, thing_label

FORMAT = "hc_crm_journeys.map"
LISTS = {"lane": "lanes", "stage": "stages", "cell": "cells", "link": "links"}
MAX_DEPTH = 10


class Document:
    """Reads a document into commands; says where it is wrong."""

    def __init__(self, env, document):
        self.env = env
        self.things = {what: [] for what in LISTS}
        self.uids = {what: set() for what in LISTS}
        if not isinstance(document, dict) or not isinstance(document.get("stages"), list):
            self._refuse(env._("it is no map: it holds no list of stages."))
        if document.get("format", FORMAT) != FORMAT:
            self._refuse(
                env._("it is no map, but “%(format)s”.", format=str(document["format"])[:50])
            )
        for lane in self._list(document, "lanes"):
            self._add("lane", lane)
        for stage in self._list(document, "stages"):
            self._add_stage(stage, None, 0)
        for what in ("cell", "link"):
            for thing in self._list(document, LISTS[what]):
                self._add(what, thing)

    def commands(self):
        """Return the commands that make it, on an empty map."""
        return [
            {
                "do": "create",
                "what": what,
                "uid": thing["uid"],
                "values": {name: value for name, value in thing.items() if name != "uid"},
            }
            for what, things in self.things.items()
            for thing in things
        ]

    def _refuse(self, remedy):
        raise ValidationError(self.env._("This file cannot be read: %(remedy)s", remedy=remedy))

    def _list(self, holder, name):
        things = holder.get(name) or []
        if not isinstance(things, list):
            self._refuse(self.env._("“%(name)s” is a list.", name=name))
        return things

    def _add(self, what, thing, **more):
        number = len(self.things[what]) + 1
        if not isinstance(thing, dict):
            self._refuse(
                self.env._(
                    "%(thing)s %(number)s is no list of names and values.",
                    thing=thing_label(self.env, what), number=number,
                )
            )  # fmt: skip
        thing = {
            name: value for name, value in thing.items() if name in WIRE[what] or name == "uid"
        }
        thing |= more
        uid = thing.setdefault("uid", str(uuid4()))
        if not isinstance(uid, str) or not UID.fullmatch(uid):
            self._refuse(
                self.env._(
                    "%(thing)s %(number)s: its uid is 1 to 36 letters, digits, - or _.",
                    thing=thing_label(self.env, what), number=number,
                )
            )  # fmt: skip
        if uid in self.uids[what]:
            self._refuse(
                self.env._(
                    "%(thing)s %(number)s: its uid “%(uid)s” is there twice.",
                    thing=thing_label(self.env, what), number=number, uid=uid,
                )
            )  # fmt: skip
        self.uids[what].add(uid)
        if "position" in WIRE[what]:
            thing.setdefault("position", number)
        self.things[what].append(thing)
        return thing

    def _add_stage(self, stage, parent, depth):
        if depth > MAX_DEPTH:
            self._refuse(self.env._("stages are divided more than %(max)s times.", max=MAX_DEPTH))
        added = self._add("stage", stage, **({"parent": parent} if parent else {}))
        for child in self._list(stage, "stages"):
            self._add_stage(child, added["uid"], depth + 1)
        cells = stage.get("cells") or {}
        if not isinstance(cells, dict):
            self._refuse(
                self.env._("the cards of a stage are named by lane, “%(name)s” are not.", name=stage.get("name"))
            )  # fmt: skip
        for lane, cards in cells.items():
            for number, card in enumerate(cards if isinstance(cards, list) else [cards]):
                card = card if isinstance(card, dict) else {"text": card}
                uid = f"{added['uid']}-{lane}-{number + 1}"
                self._add(
                    "cell",
                    ({"uid": uid} if UID.fullmatch(uid) else {}) | card,
                    stage=added["uid"],
                    lane=lane,
                )
