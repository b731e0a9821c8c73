from odoo import models
from odoo.tools import SQL

from odoo.addons.hc_crm.models.id_array import id_array

# Up to so many, contacts are named one by one to sources that have to be asked so.
MAX_LISTED_CONTACTS = 5000

ORDER = SQL("date, ord, res_id, rule_number, contact_number")
KEY = SQL(
    "row.partner_id = fresh.partner_id AND row.stage_id = fresh.stage_id AND row.date_from = fresh.date_from "
    "AND row.touchpoint_number = fresh.touchpoint_number AND row.res_model = fresh.res_model "
    "AND row.res_id = fresh.res_id"
)
FRESH = SQL("(SELECT * FROM hc_journey_fresh JOIN hc_journey_seller USING (partner_id))")
# what may change of a row that stays the same passage
CHANGING = (
    "date_to", "contact_number", "rule_number", "visit", "from_number", "to_number", "left_model", "left_id",
    "seller_number", "seller_count",
)  # fmt: skip


class HcJourney(models.Model):
    """From events to passages: gathered, worked out, and the difference written. See ``hc_journey_refresh``."""

    _inherit = "hc.journey"

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
            INSERT INTO hc_journey_seller (partner_id, seller_number, seller_count)
            SELECT partner_id, CASE WHEN NOT is_unknown AND first = last THEN first ELSE 0 END,
                   CASE WHEN is_unknown OR first <> last THEN 2 WHEN first IS NULL THEN 0 ELSE 1 END
              FROM (
                SELECT partner_id,
                       LEAST(MIN(user_id) FILTER (WHERE NOT is_open),
                             MIN(left_user_id) FILTER (WHERE NOT left_is_open)) AS first,
                       GREATEST(MAX(user_id) FILTER (WHERE NOT is_open),
                                MAX(left_user_id) FILTER (WHERE NOT left_is_open)) AS last,
                       BOOL_OR(NOT is_open AND user_id IS NULL OR NOT left_is_open AND left_user_id IS NULL)
                           AS is_unknown
                  FROM hc_journey_fresh GROUP BY partner_id
            ) AS seller;
            ANALYZE hc_journey_seller
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
                    "UPDATE hc_journey_passage AS row SET %s FROM %s AS fresh "
                    "WHERE row.journey_id = %s AND %s AND (%s) IS DISTINCT FROM (%s)",
                    SQL(", ").join(SQL("%s = fresh.%s", column, column) for column in columns),
                    FRESH,
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
                "INSERT INTO hc_journey_passage (journey_id, %s) SELECT %s, %s FROM %s AS fresh WHERE %s",
                SQL(", ").join(columns),
                self.id,
                SQL(", ").join(SQL("fresh.%s", column) for column in columns),
                FRESH,
                known,
            )
        )
