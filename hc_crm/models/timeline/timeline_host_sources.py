"""The sources that Odoo's own apps offer, each present only where its app is installed."""

from odoo.fields import Domain
from odoo.tools import SQL

from .timeline_source import (
    COLUMNS,
    PARTNER_BITS,
    Scope,
    Source,
    _in,
    escape_like,
    money,
    narrow,
    plain,
    row_id,
    selection_label,
)

# What ``MessageSource._message_columns`` can say of a message.
MESSAGE_CHANNELS = {
    "call",
    "meeting",
    "activity",
    "sms",
    "letter",
    "chat",
    "log",
    "note",
    "email",
}
MESSAGE_COLUMNS = (
    "m.message_type",
    "m.subtype_id",
    "m.is_internal",
    "m.author_id",
    "m.mail_activity_type_id",
)


class DocumentSource(Source):
    """Orders and invoices: title is the number, the note says amount and state."""

    def _fields_to_render(self, env):
        return ["name", "amount_total", "currency_id", "state"]

    def _render(self, record):
        return {
            "title": record.name,
            "note": f"{money(record)} · {selection_label(record, 'state')}",
        }


class InvoiceSource(DocumentSource):
    def _fields_to_render(self, env):
        return ["name", "amount_total", "currency_id", "move_type", "payment_state"]

    def _render(self, record):
        return {
            "title": f"{selection_label(record, 'move_type')} {record.name or ''}".strip(),
            "note": f"{money(record)} · {selection_label(record, 'payment_state')}",
        }


class LeadSource(Source):
    def _fields_to_render(self, env):
        return [
            "name",
            "stage_id",
            "type",
            "active",
            "probability",
            "expected_revenue",
            "company_currency",
        ]

    def _render(self, record):
        lost = not record.active and not record.probability
        note = record.env._("Lost") if lost else record.sudo().stage_id.display_name or ""
        if record.expected_revenue:
            note = f"{money(record, 'expected_revenue', 'company_currency')} · {note}"
        return {"title": record.name, "note": note}


class MeetingSource(Source):
    """Meetings by attendee row: the one link between a meeting and each of its people that has an id."""

    def _available(self, env):
        return super()._available(env) and "calendar.attendee" in env

    def _is_multi(self, env):
        return False

    def _has_many(self, env):
        return True

    def _partner_sql(self, env, query):
        query.add_join(
            "JOIN",
            "hc_attendee",
            "calendar_attendee",
            SQL(
                "%s = %s",
                SQL.identifier("calendar_event", "id"),
                SQL.identifier(
                    "hc_attendee", "event_id", to_flush=env["calendar.attendee"]._fields["event_id"]
                ),
            ),
        )
        return SQL.identifier("hc_attendee", "partner_id")

    def _documents(self, env, scope, extra=Domain.TRUE):
        query, partner = super()._documents(env, scope, extra)
        if scope.partner_ids is not None:
            query.add_where(_in(partner, scope.partner_ids))
        if scope.everyone and scope.keys is None:
            # Over a period, colleagues are attendees too; a meeting is about its customers.
            query.add_where(SQL("%s NOT IN (%s)", partner, colleagues()))
        return query, partner

    def _document_keys(self, env, keys):
        return Domain("attendee_ids", "in", keys)

    def _key_sql(self, env, alias, partner):
        return SQL.identifier("hc_attendee", "id")

    def _text_domain(self, env, text):
        # The name of another's private meeting is masked when read, not by a rule: without this a
        # search for its words would tell that they stand there.
        events = env["calendar.event"]
        mine = Domain("user_id", "=", env.uid) | Domain(
            "partner_ids", "in", env.user.partner_id.ids
        )
        return super()._text_domain(env, text) & (
            mine | Domain(events._get_default_privacy_domain())
        )

    def _fields_to_render(self, env):
        return [
            "name",
            "start",
            "duration",
            "location",
            "privacy",
            "user_id",
            "partner_ids",
            "allday",
        ]

    def _render(self, record):
        if record._check_private_event_conditions():
            return {"title": record.env._("Busy"), "note": "", "is_busy": True, "user": False}
        hours = record.duration
        note = (
            "" if record.allday or not hours else record.env._("%(hours)g h", hours=round(hours, 2))
        )
        return {"title": record.name, "note": " · ".join(filter(None, [note, record.location]))}


class InteractionSource(Source):
    @property
    def channels(self):
        return None

    def _documents(self, env, scope, extra=Domain.TRUE):
        query, partner = super()._documents(env, scope, extra)
        if self._is_multi(env) and scope.keys is None:
            # Someone present with the customer it is about, from the same company: told once.
            main = SQL.identifier(
                "hc_interaction", "partner_id", to_flush=env["hc.interaction"]._fields["partner_id"]
            )
            told = SQL(
                "SELECT 1 FROM res_partner a JOIN res_partner b USING (commercial_partner_id) "
                "WHERE a.id = %s AND b.id = %s",
                main,
                partner,
            )
            if scope.partner_ids is not None:
                told = SQL("%s AND %s", told, _in(SQL("a.id"), scope.partner_ids))
            query.add_where(SQL("NOT EXISTS (%s)", told))
        return query, partner

    def _columns(self, env, query, partner):
        columns = super()._columns(env, query, partner)
        alias = query.make_alias("hc_interaction", "channel_id")
        query.add_join(
            "JOIN",
            alias,
            "hc_channel",
            SQL(
                "%s = %s",
                SQL.identifier("hc_interaction", "channel_id"),
                SQL.identifier(alias, "id"),
            ),
        )
        model = env["hc.interaction"].sudo()
        columns["channel"] = SQL.identifier(alias, "key")
        columns["direction"] = model._field_to_sql("hc_interaction", "direction", query)
        columns["feeling"] = SQL(
            "%s::int", model._field_to_sql("hc_interaction", "sentiment", query)
        )
        columns["is_automated"] = SQL(
            "COALESCE(%s, FALSE)", model._field_to_sql("hc_interaction", "is_automated", query)
        )
        return columns

    def _fields_to_render(self, env):
        return ["summary", "body", "duration", "promise_id"]

    def _read(self, env, ids):
        records = super()._read(env, ids)
        promises = records.promise_id._filtered_access("read")
        return records.with_context(hc_readable_promises=frozenset(promises.ids))

    def _render(self, record):
        note, promise = "", record.promise_id
        if promise.id in record.env.context["hc_readable_promises"]:
            note = record.env._("Promise: %(what)s", what=promise.summary)
            if promise.state != "open":
                note = f"{note} ({selection_label(promise, 'state')})"
        return {"title": record.summary, "preview": plain(record.body), "note": note}


class LivechatSource(Source):
    """A conversation, through the host's history of who took part as visitor."""

    def _available(self, env):
        return super()._available(env) and "im_livechat.channel.member.history" in env

    def _is_multi(self, env):
        return True

    def _document_keys(self, env, keys):
        return Domain("id", "in", [key >> PARTNER_BITS for key in keys])

    def _documents(self, env, scope, extra=Domain.TRUE):
        history = env["im_livechat.channel.member.history"].sudo()
        partner_ids = scope.partner_ids
        if partner_ids is not None:
            # sudo: only to find the conversations; which of them the reader may see is decided below.
            visits = Domain("partner_id", "in", partner_ids) & Domain(
                "livechat_member_type", "=", "visitor"
            )
            if isinstance(partner_ids, list):
                # Most customers never chat: then the rules of all channels need not be put together.
                extra &= Domain(
                    "id", "in", history.search_fetch(visits, ["channel_id"]).channel_id.ids
                )
            else:
                extra &= Domain(
                    "livechat_channel_member_history_ids", "in", history._search(visits)
                )
        query = env["discuss.channel"]._search(self.domain & extra, active_test=False)
        if query.is_empty():
            return query, None
        query.add_join(
            "JOIN",
            "hc_visitor",
            history._table,
            SQL(
                "%s = %s AND %s = 'visitor'",
                SQL.identifier("discuss_channel", "id"),
                SQL.identifier("hc_visitor", "channel_id", to_flush=history._fields["channel_id"]),
                SQL.identifier("hc_visitor", "livechat_member_type"),
            ),
        )
        partner = SQL.identifier("hc_visitor", "partner_id", to_flush=history._fields["partner_id"])
        if partner_ids is not None:
            query.add_where(_in(partner, partner_ids))
        return query, partner

    def _fields_to_render(self, env):
        return ["name", "description", "livechat_end_dt"]

    def _render(self, record):
        note = "" if record.livechat_end_dt else record.env._("Open")
        return {"title": record.name, "note": note}


class RatingSource(Source):
    """Ratings carry no rule of their own: one is readable when the document it rates is."""

    def _columns(self, env, query, partner):
        columns = super()._columns(env, query, partner)
        rating = env["rating.rating"].sudo()._field_to_sql("rating_rating", "rating", query)
        # rating scale 1–5 → five faces −2…2 (0 is "no rating")
        columns["feeling"] = SQL("CASE WHEN %s >= 1 THEN ROUND(%s)::int - 3 END", rating, rating)
        return columns

    def _selects(self, env, scope):
        if scope.keys is not None and self.number not in scope.keys:
            return
        domain = self.domain
        if scope.partner_ids is not None:
            domain &= Domain("partner_id", "in", scope.partner_ids)
        if scope.keys is not None:
            domain &= Domain("id", "in", scope.keys[self.number])
        for text in scope.texts:
            domain &= self._text_domain(env, text)
        ratings = env["rating.rating"]
        # sudo: names of models only, to know whose rules to ask.
        models = [name for (name,) in ratings.sudo()._read_group(domain, ["res_model"])]
        for name in models:
            if name not in env or not env[name].has_access("read"):
                continue
            documents = (
                env[name].with_context(active_test=False)._search(Domain.TRUE, active_test=False)
            )
            query = ratings._search(domain & Domain("res_model", "=", name))
            column = ratings.sudo()._field_to_sql("rating_rating", "res_id", query)
            query.add_where(SQL("%s IN %s", column, documents.subselect()))
            partner = ratings.sudo()._field_to_sql("rating_rating", "partner_id", query)
            yield self._select(env, scope, query, partner)

    def _read(self, env, ids):
        records = super()._read(env, ids)
        allowed = env["rating.rating"]
        for model, ratings in records.grouped("res_model").items():
            if model in env and env[model].has_access("read"):
                readable = set(
                    env[model].browse(ratings.mapped("res_id"))._filtered_access("read").ids
                )
                allowed |= ratings.filtered(lambda r, readable=readable: r.res_id in readable)
        return allowed

    def _fields_to_render(self, env):
        return ["rating", "feedback", "res_name", "res_model", "res_id"]

    def _render(self, record):
        return {
            "title": record.env._(
                "Rated %(rating)g of 5: %(what)s", rating=record.rating, what=record.res_name or ""
            ),
            "preview": plain(record.feedback),
        }


class SurveySource(Source):
    def _fields_to_render(self, env):
        return ["survey_id", "scoring_percentage"]

    def _render(self, record):
        return {"title": record.survey_id.display_name}


class MailingSource(Source):
    """Mailings received. A trace knows its record, not its partner: only those sent to contacts count."""

    def _documents(self, env, scope, extra=Domain.TRUE):
        domain = self.domain & extra & Domain("model", "=", "res.partner")
        if scope.partner_ids is not None:
            domain &= Domain("res_id", "in", scope.partner_ids)
        query = env["mailing.trace"]._search(domain)
        return query, env["mailing.trace"].sudo()._field_to_sql("mailing_trace", "res_id", query)

    def _is_multi(self, env):
        return False

    def _fields_to_render(self, env):
        return ["mass_mailing_id", "trace_status"]

    def _render(self, record):
        return {
            "title": record.sudo().mass_mailing_id.display_name or self.label(record.env),
            "note": selection_label(record, "trace_status"),
        }


class EventSource(Source):
    def _fields_to_render(self, env):
        return ["event_id", "state"]

    def _render(self, record):
        return {
            "title": record.sudo().event_id.display_name,
            "note": selection_label(record, "state"),
        }


class MessageSource(Source):
    """E-mails, notes, text messages and done activities, on every document of the other sources.

    A message is readable when its document is. Never ``user_notification`` (written to one colleague).
    For named customers messages are looked up document by document, through ``LATERAL`` on the host's
    (model, res_id) index: a plain ``res_id IN (documents)`` makes PostgreSQL read all of mail_message
    once a customer has thousands of documents.
    """

    # Condition on ``m.message_id`` of what was sent in a colleague's name by itself: set by what sends so.
    automatic = SQL("FALSE")

    def __init__(self, *args, sources=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.sources = sources

    @property
    def channels(self):
        return MESSAGE_CHANNELS

    def _threads(self, env):
        models = set()
        for source in self.sources:
            # One source per model: with two, its messages would be told twice.
            if source.messages and source.model not in models and source._available(env):
                if not source._is_multi(env):
                    models.add(source.model)
                    yield source

    def _selects(self, env, scope):
        if scope.keys is not None and self.number not in scope.keys:
            return
        threads = []
        for source in self._threads(env):
            extra = self._thread_domain(env, source)
            # Documents are bounded by customer only: an old order may carry a message of today.
            customers = Scope(partner_ids=scope.partner_ids, everyone=scope.everyone)
            query, partner = source._documents(env, customers, extra)
            if query.is_empty():
                continue
            query.add_where(SQL("%s IS NOT NULL", partner))
            documents = query.select(
                SQL("%s AS id", SQL.identifier(env[source.model]._table, "id")),
                SQL("%s AS partner_id", partner),
            )
            if source._has_many(env):
                documents = SQL(
                    "SELECT DISTINCT ON (id) * FROM (%s) o ORDER BY id, partner_id", documents
                )
            threads.append(self._thread_select(env, scope, source.model, documents))
        if threads:
            yield self._told(env, scope, SQL(" UNION ALL ").join(threads))

    def _thread_domain(self, env, source):
        """The host asks for more than reading a document in one case: others' private meetings."""
        if source.model != "calendar.event":
            return Domain.TRUE
        mine = Domain("user_id", "=", env.uid) | Domain(
            "partner_ids", "in", env.user.partner_id.ids
        )
        return mine | Domain(env["calendar.event"]._get_default_privacy_domain())

    def _thread_select(self, env, scope, model, documents):
        picked = self._is_picked(scope)
        fields = env["mail.message"]._fields
        # One flush of what the query reads; the raw columns below carry no metadata of their own.
        names = (
            "model", "res_id", "date", "message_type", "subtype_id", "is_internal", "author_id",
            "mail_activity_type_id", "body", "subject",
        )  # fmt: skip
        columns = SQL(
            "m.id AS message_id, date_trunc('second', m.date) AS date%s%s",
            SQL("") if picked else SQL(", %s", SQL(", ").join(map(SQL, MESSAGE_COLUMNS))),
            SQL("", to_flush=[fields[name] for name in names]),
        )
        conditions = [
            # As in the index that is made for this query (see mail_message.py).
            SQL("m.model = %s AND m.res_id = d.id", model),
            SQL("m.message_type <> 'user_notification' AND m.date IS NOT NULL"),
        ]
        if scope.date_from is not None:
            conditions.append(SQL("date_trunc('second', m.date) >= %s", scope.date_from))
        if scope.date_to is not None:
            conditions.append(SQL("date_trunc('second', m.date) <= %s", scope.date_to))
        if scope.keys is not None:
            conditions.append(SQL("m.id IN %s", tuple(scope.keys[self.number])))
        for text in scope.texts:
            pattern = f"%{escape_like(text)}%"
            # Markup is not text: without stripping it, "class" would be found everywhere.
            conditions.append(
                SQL(
                    "(m.subject ILIKE %s OR regexp_replace(m.body, '<[^>]*>', ' ', 'g') ILIKE %s)",
                    pattern,
                    pattern,
                )
            )
        where = SQL(" AND ").join(conditions)
        if not self._is_lateral(scope):
            # Not lateral: the planner is free to start from the messages (a period, ids).
            return SQL(
                "SELECT d.partner_id, %s FROM (%s) d JOIN mail_message m ON %s",
                columns,
                documents,
                where,
            )
        # OFFSET 0 keeps the planner from turning it into a plain join.
        return SQL(
            "SELECT d.partner_id, l.* FROM (%s) d CROSS JOIN LATERAL "
            "(SELECT %s FROM mail_message m WHERE %s OFFSET 0) l",
            documents,
            columns,
            where,
        )

    def _told(self, env, scope, messages):
        """Say of raw rows of messages what they are: once for all, because planning costs as well."""
        if self._is_picked(scope):
            # Which messages are the newest is found in an index. They are read one by one in that order,
            # until there are enough for the page.
            picked = SQL(
                "SELECT r.partner_id, r.message_id, %s AS id, r.date FROM (%s) r",
                row_id(SQL("r.message_id"), self.number),
                messages,
            )
            if scope.is_light:
                picked = narrow(picked, scope)
            else:
                picked = SQL("(%s ORDER BY date DESC, id DESC)", picked)
            messages = SQL(
                "SELECT k.partner_id, k.message_id, k.id, k.date, l.* FROM %s k CROSS JOIN LATERAL "
                "(SELECT %s FROM mail_message m WHERE m.id = k.message_id OFFSET 0) l",
                picked,
                SQL(", ").join(map(SQL, MESSAGE_COLUMNS)),
            )
        else:
            messages = SQL(
                "SELECT r.partner_id, r.message_id, %s AS id, r.date, %s FROM (%s) r",
                row_id(SQL("r.message_id"), self.number),
                SQL(", ").join(SQL(name.replace("m.", "r.")) for name in MESSAGE_COLUMNS),
                messages,
            )
        users = env["res.users"]._fields
        flush = (
            env["mail.message.subtype"]._fields["internal"],
            env["mail.activity.type"]._fields["category"],
            users["share"],
            users["partner_id"],
        )
        told = SQL(
            """SELECT r.*,
                (SELECT a.category FROM mail_activity_type a WHERE a.id = r.mail_activity_type_id)
                    AS activity,
                EXISTS (
                    SELECT 1 FROM res_users u WHERE u.partner_id = r.author_id AND u.share IS NOT TRUE
                ) AS by_colleague,
                (r.subtype_id IS NULL
                    OR (SELECT s.internal FROM mail_message_subtype s WHERE s.id = r.subtype_id)
                ) AS is_inside
            FROM (%s) r %s%s""",
            messages,
            # Either keeps the planner from saying it anew in each place; the order, known at each level,
            # lets it stop when the page is full.
            SQL("ORDER BY r.date DESC, r.id DESC" if self._is_picked(scope) else "OFFSET 0"),
            SQL("", to_flush=flush),
        )
        columns = self._message_columns()
        select = SQL(
            "SELECT %s FROM (%s) m",
            SQL(", ").join(
                SQL("%s AS %s", columns[name], SQL.identifier(name)) for name in COLUMNS
            ),
            told,
        )
        return narrow(select, scope)

    def _is_lateral(self, scope):
        return isinstance(scope.partner_ids, list) and scope.keys is None

    def _is_picked(self, scope):
        """Tell whether to look for the newest messages first, and only then at what they are."""
        return scope.is_light or (scope.limit is not None and self._is_lateral(scope))

    def _message_columns(self):
        # A note is what colleagues write for themselves; a customer's words are never one.
        is_note = SQL("(m.is_internal OR (m.is_inside AND m.by_colleague))")
        return {
            "id": SQL("m.id"),
            "partner_id": SQL("m.partner_id"),
            "date": SQL("m.date"),
            "source": SQL("%s::varchar", self.key),
            "res_model": SQL("'mail.message'::varchar"),
            "res_id": SQL("m.message_id"),
            "channel": SQL(
                """(CASE WHEN m.mail_activity_type_id IS NOT NULL THEN CASE m.activity
                        WHEN 'phonecall' THEN 'call' WHEN 'meeting' THEN 'meeting' ELSE 'activity' END
                    WHEN m.message_type = 'sms' THEN 'sms' WHEN m.message_type = 'snailmail' THEN 'letter'
                    WHEN m.message_type = 'whatsapp_message' THEN 'chat'
                    WHEN m.message_type = 'notification' THEN 'log'
                    WHEN %s AND m.message_type NOT IN ('email', 'email_outgoing') THEN 'note'
                    ELSE 'email' END)::varchar""",
                is_note,
            ),
            "direction": SQL(
                """(CASE WHEN m.mail_activity_type_id IS NOT NULL THEN 'out'
                    WHEN m.message_type = 'notification' THEN NULL
                    WHEN m.message_type IN ('email_outgoing', 'auto_comment', 'sms', 'snailmail') THEN 'out'
                    WHEN %s AND m.message_type NOT IN ('email', 'email_outgoing') THEN NULL
                    WHEN m.by_colleague THEN 'out' ELSE 'in' END)::varchar""",
                is_note,
            ),
            "author_id": SQL("m.author_id"),
            "user_id": SQL("NULL::int"),
            "feeling": SQL("NULL::int"),
            "is_automated": SQL(
                """(m.mail_activity_type_id IS NULL AND (
                    m.message_type IN ('notification', 'email_outgoing', 'auto_comment', 'out_of_office')
                    OR %s))""",
                self.automatic,
            ),
        }

    def _read(self, env, ids):
        # The host asks the documents' rules again. Of a document these need a field or two, not all.
        lean = env(context=dict(env.context, prefetch_fields=False))
        return super()._read(lean, ids).with_env(env)

    def _fields_to_render(self, env):
        return [
            "subject",
            "body",
            "model",
            "res_id",
            "subtype_id",
            "message_type",
            "mail_activity_type_id",
        ]

    def _render(self, record):
        text = plain(record.body)
        subtype = record.sudo().subtype_id
        result = {"title": record.subject or "", "preview": text}
        if record.message_type == "notification":
            changes = self._changes(record)
            result["preview"] = text or changes or ""
            if not result["title"]:
                result["title"] = (
                    subtype.description or (subtype.name if not subtype.internal else "") or ""
                )
        if not result["title"]:
            # Without a subject the first words are the title, and nothing is said twice.
            title, rest = split_title(result["preview"])
            result.update(title=title or record.env._("(no text)"), preview=rest)
        return result

    def _changes(self, record):
        """Say field changes in words; those of fields closed to the reader are left out."""
        # sudo as the host's own chatter does: values are readable once their field is.
        values = record.sudo().tracking_value_ids._filter_has_field_access(record.env)
        parts = []
        for change in values._tracking_value_format():
            new = (
                change["newValue"]
                if not isinstance(change["newValue"], dict)
                else change["newValue"].get("value")
            )
            parts.append(
                f"{change['fieldInfo']['changedField']}: {new if new not in (None, False) else '–'}"
            )
        return ", ".join(parts)


def colleagues():
    """Partners of people who work here."""
    return SQL("SELECT partner_id FROM res_users WHERE share IS NOT TRUE")


def split_title(text, length=90):
    if len(text) <= length:
        return text, ""
    cut = text.rfind(" ", 0, length)
    cut = cut if cut > length // 2 else length
    return text[:cut].rstrip() + "…", "…" + text[cut:].lstrip()
