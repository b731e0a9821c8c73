"""The condition of a segment as a tree: taken apart, looked through, tried on figures. No database.

A condition is the text of a domain. ``parse`` turns it into a tree of ``Group`` and ``Leaf`` without any
negation left above a leaf, so that each leaf can be said in words by itself:

>>> parse("['!', '|', ('a', '>', 1), ('b.c', '=', 2)]")
Group(joint='&', parts=[Leaf(path='a', operator='<=', value=1), Leaf(path='b.c', operator='!=', value=2)])
>>> parse("[('a', 'any', [('b', '=', 1), ('c', 'in', [2])])]")
Group(joint='&', parts=[Leaf(path='a.b', operator='=', value=1), Leaf(path='a.c', operator='in', value=[2])])
"""

from ast import literal_eval
from dataclasses import dataclass
from math import isfinite

# A domain that nobody clicks together; deeper ones would exhaust the stack.
MAX_CONDITIONS = 200

INVERSE = {
    "=": "!=",
    "in": "not in",
    "<": ">=",
    "<=": ">",
    "like": "not like",
    "ilike": "not ilike",
    "=like": "not =like",
    "=ilike": "not =ilike",
    "any": "not any",
    "child_of": "not child_of",
    "parent_of": "not parent_of",
}
INVERSE |= {inverse: operator for operator, inverse in INVERSE.items()}
NOT_CONDITIONS = ("&", "|", "!")


@dataclass
class Leaf:
    """``path`` compared with ``value``; the path is dotted."""

    path: str
    operator: str
    value: object


@dataclass
class Group:
    """Several conditions of which all (``&``) or one (``|``) must hold."""

    joint: str
    parts: list


class EndlessNumberError(ValueError):
    """A condition compares with a number nothing can be compared with; ``path`` says which."""

    def __init__(self, path):
        super().__init__(path)
        self.path = path


def read(text):
    """Return the domain written in ``text`` as a list of plain values: no code is evaluated.

    :raises EndlessNumberError: it compares with a number beyond all bounds
    :raises ValueError: it is no domain
    """
    try:
        value = literal_eval(text or "[]")
    except (SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if not isinstance(value, list):
        raise ValueError(text)
    if len(value) > MAX_CONDITIONS:
        raise ValueError(f"{len(value)} > {MAX_CONDITIONS}")
    for path, operator, compared in conditions_in(value):
        # what stands inside is named by itself
        if operator not in ("any", "not any") and not _is_finite(compared):
            raise EndlessNumberError(path)
        if _holds_nul(path) or _holds_nul(compared):
            raise ValueError(text)
    return value


def _holds_nul(value):
    """Tell whether there is a character in it that the database does not take."""
    if isinstance(value, list | tuple | set):
        return any(map(_holds_nul, value))
    return isinstance(value, str) and "\0" in value


def _is_finite(value):
    if isinstance(value, list | tuple | set):
        return all(map(_is_finite, value))
    try:
        return not isinstance(value, int | float | complex) or isfinite(value)
    except (OverflowError, TypeError):
        return False  # more digits than a number has, or a complex one


def parse(text):
    """Return the tree of a domain written in ``text``; nothing at all is a group without parts.

    :raises ValueError: it is no domain
    """
    return _group("&", _parse_list(read(text)))


def leaves(tree):
    """Return all leaves of a tree, in order."""
    if isinstance(tree, Leaf):
        return [tree]
    return [leaf for part in tree.parts for leaf in leaves(part)]


def paths(conditions):
    """Return every path that a domain in list form names, those inside ``any`` with the path before it.

    >>> paths(["|", ("a", "any", [("b.c", "=", 1)]), ("d", "=", 2)])
    ['a', 'a.b.c', 'd']
    """
    return [path for path, _operator, _value in conditions_in(conditions)]


def conditions_in(conditions):
    """Return every ``(path, operator, value)`` of a domain in list form, as ``paths`` does.

    >>> conditions_in([("a", "any", [("b", "=", 1)])])
    [('a', 'any', [('b', '=', 1)]), ('a.b', '=', 1)]
    """
    found = []
    for item in conditions:
        if item in NOT_CONDITIONS or not isinstance(item, list | tuple) or len(item) != 3:
            continue
        path, operator, value = item
        if not isinstance(path, str):
            continue  # (1, '=', 1)
        found.append((path, operator, value))
        if operator in ("any", "not any") and isinstance(value, list | tuple):
            found += [(f"{path}.{name}", *rest) for name, *rest in conditions_in(value)]
    return found


def asked_segments(conditions):
    """Return, as texts, the ids or names of the segments that a domain in list form asks about.

    >>> sorted(asked_segments(["!", ("hc_segment_ids", "in", [7, 8]), ("id", "=", 9)]))
    ['7', '8']
    """
    found = set()
    for item in conditions:
        if item in NOT_CONDITIONS or not isinstance(item, list | tuple) or len(item) != 3:
            continue
        path, operator, value = item
        if operator in ("any", "not any") and isinstance(value, list | tuple):
            found |= asked_segments(value)
        elif str(path).endswith("hc_segment_ids"):
            found |= {str(one) for one in (value if isinstance(value, list | tuple) else [value])}
    return found


def holds(leaf, figure):
    """Return whether a leaf is true of a figure, or None where that cannot be told from it alone.

    >>> holds(Leaf("churn_risk", ">", 0.6), 0.72), holds(Leaf("status", "in", ["late"]), "new")
    (True, False)
    >>> holds(Leaf("city", "ilike", "x"), "Brussels") is None
    True
    """
    operator, value = leaf.operator, leaf.value
    if isinstance(value, set | tuple):
        value = list(value)
    if operator in ("in", "not in") and isinstance(value, list):
        return (figure in value) == (operator == "in")
    if isinstance(value, list):
        return None
    if operator in ("=", "!="):
        same = figure == value or (not figure and value is False and figure != 0)
        return same == (operator == "=")
    number = isinstance(figure, int | float) and isinstance(value, int | float)
    text = isinstance(figure, str) and isinstance(value, str)
    if not (number or text):
        return None
    if operator == ">":
        return figure > value
    if operator == ">=":
        return figure >= value
    if operator == "<":
        return figure < value
    if operator == "<=":
        return figure <= value
    return None


def _group(joint, parts):
    flat = []
    for part in parts:
        # "a and (b and c)" reads as "a, b and c"; one part needs no brackets
        if isinstance(part, Group) and (part.joint == joint or len(part.parts) == 1):
            flat += part.parts
        else:
            flat.append(part)
    return Group(joint, flat)


def _parse_list(items, negated=False, prefix=""):
    items = list(items)
    parts = []
    while items:
        parts.append(_take(items, negated, prefix))
    return parts


def _take(items, negated, prefix):
    if not items:
        raise ValueError("a condition is missing")
    item = items.pop(0)
    if item == "!":
        return _take(items, not negated, prefix)
    if item in ("&", "|"):
        joint = item if not negated else {"&": "|", "|": "&"}[item]
        return _group(joint, [_take(items, negated, prefix), _take(items, negated, prefix)])
    if not isinstance(item, list | tuple) or len(item) != 3 or not isinstance(item[1], str):
        raise ValueError(str(item))
    path, operator, value = item
    operator = {"==": "=", "<>": "!="}.get(operator, operator)
    if negated:
        operator = INVERSE.get(operator, operator)
    path = f"{prefix}{path}"
    if operator in ("any", "not any") and isinstance(value, list | tuple):
        parts = _parse_list(value, operator == "not any", f"{path}.")
        return _group("|" if operator == "not any" else "&", parts)
    return Leaf(path, operator, value)
