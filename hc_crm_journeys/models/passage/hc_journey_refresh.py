import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.hc_crm.models.id_array import id_array

_logger = logging.getLogger(__name__)

# First key of the advisory lock of a refresh, the second is the journey: any constant no other addon is likely to use.
REFRESH_LOCK = 471_902_006
# What was written before the last look may have been committed after it.
OVERLAP = timedelta(minutes=15)
# All is worked out anew so often: what another record made fit, or not fit any more, changes without a trace.
FULL_HOURS = 20
# Up to so many, contacts are named one by one to sources that have to be asked so.
MAX_LISTED_CONTACTS = 5000

ORDER = SQL("date, ord, res_id, rule_number, contact_number")
KEY = SQL(
    "row.partner_id = fresh.partner_id AND row.stage_id = fresh.stage_id AND row.date_from = fresh.date_from "
    "AND row.touchpoint_number = fresh.touchpoint_number AND row.res_model = fresh.res_model "
    "AND row.res_id = fresh.res_id"
)
# what may change of a row that stays the same passage
CHANGING = (
    "date_to", "contact_number", "rule_number", "visit", "from_number", "to_number", "left_model", "left_id",
    "seller_number", "seller_count",
)  # fmt: skip


class HcJourney(models.Model):
    """Where customers are on the map, worked out from what happened.

    How it works: the rules' events go into one temporary table, by customer (the commercial partner). Sorted by
    time, an event that lets somebody enter a stage closes the one they are in; entering the stage one is in
    changes nothing; leaving counts for the stage one is in. What comes of that is compared with what stands
    there, and the difference written: rows keep their ids.

    A refresh of everybody and one of those with news are the same, over other customers. Who has news: whose
    records were written since the last look (with an overlap for what was committed late) or whose time came
    meanwhile; whose passages rest on a record that was written or is gone; who belongs to another company now.
    The number of queries depends on the number of rules, never on the number of customers.
    """

    _inherit = "hc.journey"

    rule_ids = fields.One2many("hc.journey.rule", "journey_id", string="Events")
    date_passages = fields.Datetime(
        string="Customers Looked at",
        readonly=True,
        copy=False,
        help="When passages were last worked out.",
    )
    date_passages_full = fields.Datetime(
        readonly=True, copy=False, help="When those of all customers were; empty: they have to be."
    )

    # -- when -----------------------------------------------------------------------------------

    @api.model
    def _cron_passages(self):
        """Hourly: those with news on every map that has rules, once a day everybody."""
        journeys = (
            self.sudo()
            .search([("active", "=", True)])
            .filtered(lambda journey: journey.rule_ids or journey.date_passages)
        )
        progress = self.env["ir.cron"]
        if not progress._commit_progress(remaining=len(journeys)):
            return
        for left, journey in zip(range(len(journeys) - 1, -1, -1), journeys, strict=True):
            try:
                # one map that cannot be worked out must not cost the others
                with self.env.cr.savepoint():
                    journey._refresh()
            except Exception:
                self.env.invalidate_all(flush=False)
                _logger.exception("Passages of journey %s could not be worked out", journey.id)
            if not progress._commit_progress(1, remaining=left):
                break

    def _hc_renew(self):
        """Rules or stages are others now: everybody's way is worked out anew, in the background."""
        if not self:
            return
        self.sudo().write({"date_passages_full": False})
        if cron := self.env.ref(
            "hc_crm_journeys.hc_journey_passage_cron", raise_if_not_found=False
        ):
            cron.sudo()._trigger()

    def action_hc_refresh(self):
        """Look at everybody now."""
        if not self.env.user.has_group("hc_crm.hc_crm_group_manager"):
            raise AccessError(self.env._("Only administrators of Customer Care can do this."))
        self.check_access("read")
        busy = any(journey.sudo()._refresh(full=True) is None for journey in self)
        message = self.env._("Everybody is where they belong.")
        if busy:
            message = self.env._("This is being worked out right now. Look again in a minute.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if busy else "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # -- how ------------------------------------------------------------------------------------

    def _refresh(self, full=None, partners=None):
        """Work out passages of this journey. Called as superuser.

        :param full: of everybody; None: if it is time to
        :param partners: ids of customers (commercial partners): of these and nobody else
        :return: how many customers were looked at, or None when another refresh of it is under way
        """
        self.ensure_one()
        # of a few named ones the result is wanted at once: then wait for the other
        lock = "pg_advisory_xact_lock" if partners is not None else "pg_try_advisory_xact_lock"
        [[locked]] = self.env.execute_query(
            SQL("SELECT %s(%s, %s)", SQL(lock), REFRESH_LOCK, self.id)
        )
        if locked is False:
            return None
        self.env.flush_all()
        # what this transaction sees was committed before it began; what it is told may be of this second
        [[seen, now]] = self.env.execute_query(
            SQL(
                "SELECT date_trunc('second', NOW() AT TIME ZONE 'UTC'), "
                "date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC')"
            )
        )
        if full is None:
            old = now - timedelta(hours=FULL_HOURS)
            full = not self.date_passages_full or self.date_passages_full < old
        rules = self.rule_ids.filtered(lambda rule: rule._stands())
        self._make_tables()
        changed = self._notice(rules, now) if partners is None else []
        if partners is not None:
            self._want(partners)
        elif full:
            self._want_all()
        else:
            self._want(changed)
            self._want_news(rules, now)
        count = self._known_customers()
        if count:
            self._collect(rules, now, None if full else count)
            self._work_out()
            self._merge()
        if full and partners is None:
            self.env["hc.journey.stage"]._learn_usual(self)
        if partners is None:
            values = {"date_passages": now}
            if full:
                values["date_passages_full"] = now
            self.write(values)
            rules.filtered(lambda rule: not rule.error).write({"date_seen": seen})
        self.env.flush_all()
        # SQL wrote behind the back of the cache
        self.env["hc.journey.passage"].invalidate_model(flush=False)
        self.env["hc.journey.sign"].invalidate_model(flush=False)
        return count

    @api.model
    def _make_tables(self):
        self.env.cr.execute(
            """
            DROP TABLE IF EXISTS hc_journey_customer, hc_journey_contact, hc_journey_event, hc_journey_fresh;
            CREATE TEMPORARY TABLE hc_journey_customer (
                id integer PRIMARY KEY, is_eligible boolean) ON COMMIT DROP;
            CREATE TEMPORARY TABLE hc_journey_contact (
                id integer PRIMARY KEY, customer_id integer NOT NULL) ON COMMIT DROP;
            CREATE TEMPORARY TABLE hc_journey_event (
                partner_id integer NOT NULL, contact_number integer, stage_id integer, touchpoint_number integer,
                rule_number integer, is_leaving boolean, date timestamp, ord integer, res_model varchar,
                res_id integer, user_id integer, is_open boolean) ON COMMIT DROP;
            CREATE TEMPORARY TABLE hc_journey_fresh (
                partner_id integer NOT NULL, stage_id integer, touchpoint_number integer, date_from timestamp,
                date_to timestamp, contact_number integer, rule_number integer, visit integer,
                from_number integer, to_number integer, res_model varchar, res_id integer, left_model varchar,
                left_id integer, user_id integer, is_open boolean, left_user_id integer, left_is_open boolean,
                seller_number integer, seller_count integer) ON COMMIT DROP
            """
        )

    def _notice(self, rules, now):
        """Look for whom conditions came true; return ids of customers."""
        found = []
        for rule in rules.filtered(lambda rule: rule.kind == "domain"):
            rows = rule._guarded(lambda rule=rule: rule._notice(now))
            found += rows or []
        return found

    # -- whose passages -------------------------------------------------------------------------

    def _want(self, ids):
        if ids:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO hc_journey_customer (id) SELECT DISTINCT UNNEST(%s) ON CONFLICT DO NOTHING",
                    id_array(ids),
                )
            )

    def _want_all(self):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO hc_journey_customer (id, is_eligible) %s;
                INSERT INTO hc_journey_customer (id, is_eligible)
                SELECT DISTINCT partner_id, FALSE FROM hc_journey_passage WHERE journey_id = %s
                    ON CONFLICT DO NOTHING
                """,
                self._eligible().select(SQL("res_partner.id"), SQL("TRUE")),
                self.id,
            )
        )

    def _eligible(self):
        """Return the query of customers who may be on the map: nobody archived, or not to be described."""
        Partner = self.env["res.partner"].sudo().with_context(active_test=True)
        domain = Partner._hc_profiling_domain() & Domain(
            "company_id", "in", [False, self.company_id.id]
        )
        query = Partner._search(domain, order="id")
        query.order = None
        query.add_where(SQL("res_partner.commercial_partner_id = res_partner.id"))
        return query

    def _want_news(self, rules, now):
        """Add everybody with news since the last look."""
        since = min([rule.date_seen for rule in rules if rule.date_seen] or [now]) - OVERLAP
        for rule in rules:
            rule._guarded(lambda rule=rule: self._want_news_of(rule, now))
        selects = list(self._origin_news(since))
        selects.append(
            SQL(
                """
                SELECT UNNEST(ARRAY[row.partner_id, person.commercial_partner_id])
                  FROM res_partner AS person
                  JOIN hc_journey_passage AS row ON row.contact_number = person.id
                 WHERE person.write_date >= %s AND row.journey_id = %s
                   AND person.commercial_partner_id <> row.partner_id
                """,
                since,
                self.id,
            )
        )
        for select in selects:
            self._want_those(select)

    def _want_news_of(self, rule, now):
        rows = rule._events()
        if rows is None:
            return
        news = SQL("TRUE")
        if rule.date_seen:
            start = rule.date_seen - OVERLAP
            news = SQL("(event.written >= %s OR event.date >= %s)", start, start)
        self._want_those(
            SQL(
                "SELECT person.commercial_partner_id AS id FROM (%s) AS event "
                "JOIN res_partner AS person ON person.id = event.partner_id WHERE event.date <= %s AND %s",
                rows,
                now,
                news,
            )
        )

    def _want_those(self, select):
        self.env.cr.execute(
            SQL(
                "INSERT INTO hc_journey_customer (id) SELECT DISTINCT news.id FROM (%s) AS news (id) "
                "WHERE news.id IS NOT NULL ON CONFLICT DO NOTHING",
                select,
            )
        )

    def _origin_news(self, since):
        """Yield SELECTs of customers whose passages rest on records that were written, or are gone."""
        for model_name, record in (("res_model", "res_id"), ("left_model", "left_id")):
            for name in self._origin_models(model_name):
                condition = SQL(
                    "row.journey_id = %s AND row.%s = %s", self.id, SQL.identifier(model_name), name
                )
                model = self.env.get(name)
                if model is None or not model._auto:
                    yield SQL(
                        "SELECT row.partner_id FROM hc_journey_passage AS row WHERE %s", condition
                    )
                    continue
                table, number = SQL.identifier(model._table), SQL("row.%s", SQL.identifier(record))
                yield SQL(
                    """
                    SELECT row.partner_id FROM hc_journey_passage AS row
                     WHERE %s AND NOT EXISTS (SELECT FROM %s AS origin WHERE origin.id = %s)
                    """,
                    condition,
                    table,
                    number,
                )
                if model._log_access:
                    yield SQL(
                        """
                        SELECT row.partner_id FROM hc_journey_passage AS row JOIN %s AS origin ON origin.id = %s
                         WHERE %s AND origin.write_date >= %s
                        """,
                        table,
                        number,
                        condition,
                        since,
                    )

    def _origin_models(self, column):
        """Return the models that passages of this journey rest on, by the rules and in the index.

        What stands in the table is the truth: a rule may have been another one.
        """
        name = SQL.identifier(column)
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT %s FROM hc_journey_passage WHERE journey_id = %s AND %s IS NOT NULL",
                name,
                self.id,
                name,
            )
        )
        return sorted(row for [row] in rows)

    def _known_customers(self):
        """Say who of the customers wanted may be on the map at all, and find their contacts."""
        cr = self.env.cr
        cr.execute("ANALYZE hc_journey_customer")
        eligible = self._eligible()
        eligible.add_where(
            SQL("res_partner.id IN (SELECT id FROM hc_journey_customer WHERE is_eligible IS NULL)")
        )
        cr.execute(
            SQL(
                """
                UPDATE hc_journey_customer AS customer SET is_eligible = TRUE
                  FROM (%s) AS partner WHERE partner.id = customer.id;
                INSERT INTO hc_journey_contact (id, customer_id)
                SELECT partner.id, partner.commercial_partner_id
                  FROM res_partner AS partner
                  JOIN hc_journey_customer AS customer ON customer.id = partner.commercial_partner_id
                 WHERE customer.is_eligible;
                ANALYZE hc_journey_contact
                """,
                eligible.select(SQL("res_partner.id")),
            )
        )
        cr.execute("SELECT COUNT(*) FROM hc_journey_customer")
        return cr.fetchone()[0]

    # -- what happened --------------------------------------------------------------------------

    def _collect(self, rules, now, count):
        """Gather the events of these customers.

        :param count: about how many customers; None: everybody
        """
        contacts = None
        if count is not None and count <= MAX_LISTED_CONTACTS:
            rows = self.env.execute_query(SQL("SELECT id FROM hc_journey_contact"))
            if len(rows) <= MAX_LISTED_CONTACTS:
                contacts = [row for [row] in rows]
        ranks = self._stage_ranks()
        for rule in rules:
            rows = rule._guarded(lambda rule=rule: rule._events(contacts))
            if rows is not None:
                rule._guarded(
                    lambda rule=rule, rows=rows: (
                        self._insert_events(
                            rows,
                            now,
                            SQL("%s", rule.stage_id.id),
                            SQL("%s", rule.touchpoint_id.id or 0),
                            SQL("%s", rule.id),
                            SQL("%s", rule.way == "leave"),
                            SQL(
                                "%s",
                                ranks[rule.stage_id.id]
                                + (len(ranks) if rule.way == "leave" else 0),
                            ),
                        )
                        or rule._recovered()
                    )
                )
        by_hand = self.env["hc.journey.sign"]._events(
            SQL(
                "sign.rule_id IS NULL AND sign.journey_id = %s AND sign.stage_id = ANY(%s)",
                self.id,
                id_array(ranks),
            )
        )
        rank = (
            SQL(
                "CASE sign.stage_id %s ELSE 0 END",
                SQL(" ").join(SQL("WHEN %s THEN %s", stage, rank) for stage, rank in ranks.items()),
            )
            if ranks
            else SQL("0")
        )
        self._insert_events(
            by_hand,
            now,
            SQL("sign.stage_id"),
            SQL("COALESCE(sign.touchpoint_id, 0)"),
            SQL("0"),
            SQL("sign.way = 'leave'"),
            SQL("%s + CASE WHEN sign.way = 'leave' THEN %s ELSE 0 END", rank, len(ranks)),
            SQL("JOIN hc_journey_sign AS sign ON sign.id = event.res_id"),
        )
        self.env.cr.execute("ANALYZE hc_journey_event")

    def _insert_events(self, rows, now, stage, touchpoint, rule, is_leaving, order, join=None):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO hc_journey_event (partner_id, contact_number, stage_id, touchpoint_number, rule_number,
                       is_leaving, date, ord, res_model, res_id, user_id, is_open)
                SELECT contact.customer_id, event.partner_id, %s, %s, %s, %s, event.date, %s, event.res_model,
                       event.res_id, event.user_id, COALESCE(event.is_open, FALSE)
                  FROM (%s) AS event
                  JOIN hc_journey_contact AS contact ON contact.id = event.partner_id %s
                 WHERE event.date <= %s
                """,
                stage,
                touchpoint,
                rule,
                is_leaving,
                order,
                rows,
                join or SQL(),
                now,
            )
        )

    def _stage_ranks(self):
        """Return ``{stage id: place}`` of all stages, from left to right, what is below another behind it."""
        children = {}
        for stage in (
            self.env["hc.journey.stage"]
            .sudo()
            .search_fetch([("journey_id", "=", self.id)], ["parent_id", "position", "uid"])
        ):
            children.setdefault(stage.parent_id.id, []).append(stage)
        ranks = {}
        waiting = [False]
        while waiting:
            stage_id = waiting.pop()
            if stage_id:
                ranks[stage_id] = len(ranks)
            below = sorted(
                children.get(stage_id, []), key=lambda one: (one.position, one.uid), reverse=True
            )
            waiting += [stage.id for stage in below]
        return ranks

    # -- what comes of it -----------------------------------------------------------------------

    def _work_out(self):
        """Turn events into passages: see the class. One query for stages, one for touchpoints."""
        cr = self.env.cr
        cr.execute(
            "SELECT FROM hc_journey_event WHERE is_leaving AND touchpoint_number = 0 LIMIT 1"
        )
        # two sorts less for maps that nobody leaves by a rule
        events = SQL("SELECT * FROM hc_journey_event WHERE touchpoint_number = 0")
        if cr.rowcount:
            events = SQL(
                """
                SELECT * FROM (
                    SELECT turn.*, FIRST_VALUE(stage_id) OVER (
                               PARTITION BY partner_id, entries ORDER BY %(order)s) AS here
                      FROM (
                        SELECT event.*, COUNT(*) FILTER (WHERE NOT is_leaving) OVER (
                                   PARTITION BY partner_id ORDER BY %(order)s ROWS UNBOUNDED PRECEDING) AS entries
                          FROM hc_journey_event AS event WHERE touchpoint_number = 0
                    ) AS turn
                ) AS placed
                WHERE NOT is_leaving OR (entries > 0 AND here = stage_id)
                """,
                order=ORDER,
            )
        # of several people of one company who are at one meeting, one is enough: the order is total
        cr.execute(
            SQL(
                """
                INSERT INTO hc_journey_fresh (partner_id, stage_id, touchpoint_number, date_from, date_to,
                       contact_number, rule_number, visit, from_number, to_number, res_model, res_id, left_model,
                       left_id, user_id, is_open, left_user_id, left_is_open)
                SELECT partner_id, stage_id, 0, date, next_date, contact_number, rule_number,
                       ROW_NUMBER() OVER (PARTITION BY partner_id, stage_id ORDER BY date),
                       COALESCE(before, 0), CASE WHEN next_is_leaving THEN 0 ELSE COALESCE(next_stage, 0) END,
                       res_model, res_id, CASE WHEN next_is_leaving THEN next_model END,
                       CASE WHEN next_is_leaving THEN next_id END, user_id, is_open,
                       CASE WHEN next_is_leaving THEN next_user END,
                       CASE WHEN next_is_leaving THEN next_open ELSE TRUE END
                  FROM (
                    SELECT step.*, LEAD(date) OVER turn AS next_date, LEAD(stage_id) OVER turn AS next_stage,
                           LEAD(is_leaving) OVER turn AS next_is_leaving, LEAD(res_model) OVER turn AS next_model,
                           LEAD(res_id) OVER turn AS next_id, LEAD(user_id) OVER turn AS next_user,
                           LEAD(is_open) OVER turn AS next_open
                      FROM (
                        SELECT event.*,
                               LAG(CASE WHEN is_leaving THEN 0 ELSE stage_id END) OVER (
                                   PARTITION BY partner_id ORDER BY %(order)s) AS before
                          FROM (%(events)s) AS event
                    ) AS step
                     WHERE before IS DISTINCT FROM CASE WHEN is_leaving THEN 0 ELSE stage_id END
                    WINDOW turn AS (PARTITION BY partner_id ORDER BY %(order)s)
                ) AS passage
                 WHERE NOT is_leaving
                """,
                events=events,
                order=ORDER,
            )
        )
        cr.execute(
            """
            INSERT INTO hc_journey_fresh (partner_id, stage_id, touchpoint_number, date_from, date_to,
                   contact_number, rule_number, visit, from_number, to_number, res_model, res_id, user_id, is_open,
                   left_is_open)
            SELECT DISTINCT ON (partner_id, touchpoint_number, date, res_model, res_id)
                   partner_id, stage_id, touchpoint_number, date, date, contact_number, rule_number, 1, 0, 0,
                   res_model, res_id, user_id, is_open, TRUE
              FROM hc_journey_event WHERE touchpoint_number <> 0
             ORDER BY partner_id, touchpoint_number, date, res_model, res_id, rule_number, contact_number;
            ANALYZE hc_journey_fresh
            """
        )
        self._work_out_sellers()

    def _work_out_sellers(self):
        """Say whose records each customer's rows rest on: see ``hc.journey.passage``."""
        self.env.cr.execute(
            """
            UPDATE hc_journey_fresh AS fresh
               SET seller_count = CASE WHEN seller.is_unknown OR seller.first <> seller.last THEN 2
                                       WHEN seller.first IS NULL THEN 0 ELSE 1 END,
                   seller_number = CASE WHEN NOT seller.is_unknown AND seller.first = seller.last
                                        THEN seller.first ELSE 0 END
              FROM (
                SELECT partner_id,
                       LEAST(MIN(user_id) FILTER (WHERE NOT is_open),
                             MIN(left_user_id) FILTER (WHERE NOT left_is_open)) AS first,
                       GREATEST(MAX(user_id) FILTER (WHERE NOT is_open),
                                MAX(left_user_id) FILTER (WHERE NOT left_is_open)) AS last,
                       BOOL_OR(NOT is_open AND user_id IS NULL OR NOT left_is_open AND left_user_id IS NULL)
                           AS is_unknown
                  FROM hc_journey_fresh GROUP BY partner_id
            ) AS seller WHERE seller.partner_id = fresh.partner_id
            """
        )

    def _merge(self):
        """Write the difference between what was worked out and what stands there."""
        cr = self.env.cr
        mine = SQL(
            "row.journey_id = %s AND row.partner_id IN (SELECT id FROM hc_journey_customer)",
            self.id,
        )
        cr.execute(SQL("SELECT FROM hc_journey_passage WHERE journey_id = %s LIMIT 1", self.id))
        known = SQL("TRUE")
        if cr.rowcount:
            cr.execute(
                SQL(
                    "DELETE FROM hc_journey_passage AS row WHERE %s AND NOT EXISTS "
                    "(SELECT FROM hc_journey_fresh AS fresh WHERE %s)",
                    mine,
                    KEY,
                )
            )
            columns = [SQL.identifier(name) for name in CHANGING]
            cr.execute(
                SQL(
                    "UPDATE hc_journey_passage AS row SET %s FROM hc_journey_fresh AS fresh "
                    "WHERE row.journey_id = %s AND %s AND (%s) IS DISTINCT FROM (%s)",
                    SQL(", ").join(SQL("%s = fresh.%s", column, column) for column in columns),
                    self.id,
                    KEY,
                    SQL(", ").join(SQL("row.%s", column) for column in columns),
                    SQL(", ").join(SQL("fresh.%s", column) for column in columns),
                )
            )
            known = SQL(
                "NOT EXISTS (SELECT FROM hc_journey_passage AS row WHERE row.journey_id = %s AND %s)",
                self.id,
                KEY,
            )
        columns = [
            SQL.identifier(name)
            for name in (
                "partner_id",
                "stage_id",
                "touchpoint_number",
                "date_from",
                "res_model",
                "res_id",
                *CHANGING,
            )
        ]
        cr.execute(
            SQL(
                "INSERT INTO hc_journey_passage (journey_id, %s) SELECT %s, %s FROM hc_journey_fresh AS fresh WHERE %s",
                SQL(", ").join(columns),
                self.id,
                SQL(", ").join(SQL("fresh.%s", column) for column in columns),
                known,
            )
        )


class HcJourneyRule(models.Model):
    _inherit = "hc.journey.rule"

    def _guarded(self, work):
        """Do something with a rule; what goes wrong is written on it, and the other rules go on.

        Fields and models go away when an app is removed.
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint(flush=False):
                result = work()
        except Exception as error:
            text = str(error).strip().split("\n")[0] or type(error).__name__
            if self.error != text:
                _logger.info("Rule %s of a journey finds nobody: %s", self.id, text)
                self.error = text
            return None
        return result

    def _stands(self):
        """Tell whether the stage, or the touchpoint, stands on the map: deleted ones rest for a while."""
        return self.stage_id.active and (not self.touchpoint_id or self.touchpoint_id.active)

    def _recovered(self):
        if self.error:
            self.error = False
