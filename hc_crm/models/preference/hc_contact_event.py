from dataclasses import dataclass
from datetime import datetime

from odoo import api, models
from odoo.tools import SQL

from ..id_array import id_among
from ..timeline.timeline_host_sources import MessageSource
from ..timeline.timeline_source import Scope as TimelineScope

# What the settings weigh, by the channel of an interaction. Any other channel is "other".
KIND_OF_CHANNEL = {
    "call": "call",
    "visit": "visit",
    "counter": "visit",
    "meeting": "meeting",
    "email": "message",
    "sms": "message",
    "chat": "message",
    "social": "message",
    "letter": "message",
    "survey": "feedback",
    "rating": "feedback",
    "card": "feedback",
}
COLUMNS = SQL(
    "partner_id, date, kind, channel, direction, feeling, is_contact, company_id, is_open"
)
# Whoever stood there or sat with us has taken part, whoever came to whom.
TWO_WAY_CHANNELS = ("visit", "counter", "meeting")
# Written for colleagues: no contact with anybody.
INTERNAL_CHANNELS = ("note", "log", "activity")
# What people write. Notifications, mailings, automatic replies are nobody's act.
WRITTEN_TYPES = ("comment", "email", "sms", "whatsapp_message", "snailmail")
# A link "clicked" sooner after delivery was opened by a mail scanner.
SCANNER_SECONDS = 30


@dataclass
class EventScope:
    """Which contacts are wanted. ``None`` means "not bounded".

    :param until: exclusive upper bound, naive UTC datetime
    :param since: inclusive lower bound, naive UTC datetime
    :param company_id: documents of this company and of none
    :param partner_ids: list of ids of contacts
    """

    until: datetime
    since: datetime | None = None
    company_id: int | None = None
    partner_ids: list | None = None

    def where(self, date, partner=None, company=None):
        """Return the condition on the columns of a source."""
        parts = [SQL("%s < %s", date, self.until)]
        if self.since is not None:
            parts.append(SQL("%s >= %s", date, self.since))
        if self.partner_ids is None:
            parts.append(SQL("%s IS NOT NULL", partner) if partner is not None else SQL("TRUE"))
        elif partner is not None:
            # ids and no sub-select of contacts: the planner knows how few they are and takes the index
            parts.append(id_among(partner, self.partner_ids))
        if self.company_id is not None and company is not None:
            parts.append(SQL("(%s IS NULL OR %s = %s)", company, company, self.company_id))
        return SQL(" AND ").join(parts)


class HcContactEvent(models.AbstractModel):
    """What counts as being in touch: the one place that knows, for engagement and for channels alike.

    The timeline is read with the rights of one reader. This is its counterpart for figures over all
    customers: plain SQL over whole tables as superuser, of what a *person* did. What of the result somebody
    may read is up to the models it is stored in.

    How to add a source: override ``_sources`` and append the name of a method that takes an
    :class:`EventScope` and returns a SELECT with the columns of ``COLUMNS``, or None without its app.

    ``partner_id`` the contact; ``date`` naive UTC; ``kind`` what the settings weigh it as;
    ``channel`` key of ``hc.channel``; ``direction`` "in" (they turned to us), "out" (we turned to them) or
    "both"; ``feeling`` −2 … 2 or NULL; ``is_contact`` whether it was a contact between people (a click is
    not); ``company_id`` or NULL; ``is_open`` whether everybody who may read the contact, and is of that
    company, may read the record as well.
    """

    _name = "hc.contact.event"
    _description = "Contacts Counted"

    @api.model
    def _sources(self):
        return [
            "_interactions",
            "_participants",
            "_messages_in",
            "_messages_out",
            "_meetings",
            "_ratings",
            "_surveys",
            "_livechats",
            "_registrations",
            "_clicks",
        ]

    @api.model
    def _selects(self, scope):
        """Return the SELECT of each source, one row per contact."""
        # the queries read the tables: what was changed in this transaction has to be there
        self.env.flush_all()
        selects = (getattr(self.sudo(), name)(scope) for name in self._sources())
        return [select for select in selects if select is not None]

    # -- what colleagues logged -----------------------------------------------------------------

    def _interactions(self, scope):
        return self._interaction_select(
            scope,
            SQL("i.partner_id"),
            SQL("hc_interaction i"),
            SQL("i.sentiment::double precision"),
        )

    def _participants(self, scope):
        """Those present as well; how *they* felt nobody said."""
        return self._interaction_select(
            scope,
            SQL("rel.partner_id"),
            SQL(
                "hc_interaction_participant_rel rel JOIN hc_interaction i ON i.id = rel.interaction_id"
            ),
            SQL("NULL::double precision"),
        )

    def _interaction_select(self, scope, partner, tables, feeling):
        """A call of ours with a duration, a feeling or a promise was a conversation; else nobody knows."""
        return SQL(
            """SELECT %(partner)s AS partner_id, i.date, %(kind)s AS kind,
                c.key AS channel,
                CASE WHEN i.direction = 'in' THEN 'in'
                    WHEN c.key IN %(two_way)s OR i.duration > 0 OR i.sentiment IS NOT NULL
                        OR i.promise_id IS NOT NULL THEN 'both'
                    ELSE 'out' END AS direction,
                %(feeling)s AS feeling,
                c.key NOT IN %(internal)s AS is_contact, i.company_id, TRUE AS is_open
            FROM %(tables)s JOIN hc_channel c ON c.id = i.channel_id
            WHERE i.is_automated IS NOT TRUE AND %(where)s""",
            partner=partner,
            kind=self._kind_sql(SQL("c.key")),
            two_way=TWO_WAY_CHANNELS,
            feeling=feeling,
            internal=INTERNAL_CHANNELS,
            tables=tables,
            where=scope.where(SQL("i.date"), partner, SQL("i.company_id")),
        )

    @api.model
    def _kind_sql(self, channel):
        kinds = {}
        for key, kind in KIND_OF_CHANNEL.items():
            kinds.setdefault(kind, []).append(key)
        cases = SQL(" ").join(
            [
                SQL("WHEN %s IN %s THEN %s", channel, tuple(keys), kind)
                for kind, keys in kinds.items()
            ]
        )
        return SQL("CASE %s ELSE 'other' END", cases)

    # -- messages -------------------------------------------------------------------------------

    def _messages_in(self, scope):
        """What customers wrote, on whatever document, unless it is the text of a rating."""
        rated = SQL("TRUE")
        if "rating.rating" in self.env:
            rated = SQL(
                "NOT EXISTS (SELECT 1 FROM rating_rating rr WHERE rr.message_id = m.id AND rr.consumed)"
            )
        return SQL(
            """SELECT m.author_id, m.date, 'message', %(channel)s, 'in', NULL::double precision, TRUE,
                m.record_company_id, m.model = 'res.partner' AND m.res_id = m.author_id
            FROM mail_message m
            WHERE m.message_type IN %(types)s AND m.mail_activity_type_id IS NULL
                AND %(where)s AND %(rated)s
                AND m.author_id NOT IN (%(colleagues)s)""",
            channel=self._message_channel(),
            types=WRITTEN_TYPES,
            where=scope.where(SQL("m.date"), SQL("m.author_id"), SQL("m.record_company_id")),
            rated=rated,
            colleagues=self._colleagues(),
        )

    def _messages_out(self, scope):
        """What colleagues wrote on customers' documents, and calls they ticked off as done.

        Such a call is a contact, but nobody noted what came of it: its channel is "activity", so that it
        does not speak for or against calling.

        Whose documents they are the timeline's sources know, those of other apps included. Internal notes
        are left out, and what the system wrote in nobody's name.
        """
        threads = self._threads(scope)
        if not threads:
            return None
        columns = SQL(
            """m.date, m.record_company_id AS company_id, m.model = 'res.partner' AS is_open,
            CASE a.category WHEN 'phonecall' THEN 'call' WHEN 'meeting' THEN 'meeting'
                ELSE 'message' END AS kind,
            CASE WHEN a.id IS NOT NULL THEN 'activity' ELSE %s END AS channel""",
            self._message_channel(),
        )
        tables = SQL(
            "mail_message m LEFT JOIN mail_activity_type a ON a.id = m.mail_activity_type_id"
        )
        where = SQL(
            """m.model = d.model AND m.res_id = d.id AND m.message_type <> 'user_notification'
            AND m.is_internal IS NOT TRUE AND %(where)s
            AND m.author_id IN (%(people)s) AND (%(automatic)s) IS NOT TRUE
            AND (a.category IN ('phonecall', 'meeting') OR (
                m.mail_activity_type_id IS NULL AND m.message_type IN %(types)s
                AND (m.message_type <> 'comment' OR m.subtype_id IN (
                    SELECT id FROM mail_message_subtype WHERE internal IS NOT TRUE))))""",
            where=scope.where(SQL("m.date"), None, SQL("m.record_company_id")),
            people=self._people(),
            automatic=self._automatic(),
            types=WRITTEN_TYPES,
        )
        if scope.partner_ids is None:
            source = SQL("(%s) d JOIN (%s) ON %s", threads, tables, where)
            rows = SQL("SELECT d.partner_id, %s FROM %s", columns, source)
        else:
            # OFFSET 0 keeps the planner from reading all messages: see the timeline's MessageSource
            rows = SQL(
                "SELECT d.partner_id, l.* FROM (%s) d CROSS JOIN LATERAL "
                "(SELECT %s FROM %s WHERE %s OFFSET 0) l",
                threads,
                columns,
                tables,
                where,
            )
        return SQL(
            "SELECT r.partner_id, r.date, r.kind, r.channel, 'out', NULL::double precision, TRUE, "
            "r.company_id, r.is_open FROM (%s) r",
            rows,
        )

    def _threads(self, scope, wanted=None):
        """Return the SELECT (model, id, partner_id) of documents whose messages reach a customer.

        :param wanted: ``{model: ids}`` of the documents asked for, or None for all
        """
        threads = []
        # those of one list may be told of by the messages' source of another addon as well
        found = {}
        for source in self.env["hc.timeline"]._get_sources():
            if isinstance(source, MessageSource):
                for thread in source._threads(self.env):
                    found.setdefault(thread.model, thread)
        for source in found.values():
            if wanted is not None and source.model not in wanted:
                continue
            query, partner = source._documents(self.env, TimelineScope())
            if query.is_empty():
                continue
            query.add_where(
                SQL("%s IS NOT NULL", partner)
                if scope.partner_ids is None
                else id_among(partner, scope.partner_ids)
            )
            record = SQL.identifier(self.env[source.model]._table, "id")
            if wanted is not None:
                query.add_where(id_among(record, wanted[source.model]))
            threads.append(
                query.select(
                    SQL("%s::varchar AS model", source.model),
                    SQL("%s AS id", record),
                    SQL("%s AS partner_id", partner),
                )
            )
        return SQL(" UNION ALL ").join(threads) if threads else None

    @api.model
    def _message_channel(self):
        return SQL(
            "CASE WHEN m.message_type = 'sms' THEN 'sms' WHEN m.message_type = 'snailmail' THEN 'letter' "
            "WHEN m.message_type = 'whatsapp_message' OR m.model = 'discuss.channel' THEN 'chat' "
            "ELSE 'email' END"
        )

    @api.model
    def _colleagues(self):
        return SQL("SELECT partner_id FROM res_users WHERE share IS NOT TRUE")

    @api.model
    def _people(self):
        """Colleagues without the system itself: what it writes by itself nobody wrote."""
        return SQL("%s AND id <> %s", self._colleagues(), api.SUPERUSER_ID)

    @api.model
    def _automatic(self):
        """Return the condition on ``mail_message m`` of what was sent in a colleague's name by itself.

        Override to add what else sends so.
        """
        return SQL("FALSE")

    # -- other documents ------------------------------------------------------------------------

    def _meetings(self, scope):
        """Meetings that are over, with everybody who did not decline.

        Few customers ever press "accept": silence is no refusal.
        """
        return SQL(
            """SELECT rel.res_partner_id, e.start, 'meeting', 'meeting', 'both', NULL::double precision, TRUE,
                NULL::int, FALSE
            FROM calendar_event_res_partner_rel rel
            JOIN calendar_event e ON e.id = rel.calendar_event_id
            WHERE e.active AND e.stop < %(until)s AND %(where)s
                AND NOT EXISTS (
                    SELECT 1 FROM calendar_attendee a
                    WHERE a.event_id = e.id AND a.partner_id = rel.res_partner_id
                        AND a.state = 'declined')""",
            until=scope.until,
            where=scope.where(SQL("e.start"), SQL("rel.res_partner_id")),
        )

    def _ratings(self, scope):
        """Ratings 1–5 are faces −2…2, as on the timeline; 0 is a comment without a rating."""
        if "rating.rating" not in self.env:
            return None
        company = self._rated_company()
        return SQL(
            """SELECT r.partner_id, COALESCE(r.rated_on, r.write_date), 'feedback', 'rating', 'in',
                CASE WHEN r.rating BETWEEN 1 AND 5 THEN r.rating - 3 END::double precision, TRUE,
                %(company)s, FALSE
            FROM rating_rating r
            WHERE r.consumed AND %(where)s""",
            company=company,
            where=scope.where(
                SQL("COALESCE(r.rated_on, r.write_date)"), SQL("r.partner_id"), company
            ),
        )

    def _rated_company(self):
        """Return the company of what was rated: a rating has none of its own.

        :return: ``SQL`` expression over ``rating_rating r``; NULL for documents of no company
        """
        rows = self.env.execute_query(
            SQL("SELECT DISTINCT res_model FROM rating_rating WHERE consumed")
        )
        cases = []
        for (name,) in rows:
            company = self.env[name]._fields.get("company_id") if name in self.env else None
            if company and company.store and company.column_type:
                document = SQL(
                    "(SELECT d.company_id FROM %s d WHERE d.id = r.res_id)",
                    SQL.identifier(self.env[name]._table),
                )
                cases.append(SQL("WHEN %s THEN %s", name, document))
        if not cases:
            return SQL("NULL::int")
        return SQL("CASE r.res_model %s END", SQL(" ").join(cases))

    def _surveys(self, scope):
        if "survey.user_input" not in self.env:
            return None
        return SQL(
            """SELECT s.partner_id, s.end_datetime, 'feedback', 'survey', 'in', NULL::double precision, TRUE,
                NULL::int, FALSE
            FROM survey_user_input s
            WHERE s.state = 'done' AND s.test_entry IS NOT TRUE AND %s""",
            scope.where(SQL("s.end_datetime"), SQL("s.partner_id")),
        )

    def _livechats(self, scope):
        if "im_livechat.channel.member.history" not in self.env:
            return None
        return SQL(
            """SELECT h.partner_id, h.create_date, 'message', 'chat', 'in', NULL::double precision, TRUE,
                NULL::int, FALSE
            FROM im_livechat_channel_member_history h
            WHERE h.livechat_member_type = 'visitor' AND %s""",
            scope.where(SQL("h.create_date"), SQL("h.partner_id")),
        )

    def _registrations(self, scope):
        """Events of ours they came to: a visit."""
        if "event.registration" not in self.env:
            return None
        date = SQL("COALESCE(r.date_closed, e.date_begin)")
        return SQL(
            """SELECT r.partner_id, %s, 'visit', 'event', 'in', NULL::double precision, TRUE, r.company_id, FALSE
            FROM event_registration r JOIN event_event e ON e.id = r.event_id
            WHERE r.state = 'done' AND r.active AND %s""",
            date,
            scope.where(date, SQL("r.partner_id"), SQL("r.company_id")),
        )

    def _clicks(self, scope):
        """Links of mailings that were clicked. That a mailing was opened tells of mail programs only."""
        if "mailing.trace" not in self.env:
            return None
        return SQL(
            """SELECT t.res_id, t.links_click_datetime, 'other', 'mailing', 'in', NULL::double precision,
                FALSE, NULL::int, FALSE
            FROM mailing_trace t
            WHERE t.model = 'res.partner' AND t.is_test_trace IS NOT TRUE
                AND (t.sent_datetime IS NULL
                    OR t.links_click_datetime >= t.sent_datetime + %s * INTERVAL '1 second')
                AND %s""",
            SCANNER_SECONDS,
            scope.where(SQL("t.links_click_datetime"), SQL("t.res_id")),
        )
