from odoo import SUPERUSER_ID
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, Query

MAX_ID = 2**31 - 1


def check_links(model, vals_list, names, creating=False):
    """Refuse links to records that the current user may not read, before anything is stored.

    The host lets a many2one hold any id, and error messages of constraints, display names and related
    fields would then tell about a record of another company.

    :param names: the many2one fields of ``model`` to look at
    :param creating: also look at the defaults of fields left out
    """
    if model.env.su:
        return
    for name in names:
        given = [vals[name] for vals in vals_list if name in vals]
        if creating and len(given) < len(vals_list):
            given.append(model.default_get([name]).get(name))
        ids = set()
        for value in given:
            record_id = getattr(value, "id", value)
            if not record_id:
                continue
            # anything else would be handed to the database as it is, which has no room for larger numbers
            if type(record_id) is not int or not 0 < record_id <= MAX_ID:
                raise ValidationError(
                    model.env._(
                        "%(field)s: “%(value)s” is not a record. Choose one from the list.",
                        field=model._fields[name]._description_string(model.env),
                        value=value,
                    )
                )
            ids.add(record_id)
        if ids:
            comodel = model.env[model._fields[name].comodel_name]
            comodel.browse(ids).exists().check_access("read")


def storable(text):
    """Return ``text`` without what PostgreSQL does not take: NUL, and halves of character pairs.

    >>> storable("a\\0b\\ud800c")
    'abc'
    """
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def given_id(env, value, label):
    """Return the id of a record that somebody gave by RPC, False for none.

    :param label: what it is called where it is given
    :raises ValidationError: it is no id
    """
    if value is None or value is False:
        return False
    if type(value) is int and 0 < value <= MAX_ID:
        return value
    raise ValidationError(
        env._("%(field)s: “%(value)s” is not a record.", field=label, value=str(value)[:50])
    )


def as_reader(model):
    """Return ``model`` under the rules of the user, also where the host asks as superuser for somebody.

    It does so through followers, for example, whose fields anybody may put into a condition.
    """
    return model if model.env.uid == SUPERUSER_ID else model.with_env(model.env(su=False))


def search_visible(model, name, operator, value):
    """Search method of a one2many: as the host does it, but always through the comodel's record rules.

    The host leaves them out for “has any” and “is one of these ids”, and so counts what is hidden.
    """
    field = model._fields[name]
    lines = as_reader(model.env[field.comodel_name])

    def having(domain):
        query = lines._search(domain & Domain(field.inverse_name, "!=", False))
        return Domain("id", "in", query.subselect(SQL.identifier(query.table, field.inverse_name)))

    if operator in ("any", "any!"):
        is_ids = isinstance(value, (Query, SQL))
        return having(Domain("id", "in", value) if is_ids else Domain(value))
    if operator != "in":
        return NotImplemented
    found = having(Domain("id", "in", [line_id for line_id in value if line_id]))
    return found | ~having(Domain.TRUE) if False in value else found
