from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.insight.channel import (
    DEFAULT_HOURS,
    HALF_SPEED_HOURS,
    HOURS_STRENGTH,
    MIN_SUCCESSES,
    MIN_TRIALS,
    group_prior,
    prior,
)
from ..id_array import id_array
from .hc_contact_event import COLUMNS, TWO_WAY_CHANNELS, EventScope

# Habits change: what was years ago says little.
WINDOW_DAYS = 730
# Whoever reacts later than this reacts to something else.
ANSWER_DAYS = 7
# No ways to reach somebody: documents, machines, what is written for colleagues, an appointment.
NO_WAYS = (
    "meeting", "note", "log", "activity", "opportunity", "order", "invoice", "survey", "rating", "mailing",
    "event", "card", "usage", "api", "other",
)  # fmt: skip
CHANNEL_BITS = 20  # a moment and a channel in one number, so that the latest try is a MAX
WORK_MEMORY = "64MB"
# Number of the advisory lock of a refresh: any constant that nobody else uses.
REFRESH_LOCK = 4_719_002_009


class HcChannelScore(models.Model):
    """How well a channel works with a contact: how often we tried, how often and how fast they answered.

    What is counted (``hc.contact.event`` says what a contact is), over two years:

    - *tried*: days on which we turned to them in this channel and know what came of it: it was answered, or
      a week has passed. A logged call of ours without a duration, a feeling or a promise may have been
      answered or not, nobody noted it: it is judged by what they did next, like a letter.
    - *answered*: something came from them within a week. It answers our latest try in the same channel;
      only where there is none, our latest try in any channel. So the e-mail that follows an unanswered call
      takes the answer by e-mail, and a missed call is answered by calling back, or by writing if we did not.
    - *came_in*: days on which they turned to us in this channel by themselves.

    Visits and the counter are not learned: who stands in the room has always "answered". A customer may well
    say that they like to come by; that is ``hc.channel.preference``.

    A company's row is made of the contacts of all its people, except who opted out of profiling.

    Rows are written by SQL in ``_refresh`` and by nobody else. They count records of all colleagues, and
    counts tell about records: a row is open to who may read every record behind it (``is_open``,
    ``company_count``: 0, 1, or 2 for more), to all-documents salespeople and to administrators of their companies. Which channel
    comes out best is no secret: ``res.partner.hc_channel_id`` tells it to everybody who reads the contact.
    """

    _name = "hc.channel.score"
    _description = "How Well a Channel Works"
    _order = "score desc, id"
    _rec_name = "channel_id"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", string="Contact", required=True, ondelete="cascade", readonly=True
    )
    channel_id = fields.Many2one(
        "hc.channel", required=True, index=True, ondelete="cascade", readonly=True
    )
    tried = fields.Integer(readonly=True, help="How often we turned to them this way.")
    answered = fields.Integer(readonly=True)
    answer_hours = fields.Float(
        string="Hours until an Answer", readonly=True, aggregator="avg", help="The median."
    )
    came_in = fields.Integer(
        string="Came by Themselves", readonly=True, help="How often they turned to us this way."
    )
    score = fields.Float(
        readonly=True,
        aggregator="avg",
        help="0 to 1: how surely and how fast they answer, as far as it is known.",
    )
    is_learned = fields.Boolean(
        string="Works Best",
        readonly=True,
        help="Of all channels this one works best with them, and enough is known to say so.",
    )
    is_open = fields.Boolean(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="set null")
    company_count = fields.Integer(readonly=True, aggregator=None)
    computed_at = fields.Datetime(string="Worked out on", readonly=True)

    # also what reading one contact's channels goes through
    _partner_channel_uniq = models.UniqueIndex(
        "(partner_id, channel_id)", "There is one line per contact and channel."
    )
    _learned_uniq = models.UniqueIndex(
        "(partner_id) WHERE is_learned", "One channel works best with a contact."
    )

    @api.model
    def _refresh(self, config=None, as_of=None, customer_ids=None):
        """Count and judge anew, for all contacts or for those of some customers.

        Contacts in all companies count, whoever's run it is: a person likes the phone or does not.

        :param config: of no meaning here; every step of a run of insight takes it
        :param date as_of: the last day that counts, default today
        :param customer_ids: ids of commercial partners, or None for all
        :return: False when another run is at it: it is left to that one
        """
        # superuser: see the class
        self = self.sudo()
        [[locked]] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(%s)", REFRESH_LOCK)
        )
        if not locked:
            return False
        now = fields.Datetime.now()
        day = as_of or fields.Date.today()
        until = min(datetime.combine(day + timedelta(days=1), time.min), now)
        partner_ids = None
        if customer_ids is not None:
            rows = self.env.execute_query(
                SQL(
                    "SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)",
                    id_array(customer_ids),
                )
            )
            partner_ids = [partner_id for (partner_id,) in rows]
        scope = EventScope(
            until=until, since=until - timedelta(days=WINDOW_DAYS), partner_ids=partner_ids
        )
        self._count(scope)
        self._judge(self._priors(partner_ids is None))
        self._store(now, partner_ids)
        self.invalidate_model()
        self.env["res.partner"].invalidate_model(["hc_channel_id"])
        return True

    # -- counting -------------------------------------------------------------------------------

    def _count(self, scope):
        """Fill the temporary table hc_channel_count, one row per contact and channel."""
        cr = self.env.cr
        cr.execute("DROP TABLE IF EXISTS hc_channel_count")
        cr.execute("SELECT current_setting('work_mem')")
        [memory] = cr.fetchone()
        if scope.partner_ids is None:
            cr.execute("SELECT set_config('work_mem', %s, TRUE)", [WORK_MEMORY])
        # compiling this query takes longer than running it
        cr.execute("SELECT set_config('jit', 'off', TRUE)")
        cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE hc_channel_count ON COMMIT DROP AS %s",
                self._count_query(scope),
            )
        )
        cr.execute("SELECT set_config('work_mem', %s, TRUE)", [memory])
        cr.execute("ANALYZE hc_channel_count")

    def _count_query(self, scope):
        Partner = self.env["res.partner"].with_context(active_test=True)
        eligible = Partner._search(Partner._hc_profiling_domain())
        if scope.partner_ids is not None:
            eligible.add_where(
                SQL(
                    "%s = ANY(%s)",
                    SQL.identifier(eligible.table, "id"),
                    id_array(scope.partner_ids),
                )
            )
        channels = self.env["hc.channel"].with_context(active_test=False)
        # of a single company even what knows no company is
        companies = (
            self.env["res.company"].sudo().with_context(active_test=False).search(Domain.TRUE)
        )
        ways = channels._search([("key", "not in", (*NO_WAYS, *TWO_WAY_CHANNELS))])
        return SQL(
            """
            WITH event (%(columns)s) AS (%(events)s),
            happened AS (
                SELECT contact.id AS partner_id, contact.commercial_partner_id, channel.id AS channel_id,
                       event.date, event.direction, event.is_open,
                       -- a document of unknown company may be any company's
                       CASE WHEN event.is_open THEN event.company_id
                            ELSE COALESCE(event.company_id, %(unknown)s) END AS company_id
                  FROM event
                  JOIN hc_channel AS channel ON channel.key = event.channel AND channel.id IN %(ways)s
                  JOIN res_partner AS contact ON contact.id = event.partner_id
                 WHERE event.is_contact AND contact.partner_share
                   AND NOT EXISTS (
                       SELECT 1 FROM hc_profiling_optout AS optout WHERE optout.partner_id = contact.id
                   )
            ), step AS (
                SELECT step.*, (EXTRACT(EPOCH FROM date)::bigint << %(bits)s) | channel_id AS moment
                  FROM (
                      SELECT partner_id, channel_id, date, direction, company_id, is_open FROM happened
                       UNION ALL
                      -- what a company's people do, the company does
                      SELECT commercial_partner_id, channel_id, date, direction, company_id, is_open
                        FROM happened WHERE commercial_partner_id <> partner_id
                  ) AS step
                 WHERE partner_id IN %(eligible)s
            ), placed AS (
                SELECT step.*,
                       MAX(moment) FILTER (WHERE direction <> 'in') OVER (
                           PARTITION BY partner_id, channel_id ORDER BY date
                           RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
                       ) AS same_try,
                       MAX(moment) FILTER (WHERE direction <> 'in') OVER (
                           PARTITION BY partner_id ORDER BY date
                           RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
                       ) AS any_try
                  FROM step
            ), reaction AS (
                SELECT placed.*,
                       CASE WHEN direction <> 'in' THEN NULL
                            WHEN same_try >> %(bits)s >= EXTRACT(EPOCH FROM date)::bigint - %(wait)s
                            THEN same_try
                            WHEN any_try >> %(bits)s >= EXTRACT(EPOCH FROM date)::bigint - %(wait)s
                            THEN any_try
                       END AS answers
                  FROM placed
            ), exchange AS (
                -- a try with what answers it; or what they did by themselves
                SELECT partner_id, COALESCE(answers, moment) AS moment,
                       BOOL_OR(direction <> 'in') AS is_try,
                       BOOL_OR(direction = 'both' OR answers IS NOT NULL) AS is_answered,
                       MIN(date) AS date,
                       CASE WHEN BOOL_OR(direction = 'both') THEN 0
                            ELSE EXTRACT(EPOCH FROM MIN(date) FILTER (WHERE direction = 'in')
                                 - MAX(date) FILTER (WHERE direction <> 'in')) / 3600 END AS hours,
                       BOOL_AND(is_open) AS is_open, MIN(company_id) AS low, MAX(company_id) AS high
                  FROM reaction
                 GROUP BY partner_id, COALESCE(answers, moment)
            ), day AS (
                -- several tries on one day are one: who wrote three e-mails waits for one answer
                SELECT partner_id, (moment & %(channel_mask)s)::int AS channel_id, is_try,
                       BOOL_OR(is_answered) AS is_answered, MAX(date) AS date,
                       MIN(hours) FILTER (WHERE is_answered) AS hours,
                       BOOL_AND(is_open) AS is_open, MIN(low) AS low, MAX(high) AS high
                  FROM exchange
                 GROUP BY partner_id, (moment & %(channel_mask)s)::int, is_try, date::date
            ), counted AS (
                SELECT partner_id, channel_id,
                       COUNT(*) FILTER (WHERE is_try AND (is_answered OR date < %(patience)s))::int AS tried,
                       COUNT(*) FILTER (WHERE is_try AND is_answered)::int AS answered,
                       COUNT(*) FILTER (WHERE NOT is_try)::int AS came_in,
                       PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY hours)
                           FILTER (WHERE is_try AND is_answered) AS answer_hours,
                       BOOL_AND(is_open) AS is_open, MIN(low) AS low, MAX(high) AS high
                  FROM day
                 GROUP BY partner_id, channel_id
            )
            SELECT counted.partner_id, counted.channel_id, tried, answered, came_in, answer_hours, is_open,
                   CASE WHEN low IS NULL THEN 0 WHEN low = high THEN 1 ELSE 2 END AS company_count,
                   NULLIF(low, 0) AS company_id, membership.persona_id,
                   NULL::float8 AS score, FALSE AS is_learned
              FROM counted
              LEFT JOIN hc_persona_membership AS membership
                     ON membership.partner_id = counted.partner_id AND membership.date_left IS NULL
             WHERE tried + came_in > 0
            """,
            # 0 is nobody's id
            unknown=companies.id if len(companies) == 1 else 0,
            columns=COLUMNS,
            events=SQL(" UNION ALL ").join(self.env["hc.contact.event"]._selects(scope)),
            ways=ways.subselect(),
            eligible=eligible.subselect(),
            bits=CHANNEL_BITS,
            channel_mask=(1 << CHANNEL_BITS) - 1,
            wait=ANSWER_DAYS * 86400,
            patience=scope.until - timedelta(days=ANSWER_DAYS),
        )

    # -- judging --------------------------------------------------------------------------------

    def _priors(self, is_full):
        """Return what is usual: ``{(channel id, persona id or None): Prior}``.

        A few customers are judged by what was usual among all when all were counted last.
        """
        table = SQL("hc_channel_count")
        if not is_full:
            table = SQL(
                """(SELECT score.*, membership.persona_id FROM hc_channel_score AS score
                LEFT JOIN hc_persona_membership AS membership
                  ON membership.partner_id = score.partner_id AND membership.date_left IS NULL)"""
            )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT channel_id, persona_id, GROUPING(persona_id) = 1,
                       COUNT(*), SUM(tried + came_in), SUM(answered + came_in),
                       SUM((tried + came_in) ^ 2), SUM((answered + came_in) ^ 2 / (tried + came_in)),
                       PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY answer_hours)
                           FILTER (WHERE answered > 0)
                  FROM %s AS known
                 GROUP BY GROUPING SETS ((channel_id), (channel_id, persona_id))
                """,
                table,
            )
        )
        priors = {
            (channel, None): prior(*map(float, sums), hours=hours)
            for channel, _persona, is_all, *sums, hours in rows
            if is_all
        }
        for channel, persona, _is_all, _count, trials, successes, *_others in rows:
            if persona:
                priors[channel, persona] = group_prior(
                    float(trials), float(successes), priors[channel, None]
                )
        return priors

    def _judge(self, priors):
        """Fill score and is_learned: ``engine.insight.channel.score`` in SQL; a test compares the two."""
        unknown = prior(0, 0, 0, 0, 0)
        rows = [
            SQL(
                "(%s::int, %s::int, %s::float8, %s::float8, %s::float8)",
                channel,
                persona,
                common.mean,
                common.strength,
                common.hours,
            )
            for (channel, persona), common in (priors or {(None, None): unknown}).items()
        ]
        cr = self.env.cr
        cr.execute(
            SQL(
                """
                WITH usual (channel_id, persona_id, mean, strength, hours) AS (VALUES %(rows)s),
                known AS (
                    SELECT count.partner_id, count.channel_id,
                           COALESCE(kind.mean, common.mean, %(mean)s) AS mean,
                           COALESCE(common.strength, %(strength)s) AS strength,
                           COALESCE(common.hours, %(hours)s) AS hours
                      FROM hc_channel_count AS count
                      LEFT JOIN usual AS common
                             ON common.channel_id = count.channel_id AND common.persona_id IS NULL
                      LEFT JOIN usual AS kind
                             ON kind.channel_id = count.channel_id AND kind.persona_id = count.persona_id
                ), judged AS (
                    SELECT count.partner_id, count.channel_id,
                           (answered + came_in + strength * mean) / (tried + came_in + strength)
                           * (1 + POWER(0.5::float8, LEAST(
                               CASE WHEN answered > 0 THEN
                                   EXP((answered * LN(1 + answer_hours)
                                        + %(hours_strength)s * LN(1 + hours))
                                       / (answered + %(hours_strength)s)) - 1
                               ELSE hours END / %(half_speed)s, 1000))) / 2 AS score
                      FROM hc_channel_count AS count
                      JOIN known USING (partner_id, channel_id)
                ), ranked AS (
                    SELECT judged.*,
                           is_enough AND ROW_NUMBER() OVER (
                               PARTITION BY partner_id, is_enough
                               ORDER BY judged.score DESC, channel_id
                           ) = 1 AS is_best
                      FROM (
                          SELECT judged.*,
                                 count.tried + count.came_in >= %(min_trials)s
                                 AND count.answered + count.came_in >= %(min_successes)s AS is_enough
                            FROM judged JOIN hc_channel_count AS count USING (partner_id, channel_id)
                      ) AS judged
                )
                UPDATE hc_channel_count AS count
                   SET score = ranked.score, is_learned = ranked.is_best
                  FROM ranked
                 WHERE ranked.partner_id = count.partner_id AND ranked.channel_id = count.channel_id
                """,
                rows=SQL(", ").join(rows),
                mean=unknown.mean,
                strength=unknown.strength,
                hours=DEFAULT_HOURS,
                hours_strength=HOURS_STRENGTH,
                half_speed=HALF_SPEED_HOURS,
                min_trials=MIN_TRIALS,
                min_successes=MIN_SUCCESSES,
            )
        )

    def _store(self, now, partner_ids):
        """Bring the table up to date, touching only what changed."""
        cr = self.env.cr
        scope = SQL("TRUE")
        if partner_ids is not None:
            scope = SQL("score.partner_id = ANY(%s)", id_array(partner_ids))
        cr.execute(
            SQL(
                """
                DELETE FROM hc_channel_score AS score
                 WHERE %s AND NOT EXISTS (
                       SELECT 1 FROM hc_channel_count AS count
                        WHERE count.partner_id = score.partner_id AND count.channel_id = score.channel_id)
                """,
                scope,
            )
        )
        # first take the mark away where it moves: two at once the index does not allow
        cr.execute(
            SQL(
                """
                UPDATE hc_channel_score AS score SET is_learned = FALSE
                  FROM hc_channel_count AS count
                 WHERE count.partner_id = score.partner_id AND count.channel_id = score.channel_id
                   AND score.is_learned AND NOT count.is_learned
                """
            )
        )
        names = SQL(
            "tried, answered, answer_hours, came_in, score, is_learned, is_open, company_id, company_count"
        )
        cr.execute(
            SQL(
                """
                INSERT INTO hc_channel_score AS score (partner_id, channel_id, computed_at, %(names)s)
                SELECT partner_id, channel_id, %(now)s, %(names)s FROM hc_channel_count
                ON CONFLICT (partner_id, channel_id) DO UPDATE
                   SET (computed_at, %(names)s) = (
                           SELECT excluded.computed_at, %(excluded)s)
                 WHERE (%(mine)s) IS DISTINCT FROM (%(excluded)s)
                """,
                names=names,
                excluded=self._prefixed(names, "excluded"),
                mine=self._prefixed(names, "score"),
                now=now,
            )
        )

    @api.model
    def _prefixed(self, names, table):
        return SQL(", ").join(
            [SQL.identifier(table, name.strip()) for name in names.code.split(",")]
        )
