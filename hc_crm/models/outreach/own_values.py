"""Fields of plans and steps that nobody says but our own code, by whatever way they are sent.

These are the read-only ones: what buttons alone change, who answers for a condition, whose step it is. Screens
do not send them, but imports and other programs may.
"""

from odoo.tools import clean_context


def is_own(model, name):
    field = model._fields.get(name)
    return field is not None and field.readonly


def own_values(model, vals):
    """Return ``vals`` without what is not for others to say; ``create`` and ``write`` begin with it."""
    if model.env.su:
        return vals
    return {name: value for name, value in vals.items() if not is_own(model, name)}


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
