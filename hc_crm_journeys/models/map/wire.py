"""The values of a map as they travel between editor and server: their names, what they may be, where they are kept."""

import base64
import binascii
import math
import re

from odoo.exceptions import ValidationError
from odoo.tools.mimetypes import guess_mimetype

from odoo.addons.hc_crm.models.links import given_id, storable

from .hc_journey_cell import PROOFS
from .hc_journey_lane import LANE_KINDS, LINES
from .hc_journey_touchpoint import MODES

UID = re.compile(r"[A-Za-z0-9_-]{1,36}")
MAX_TEXT = 10_000
MAX_NAME = 300
MAX_POSITION = 1e12
MAX_IMAGE = 10_000_000  # bytes, as it is uploaded; it is stored smaller
MAX_MINUTES = 60 * 24 * 366 * 10
MAX_DAYS = 366 * 10
IMAGE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")
IMAGE_URL = "/web/image/"

MODELS = {
    "stage": "hc.journey.stage",
    "lane": "hc.journey.lane",
    "cell": "hc.journey.cell",
    "link": "hc.journey.link",
}


class Value:
    """A value of a kind of thing.

    ``column``: field that keeps it; ``default``: what it is where nobody said; ``is_shared``: whether two people
    who change it are asked which of theirs stays (a place on the map is simply the last one's).
    """

    default = False
    is_shared = True
    remedy_of = None

    def __init__(self, column, **options):
        self.column = column
        for name, option in options.items():
            setattr(self, name, option)

    def parse(self, env, value):
        """Return the value as the server knows it; raise ``ValidationError`` with the remedy alone."""
        raise NotImplementedError

    def value_of(self, record):
        return record[self.column]

    def columns(self, value):
        return {self.column: value}

    def label(self, model):
        return model._fields[self.column]._description_string(model.env)


class Text(Value):
    limit = MAX_TEXT
    default = ""

    def parse(self, env, value):
        if value is None or value is False:
            return self.default
        if not isinstance(value, str):
            raise ValidationError(env._("give a text."))
        value = storable(value)
        if len(value) > self.limit:
            raise ValidationError(
                env._(
                    "%(length)s characters; %(max)s is the most. Divide it.",
                    length=len(value),
                    max=self.limit,
                )
            )
        return value or self.default

    def value_of(self, record):
        return record[self.column] or self.default


class Flag(Value):
    def parse(self, env, value):
        if value is None:
            return False
        if not isinstance(value, bool):
            raise ValidationError(env._("it is yes or no (true or false)."))
        return value


class Number(Value):
    default = 0.0
    low = 0.0
    high = MAX_POSITION

    def parse(self, env, value):
        if value is None or value is False:
            return self.default
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ValidationError(env._("give a number."))
        # a whole number may be too large to be compared with infinity as a float
        if (isinstance(value, float) and not math.isfinite(value)) or not (
            self.low <= value <= self.high
        ):
            raise ValidationError(
                env._("it is a number from %(low)s to %(high)s.", low=self.low, high=self.high)
            )
        return float(value)


class Whole(Value):
    default = 0

    def parse(self, env, value):
        if value is None or (value is False and self.default is None):
            return self.default
        if type(value) is not int or not self.low <= value <= self.high:
            raise ValidationError(
                env._(
                    "it is a whole number from %(low)s to %(high)s.", low=self.low, high=self.high
                )
            )
        return value


class Feeling(Whole):
    """A whole number, or none; the database has no empty numbers, so a second field says whether."""

    default = None
    low, high = -2, 2

    def value_of(self, record):
        return record[self.column] if record[self.given] else None

    def columns(self, value):
        return {self.column: value or 0, self.given: value is not None}


class Choice(Value):
    is_required = False

    def parse(self, env, value):
        keys = [key for key, _label in self.choices]
        if value is None or value is False or value == "":
            if not self.is_required:
                return False
        elif isinstance(value, str) and value in keys:
            return value
        raise ValidationError(
            env._(
                "“%(value)s” is none of %(keys)s.",
                value="" if value is None or value is False else str(value)[:50],
                keys=", ".join(keys),
            )
        )


class Reference(Value):
    """A record of another model, by id; the map shows it as ``{"id", "name"}``, which is taken as well."""

    model = None

    def parse(self, env, value):
        if isinstance(value, dict):
            value = value.get("id")
        try:
            return given_id(env, value, "")
        except ValidationError as error:
            raise ValidationError(env._("choose one from the list.")) from error

    def value_of(self, record):
        return record[self.column].id


class Uid(Value):
    """Another thing on the same map. ``what``: its kind, ``None`` where nobody minds that it is gone."""

    what = None
    is_required = True

    def parse(self, env, value):
        if (value is None or value is False or value == "") and not self.is_required:
            return False
        if not isinstance(value, str) or not UID.fullmatch(value):
            raise ValidationError(env._("say which one, by its uid."))
        return value

    def value_of(self, record):
        value = record[self.column]
        return (value.uid if self.what else value) or False


class Picture(Value):
    """Base64, or false. The address that the map gave for it means: as it is."""

    is_shared = False

    def parse(self, env, value):
        if not value:
            return False
        if isinstance(value, str) and value.startswith(IMAGE_URL):
            return value
        try:
            content = base64.b64decode(value if isinstance(value, str) else "", validate=True)
        except (binascii.Error, ValueError):
            content = b""
        if not content or guess_mimetype(content) not in IMAGE_TYPES:
            raise ValidationError(env._("give a picture: PNG, JPEG, GIF or WebP, as base64."))
        if len(content) > MAX_IMAGE:
            raise ValidationError(
                env._("the picture is larger than %(max)s MB.", max=MAX_IMAGE // 1_000_000)
            )
        return value

    def columns(self, value):
        if isinstance(value, str) and value.startswith(IMAGE_URL):
            return {}
        return {self.column: value}


POSITION = {"position": Number("position", low=-MAX_POSITION, is_shared=False)}
WIRE = {
    "stage": {
        "parent": Uid("parent_id", what="stage", is_required=False),
        "name": Text("name", limit=MAX_NAME),
        **POSITION,
        "description": Text("description"),
        "standard_days": Number("standard_days", high=MAX_DAYS),
    },
    "lane": {
        "kind": Choice("kind", choices=LANE_KINDS, is_required=True, default="own"),
        "name": Text("name", limit=MAX_NAME, default=False),
        **POSITION,
        "line_after": Choice("line_after", choices=LINES),
        "is_collapsed": Flag("is_collapsed", is_shared=False),
        "metric": Text("metric", limit=MAX_NAME, default=False),
    },
    "cell": {
        "stage": Uid("stage_id", what="stage", is_shared=False),
        "lane": Uid("lane_id", what="lane", is_shared=False),
        **POSITION,
        "text": Text("text"),
        "persona": Reference("persona_id", model="hc.persona"),
        "feeling": Feeling("feeling", given="has_feeling"),
        "feeling_other": Feeling("feeling_other", given="is_either"),
        "proof": Choice("proof", choices=PROOFS, is_required=True, default="assumed"),
        "is_pain": Flag("is_pain"),
        "is_truth": Flag("is_truth"),
        "minutes": Number("minutes", high=MAX_MINUTES),
        "about": Uid("about_uid", is_required=False),
        "user": Reference("user_id", model="res.users"),
        "image": Picture("image"),
        "color": Whole("color", low=0, high=11),
        "improvement": Reference("improvement_id", model="hc.improvement"),
        "mode": Choice("mode", choices=MODES),
        "channel": Reference("channel_id", model="hc.channel"),
        "key": Text("key", limit=100, default=False),
    },
    "link": {
        "from": Uid("from_id", what="cell"),
        "to": Uid("to_id", what="cell"),
        "is_two_way": Flag("is_two_way"),
        "name": Text("name", limit=MAX_NAME, default=False),
    },
}
# kept by the touchpoint of a card
TOUCHPOINT = ("mode", "channel", "key")


def column_model(env, what, name):
    """Return the model whose field keeps ``name`` of a ``what``."""
    is_touchpoint = what == "cell" and name in TOUCHPOINT
    return env["hc.journey.touchpoint" if is_touchpoint else MODELS[what]]


def field_label(env, what, name):
    return WIRE[what][name].label(column_model(env, what, name))


def thing_label(env, what):
    return {
        "stage": env._("Stage"),
        "lane": env._("Lane"),
        "cell": env._("Card"),
        "link": env._("Arrow"),
        "journey": env._("Journey"),
    }[what]


def parse(env, what, name, value):
    """Return ``value`` of a ``what`` as the server knows it.

    :raises ValidationError: naming thing, field and remedy
    """
    wire = WIRE[what].get(name)
    if wire is None:
        raise ValidationError(
            env._(
                "%(thing)s: there is nothing called “%(name)s”. It has: %(names)s.",
                thing=thing_label(env, what),
                name=str(name)[:50],
                names=", ".join(WIRE[what]),
            )
        )
    try:
        return wire.parse(env, value)
    except ValidationError as error:
        raise ValidationError(
            env._(
                "%(thing)s, %(field)s: %(remedy)s",
                thing=thing_label(env, what),
                field=field_label(env, what, name),
                remedy=error.args[0],
            )
        ) from error
