from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.insight.engagement import FADED_AFTER, MAX_MIDDLES, middle
from ..id_array import id_among, id_array
from ..preference.hc_contact_event import COLUMNS, EventScope
from .hc_insight_config import ENGAGEMENT_KINDS

# Numbers and not words: a million of them are compared.
KIND_CODES = {kind: code for code, kind in enumerate((*ENGAGEMENT_KINDS, "promise"))}
# Sorting a million events in the 4 MB that PostgreSQL starts with takes twice as long.
WORK_MEMORY = "64MB"
CONTACT_DAYS = 365  # contacts of the last year are counted
BAD_DAYS = 90  # bad feelings weigh on us for a quarter
BROKEN_DAYS = 365  # a promise that we broke does so for a year
BAD_FEELING = -1  # "unhappy", and anything worse
# News is looked for a little further back than asked: what a long transaction wrote becomes visible late.
NEWS_OVERLAP = timedelta(hours=1)
# Ids of messages grow with time, but not strictly: transactions overlap.
ID_OVERLAP = timedelta(days=1)


class HcInsightSignals(models.AbstractModel):
    """How customers are in touch with us, how they feel, what we owe them: one aggregate over all events.

    ``hc.contact.event`` says what an event is, ``hc.insight.purchase`` what a purchase is,
    ``engine.insight.engagement`` what they add up to; the SQL here is that formula, and a test compares
    the two. It runs as superuser and reads whole tables.

    - Events of one kind on one day (of the company's time zone) are one event.
    - What happened after ``as_of`` does not exist: not even late promises that were kept since.
    - A contact who opted out of profiling leaves no trace in the company's figures, except that a purchase is
      the company's own act. A company that opted out has no figures at all.
    """

    _name = "hc.insight.signals"
    _description = "Signals of Customers"

    @api.model
    def _collect(self, config, as_of, customer_ids=None, with_purchases=True, contact_ids=None):
        """Create and fill the temporary table ``hc_insight_signal``, one row per customer with any event.

        Columns: partner_id (commercial), engagement 0…100, contact_count (in a year; several of a kind on a
        day are one), last_contact_date, last_personal_date (a colleague turned to them), feeling −2…2 or
        NULL, feeling_count, bad_feeling_count, late_promise_count (due and not closed on that day, or broken
        within a year before).

        :param config: ``hc.insight.config`` of one company
        :param date as_of: the last day that counts
        :param customer_ids: ids of commercial partners, or None for all
        :param with_purchases: count purchases as contacts of their own side; a run, which has read them
            anyway, adds them itself to the column ``kept``, the sum before it becomes points
        :param contact_ids: ids of the people of these customers, where the caller knows them
        """
        self = self.sudo()
        cr = self.env.cr
        cr.execute(SQL("DROP TABLE IF EXISTS hc_insight_signal"))
        query = self._signal_query(config, as_of, customer_ids, with_purchases, contact_ids)
        cr.execute("SELECT current_setting('work_mem')")
        [memory] = cr.fetchone()
        if customer_ids is None:
            cr.execute("SELECT set_config('work_mem', %s, TRUE)", [WORK_MEMORY])
        cr.execute(SQL("CREATE TEMPORARY TABLE hc_insight_signal ON COMMIT DROP AS %s", query))
        cr.execute(SQL("ALTER TABLE hc_insight_signal ADD PRIMARY KEY (partner_id)"))
        if customer_ids is None:
            cr.execute(SQL("ANALYZE hc_insight_signal"))
            cr.execute("SELECT set_config('work_mem', %s, TRUE)", [memory])

    @api.model
    def _until(self, config, as_of):
        """Return the first moment that does not count, naive UTC: midnight there, or now."""
        tz = pytz.timezone(self.env["hc.insight.purchase"]._timezone(config.company_id))
        midnight = tz.localize(datetime.combine(as_of + timedelta(days=1), time.min))
        return min(midnight.astimezone(pytz.utc).replace(tzinfo=None), fields.Datetime.now())

    def _signal_query(self, config, as_of, customer_ids, with_purchases, contact_ids):
        purchase = self.env["hc.insight.purchase"]
        half_life = max(config.engagement_half_life_days, 1)
        weights = {kind: config[f"engagement_weight_{kind}"] for kind in ENGAGEMENT_KINDS}
        if customer_ids is not None and contact_ids is None:
            contact_ids = self._contacts(customer_ids)
        scope = EventScope(
            until=self._until(config, as_of),
            company_id=config.company_id.id,
            partner_ids=contact_ids,
        )
        selects = self.env["hc.contact.event"]._selects(scope)
        selects.append(self._promise_select(scope, as_of))
        purchases = SQL()
        if with_purchases:
            purchases = SQL(
                """
                 UNION ALL
                SELECT document.customer, %s, document.day, 'in', NULL, FALSE
                  FROM (%s) AS document
                 WHERE document.left_out IS NOT TRUE
                """,
                KIND_CODES["purchase"],
                purchase._documents_query(config, customer_ids, as_of),
            )
        fade = SQL(
            "CASE WHEN daily.age <= %s THEN POWER(0.5::float8, daily.age / %s::float8) ELSE 0 END",
            FADED_AFTER * half_life,
            half_life,
        )
        weight = SQL(
            "CASE daily.kind %s ELSE 0 END",
            SQL(" ").join(
                [
                    SQL("WHEN %s THEN %s::float8", KIND_CODES[kind], weights[kind])
                    for kind in weights
                ]
            ),
        )
        return SQL(
            """
            WITH event (%(columns)s) AS (%(events)s),
            happened AS (
                SELECT contact.commercial_partner_id AS partner_id, %(kind)s AS kind,
                       (event.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day,
                       event.direction, event.feeling, event.is_contact
                  FROM event
                  JOIN res_partner AS contact ON contact.id = event.partner_id
                 WHERE contact.partner_share AND contact.commercial_partner_id IN %(eligible)s
                   AND NOT EXISTS (
                       SELECT 1 FROM hc_profiling_optout AS optout WHERE optout.partner_id = contact.id
                   )
                %(purchases)s
            ), daily AS (
                SELECT partner_id, kind, day, %(as_of)s::date - day AS age,
                       BOOL_OR(direction <> 'out') AS is_theirs,
                       BOOL_OR(is_contact) AS is_contact,
                       BOOL_OR(is_contact AND direction <> 'in') AS is_ours,
                       SUM(feeling) AS feeling, COUNT(feeling) AS feelings,
                       COUNT(*) FILTER (WHERE feeling <= %(bad)s) AS bad_feelings,
                       COUNT(*) AS events
                  FROM happened
                 GROUP BY partner_id, kind, day
                 -- so that one sorting does for both groupings
                 ORDER BY partner_id, kind, day
            ), customer AS (
                SELECT daily.partner_id,
                       SUM(CASE WHEN is_theirs THEN %(weight)s * %(fade)s ELSE 0 END) AS kept,
                       COUNT(*) FILTER (WHERE is_contact AND age < %(contact_days)s) AS contact_count,
                       MAX(day) FILTER (WHERE is_contact) AS last_contact_date,
                       MAX(day) FILTER (WHERE is_ours) AS last_personal_date,
                       SUM(feeling * %(fade)s) AS feeling_sum,
                       SUM(CASE WHEN feelings > 0 THEN feelings * %(fade)s END) AS feeling_kept,
                       SUM(feelings) FILTER (WHERE age <= %(faded)s) AS feeling_count,
                       SUM(bad_feelings) FILTER (WHERE age <= %(bad_days)s) AS bad_feeling_count,
                       SUM(events) FILTER (WHERE kind = %(promise)s) AS late_promise_count
                  FROM daily
                 GROUP BY daily.partner_id
            )
            SELECT partner_id,
                   100 * (1 - POWER(0.5::float8, LEAST(kept / %(middle)s::float8, %(most)s::float8)))
                       AS engagement, kept,
                   contact_count::int AS contact_count, last_contact_date, last_personal_date,
                   feeling_sum / NULLIF(feeling_kept, 0) AS feeling,
                   COALESCE(feeling_count, 0)::int AS feeling_count,
                   COALESCE(bad_feeling_count, 0)::int AS bad_feeling_count,
                   COALESCE(late_promise_count, 0)::int AS late_promise_count
              FROM customer
            """,
            columns=COLUMNS,
            events=SQL(" UNION ALL ").join(selects),
            kind=self._kind_code(),
            promise=KIND_CODES["promise"],
            tz=purchase._timezone(config.company_id),
            eligible=self._eligible(customer_ids).subselect(),
            purchases=purchases,
            as_of=as_of,
            bad=BAD_FEELING,
            weight=weight,
            fade=fade,
            contact_days=CONTACT_DAYS,
            faded=FADED_AFTER * half_life,
            bad_days=BAD_DAYS,
            middle=middle(weights) if any(weights.values()) else 1.0,
            most=MAX_MIDDLES,
        )

    @api.model
    def _kind_code(self):
        cases = [SQL("WHEN %s THEN %s", kind, code) for kind, code in KIND_CODES.items()]
        return SQL("CASE event.kind %s ELSE %s END", SQL(" ").join(cases), KIND_CODES["other"])

    @api.model
    def _contacts(self, customer_ids):
        """Return the ids of all people of these customers, archived ones too: what they said was said."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM res_partner WHERE %s",
                id_among(SQL("commercial_partner_id"), customer_ids),
            )
        )
        return [partner_id for (partner_id,) in rows]

    @api.model
    def _eligible(self, customer_ids=None):
        """Return the query of customers that may be described at all."""
        return self.env["hc.insight.purchase"]._customers(customer_ids)

    def _promise_select(self, scope, as_of):
        """Promises that were late on that day, as rows of the events' shape."""
        return SQL(
            """SELECT p.partner_id, p.date_due::timestamp, 'promise', NULL, NULL, NULL, FALSE, NULL, FALSE
            FROM hc_promise p
            WHERE %(where)s AND p.date_due < %(as_of)s
                AND ((p.date_closed IS NULL AND p.state = 'open') OR p.date_closed >= %(until)s
                    OR (p.state = 'broken' AND p.date_closed >= %(year)s))""",
            where=scope.where(SQL("p.date_promised"), SQL("p.partner_id"), SQL("p.company_id")),
            as_of=as_of,
            until=scope.until,
            year=scope.until - timedelta(days=BROKEN_DAYS),
        )

    # -- who has news ---------------------------------------------------------------------------

    @api.model
    def _changed_contacts(self, config, since):
        """Return the SELECT of ids of contacts whose signals may have changed since then; some may be NULL.

        Purchases are not asked here, nor time itself: who was only silent is found by the day on which a row
        is due again. Deleted records leave no trace; a full run notices.

        :param config: ``hc.insight.config``
        :param datetime since: naive UTC, when the last run began
        """
        self = self.sudo()
        self.env.flush_all()
        since -= NEWS_OVERLAP
        news = [getattr(self, name)(config, since) for name in self._news_sources()]
        return SQL(" UNION ALL ").join([select for select in news if select is not None])

    @api.model
    def _news_sources(self):
        """Return names of methods (config, since) → SELECT of contacts' ids. Other addons append theirs."""
        return [
            "_news_interactions",
            "_news_messages",
            "_news_promises",
            "_news_meetings",
            "_news_optouts",
            "_news_other",
        ]

    def _news_interactions(self, config, since):
        changed = SQL("i.write_date >= %s AND i.company_id = %s", since, config.company_id.id)
        return SQL(
            """SELECT i.partner_id FROM hc_interaction i WHERE %(changed)s
            UNION ALL
            SELECT rel.partner_id FROM hc_interaction i
            JOIN hc_interaction_participant_rel rel ON rel.interaction_id = i.id WHERE %(changed)s""",
            changed=changed,
        )

    def _news_messages(self, config, since):
        """Messages are found from the newest id backwards: their table has no index on dates."""
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT m.model, m.res_id, m.author_id FROM mail_message m
                WHERE m.id > COALESCE((
                        SELECT b.id FROM mail_message b WHERE b.create_date < %s ORDER BY b.id DESC LIMIT 1
                    ), 0)
                    AND m.create_date >= %s AND m.message_type NOT IN ('user_notification', 'auto_comment')""",
                since - ID_OVERLAP,
                since,
            )
        )
        documents = {}
        for model, res_id, _author in rows:
            if model and res_id:
                documents.setdefault(model, set()).add(res_id)
        # their ids, and no join with the messages, which would read all documents
        threads = self.env["hc.contact.event"]._threads(
            EventScope(until=fields.Datetime.now()), documents
        )
        authors = SQL(
            "SELECT UNNEST(%s)", id_array({author for *_document, author in rows if author})
        )
        if not threads:
            return authors
        return SQL("%s UNION ALL SELECT d.partner_id FROM (%s) d", authors, threads)

    def _news_promises(self, config, since):
        """Also those that have become late since."""
        return SQL(
            """SELECT p.partner_id FROM hc_promise p
            WHERE (p.company_id IS NULL OR p.company_id = %s) AND (p.write_date >= %s
                OR (p.state = 'open' AND p.date_due BETWEEN %s AND %s))""",
            config.company_id.id,
            since,
            since.date() - timedelta(days=1),
            fields.Date.today(),
        )

    def _news_meetings(self, config, since):
        """Meetings changed, and those that have taken place since."""
        return SQL(
            """SELECT rel.res_partner_id FROM calendar_event e
            JOIN calendar_event_res_partner_rel rel ON rel.calendar_event_id = e.id
            WHERE e.write_date >= %(since)s OR e.stop BETWEEN %(since)s AND %(now)s
            UNION ALL
            SELECT a.partner_id FROM calendar_attendee a WHERE a.write_date >= %(since)s""",
            since=since,
            now=fields.Datetime.now(),
        )

    def _news_optouts(self, config, since):
        return SQL("SELECT o.partner_id FROM hc_profiling_optout o WHERE o.write_date >= %s", since)

    def _news_other(self, config, since):
        sources = {
            "rating.rating": SQL(
                "SELECT r.partner_id FROM rating_rating r WHERE r.consumed AND r.write_date >= %s",
                since,
            ),
            "survey.user_input": SQL(
                "SELECT s.partner_id FROM survey_user_input s WHERE s.end_datetime >= %s", since
            ),
            "im_livechat.channel.member.history": SQL(
                "SELECT h.partner_id FROM im_livechat_channel_member_history h WHERE h.create_date >= %s",
                since,
            ),
            "event.registration": SQL(
                "SELECT r.partner_id FROM event_registration r WHERE r.write_date >= %s", since
            ),
            "mailing.trace": SQL(
                "SELECT t.res_id FROM mailing_trace t WHERE t.model = 'res.partner' "
                "AND t.links_click_datetime >= %s",
                since,
            ),
        }
        found = [select for model, select in sources.items() if model in self.env]
        return SQL(" UNION ALL ").join(found) if found else None
