"""A map as a table of words: lanes in the first column, stages in the first row, a line for each card of a cell.

What a card is more than words stands behind them in brackets: ``Hope [+1]``, ``Satisfaction/Disappointment [+2/-2]``,
``Sizing chart [pain, truth, validated]``, ``Checkout [automated]``. Other brackets are words. A sub-stage is headed
``Stage > Sub-Stage``; a row that only names a line of a blueprint draws it.
"""

import re

from odoo.exceptions import ValidationError

from odoo.addons.hc_crm.models.links import storable

from .document import FORMAT
from .hc_journey_cell import PROOFS
from .hc_journey_lane import LANE_KINDS, LINES
from .hc_journey_touchpoint import MODES

MAX_ROWS = 300
MAX_COLUMNS = 600
PART_OF = " > "
TAGS = re.compile(r"^(.*?)\s*\[([^\[\]]*)\]$", re.DOTALL)
FEELING = re.compile(r"([+-]?[0-2])(?:/([+-]?[0-2]))?")
MARKS = {"pain": "is_pain", "truth": "is_truth"}
PROOF_KEYS = [key for key, _label in PROOFS if key != "assumed"]
MODE_KEYS = [key for key, _label in MODES]
# what others call their rows
SYNONYMS = {
    "touchpoint": ("touchpoints", "contact points", "touch points"),
    "channel": ("channels",),
    "action": ("actions", "customer action", "customer actions", "doing", "activities", "steps"),
    "thought": ("thoughts", "customer thought", "customer thoughts", "thinking", "mindset", "mindsets"),
    "emotion": (
        "emotions", "customer emotion", "customer emotions", "feeling", "feelings", "emotional journey",
    ),
    "pain": ("pain point", "pain points", "pains", "pain points/moments of truth", "frustrations"),
    "truth": ("moment of truth", "moments of truth"),
    "need": ("needs", "expectations", "needs and expectations", "goals"),
    "response": ("our answer", "response", "solutions", "human-centric crm approach", "human-centric response"),
    "evidence": ("evidence", "quotes", "quote"),
    "image": ("picture", "images", "storyboard"),
    "metric": ("metrics", "kpi", "kpis", "measures"),
    "opportunity": ("opportunities", "ideas", "improvements"),
    "physical": ("physical evidence", "props"),
    "onstage": ("onstage", "frontstage", "front stage", "onstage employee actions", "employee actions"),
    "backstage": ("backstage", "back stage", "backstage employee actions"),
    "support": ("support", "support process", "systems"),
    "employee_emotion": ("employee emotion", "employee emotions"),
    "time": ("time", "time standards", "duration"),
    "wait": ("wait", "wait points", "waiting"),
    "fail": ("fail", "fail point", "fail points"),
}  # fmt: skip


def _plain(label):
    return " ".join(label.replace("—", " ").strip(" -").casefold().split())


def lane_names(env):
    """Return ``{name of a row: kind of lane}``: keys, labels in English and in the reader's language, synonyms."""
    labels = env["hc.journey.lane"]._fields["kind"]._description_selection(env)
    names = {}
    for kind, synonyms in SYNONYMS.items():
        names |= dict.fromkeys(synonyms, kind)
    for kind, label in [*LANE_KINDS, *labels]:
        names |= {_plain(label): kind, kind: kind}
    return names


def line_names(env):
    labels = env["hc.journey.lane"]._fields["line_after"]._description_selection(env)
    return {_plain(label): line for line, label in [*LINES, *labels]}


def _empty_end(values):
    """Return how many of the last values are empty.

    >>> _empty_end(["", "a", "", ""])
    2
    """
    return next((number for number, value in enumerate(reversed(values)) if value), len(values))


# out
def card_words(cell):
    """Return a card as a line of a table."""
    tags = []
    if cell["feeling"] is not None:
        other = "" if cell["feeling_other"] is None else f"/{cell['feeling_other']:+d}"
        tags.append(f"{cell['feeling']:+d}{other}")
    tags += [tag for tag, name in MARKS.items() if cell[name]]
    tags += [cell["proof"]] if cell["proof"] in PROOF_KEYS else []
    tags += [cell["mode"]] if cell["mode"] and cell["is_touchpoint"] else []
    words = " ".join(cell["text"].split("\n"))
    return f"{words} [{', '.join(tags)}]" if tags else words


def table_of(env, rows, labels):
    """Return a map as rows of texts.

    :param rows: ``{"stage" | "lane" | "cell": rows}``, in their order
    :param labels: ``{kind of lane: what it is called}``
    """
    stages = {row["uid"]: row for row in rows["stage"]}
    children = {}
    for row in rows["stage"]:
        children.setdefault(row["parent"], []).append(row["uid"])
    heads = []

    def walk(parent, above):
        for uid in children.get(parent, ()):
            name = PART_OF.join([*above, stages[uid]["name"].replace(PART_OF, " / ")])
            if uid in children:
                walk(uid, [name])
            else:
                heads.append((uid, name))

    walk(False, [])
    cards = {}
    for cell in rows["cell"]:
        cards.setdefault((cell["stage"], cell["lane"]), []).append(card_words(cell))
    line_labels = dict(env["hc.journey.lane"]._fields["line_after"]._description_selection(env))
    table = [["", *(name for _uid, name in heads)]]
    for lane in rows["lane"]:
        name = lane["name"] or labels[lane["kind"]]
        table.append(
            [name, *("\n".join(cards.get((uid, lane["uid"]), ())) for uid, _name in heads)]
        )
        if lane["line_after"]:
            table.append([f"— {line_labels[lane['line_after']]} —", *[""] * len(heads)])
    return table


# in
def card_of(line):
    """Return a card of a line of a table.

    >>> card_of("Hope [+1]")
    {'text': 'Hope', 'feeling': 1}
    >>> card_of("Fit [truth, pain, validated]")
    {'text': 'Fit', 'is_truth': True, 'is_pain': True, 'proof': 'validated'}
    >>> card_of("Sale [until May]")
    {'text': 'Sale [until May]'}
    """
    found = TAGS.match(line)
    if not found:
        return {"text": line}
    card = {"text": found[1]}
    for tag in found[2].split(","):
        tag = tag.strip()
        feeling = FEELING.fullmatch(tag)
        if feeling:
            card["feeling"] = int(feeling[1])
            if feeling[2]:
                card["feeling_other"] = int(feeling[2])
        elif tag in MARKS:
            card[MARKS[tag]] = True
        elif tag in PROOF_KEYS:
            card["proof"] = tag
        elif tag in MODE_KEYS:
            card["mode"] = tag
        else:
            return {"text": line}
    return card


class TableReader:
    """Reads rows of texts into a document; ``unknown`` lists the rows whose lane is not known.

    :param lanes: ``{name of a row: kind of lane, or False to leave it out}``, for those
    """

    def __init__(self, env, table, name, lanes=None):
        self.env = env
        self.lanes = lanes or {}
        self.unknown = []
        table = [[storable(str(value)).strip() for value in row] for row in table]
        # a spreadsheet is as wide and long as its formats
        width = max((len(row) - _empty_end(row) for row in table), default=0)
        table = [
            row[:width] for row in table[: len(table) - _empty_end([any(row) for row in table])]
        ]
        if len(table) < 2 or not any(table[0][1:]):
            self._refuse(
                env._(
                    "the first row names the stages, from the second column on, and the first column the lanes."
                )
            )
        if len(table) > MAX_ROWS or width > MAX_COLUMNS:
            self._refuse(
                env._("it has more than %(rows)s rows or %(columns)s columns.", rows=MAX_ROWS, columns=MAX_COLUMNS)
            )  # fmt: skip
        self.table = [row + [""] * (width - len(row)) for row in table]
        self.document = {
            "format": FORMAT,
            "name": name,
            "kind": "map",
            "stages": [],
            "lanes": [],
            "cells": [],
        }
        self.columns = self._read_stages()
        self._read_lanes()

    def _refuse(self, remedy):
        raise ValidationError(self.env._("This file cannot be read: %(remedy)s", remedy=remedy))

    def _read_stages(self):
        """Return ``{number of a column: uid of its stage}``."""
        columns, by_path, cells_above = {}, {}, set()
        for column, head in enumerate(self.table[0]):
            if column == 0 or (not head and not any(row[column] for row in self.table)):
                continue
            if not head:
                self._refuse(
                    self.env._("column %(number)s has no stage: name it in the first row.", number=column + 1)
                )  # fmt: skip
            path = (
                [part.strip() for part in head.split(PART_OF.strip())]
                if PART_OF in head
                else [head]
            )
            for depth in range(1, len(path) + 1):
                key = tuple(path[:depth])
                is_leaf = depth == len(path)
                if key in by_path and not is_leaf:
                    continue
                uid = f"stage-{len(self.document['stages']) + 1}"
                stage = {"uid": uid, "name": path[depth - 1]}
                if depth > 1:
                    stage["parent"] = by_path[key[:-1]]
                self.document["stages"].append(stage)
                by_path[key] = uid
                if is_leaf:
                    columns[column] = uid
                    cells_above.add(uid)
        return columns

    def _read_lanes(self):
        kinds, lines = lane_names(self.env), line_names(self.env)
        for number, row in enumerate(self.table[1:], start=2):
            name = row[0]
            if not any(row):
                continue
            if _plain(name) in lines and not any(row[1:]):
                if self.document["lanes"]:
                    self.document["lanes"][-1]["line_after"] = lines[_plain(name)]
                    self.document["kind"] = "blueprint"
                continue
            if not name:
                self._refuse(
                    self.env._(
                        "row %(number)s has no lane: name it in the first column.", number=number
                    )
                )
            kind = self.lanes[name] if name in self.lanes else kinds.get(_plain(name))
            if kind is None:
                self.unknown.append({"row": number, "name": name})
            elif kind:
                self._add_lane(kind, name, row)

    def _add_lane(self, kind, name, row):
        uid = f"lane-{len(self.document['lanes']) + 1}"
        labels = dict(self.env["hc.journey.lane"]._fields["kind"]._description_selection(self.env))
        lane = {"uid": uid, "kind": kind}
        if name != labels[kind]:
            lane["name"] = name
        self.document["lanes"].append(lane)
        for column, stage in self.columns.items():
            lines = [line.strip() for line in row[column].splitlines() if line.strip()]
            for place, line in enumerate(lines, start=1):
                card = card_of(line)
                if kind == "pain" and not card.get("is_truth"):
                    card["is_pain"] = True
                elif kind == "truth":
                    card["is_truth"] = True
                self.document["cells"].append(
                    {"uid": f"{stage}-{uid}-{place}", "stage": stage, "lane": uid, "position": place} | card
                )  # fmt: skip
