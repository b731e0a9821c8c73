"""Ids for SQL, thousands at a time."""

from odoo.tools import SQL

MAX_LISTED = 100  # more ids than this are a table to the planner


def id_array(ids):
    """Return the ``SQL`` of an array of ids.

    One literal instead of a list of parameters: PostgreSQL reads and plans a query with thousands of them
    many times faster, and knows how many they are.
    """
    return SQL("%s::int[]", f"{{{','.join(map(str, ids))}}}")


def id_among(column, ids):
    """Return the condition that ``column``, an ``SQL``, is one of ``ids``.

    For each of a list the planner looks up how frequent it is, in each place again: for thousands that takes
    longer than reading them. Of a table it knows how many there are, and takes the index as well.
    """
    if len(ids) > MAX_LISTED:
        return SQL("%s IN (SELECT UNNEST(%s))", column, id_array(ids))
    return SQL("%s = ANY(%s)", column, id_array(ids))
