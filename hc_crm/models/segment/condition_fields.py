"""What a condition touches: fields that exist, that its author may read, and how far its answer reaches."""

from math import isfinite

from .condition import conditions_in, paths

INSIGHT = "hc_insight_id"

# Words about a contact that every user of Customer Care reads of every contact they see. A condition over
# anything else (orders, invoices, complaints) tells something about records that not everybody may read, and
# so does one that looks at other contacts.
OPEN_MODELS = {
    "hc.persona",
    "res.company",
    "res.country",
    "res.country.state",
    "res.currency",
    "res.partner.category",
    "res.partner.industry",
}
PEOPLE_MODELS = {"res.partner", "res.users"}
COMPARISONS = {"=", "!=", "==", "<>", "in", "not in", "<", ">", "<=", ">="}
OPEN_GROUPS = {None, "", "base.group_user", "hc_crm.hc_crm_group_user"}
# Computed, but from what everybody reads anyway.
OPEN_FIELDS = {
    ("res.partner", "display_name"),
    ("res.partner", "persona_id"),
    ("res.partner", "persona_confidence"),
    ("res.partner", "persona_source"),
}


def check_fields(model, conditions):
    """Check that ``model``'s user may read every field of ``conditions``, along each whole path.

    A search looks at the first field of a path only, and simplifies some conditions away: as it was
    written is what must be allowed.

    :raises AccessError: they may not
    """
    for path in paths(conditions):
        current = model
        for name in path.split("."):
            field = current._fields.get(name)
            if field is None:
                break  # part of a date or of properties, or wrong: the search tells
            current.check_access("read")
            current._check_field_access(field, "read")
            if not field.relational:
                break
            current = current.env[field.comodel_name]
            current.check_access("read")


def missing_field(model, conditions):
    """Return the first path of ``conditions`` that names a field which is not there, or None."""
    for path in paths(conditions):
        current = model
        for name in path.split("."):
            field = current._fields.get(name)
            if field is None:
                return path
            if not field.relational:
                break
            current = current.env[field.comodel_name]
    return None


def reach(env, conditions):
    """Return how much the answer of a condition gives away.

    :return: ``contact``: nothing but what stands on the contact; ``insight``: figures about their
        purchases; ``documents``: something about other records
    """
    found = "contact"
    for path, operator, value in conditions_in(conditions):
        first, _dot, rest = path.partition(".")
        by_id = _is_by_id(operator, value)
        if first == INSIGHT and _is_open(env["hc.customer.insight"], rest, by_id, anything=True):
            found = "insight"
        elif not _is_open(env["res.partner"], path, by_id):
            return "documents"
    return found


def _is_by_id(operator, value):
    """Return whether a condition compares with ids, and so looks no further than the link itself."""
    values = value if isinstance(value, list | tuple | set) else [value]
    return operator in ("=", "!=", "in", "not in") and all(isinstance(one, int) for one in values)


def _is_open(model, path, by_id, anything=False):
    names = path.split(".") if path else []
    for number, name in enumerate(names, 1):
        field = model._fields.get(name)
        if field is None:
            return False
        if field.groups not in OPEN_GROUPS:
            return False
        known = (model._name, name) in OPEN_FIELDS
        if not anything and not known and (not field.store or field.company_dependent):
            return False
        if not field.relational:
            return True
        if field.comodel_name in PEOPLE_MODELS:
            # which salesperson stands on the contact itself; anything else about them does not
            return field.type == "many2one" and number == len(names) and by_id
        if field.comodel_name not in OPEN_MODELS:
            return False
        model, anything = model.env[field.comodel_name], False
    return True


def nested_nowhere(env, conditions):
    """Return the first path of ``conditions`` that has conditions within it and leads to no records, or None.

    The host allows that for "id", and would look at the same records again, past every check of paths.
    """
    for path, operator, _value in conditions_in(conditions):
        if operator.removeprefix("not ").rstrip("!") == "any":
            field = _last_field(env["res.partner"], path)
            if field is not None and not field.relational:
                return path
    return None


def unusable_number(env, conditions):
    """Return ``(path, value)`` of the first condition that compares a number with something else, or None."""
    for path, operator, value in conditions_in(conditions):
        if operator not in COMPARISONS:
            continue
        field = _last_field(env["res.partner"], path)
        if field is None or field.type not in ("integer", "float", "monetary"):
            continue
        for one in value if isinstance(value, list | tuple | set) else [value]:
            if isinstance(one, str) and not _is_number(one):
                return path, one
    return None


def _last_field(model, path):
    field = None
    for name in path.split("."):
        field = model._fields.get(name) if model is not None else None
        if field is None:
            return None
        model = model.env[field.comodel_name] if field.relational else None
    return field


def _is_number(text):
    try:
        return isfinite(float(text))
    except ValueError:
        return False
