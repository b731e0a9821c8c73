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

# where it is noted on which record a passage rests
RECORDS = {"res_model": "res_id", "left_model": "left_id"}


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

    passage_origins = fields.Json(
        readonly=True, copy=False,
        help="What passages rest on: {column:model: [rows ever deleted, whether to compare once more]}.",
    )  # fmt: skip

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
            self._note_origins()
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
            DROP TABLE IF EXISTS hc_journey_customer, hc_journey_contact, hc_journey_event, hc_journey_fresh,
                hc_journey_seller;
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
                left_id integer, user_id integer, is_open boolean, left_user_id integer, left_is_open boolean) ON COMMIT DROP;
            CREATE TEMPORARY TABLE hc_journey_seller (
                partner_id integer NOT NULL, seller_number integer, seller_count integer) ON COMMIT DROP
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
        # rules about the same records share one look at them
        for same in rules.grouped(lambda rule: rule._news_key()).values():
            rule = same[0]
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
        rows = rule._news_rows()
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
        """Yield SELECTs of customers whose passages rest on records that were written, or are gone.

        Which are gone takes comparing all of them. So it is only asked when PostgreSQL counted rows deleted from
        their table since, and once more: what was counted may not have been to be seen yet.
        """
        known = dict(self.passage_origins or {})
        for key in known:
            # most maps have nobody who left by a record of its own
            column, name = key.split(":")
            record = RECORDS[column]
            model = self.env.get(name)
            is_there = model is not None and model._auto
            deleted = self._deleted_count(model) if is_there else 0
            is_asked = known[key] != [deleted, False]
            known[key] = [deleted, known[key][0] != deleted]
            condition = SQL(
                "row.journey_id = %s AND row.%s = %s", self.id, SQL.identifier(column), name
            )
            if not is_there:
                yield SQL(
                    "SELECT row.partner_id FROM hc_journey_passage AS row WHERE %s", condition
                )
                continue
            table, number = SQL.identifier(model._table), SQL("row.%s", SQL.identifier(record))
            if is_asked:
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
        self.passage_origins = known

    def _deleted_count(self, model):
        """Return how many rows were ever deleted from a table, as far as PostgreSQL counted."""
        [[count]] = self.env.execute_query(
            SQL(
                "SELECT pg_stat_get_tuples_deleted(to_regclass(%(table)s)) "
                "+ pg_stat_get_xact_tuples_deleted(to_regclass(%(table)s))",
                table=f'"{model._table}"',
            )
        )
        return count or 0

    def _note_origins(self):
        """Remember which models passages rest on; those of a new one are compared the next time."""
        rows = self.env.execute_query(
            SQL(
                "SELECT 'res_model:' || res_model FROM hc_journey_fresh GROUP BY res_model UNION "
                "SELECT 'left_model:' || left_model FROM hc_journey_fresh WHERE left_model IS NOT NULL "
                "GROUP BY left_model"
            )
        )
        known = dict(self.passage_origins or {})
        new = {name: [-1, True] for [name] in rows if name not in known}
        if new:
            self.passage_origins = known | new

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
