"""Conditions and the figures behind them in words a colleague would use."""

from datetime import date, datetime

from odoo.tools import date_utils, format_amount, format_date, format_datetime, formatLang

from .condition import Group, Leaf, holds, leaves
from .condition_fields import INSIGHT

# Shares between 0 and 1, said in percent.
PERCENT_FIELDS = {
    "buy_probability",
    "churn_risk",
    "persona_confidence",
    "regularity",
    "health_rhythm",
    "health_trend",
    "health_engagement",
    "health_feeling",
    "health_care",
}
# They only keep "not enough history" out of a segment; not worth saying where something else is.
GUARDS = {
    f"{INSIGHT}.{name}" for name in ("feeling_count", "health_band", "rfm_score", "value_state")
}
# Silence is their reason: with these it is said how long it has lasted, and that it ended.
SILENCE_FIELDS = {
    f"{INSIGHT}.{name}"
    for name in (
        "buy_probability",
        "churn_risk",
        "health",
        "health_band",
        "is_overdue",
        "last_purchase_date",
        "next_purchase_date",
        "next_purchase_days",
        "recency_days",
        "rfm_recency",
        "status",
    )
}
LAST_PURCHASE = f"{INSIGHT}.last_purchase_date"
# At most this many conditions are said; the rest is on the segment.
MAX_NAMED = 5  # records of a condition; the rest is counted
MAX_SAID = 3
# Two conditions said as one; no operator of a domain.
BETWEEN = "between"


class Words:
    """Says conditions in the language of ``env``'s user, leaving out what that user may not read.

    :param figures: ``{path: value}`` as stored with a membership; absent where unknown
    """

    def __init__(self, env):
        self.env = env
        # the currency's name and the like are for everybody
        self.company_currency = env.company.sudo().currency_id
        # model → id → what it is called: a list of members names the same few records on every row
        self.known_names = {}

    def condition(self, tree):
        """Return a whole condition in one sentence, or "" for everybody."""
        if isinstance(tree, Leaf):
            return self._leaf(tree)
        parts = self._paired(tree)
        plain = [part for part in parts if not (isinstance(part, Leaf) and part.path in GUARDS)]
        if len(plain or parts) == 1:
            return self.condition((plain or parts)[0])
        texts = list(dict.fromkeys(filter(None, (self._part(part) for part in plain or parts))))
        if len(texts) < 2:
            return "".join(texts)
        joint = self.env._(" and ") if tree.joint == "&" else self.env._(" or ")
        return joint.join([self.env._(", ").join(texts[:-1]), texts[-1]])

    def entered(self, tree, figures, previous, day):
        """Return why somebody is in: the conditions that hold, those that became true first.

        :param previous: figures of the month before; empty where they tell nothing
        :param day: the day they entered
        """
        told = []
        for part in self._told(tree, figures):
            if isinstance(part, Group):
                # which of them it was is not known
                told.append((False, Leaf("", "", None), self.condition(part)))
                continue
            before = previous.get(part.path)
            became = before is not None and self._holds(part, before) is False
            text = self._leaf(part, figures.get(part.path), figures, became)
            if text:
                told.append((became, part, text))
        # what is merely not so explains little
        said = [
            one for one in told if one[1].path not in GUARDS and not _is_negative(one[1].operator)
        ]
        said = sorted(said or told, key=lambda one: not one[0])[:MAX_SAID]
        texts = [text for _became, _leaf, text in said]
        days = self._days_silent(figures, day)
        if days:
            silence = (
                self.env._("no order for 1 day")
                if days == 1
                else self.env._("no order for %(days)s days", days=days)
            )
            for index, (_became, leaf, text) in enumerate(said):
                if leaf.path in SILENCE_FIELDS - {LAST_PURCHASE}:
                    texts[index] = self.env._("%(why)s: %(silence)s", why=text, silence=silence)
                    break
        return self.env._("; ").join(dict.fromkeys(texts)) or self.env._("Matches the conditions")

    def left(self, tree, figures, since, day):
        """Return why somebody is out again: bought, or which condition no longer holds.

        :param since: day of the refresh before: what they bought after it is news
        """
        failing = [
            leaf
            for leaf in leaves(tree)
            if leaf.path in figures and self._holds(leaf, figures[leaf.path]) is False
        ]
        last = figures.get(LAST_PURCHASE)
        readable = self._chain(LAST_PURCHASE)
        if readable and last and since and since <= last <= day:
            if any(leaf.path in SILENCE_FIELDS for leaf in failing):
                return self.env._("Left: bought again on %(date)s", date=self._day(last, day))
        texts = []
        for leaf in failing:
            text = self._now(leaf, figures[leaf.path], figures)
            if text:
                texts.append(text)
        texts = list(dict.fromkeys(texts))[:MAX_SAID]
        if texts:
            return self.env._("Left: %(why)s", why=self.env._("; ").join(texts))
        return self.env._("Left: no longer matches the conditions")

    # ------------------------------------------------------------
    # one condition
    # ------------------------------------------------------------

    def _part(self, part):
        text = self.condition(part)
        if isinstance(part, Group) and len(part.parts) > 1 and text:
            return self.env._("(%(conditions)s)", conditions=text)
        return text

    def _paired(self, tree):
        """Return the parts of a group, "at least 2" and "at most 3" of one field as one part."""
        if tree.joint != "&":
            return tree.parts
        ends = {(part.path, part.operator): part for part in tree.parts if isinstance(part, Leaf)}
        parts = []
        for part in tree.parts:
            low = high = None
            if isinstance(part, Leaf) and part.operator in (">=", "<="):
                low, high = ends.get((part.path, ">=")), ends.get((part.path, "<="))
            if not (low and high):
                parts.append(part)
            elif part is low:
                parts.append(Leaf(part.path, BETWEEN, [low.value, high.value]))
        return parts

    def _told(self, tree, figures):
        """Return what is worth saying: of alternatives those known to hold, else all as a group."""
        if isinstance(tree, Leaf):
            return [tree]
        if tree.joint == "&":
            return [leaf for part in self._paired(tree) for leaf in self._told(part, figures)]
        true = []
        for part in tree.parts:
            known = [
                self._holds(leaf, figures.get(leaf.path))
                for leaf in leaves(part)
                if leaf.path in figures
            ]
            if known and all(answer is not False for answer in known):
                true += self._told(part, figures)
        return true or [tree]

    def _chain(self, path):
        """Return ``[(model, field)]`` along a path, or [] where the user may not read all of it."""
        model, chain = self.env["res.partner"], []
        for name in path.split("."):
            field = model._fields.get(name) if model is not None else None
            if field is None:
                break  # part of a date or of properties
            if not model.has_access("read") or not model._has_field_access(field, "read"):
                return []
            chain.append((model, field))
            model = self.env[field.comodel_name] if field.relational else None
        return chain

    def _label(self, chain):
        labels = [
            field._description_string(self.env) for _model, field in chain if field.name != INSIGHT
        ]
        return " › ".join(labels)

    def label(self, path):
        """Return what a path is called, or the path itself where the user may not read all of it."""
        return self._label(self._chain(path)) or path

    def _holds(self, leaf, figure):
        value = leaf.value
        if leaf.operator == BETWEEN:
            ends = zip((">=", "<="), value, strict=True)
            return all(self._holds(Leaf(leaf.path, *end), figure) for end in ends)
        if isinstance(value, str) and isinstance(figure, str) and figure[:4].isdigit():
            value = self._iso(value) or value
        return holds(Leaf(leaf.path, leaf.operator, value), figure)

    def _leaf(self, leaf, figure=None, figures=None, became=False):
        chain = self._chain(leaf.path)
        if not chain:
            return ""
        label = self._label(chain) or chain[-1][1]._description_string(self.env)
        field = chain[-1][1]
        operator, value = leaf.operator, leaf.value
        said = {
            "field": label,
            "limit": self._value(chain, value, figures),
            "now": None if figure is None else self._value(chain, figure, figures),
        }
        if field.type == "boolean":
            wanted = value if isinstance(value, bool) else True in list(value or [])
            if operator in ("!=", "not in"):
                wanted = not wanted
            return label if wanted else self.env._("not %(field)s", **said)
        empty = value is False or (isinstance(value, list | tuple) and list(value) == [False])
        if empty and operator in ("=", "!=", "in", "not in"):
            if operator in ("=", "in") and field.type in ("date", "datetime"):
                return self.env._("%(field)s: not yet", **said)
            if operator in ("=", "in"):
                return self.env._("%(field)s is not known", **said)
            return self.env._("%(field)s is known", **said)
        if operator == BETWEEN:
            low, high = (self._value(chain, end, figures) for end in value)
            if said["now"]:
                return self.env._("%(field)s: %(now)s", **said)
            return self.env._("%(field)s between %(low)s and %(high)s", low=low, high=high, **said)
        if operator in (">", ">=", "<", "<="):
            if said["now"] == said["limit"]:
                said["now"] = None  # rounded they look the same
            return self._compared(field, operator, said, became)
        if operator in ("=", "in") and field.type in ("one2many", "many2many"):
            return self.env._("%(field)s: %(limit)s", **said)
        if operator in ("=", "in"):
            # what it is says more than what it might have been
            return (
                self.env._("%(field)s is %(now)s", **said)
                if said["now"]
                else self.env._("%(field)s is %(limit)s", **said)
            )
        if operator in ("!=", "not in"):
            return self.env._("%(field)s is not %(limit)s", **said)
        if operator in ("ilike", "like", "=like", "=ilike"):
            return self.env._("%(field)s contains “%(limit)s”", **said)
        if operator in ("not ilike", "not like", "not =like", "not =ilike"):
            return self.env._("%(field)s does not contain “%(limit)s”", **said)
        if operator == "child_of":
            return self.env._("%(field)s is %(limit)s or below", **said)
        if operator == "parent_of":
            return self.env._("%(field)s is %(limit)s or above", **said)
        return self.env._("%(field)s %(operator)s %(limit)s", operator=operator, **said)

    def _compared(self, field, operator, said, became):
        if field.type in ("date", "datetime"):
            if said["now"]:
                return self.env._("%(field)s: %(now)s", **said)
            return {
                ">": self.env._("%(field)s after %(limit)s", **said),
                ">=": self.env._("%(field)s from %(limit)s", **said),
                "<": self.env._("%(field)s before %(limit)s", **said),
                "<=": self.env._("%(field)s until %(limit)s", **said),
            }[operator]
        if became and said["now"]:
            return {
                ">": self.env._("%(field)s rose above %(limit)s (now %(now)s)", **said),
                ">=": self.env._("%(field)s rose to %(limit)s or more (now %(now)s)", **said),
                "<": self.env._("%(field)s fell below %(limit)s (now %(now)s)", **said),
                "<=": self.env._("%(field)s fell to %(limit)s or less (now %(now)s)", **said),
            }[operator]
        if said["now"]:
            return {
                ">": self.env._("%(field)s above %(limit)s (%(now)s)", **said),
                ">=": self.env._("%(field)s at least %(limit)s (%(now)s)", **said),
                "<": self.env._("%(field)s below %(limit)s (%(now)s)", **said),
                "<=": self.env._("%(field)s at most %(limit)s (%(now)s)", **said),
            }[operator]
        return {
            ">": self.env._("%(field)s above %(limit)s", **said),
            ">=": self.env._("%(field)s at least %(limit)s", **said),
            "<": self.env._("%(field)s below %(limit)s", **said),
            "<=": self.env._("%(field)s at most %(limit)s", **said),
        }[operator]

    def _now(self, leaf, figure, figures):
        """Return what a figure is now that its condition no longer holds."""
        chain = self._chain(leaf.path)
        if not chain:
            return ""
        said = {
            "field": self._label(chain) or chain[-1][1]._description_string(self.env),
            "now": self._value(chain, figure, figures),
        }
        if chain[-1][1].type == "boolean":
            return said["field"] if figure else self.env._("not %(field)s any more", **said)
        if figure is None or figure is False:
            return self.env._("%(field)s is not known any more", **said)
        if leaf.operator in (">", ">="):
            return self.env._("%(field)s fell to %(now)s", **said)
        if leaf.operator in ("<", "<="):
            return self.env._("%(field)s rose to %(now)s", **said)
        return self.env._("%(field)s is now %(now)s", **said)

    # ------------------------------------------------------------
    # values
    # ------------------------------------------------------------

    def _value(self, chain, value, figures=None):
        field = chain[-1][1]
        if isinstance(value, list | tuple | set):
            items = [item for item in value if item is not False]
            texts = [self._value(chain, item, figures) for item in items[:MAX_NAMED]]
            if len(items) > MAX_NAMED:
                texts.append(self.env._("%(count)s more", count=len(items) - MAX_NAMED))
            return self.env._(" or ").join(filter(None, texts))
        if value is None or (value is False and field.type != "boolean"):
            return ""
        if field.type == "selection":
            # of what may be chosen here; a selection of a removed module is said as it is stored
            return dict(field._description_selection(self.env)).get(value, str(value))
        if field.relational:
            return self._names(field, value)
        if isinstance(value, str) and field.type in ("date", "datetime"):
            return self._moment(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return str(value)
        if field.name in PERCENT_FIELDS:
            return self.env._("%(number)s %%", number=formatLang(self.env, 100 * value, digits=0))
        if field.type == "monetary":
            return format_amount(
                self.env, value, self._currency((figures or {}).get("currency_id"))
            )
        if field.type == "integer" or float(value).is_integer():
            return formatLang(self.env, value, digits=0)
        return formatLang(self.env, value, digits=1)

    def _currency(self, currency_id):
        known = self.known_names.setdefault("res.currency", {})
        if currency_id not in known:
            known[currency_id] = self.env["res.currency"].browse(currency_id).exists()
        return known[currency_id] or self.company_currency

    def _names(self, field, value):
        if isinstance(value, bool) or not isinstance(value, int):
            return str(value)
        known = self.known_names.setdefault(field.comodel_name, {})
        if value not in known:
            record = self.env[field.comodel_name].browse(value).exists()
            # not even the name of what the reader may not see
            known[value] = record._filtered_access("read").display_name or self.env._(
                "a hidden record"
            )
        return known[value]

    def _iso(self, value):
        try:
            return date_utils.parse_date(value, self.env).strftime("%Y-%m-%d")
        except (ValueError, AttributeError, OverflowError):
            return None

    def _moment(self, value):
        try:
            parsed = date_utils.parse_date(value.replace("T", " "), self.env)
        except (ValueError, OverflowError):
            return value
        if isinstance(parsed, datetime):
            if value[:1].isdigit() and len(value) > 10:
                return format_datetime(self.env, parsed.replace(microsecond=0), dt_format="short")
            parsed = parsed.date()
        return format_date(self.env, parsed)

    def _day(self, value, day):
        """Return a day of the recent past, with the year only where it is not that of ``day``."""
        short = value[:4] == day[:4]
        return format_date(self.env, value[:10], date_format="d MMM" if short else "d MMM y")

    def _days_silent(self, figures, day):
        last = figures.get(LAST_PURCHASE)
        if not last or not self._chain(LAST_PURCHASE):
            return 0
        return (date.fromisoformat(day[:10]) - date.fromisoformat(last[:10])).days


def _is_negative(operator):
    return operator == "!=" or operator.startswith("not ")
