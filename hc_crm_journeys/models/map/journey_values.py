"""What a journey says about itself, as it travels between editor and server."""

from odoo.exceptions import ValidationError
from odoo.fields import Date

from odoo.addons.hc_crm.models.links import given_id

from .hc_journey import KINDS, TIMES
from .wire import MAX_NAME, Choice, Reference, Text, Value

MAX_PERSONAS = 20


class Day(Value):
    def parse(self, env, value):
        if not value:
            return False
        try:
            if not isinstance(value, str) or len(value) != 10:
                raise ValueError
            return Date.to_string(Date.to_date(value))
        except ValueError as error:
            raise ValidationError(env._("give a day as 2026-12-31.")) from error

    def value_of(self, record):
        return Date.to_string(record[self.column]) or False


class Personas(Value):
    def parse(self, env, value):
        if value is None or value is False:
            value = []
        if not isinstance(value, list | tuple) or len(value) > MAX_PERSONAS:
            raise ValidationError(env._("choose at most %(max)s from the list.", max=MAX_PERSONAS))
        try:
            ids = [
                given_id(env, item.get("id") if isinstance(item, dict) else item, "")
                for item in value
            ]
        except ValidationError as error:
            raise ValidationError(env._("choose them from the list.")) from error
        return sorted({persona_id for persona_id in ids if persona_id})

    def value_of(self, record):
        return sorted(record.with_context(active_test=False).persona_ids.ids)


HEAD = {
    "name": Text("name", limit=MAX_NAME),
    "kind": Choice("kind", choices=KINDS, is_required=True),
    "time": Choice("time", choices=TIMES, is_required=True),
    "scenario": Text("scenario"),
    "personas": Personas("persona_ids"),
    "user": Reference("user_id", model="res.users"),
    "review_date": Day("review_date"),
}


def head_value(journey, name):
    return HEAD[name].value_of(journey)


def parse_head(env, values):
    """Return ``values`` of a journey as the server knows them.

    :raises ValidationError: naming field and remedy
    """
    parsed = {}
    for name, value in values.items():
        wire = HEAD.get(name)
        if wire is None:
            raise ValidationError(
                env._(
                    "Journey: there is nothing called “%(name)s”. It has: %(names)s.",
                    name=str(name)[:50],
                    names=", ".join(HEAD),
                )
            )
        try:
            parsed[name] = wire.parse(env, value)
            if name == "name" and not parsed[name].strip():
                raise ValidationError(env._("give the map a name."))
        except ValidationError as error:
            raise ValidationError(
                env._(
                    "Journey, %(field)s: %(remedy)s",
                    field=wire.label(env["hc.journey"]),
                    remedy=error.args[0],
                )
            ) from error
    return parsed
