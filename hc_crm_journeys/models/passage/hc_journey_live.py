from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.hc_crm.models.links import given_id
from odoo.addons.hc_crm.models.preference.hc_contact_event import EventScope

MAX_DAYS = 36500
# Contacts by ways that no touchpoint has are looked for so far back.
UNMAPPED_DAYS = 365
DAYS = "EXTRACT(EPOCH FROM %s - %s)::double precision / 86400.0"


class HcJourney(models.Model):
    """The figures of the stages, over nobody but the customers the reader may see.

    - *now*: in the stage; *entered*, *left*: within the period, times, not heads
    - *median*, *slow*: days in it of those who left it within the period, half of them and nine of ten
    - *overdue*: in it longer than the stage should take
    - *dropped*: in it longer than nine of ten who went on ever were, or than three times what it should take where
      fewer than five went on, and for as long nothing was heard of them: no event on this map, no contact, no purchase
    - *skipped*: customers who came to a later stage within the period without ever having been in this one
    - *repeated*: entered within the period, not for the first time
    - *out of order*: entered from a later stage

    A stage with stages below it has the sums of theirs, and no median.
    """

    _inherit = "hc.journey"

    def hc_live(self, options=None):
        """Return the figures of the map.

        :param options: ``{"period": days or "all", "persona": id or False, "segment": id or False}``
        :raise ValidationError: naming the option that does not work
        """
        self.ensure_one()
        self.check_access("read")
        options = self._live_options(options)
        self.env.flush_all()
        stages = self._live_ranks()
        rows = self._live_rows(options)
        figures = self._live_stages(rows, options, stages)
        self._live_skipped(rows, options, stages, figures)
        flows = self._live_flows(rows, options, stages)
        out_of_order = sum(
            flow["count"]
            for flow in flows
            if flow["from"] in stages
            and flow["to"] in stages
            and stages[flow["from"]]["rank"] > stages[flow["to"]]["rank"]
        )
        touchpoints, silent = self._live_touchpoints(rows, options)
        self._live_sum_up(figures, stages)
        return {
            "as_of": fields.Datetime.to_string(self.date_passages) if self.date_passages else False,
            "stages": figures,
            "flows": flows,
            "order": {"out_of_order": out_of_order},
            "touchpoints": touchpoints,
            "drift": {"silent": silent, "unmapped": self._live_unmapped(rows, options)},
            "words": self._live_words(),
        }

    def _live_words(self):
        """Say what the figures that need it mean."""
        return {
            "overdue": self.env._("In the stage longer than it should take."),
            "dropped": self.env._(
                "In the stage longer than nine of ten who went on ever were, and for as long nothing was heard "
                "of them: no event on this map, no contact, no purchase. Where fewer than five went on: three "
                "times what the stage should take."
            ),
            "skipped": self.env._("Came to a later stage without ever having been in this one."),
            "repeated": self.env._("Entered it not for the first time."),
            "out_of_order": self.env._("Went back from a later stage to an earlier one."),
        }

    # -- what is asked --------------------------------------------------------------------------

    def _live_options(self, options):
        options = options or {}
        if not isinstance(options, dict):
            raise ValidationError(
                self.env._("“Options”: name period, persona and segment, or nothing at all.")
            )
        period = options.get("period") or "all"
        if period != "all" and (type(period) is not int or not 0 < period <= MAX_DAYS):
            raise ValidationError(
                self.env._(
                    "“Period”: “%(value)s” does not work. Give a whole number of days, or “all”.",
                    value=str(period)[:50],
                )
            )
        now = fields.Datetime.now()
        return {
            "now": now,
            "since": None if period == "all" else now - timedelta(days=period),
            "persona": given_id(self.env, options.get("persona"), self.env._("“Persona”")),
            "segment": given_id(self.env, options.get("segment"), self.env._("“Segment”")),
        }

    def _live_domain(self, options):
        """Return the Domain of the passages asked for."""
        domain = Domain("journey_id", "=", self.id) & Domain("partner_id.active", "=", True)
        if options["persona"]:
            member = Domain("persona_id", "=", options["persona"]) & Domain("date_left", "=", False)
            domain &= Domain("partner_id.persona_membership_ids", "any", member)
        if options["segment"]:
            domain &= Domain("partner_id.hc_segment_ids", "in", [options["segment"]])
        return domain

    def _live_rows(self, options):
        """Return the SELECT of the passages asked for that the reader may read."""
        Passage = self.env["hc.journey.passage"]
        query = Passage._search(self._live_domain(options), order="id")
        query.order = None
        names = (
            "partner_id", "stage_id", "touchpoint_number", "date_from", "date_to", "visit", "from_number",
            "to_number", "left_id",
        )  # fmt: skip
        return query.select(*(SQL.identifier("hc_journey_passage", name) for name in names))

    def _live_ranks(self):
        """Return ``{uid: {"id", "rank", "parent": uid or False}}`` of the stages."""
        ranks = self._stage_ranks()
        stages = self.env["hc.journey.stage"].browse(ranks)
        return {
            stage.uid: {
                "id": stage.id, "rank": ranks[stage.id], "parent": stage.parent_id.uid or False,
                "has_rule": bool(stage.rule_ids.filtered(lambda rule: not rule.touchpoint_id)),
            }
            for stage in stages
        }  # fmt: skip

    def _within(self, column, options):
        if options["since"] is None:
            return SQL("%s IS NOT NULL", SQL(column))
        return SQL("%s >= %s", SQL(column), options["since"])

    # -- the figures ----------------------------------------------------------------------------

    def _live_stages(self, rows, options, stages):
        found = self.env.execute_query(
            SQL(
                """
                WITH row AS NOT MATERIALIZED (%(rows)s),
                heard AS (
                    SELECT partner_id, MAX(GREATEST(date_from, date_to)) AS date FROM row GROUP BY partner_id
                ),
                silent AS (
                    SELECT row.stage_id, COUNT(*) AS count
                      FROM row JOIN hc_journey_stage AS stage ON stage.id = row.stage_id
                      JOIN heard ON heard.partner_id = row.partner_id
                     WHERE row.touchpoint_number = 0 AND row.date_to IS NULL AND %(lost)s
                     GROUP BY row.stage_id
                )
                SELECT row.stage_id,
                       COUNT(*) FILTER (WHERE date_to IS NULL) AS now,
                       COUNT(*) FILTER (WHERE %(entered)s) AS entered,
                       COUNT(*) FILTER (WHERE %(left)s) AS left,
                       PERCENTILE_CONT(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY %(days)s)
                           FILTER (WHERE %(left)s) AS days,
                       COUNT(*) FILTER (WHERE date_to IS NULL AND stage.standard_days > 0
                           AND date_from + stage.standard_days * INTERVAL '1 day' < %(now)s) AS overdue,
                       COUNT(*) FILTER (WHERE visit > 1 AND %(entered)s) AS repeated,
                       MAX(silent.count) AS dropped
                  FROM row JOIN hc_journey_stage AS stage ON stage.id = row.stage_id
                  LEFT JOIN silent ON silent.stage_id = row.stage_id
                 WHERE row.touchpoint_number = 0 GROUP BY row.stage_id
                """,
                rows=rows,
                entered=self._within("date_from", options),
                left=self._within("date_to", options),
                days=SQL(DAYS, SQL("date_to"), SQL("date_from")),
                lost=self._lost_sql(SQL("row.partner_id"), SQL("heard.date"), options["now"]),
                now=options["now"],
            )
        )
        by_id = {stage_id: figures for stage_id, *figures in found}
        result = {}
        for uid, stage in stages.items():
            here, entered, left, days, overdue, repeated, dropped = by_id.get(
                stage["id"], (0, 0, 0, None, 0, 0, 0)
            )
            result[uid] = {
                "now": here, "entered": entered, "left": left,
                "median_days": round(days[0], 2) if days else None,
                "slow_days": round(days[1], 2) if days else None,
                "overdue": overdue, "dropped": dropped or 0, "skipped": 0, "repeated": repeated,
                "has_rule": stage["has_rule"],
            }  # fmt: skip
        return result

    def _lost_sql(self, partner, heard, now):
        """Return the condition on a customer in ``stage`` (an alias of the table) that they are gone.

        :param heard: SQL of when something was last heard of them on the map; it includes entering the stage
        """
        # superuser: the reader may see all that happened with these customers, and is told no figure of it
        insight = SQL(
            """NOT EXISTS (
                SELECT FROM hc_customer_insight AS insight
                 WHERE insight.partner_id = %(partner)s AND insight.company_id = %(company)s
                   AND GREATEST(insight.last_contact_date, insight.last_purchase_date)
                       + limit_days * INTERVAL '1 day' >= %(now)s)""",
            partner=partner,
            company=self.company_id.id,
            now=now,
        )
        limit = self.env["hc.journey.stage"]._lost_limit("stage")
        return SQL(
            "EXISTS (SELECT FROM (SELECT %(limit)s AS limit_days) AS bound WHERE limit_days IS NOT NULL "
            "AND %(heard)s + limit_days * INTERVAL '1 day' < %(now)s AND %(insight)s)",
            limit=limit,
            heard=heard,
            now=now,
            insight=insight,
        )

    def _live_skipped(self, rows, options, stages, figures):
        if not stages:
            return
        ranks = SQL(", ").join(
            SQL("(%s, %s)", stage["id"], stage["rank"]) for stage in stages.values()
        )
        found = self.env.execute_query(
            SQL(
                """
                WITH place (stage_id, rank) AS (VALUES %(ranks)s),
                row AS MATERIALIZED (
                    SELECT DISTINCT passage.partner_id, place.rank, passage.date_from >= %(since)s AS is_new
                      FROM (%(rows)s) AS passage JOIN place ON place.stage_id = passage.stage_id
                     WHERE passage.touchpoint_number = 0
                ),
                top AS (SELECT partner_id, MAX(rank) FILTER (WHERE is_new) AS rank FROM row GROUP BY partner_id)
                SELECT place.rank,
                       (SELECT COUNT(*) FROM top WHERE top.rank > place.rank)
                       - (SELECT COUNT(DISTINCT row.partner_id) FROM row JOIN top USING (partner_id)
                           WHERE row.rank = place.rank AND top.rank > place.rank)
                  FROM place
                """,
                ranks=ranks,
                rows=rows,
                since=options["since"] or fields.Datetime.from_string("1900-01-01 00:00:00"),
            )
        )
        counts = dict(found)
        for uid, stage in stages.items():
            # a stage that nobody can enter is not skipped by anybody
            if stage["has_rule"] or figures[uid]["entered"]:
                figures[uid]["skipped"] = counts.get(stage["rank"], 0)

    def _live_flows(self, rows, options, stages):
        """Return how many went from where to where: entering and leaving altogether included."""
        uids = {stage["id"]: uid for uid, stage in stages.items()}
        found = self.env.execute_query(
            SQL(
                """
                WITH row AS NOT MATERIALIZED (%(rows)s)
                SELECT stage_id, to_number, COUNT(*),
                       PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY %(days)s)
                  FROM row WHERE touchpoint_number = 0 AND %(left)s GROUP BY stage_id, to_number
                 UNION ALL
                SELECT NULL, stage_id, COUNT(*), NULL
                  FROM row WHERE touchpoint_number = 0 AND from_number = 0 AND %(entered)s GROUP BY stage_id
                """,
                rows=rows,
                days=SQL(DAYS, SQL("date_to"), SQL("date_from")),
                left=self._within("date_to", options),
                entered=self._within("date_from", options),
            )
        )
        flows = [
            {
                "from": uids.get(source, "enter"),
                "to": uids.get(target, "leave"),
                "count": count,
                "median_days": None if days is None else round(days, 2),
            }
            for source, target, count, days in found
            if (source is None or source in uids)
        ]
        return sorted(flows, key=lambda flow: (-flow["count"], flow["from"], flow["to"]))

    def _live_touchpoints(self, rows, options):
        found = self.env.execute_query(
            SQL(
                "SELECT touchpoint_number, COUNT(*), MAX(date_from) FROM (%s) AS row "
                "WHERE touchpoint_number <> 0 AND %s GROUP BY touchpoint_number",
                rows,
                self._within("date_from", options),
            )
        )
        counts = {number: (count, last) for number, count, last in found}
        touchpoints = self.env["hc.journey.touchpoint"].search_fetch(
            [("journey_id", "=", self.id)], ["cell_id"]
        )
        ruled = self.rule_ids.touchpoint_id
        result, silent = {}, []
        for touchpoint in touchpoints:
            count, last = counts.get(touchpoint.id, (0, None))
            if count or touchpoint in ruled:
                result[touchpoint.cell_id.uid] = {
                    "count": count,
                    "last": fields.Datetime.to_string(last) if last else None,
                }
            if touchpoint in ruled and not count:
                silent.append(touchpoint.cell_id.uid)
        return result, silent

    def _live_unmapped(self, rows, options):
        """Count contacts with the customers on the map by ways that no touchpoint of it goes."""
        mapped = set(
            self.env["hc.journey.touchpoint"]
            .search([("journey_id", "=", self.id)])
            .channel_id.mapped("key")
        )
        since = max(
            filter(None, [options["since"], options["now"] - timedelta(days=UNMAPPED_DAYS)])
        )
        events = self.env["hc.contact.event"]._selects(
            EventScope(until=options["now"], since=since, company_id=self.company_id.id)
        )
        user = self.env.user
        sees_all = user.has_group("hc_crm.hc_crm_group_manager") or user.has_group(
            "sales_team.group_sale_salesman_all_leads"
        )
        found = self.env.execute_query(
            SQL(
                """
                SELECT event.channel, COUNT(*)
                  FROM (%(events)s) AS event (partner_id, date, kind, channel, direction, feeling, is_contact,
                                              company_id, is_open)
                  JOIN res_partner AS person ON person.id = event.partner_id
                 WHERE person.commercial_partner_id IN (SELECT partner_id FROM (%(rows)s) AS row) AND %(open)s
                 GROUP BY event.channel ORDER BY 2 DESC, 1
                """,
                events=SQL(" UNION ALL ").join(events),
                rows=rows,
                open=SQL("TRUE") if sees_all else SQL("event.is_open"),
            )
        )
        labels = self.env["hc.channel"]._hc_channel_info()
        return [
            {"label": labels.get(key, {}).get("label") or key, "count": count}
            for key, count in found
            if key and key not in mapped
        ]

    def _live_sum_up(self, figures, stages):
        """Give stages with stages below them the sums of theirs."""
        for uid in sorted(stages, key=lambda uid: stages[uid]["rank"], reverse=True):
            parent = stages[uid]["parent"]
            if parent in figures:
                for name in ("now", "entered", "left", "overdue", "dropped", "skipped", "repeated"):
                    figures[parent][name] += figures[uid][name]
                figures[parent]["has_rule"] |= figures[uid]["has_rule"]
