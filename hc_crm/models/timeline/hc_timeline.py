import re
from datetime import datetime, timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .timeline_host_sources import (
    DocumentSource,
    EventSource,
    InteractionSource,
    InvoiceSource,
    LeadSource,
    LivechatSource,
    MailingSource,
    MeetingSource,
    MessageSource,
    RatingSource,
    SurveySource,
)
from .timeline_source import NUMBER_BITS, Scope, Source

# Without a customer every document of the period is looked through; this is as far as that goes.
MAX_PERIOD_DAYS = 750
# Above so many customers their ids travel as a sub-query instead of a list.
MAX_LISTED_PARTNERS = 1000
SCOPE_KEY = "hc_timeline_scope"
# (model, name, columns, where) of indexes that the host does without.
HOST_INDEXES = (
    ("rating.rating", "hc_partner_idx", ["partner_id"], "partner_id IS NOT NULL"),
    ("mailing.trace", "hc_record_idx", ["res_id", "model"], ""),
)

# What the table holds before a question has bounds: the right columns, and nothing.
EMPTY = """
    SELECT NULL::bigint AS id, NULL::int AS partner_id, NULL::timestamp AS date, NULL::varchar AS source,
           NULL::varchar AS res_model, NULL::int AS res_id, NULL::varchar AS channel,
           NULL::varchar AS direction, NULL::int AS author_id, NULL::int AS user_id,
           NULL::int AS feeling, FALSE AS is_automated, NULL::int AS commercial_partner_id
     WHERE FALSE
"""


def _operator(domain):
    """Return "&" or "|" of a domain of several parts, else None; their classes are Odoo's own affair."""
    return getattr(domain, "OPERATOR", None)


class HcTimeline(models.Model):
    """Everything that happened between a customer and us, newest first: a read model of pointers.

    Nothing is stored or copied. The query is put together for each reader and each question, from one
    sub-select per source that the reader may open (see ``timeline_source``), so that the record rules of
    the host and of third parties decide by themselves. Text is rendered for the page shown only.

    A question must name a customer, a period or ids, else there would be no end to the answer.
    """

    _name = "hc.timeline"
    _description = "Timeline"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "title"

    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Company or Household", readonly=True
    )
    date = fields.Datetime(readonly=True)
    source = fields.Selection("_selection_source", readonly=True)
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Document", model_field="res_model", readonly=True, aggregator=None
    )
    channel = fields.Selection("_selection_channel", readonly=True)
    direction = fields.Selection(
        [("in", "From the customer"), ("out", "From us")],
        readonly=True,
    )
    author_id = fields.Many2one("res.partner", readonly=True)
    user_id = fields.Many2one("res.users", string="Colleague", readonly=True)
    feeling = fields.Float(string="Feeling (−2 to 2)", readonly=True, aggregator="avg")
    is_automated = fields.Boolean(string="Automatic", readonly=True)
    text = fields.Char(
        compute="_compute_rendered", search="_search_text",
        help="Words in the entry: subject, message, reference …",
    )  # fmt: skip
    title = fields.Char(compute="_compute_rendered")
    note = fields.Char(compute="_compute_rendered")

    def _register_hook(self):
        """Give host tables the index that leads from a customer to their rows, where there is none.

        Not as ``models.Index``: these apps are optional, and may be installed after this one. So it is
        looked at whenever apps have been installed or updated.
        """
        super()._register_hook()
        if not self.pool.updated_modules:
            return
        for model, name, columns, where in HOST_INDEXES:
            if model in self.env:
                table = self.env[model]._table
                tools.create_index(self.env.cr, f"{table}_{name}", table, columns, where=where)

    # -- selections -------------------------------------------------------------------------------

    @api.model
    def _selection_source(self):
        return list({source.key: source.label(self.env) for source in self._get_sources()}.items())

    @api.model
    def _selection_channel(self):
        info = self.env["hc.channel"]._hc_channel_info()
        return [(key, values["label"]) for key, values in info.items()]

    # -- the registry of sources ------------------------------------------------------------------

    @api.model
    def _get_sources(self):
        """Return every declared source, installed or not.

        Called for each query. Other addons override it and append; numbers 1–127 are theirs to take
        (30 and above for addons other than this one), 128–255 belong to administrators' own sources.

        :rtype: list[Source]
        """
        documents = [
            InteractionSource(
                "interaction", 1, "hc.interaction",
                label=lambda env: env._("Interaction"), date="date", text=("summary", "body"), user="user_id",
            ),
            InteractionSource(
                "interaction", 2, "hc.interaction", partner="participant_ids",
                label=lambda env: env._("Interaction"), date="date", text=("summary", "body"), user="user_id",
            ),
            MeetingSource(
                "meeting", 3, "calendar.event", partner="partner_ids",
                label=lambda env: env._("Meeting"), date="start", channel="meeting", direction="out",
                text=("name", "location"), user="user_id", messages=True,
            ),
            LeadSource(
                "lead", 4, "crm.lead",
                label=lambda env: env._("Lead or Opportunity"), channel="opportunity",
                text=("name",), user="user_id", messages=True,
            ),
            DocumentSource(
                "order", 5, "sale.order",
                label=lambda env: env._("Quotation or Order"), date="date_order", channel="order",
                text=("name", "client_order_ref"), user="user_id", messages=True,
            ),
            InvoiceSource(
                "invoice", 6, "account.move",
                label=lambda env: env._("Invoice"), date="invoice_date", channel="invoice", direction="out",
                domain=[
                    ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
                    ("state", "=", "posted"),
                ],
                text=("name", "ref"), user="invoice_user_id", messages=True,
            ),
            DocumentSource(
                "pos", 7, "pos.order",
                label=lambda env: env._("Shop Purchase"), date="date_order", channel="order",
                domain=[("state", "in", ("paid", "done", "invoiced"))],
                text=("name", "pos_reference"), user="user_id",
            ),
            LivechatSource(
                "livechat", 8, "discuss.channel", partner="channel_partner_ids",
                label=lambda env: env._("Livechat"), channel="chat", direction="in",
                domain=[("channel_type", "=", "livechat")], text=("name", "message_ids.body"),
            ),
            SurveySource(
                "survey", 9, "survey.user_input",
                label=lambda env: env._("Survey Answer"), date="end_datetime", channel="survey",
                direction="in", domain=[("state", "=", "done"), ("test_entry", "=", False)],
                text=("survey_id.title",),
            ),
            RatingSource(
                "rating", 10, "rating.rating",
                label=lambda env: env._("Rating"), date="write_date", channel="rating", direction="in",
                domain=[("consumed", "=", True), ("rating", ">=", 1)], text=("feedback", "res_name"),
            ),
            MailingSource(
                "mailing", 11, "mailing.trace", partner="res_id",
                label=lambda env: env._("Mailing"), date="sent_datetime", channel="mailing", direction="out",
                domain=[("trace_status", "not in", ("outgoing", "process", "pending", "error", "cancel"))],
                text=("mass_mailing_id.subject",), automated=True,
            ),
            EventSource(
                "event", 12, "event.registration",
                label=lambda env: env._("Event Registration"), channel="event", direction="in",
                messages=True, text=("event_id.name",),
            ),
        ]  # fmt: skip
        documents += self.env["hc.timeline.source"]._hc_sources()
        contact = Source(
            "contact",
            20,
            "res.partner",
            partner="id",
            label=lambda env: env._("Contact"),
            messages=True,
        )
        message = MessageSource(
            "message", 21, "mail.message",
            label=lambda env: env._("Message"), date="date", channel="email",
            sources=(contact, *documents),
        )  # fmt: skip
        return [*documents, message]

    @api.model
    def _hc_source_by_number(self):
        return {source.number: source for source in self._get_sources()}

    # -- searching --------------------------------------------------------------------------------

    @property
    def _table_query(self):
        scope = self.env.context.get(SCOPE_KEY)
        selects = self._hc_selects(scope) if isinstance(scope, Scope) else []
        if not selects:
            return SQL(EMPTY)
        # A partner's commercial partner is looked up for the rows that are left, not in each source;
        # the planner drops a LEFT JOIN that nobody asks a column of.
        return SQL(
            "SELECT u.*, p.commercial_partner_id FROM (%s) u "
            "LEFT JOIN res_partner p ON p.id = u.partner_id",
            SQL(" UNION ALL ").join(selects),
        )

    def _hc_selects(self, scope):
        """Return the sub-selects of all sources in scope; never with more rights than the reader's."""
        env = self._hc_reader_env()
        selects = []
        for source in self._get_sources():
            if scope.keys is not None and source.number not in scope.keys:
                continue
            if (
                None not in (scope.channels, source.channels)
                and not scope.channels & source.channels
            ):
                continue
            if source._available(env):
                selects.extend(source._selects(env, scope))
        return selects

    def _hc_reader_env(self):
        if self.env.uid == api.SUPERUSER_ID:
            raise AccessError(
                self.env._(
                    "The timeline shows what a person may see, so it has to be read as that person, "
                    "not by the system: use with_user()."
                )
            )
        return self.env(
            su=False, context=dict(self.env.context, active_test=False, **{SCOPE_KEY: None})
        )

    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        self.browse().check_access("read")
        domain = Domain(domain).optimize(self)
        if domain.is_false():
            return self.browse()._as_query()
        scope, rest = self._hc_split(domain)
        days = self.env.context.get("hc_timeline_days")
        # The screen of all customers asks for this, so that clearing the filters leaves something.
        # Not int(): what comes by RPC may be anything, and then it counts as not asked.
        if not scope.is_bounded and type(days) is int and 0 < days <= MAX_PERIOD_DAYS:
            until = min(filter(None, (scope.date_to, fields.Datetime.now())))
            scope.date_from = until - timedelta(days=days)
        if not scope.is_bounded:
            raise UserError(
                self.env._(
                    "The timeline needs a customer or a period. Choose a customer, or filter on dates."
                )
            )
        self._hc_check_period(scope)
        if scope.partner_ids is None:
            # Not even by id: documents of partners that the reader may not see at all (other companies' contacts).
            scope.partner_ids = self.env(su=False)["res.partner"]._search(
                Domain.TRUE, active_test=False
            )
            scope.everyone = True
        newest_first = order and order.replace(" ", "").lower() in ("datedesc,iddesc", "datedesc")
        pushed = (
            bool(limit)
            and newest_first
            and not any(
                "commercial_partner_id" in condition.field_expr
                for condition in rest.iter_conditions()
            )
        )
        # Putting the sub-selects together is half the work: not before the filters that go into them
        # have become SQL.
        scoped = self.with_context(**{SCOPE_KEY: scope})
        caller = self.with_context(**{SCOPE_KEY: None}) if pushed else scoped
        query = super(HcTimeline, caller)._search(rest, offset, limit, order, **kwargs)
        if pushed:
            if not query._joins:
                scope.where = query.where_clause or None
                scope.limit = limit + (offset or 0)
                # Asked of the SQL, because a domain can hold conditions without a field's name.
                names = re.findall(rf'"{self._table}"\."(\w+)"', query.where_clause.code)
                scope.is_light = {"id", "date"}.issuperset(names)
            query._tables[self._table] = scoped._table_sql
        return query

    def _hc_check_period(self, scope):
        if scope.partner_ids is not None or scope.keys is not None:
            return
        until = scope.date_to or fields.Datetime.now()
        if until - scope.date_from > timedelta(days=MAX_PERIOD_DAYS):
            raise UserError(
                self.env._(
                    "Over all customers the timeline looks back %(days)s days at most. Choose a shorter "
                    "period, or a customer.",
                    days=MAX_PERIOD_DAYS,
                )
            )

    def _hc_split(self, domain):
        """Split ``domain`` into what bounds the sources (:class:`Scope`) and what is left to SQL."""
        scope = Scope()
        rest = []
        partner_domains = []
        for part in domain.children if _operator(domain) == "&" else (domain,):
            if hasattr(part, "field_expr"):
                name = part.field_expr.split(".")[0]
                if name == "id" and part.operator == "in":
                    self._hc_add_keys(scope, part.value)
                    continue
                if name in ("text", "display_name") and part.operator in ("ilike", "like"):
                    scope.texts.append(str(part.value or ""))
                    continue
                if part.field_expr == "channel" and part.operator == "in":
                    wanted = set(part.value)
                    scope.channels = wanted if scope.channels is None else scope.channels & wanted
                if name in ("partner_id", "commercial_partner_id"):
                    partner_domain = self._hc_partner_domain(part)
                    if partner_domain is not None:
                        partner_domains.append(partner_domain)
                        continue
            low, high = self._hc_period(part)
            if low is not None:
                scope.date_from = max(filter(None, (scope.date_from, low)))
            if high is not None:
                scope.date_to = min(filter(None, (scope.date_to, high)))
            rest.append(part)
        if partner_domains:
            scope.partner_ids = self._hc_partner_ids(Domain.AND(partner_domains))
        scope.texts = [text for text in scope.texts if text.strip()]
        return scope, Domain.AND(rest)

    def _hc_partner_domain(self, condition):
        """Translate a condition on the customer into a domain on res.partner; None if it is negative."""
        name, operator, value = condition.field_expr, condition.operator, condition.value
        if "." in name:
            return None
        field = "id" if name == "partner_id" else "commercial_partner_id"
        if operator == "in" and False not in value:
            return Domain(field, "in", list(value))
        if operator in ("child_of", "parent_of"):
            return Domain(field, operator, value)
        if operator in ("any", "any!"):
            return Domain(value) if field == "id" else Domain(field, "any", value)
        return None

    def _hc_partner_ids(self, domain):
        """Return ids of the partners in ``domain`` that the reader sees, or a query if they are many."""
        partners = self.env(su=False)["res.partner"]
        query = partners._search(domain, limit=MAX_LISTED_PARTNERS + 1, active_test=False)
        ids = query.get_result_ids()
        if len(ids) <= MAX_LISTED_PARTNERS:
            return list(ids)
        return partners._search(domain, active_test=False)

    def _hc_add_keys(self, scope, ids):
        keys = {}
        for record_id in ids:
            if isinstance(record_id, int) and record_id > 0:
                keys.setdefault(record_id % (1 << NUMBER_BITS), []).append(record_id >> NUMBER_BITS)
        if scope.keys is not None:  # two conditions on ids: both hold
            keys = {
                number: sorted(set(found) & set(scope.keys[number]))
                for number, found in keys.items()
                if number in scope.keys
            }
        scope.keys = {number: found for number, found in keys.items() if found}

    def _hc_period(self, domain):
        """Return the (from, to) that ``domain`` confines dates to; None where it does not."""
        if _operator(domain) == "&":
            periods = [self._hc_period(child) for child in domain.children]
            lows = [low for low, _high in periods if low is not None]
            highs = [high for _low, high in periods if high is not None]
            return max(lows, default=None), min(highs, default=None)
        if _operator(domain) == "|":
            periods = [self._hc_period(child) for child in domain.children]
            lows = [low for low, _high in periods]
            highs = [high for _low, high in periods]
            return (
                None if None in lows else min(lows),
                None if None in highs else max(highs),
            )
        if hasattr(domain, "field_expr") and domain.field_expr == "date":
            condition = domain.optimize_full(self)
            if hasattr(condition, "field_expr") and isinstance(condition.value, datetime):
                if condition.operator in (">", ">="):
                    return condition.value, None
                if condition.operator in ("<", "<="):
                    return None, condition.value
        return None, None

    def _search_text(self, operator, value):
        """Words are looked for inside the sources, so ``_search`` takes the condition out before this.

        What arrives here stands under an "or" or a "not", where it cannot be moved into the sources.
        """
        raise UserError(
            self.env._("Search the timeline's text on its own, not as one of several alternatives.")
        )

    def _search_display_name(self, operator, value):
        return self._search_text(operator, value)

    def exists(self):
        if not self.ids:
            return self
        found = set(self._search(Domain("id", "in", self.ids)).get_result_ids())
        return self.filtered(lambda entry: entry.id in found)

    # -- rendering --------------------------------------------------------------------------------

    @api.depends_context("uid", "lang", "tz")
    @api.depends("res_model", "res_id")
    def _compute_rendered(self):
        rendered = self._hc_render([(entry.id, entry.res_id) for entry in self])
        for entry in self:
            values = rendered.get(entry.id) or {}
            entry.title = values.get("title") or self.env._("(not readable)")
            entry.note = values.get("note") or ""
            entry.text = values.get("preview") or ""

    @api.model
    def _hc_render(self, rows):
        """Render rows through the ORM, with the reader's own rights.

        :param rows: list of ``(timeline id, document id)``
        :return: ``{timeline id: {"title", "preview", "note", …}}``; what may not be read is left out
        """
        env = self._hc_reader_env()
        sources = self._hc_source_by_number()
        by_number = {}
        for row_id, res_id in rows:
            by_number.setdefault(row_id % (1 << NUMBER_BITS), []).append((row_id, res_id))
        rendered = {}
        for number, numbered in by_number.items():
            source = sources.get(number)
            if source is None or not source._available(env):
                continue
            records = source._read(env, list({res_id for _id, res_id in numbered}))
            texts = {record.id: source._render(record) for record in records}
            for row_id, res_id in numbered:
                if res_id in texts:
                    rendered[row_id] = {"source_label": source.label(env), **texts[res_id]}
        return rendered

    def action_open(self):
        """Open the document behind an entry; a message opens the document it was written on."""
        self.ensure_one()
        if not self.res_model:
            raise MissingError(self.env._("This is not there any more, or not for you to read."))
        model, res_id = self._hc_target(self.res_model, self.res_id)
        return self.env[model].browse(res_id).get_formview_action()

    @api.model
    def _hc_target(self, model, res_id):
        if model == "mail.message":
            message = self.env["mail.message"].browse(res_id)
            message.check_access("read")
            return message.model, message.res_id
        return model, res_id
