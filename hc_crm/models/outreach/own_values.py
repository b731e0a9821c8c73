"""Fields of plans and steps that nobody says but our own code, by whatever way they are sent.

These are the read-only ones: what buttons alone change, who answers for a condition, whose step it is. Screens
do not send them, but imports and other programs may.
"""

from odoo.exceptions import ValidationError
from odoo.tools import clean_context

MAX_INTEGER = 2**31 - 1  # what the database has room for


def is_own(model, name):
    field = model._fields.get(name)
    return field is not None and field.readonly


def own_values(model, vals):
    """Return ``vals`` without what is not for others to say; ``create`` and ``write`` begin with it.

    :raises ValidationError: naming what the database cannot hold
    """
    if model.env.su:
        return vals
    vals = {name: value for name, value in vals.items() if not is_own(model, name)}
    for name, value in vals.items():
        if isinstance(value, str) and "\x00" in value:
            problem = model.env._("there is a character in it that cannot be stored. Type it anew.")
        elif isinstance(value, int) and not -MAX_INTEGER <= value <= MAX_INTEGER:
            problem = model.env._("%s is too large a number.", value)
        else:
            continue
        field = (
            model._fields[name]._description_string(model.env) if name in model._fields else name
        )
        raise ValidationError(model.env._("%(field)s: %(problem)s", field=field, problem=problem))
    return vals


def own_defaults(model, defaults):
    """Return ``defaults`` with ours for these fields: not those of the context, or that somebody saved.

    Not even for superuser: buttons work as such, with the context of whoever pressed them.
    """
    own = [name for name in defaults if is_own(model, name)]
    others = {name: value for name, value in defaults.items() if name not in own}
    ours = {name: model._fields[name].default for name in own}
    ours = {name: default(model) for name, default in ours.items() if default}
    return others | model._convert_to_write(ours)


def no_defaults(records):
    """Return ``records`` without the defaults that whoever called us wished for."""
    return records.with_env(records.env(context=clean_context(records.env.context)))
