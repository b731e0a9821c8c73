"""Sources of the timeline: what a host document must tell to stand on a customer's timeline.

What it supports: any model that leads to a partner and has a date; many partners to one record;
rows whose rights follow another document (messages, ratings).

How to use it: another addon overrides ``hc.timeline._get_sources`` and appends ``Source(...)`` objects.
Most need only the constructor. ``_columns`` changes what is selected, ``_render`` what is said about a
record. A source whose model is not installed, or that the reader may not open, is simply absent.

How it works: a source turns a ``Scope`` (whose entries, from when to when) into sub-selects made by
``env[model]._search(domain)``, so that every record rule of the host and of third parties applies by
itself. Each sub-select yields the columns of ``COLUMNS``.
"""

import re
from dataclasses import dataclass, field

from markupsafe import Markup

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, formatLang
from odoo.tools.mail import html_to_inner_content

# An id is key * 256 + number: 8 bits say the source, up to 45 bits the row. JavaScript counts
# exactly to 2^53, and that is what the web client receives.
NUMBER_BITS = 8
# Where one record has several partners and no row of its own for each (many2many), the key holds both.
PARTNER_BITS = 22

UNFINISHED_TAG = re.compile(r"<[^<>]*$")

COLUMNS = (
    "id",
    "partner_id",
    "date",
    "source",
    "res_model",
    "res_id",
    "channel",
    "direction",
    "author_id",
    "user_id",
    "feeling",
    "is_automated",
)


@dataclass
class Scope:
    """What a query is bounded by. ``None`` means "not bounded".

    :param partner_ids: ids of partners, or a ``Query`` on res.partner
    :param everyone: nobody in particular was asked for: ``partner_ids`` are all that the reader sees
    :param date_from: inclusive lower bound, naive UTC datetime
    :param date_to: inclusive upper bound, naive UTC datetime
    :param keys: ``{number: [key]}`` when rows are asked for by id
    :param texts: words that must occur, each in one of the source's text fields
    :param where: SQL on the alias ``hc_timeline`` to apply inside each sub-select
    :param channels: keys of the only channels wanted
    :param limit: rows wanted of each sub-select, newest first
    :param is_light: there is a limit, and nothing but ids and dates decides which rows are wanted
    """

    partner_ids: object = None
    everyone: bool = False
    date_from: object = None
    date_to: object = None
    keys: dict | None = None
    texts: list = field(default_factory=list)
    channels: set | None = None
    where: SQL | None = None
    limit: int | None = None
    is_light: bool = False

    @property
    def is_bounded(self):
        return self.partner_ids is not None or self.keys is not None or self.date_from is not None


class Source:
    """One kind of entry.

    :param key: technical name, also the value of the timeline's ``source`` column
    :param number: 1–127 for code, 128–255 for sources an administrator adds; part of every id
    :param model: model name of the documents
    :param partner: field path from the document to res.partner (many2one, last may be many2many)
    :param date: date or datetime field of the document
    :param label: callable(env) → what a reader calls such an entry
    :param channel: key of an ``hc.channel``
    :param direction: "in" (from the customer), "out" (from us) or None
    :param domain: Domain (or list) of documents that count
    :param text: fields searched for words
    :param user: many2one field to res.users of the colleague concerned, if any
    :param messages: whether messages on such documents stand on the timeline too
    :param automated: True when no person acts in making such a record
    """

    def __init__(
        self, key, number, model, *, label, partner="partner_id", date="create_date", channel="other",
        direction=None, domain=(), text=(), user=None, messages=False, automated=False, title=None,
    ):  # fmt: skip
        self.key = key
        self.number = number
        self.model = model
        self.label = label
        self.partner = partner
        self.date = date
        self.channel = channel
        self.direction = direction
        self.domain = Domain(list(domain)) if isinstance(domain, (list, tuple)) else domain
        self.text = tuple(text)
        self.user = user
        self.messages = messages
        self.automated = automated
        self.title = title

    # -- availability ---------------------------------------------------------------------------

    @property
    def channels(self):
        """The channels that entries of this source can have; None: any."""
        return {self.channel}

    def _available(self, env):
        """Tell whether the model is there and the reader may open its documents and read their date."""
        if self.model not in env or not env[self.model].has_access("read"):
            return False
        # The query takes these columns without asking: a field closed to a group stays closed.
        model = env[self.model]
        names = (self.date, self.user, self.partner.split(".")[0])
        return all(
            model._has_field_access(model._fields[name], "read")
            for name in names
            if name and name in model._fields and model._fields[name].groups
        )

    def _is_multi(self, env):
        *path, last = self.partner.split(".")
        model = env[self.model]
        for name in path:
            model = env[model._fields[name].comodel_name]
        return model._fields[last].type == "many2many"

    def _has_many(self, env):
        """Tell whether one document can stand on the timelines of several partners."""
        return self._is_multi(env)

    # -- queries --------------------------------------------------------------------------------

    def _documents(self, env, scope, extra=Domain.TRUE):
        """Return the documents in scope that the reader may read, as ``(Query, partner SQL)``."""
        model = env[self.model].with_context(active_test=False)
        domain = self.domain & extra
        partner_ids = scope.partner_ids
        if partner_ids is not None:
            domain &= Domain(self.partner, "in", partner_ids)
        query = model._search(domain, active_test=False)
        partner = self._partner_sql(env, query)
        if partner_ids is not None and self._is_multi(env):
            query.add_where(_in(partner, partner_ids))
        return query, partner

    def _partner_sql(self, env, query):
        """Join along the partner path; return the column that holds the partner's id."""
        model, alias = env[self.model], env[self.model]._table
        *path, last = self.partner.split(".")
        for name in path:
            comodel = env[model._fields[name].comodel_name]
            column = model.sudo()._field_to_sql(alias, name, query)
            alias_to = query.make_alias(alias, name)
            query.add_join(
                "JOIN",
                alias_to,
                comodel._table,
                SQL("%s = %s", column, SQL.identifier(alias_to, "id")),
            )
            model, alias = comodel, alias_to
        # sudo: the right to read the document was decided by its _search; a group on the field that
        # merely leads to the customer must not make the query fail.
        relation = model._fields[last]
        if relation.type != "many2many":
            return model.sudo()._field_to_sql(alias, last, query)
        alias_to = query.make_alias(alias, last)
        query.add_join(
            "JOIN",
            alias_to,
            relation.relation,
            SQL(
                "%s = %s",
                SQL.identifier(alias, "id"),
                SQL.identifier(alias_to, relation.column1, to_flush=relation),
            ),
        )
        return SQL.identifier(alias_to, relation.column2)

    def _key_sql(self, env, alias, partner):
        if self._is_multi(env):
            return SQL(
                "((%s::bigint << %s) | %s)", SQL.identifier(alias, "id"), PARTNER_BITS, partner
            )
        return SQL.identifier(alias, "id")

    def _document_keys(self, env, keys):
        """Return the domain of the documents that ``keys`` of row ids belong to."""
        if self._is_multi(env):
            keys = [key >> PARTNER_BITS for key in keys]
        return Domain("id", "in", keys)

    def _date_sql(self, model, alias, query):
        # Odoo reads whole seconds. Rows written by SQL carry microseconds, and paging on what was
        # shown would skip those.
        column = model.sudo()._field_to_sql(alias, self.date, query)
        return SQL("date_trunc('second', %s::timestamp)", column)

    def _columns(self, env, query, partner):
        """Return ``{column: SQL}`` for the documents of ``query``."""
        model = env[self.model]
        alias = model._table
        user = (
            model.sudo()._field_to_sql(alias, self.user, query) if self.user else SQL("NULL::int")
        )
        return {
            "partner_id": partner,
            "date": self._date_sql(model, alias, query),
            "source": SQL("%s::varchar", self.key),
            "res_model": SQL("%s::varchar", self.model),
            "res_id": SQL.identifier(alias, "id"),
            "channel": SQL("%s::varchar", self.channel),
            "direction": SQL("%s::varchar", self.direction or None),
            "author_id": SQL("NULL::int"),
            "user_id": user,
            "feeling": SQL("NULL::int"),
            "is_automated": SQL("TRUE" if self.automated else "FALSE"),
        }

    def _selects(self, env, scope):
        """Yield the sub-selects of this source, each with the columns of ``COLUMNS``."""
        if scope.keys is not None and self.number not in scope.keys:
            return
        extra = Domain.TRUE
        if scope.keys is not None:
            extra &= self._document_keys(env, scope.keys[self.number])
        for text in scope.texts:
            extra &= self._text_domain(env, text)
        query, partner = self._documents(env, scope, extra)
        if query.is_empty():
            return
        yield self._select(env, scope, query, partner)

    def _select(self, env, scope, query, partner):
        alias = env[self.model]._table
        columns = self._columns(env, query, partner)
        query.add_where(SQL("%s IS NOT NULL", columns["date"]))
        query.add_where(SQL("%s IS NOT NULL", partner))
        if scope.date_from is not None:
            query.add_where(SQL("%s >= %s", columns["date"], scope.date_from))
        if scope.date_to is not None:
            query.add_where(SQL("%s <= %s", columns["date"], scope.date_to))
        key = self._key_sql(env, alias, partner)
        if scope.keys is not None:
            query.add_where(SQL("%s IN %s", key, tuple(scope.keys[self.number])))
        select = query.select(*self._select_list(key, columns))
        if scope.keys is None and self._has_many(env):
            select = once_per_company(select)
        return narrow(select, scope)

    def _select_list(self, key, columns):
        columns = {"id": row_id(key, self.number), **columns}
        return [SQL("%s AS %s", columns[name], SQL.identifier(name)) for name in COLUMNS]

    def _text_domain(self, env, text):
        # Readers look for "100%", not for a pattern.
        text = escape_like(text)
        return Domain.OR([Domain(name, "ilike", text) for name in self.text or ("display_name",)])

    # -- rendering ------------------------------------------------------------------------------

    def _read(self, env, ids):
        """Return the records of ``ids`` that the reader may read, with what ``_render`` needs."""
        model = env[self.model].with_context(active_test=False)
        try:
            return model.search_fetch(Domain("id", "in", ids), self._fields_to_render(env))
        except AccessError:
            return model

    def _fields_to_render(self, env):
        names = [self.title] if self.title else []
        return [name for name in names if name in env[self.model]._fields] or ["display_name"]

    def _render(self, record):
        """Return ``{"title", "preview", "note"}`` in plain text, plus any key of an entry to change."""
        return {
            "title": (self.title and record[self.title])
            or record.display_name
            or self.label(record.env)
        }


def row_id(key, number):
    """SQL of the timeline id of a row: deterministic, so that a list can be read again by id."""
    return SQL("(%s)::bigint * %s + %s", key, 1 << NUMBER_BITS, number)


def once_per_company(select):
    """A company whose two people sat at one table has had one meeting."""
    return SQL(
        "(SELECT DISTINCT ON (s.res_id, p.commercial_partner_id) s.* FROM (%s) s "
        "JOIN res_partner p ON p.id = s.partner_id ORDER BY s.res_id, p.commercial_partner_id, s.id)",
        select,
    )


def escape_like(text):
    """Make ``text`` stand for itself in an SQL pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def narrow(select, scope):
    """Apply the reader's filters and the page's limit inside a sub-select.

    PostgreSQL pushes conditions into a UNION ALL by itself, but never a LIMIT.
    """
    if scope.limit is None:
        return select
    return SQL(
        "(SELECT * FROM (%s) AS %s %s ORDER BY date DESC, id DESC LIMIT %s)",
        select,
        SQL.identifier("hc_timeline"),
        SQL("WHERE %s", scope.where) if scope.where else SQL(),
        scope.limit,
    )


def _in(column, ids):
    if hasattr(ids, "subselect"):
        return SQL("%s IN %s", column, ids.subselect())
    return SQL("%s IN %s", column, tuple(ids) or (0,))


def money(record, amount="amount_total", currency="currency_id"):
    return formatLang(record.env, record[amount], currency_obj=record[currency])


def selection_label(record, name):
    return dict(record._fields[name]._description_selection(record.env)).get(record[name], "")


def plain(html, length=300):
    """Return the first ``length`` characters of ``html`` as one line of plain text."""
    if not html:
        return ""
    # A megabyte of newsletter is not worth parsing for three lines. Not html2plaintext: it writes *bold*.
    html = UNFINISHED_TAG.sub("", html[: length * 40])
    text = " ".join(html_to_inner_content(Markup(html)).split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
