"""What a condition touches: fields that exist, that its author may read, and how far its answer reaches."""

from .condition import paths

INSIGHT = "hc_insight_id"

# Words about a contact that every user of Customer Care reads of every contact they see. A condition over
# anything else (orders, invoices, complaints) tells something about records that not everybody may read.
OPEN_MODELS = {
    "hc.persona",
    "res.company",
    "res.country",
    "res.country.state",
    "res.currency",
    "res.partner",
    "res.partner.category",
    "res.partner.industry",
    "res.users",
}
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
    for path in paths(conditions):
        first, _dot, rest = path.partition(".")
        if first == INSIGHT and _is_open(env["hc.customer.insight"], rest, anything=True):
            found = "insight"
        elif not _is_open(env["res.partner"], path):
            return "documents"
    return found


def _is_open(model, path, anything=False):
    for name in path.split(".") if path else ():
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
        if field.comodel_name not in OPEN_MODELS:
            return False
        model, anything = model.env[field.comodel_name], False
    return True
