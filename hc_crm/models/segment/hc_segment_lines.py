from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .condition import leaves, parse
from .condition_fields import INSIGHT

# What a line remembers beside the figures asked for, so that silence and its end can be said.
ALWAYS = ("last_purchase_date", "currency_id")
# Figures of which the month before is known (hc.customer.insight.history).
BEFORE = ("churn_risk", "clv", "engagement", "frequency", "health", "health_band", "monetary")
# Types that fit a line of JSON and can be said in words.
SIMPLE_TYPES = {
    "boolean",
    "char",
    "date",
    "datetime",
    "float",
    "integer",
    "many2one",
    "monetary",
    "selection",
}
# PostgreSQL takes 100 arguments a call, two for each figure.
MAX_FIGURES = 40


class HcSegment(models.Model):
    """The lines of a refresh: who is not there any more, who is new, with the figures of the moment."""

    _inherit = "hc.segment"

    def _figures(self, conditions):
        """Return the figures that a condition asks for, as SQL over ``partner``, ``insight`` and ``past``.

        :return: two SQL expressions of jsonb: those of today, those of the month before
        """
        Partner, Insight = self.env["res.partner"], self.env["hc.customer.insight"]
        paths = [leaf.path for leaf in leaves(parse(repr(conditions)))]
        if self.uses_insight:
            paths += [f"{INSIGHT}.{name}" for name in ALWAYS]
        now, before = {}, {}
        for path in dict.fromkeys(paths):
            first, _dot, name = path.partition(".")
            if first == INSIGHT:
                field = Insight._fields.get(name)
                if name in ("recency_days", "next_purchase_days") or (
                    field is not None and field.store and field.type in SIMPLE_TYPES
                ):
                    key = "currency_id" if name == "currency_id" else path
                    now[key] = Insight._field_to_sql("insight", name)
                if name in BEFORE:
                    before[path] = SQL.identifier("past", name)
            else:
                field = Partner._fields.get(path)
                if (
                    field is not None
                    and field.store
                    and field.column_type
                    and not field.company_dependent
                    and not field.translate
                    and field.type in SIMPLE_TYPES
                ):
                    now[path] = SQL.identifier("partner", path)
        return self._to_json(now), self._to_json(before)

    @api.model
    def _to_json(self, expressions):
        pairs = [
            part
            for path, expression in list(expressions.items())[:MAX_FIGURES]
            for part in (_sql_text(path), expression)
        ]
        return SQL("jsonb_strip_nulls(jsonb_build_object(%s))", SQL(", ").join(pairs))

    def _close_lost(self, company, figures):
        """Close the lines of those who do not match any more, with the figures of now; return how many."""
        company_id = company.id if company else None
        return self._change(
            "left",
            # few change: looked for first, and only theirs are joined with the figures
            SQL(
                """
                SELECT line.id, line.partner_id
                  FROM hc_segment_membership AS line
                 WHERE line.segment_id = %(segment)s
                   AND line.date_left IS NULL
                   AND line.company_id IS NOT DISTINCT FROM %(company)s
                   AND NOT EXISTS (
                       SELECT 1 FROM hc_segment_match AS match
                        WHERE match.partner_id = line.partner_id
                   )
                """,
                company=company_id,
                segment=self.id,
            ),
            SQL(
                """
                UPDATE hc_segment_membership AS membership
                   SET date_left = %(now)s,
                       left_cause = CASE WHEN %(changed)s THEN 'conditions'
                                         WHEN NOT partner.active THEN 'contact'
                                         ELSE 'figures' END,
                       left_snapshot = jsonb_build_object(
                           'revision', %(revision)s, 'since', %(since)s::text, 'figures', %(figures)s),
                       left_seller_id = insight.seller_id,
                       left_seller_count = insight.seller_count,
                       left_frequency = insight.frequency
                  FROM lost
                  JOIN res_partner AS partner ON partner.id = lost.partner_id
             LEFT JOIN hc_customer_insight AS insight
                    ON insight.partner_id = partner.commercial_partner_id
                   AND insight.company_id = %(company)s
                 WHERE membership.id = lost.id
                RETURNING membership.id
                """,
                now=fields.Datetime.now(),
                changed=self.revision != self.refreshed_revision,
                revision=self.revision,
                since=self.last_refresh and fields.Date.to_string(self.last_refresh),
                figures=figures,
                company=company_id,
            ),
        )

    def _open_won(self, company, figures, before):
        """Open lines for those who match and had none, with the figures of now; return how many."""
        company_id = company.id if company else None
        # Who is in at the first look was not seen to enter.
        [[known]] = self.env.execute_query(
            SQL(
                """SELECT EXISTS (SELECT 1 FROM hc_segment_membership
                                   WHERE segment_id = %s AND company_id IS NOT DISTINCT FROM %s)""",
                self.id,
                company_id,
            )
        )
        start = self.revision != self.refreshed_revision or (bool(company) and not known)
        uses_documents = self.reach == "documents"
        # A line says why somebody entered, by the conditions of then: what those told about documents stays
        # protected. So a line is protected further, but not less: it ends, and another one begins.
        self.env.cr.execute(
            SQL(
                """
                UPDATE hc_segment_membership SET %(change)s
                 WHERE segment_id = %(segment)s AND date_left IS NULL
                   AND company_id IS NOT DISTINCT FROM %(company)s
                   AND uses_documents IS DISTINCT FROM %(documents)s
                """,
                change=SQL("uses_documents = TRUE")
                if uses_documents
                else SQL("date_left = %s, left_cause = 'conditions'", fields.Datetime.now()),
                documents=uses_documents,
                segment=self.id,
                company=company_id,
            )
        )
        return self._change(
            "entered",
            SQL(
                """
                SELECT match.partner_id
                  FROM hc_segment_match AS match
                 WHERE NOT EXISTS (
                       SELECT 1 FROM hc_segment_membership AS line
                        WHERE line.segment_id = %(segment)s
                          AND line.partner_id = match.partner_id
                          AND line.company_id IS NOT DISTINCT FROM %(company)s
                          AND line.date_left IS NULL
                 )
                """,
                segment=self.id,
                company=company_id,
            ),
            SQL(
                """
                INSERT INTO hc_segment_membership (
                    partner_id, segment_id, company_id, uses_documents, date_entered, entered_cause,
                    entered_snapshot, entered_seller_id, entered_seller_count, entered_frequency
                )
                SELECT partner.id, %(segment)s, %(company)s, %(documents)s, %(now)s, %(cause)s,
                       jsonb_build_object(
                           'revision', %(revision)s, 'figures', %(figures)s, 'before', %(before)s),
                       insight.seller_id, insight.seller_count, insight.frequency
                  FROM won
                  JOIN res_partner AS partner ON partner.id = won.partner_id
             LEFT JOIN hc_customer_insight AS insight
                    ON insight.partner_id = partner.commercial_partner_id
                   AND insight.company_id = %(company)s
             LEFT JOIN hc_customer_insight_history AS past
                    ON past.partner_id = partner.commercial_partner_id
                   AND past.company_id = %(company)s
                   AND past.month = %(month)s
                   -- whoever may read the figures of now may read those of then
                   AND (insight.seller_count > 1
                        OR COALESCE(past.seller_count, 0) = 0
                        OR (past.seller_count = 1 AND past.seller_id = insight.seller_id))
                ON CONFLICT DO NOTHING
                RETURNING id
                """,
                segment=self.id,
                company=company_id,
                documents=uses_documents,
                now=fields.Datetime.now(),
                cause="start" if start else "figures",
                revision=self.revision,
                figures=figures,
                # at the first look nothing is known to have risen or fallen
                before=SQL("'{}'::jsonb") if start else before,
                month=fields.Date.subtract(fields.Date.today().replace(day=1), months=1),
            ),
        )

    def _close_elsewhere(self, companies):
        """Close the lines of companies that do not decide any more; return how many.

        :param companies: those that do; None when not all of them were looked at
        """
        if companies is None:
            return 0
        deciding = (
            SQL("company_id = ANY(%s)", list(companies.ids))
            if self.uses_insight
            else SQL("company_id IS NULL")
        )
        return self._change(
            "left",
            SQL(
                """
                SELECT id FROM hc_segment_membership
                 WHERE segment_id = %s AND date_left IS NULL AND (%s) IS NOT TRUE
                """,
                self.id,
                deciding,
            ),
            SQL(
                """
                UPDATE hc_segment_membership AS membership
                   SET date_left = %s, left_cause = 'conditions'
                  FROM lost
                 WHERE membership.id = lost.id
                RETURNING membership.id
                """,
                fields.Datetime.now(),
            ),
        )

    def _change(self, kind, concerned, statement):
        """Run a statement that returns the ids of lines, note them, and return how many.

        :param concerned: query of those whom the statement is about; it finds them as ``won`` or ``lost``
        """
        self.env.cr.execute(
            SQL(
                """
                WITH %(name)s AS MATERIALIZED (%(concerned)s),
                     changed AS (%(statement)s)
                INSERT INTO hc_segment_change (membership_id, kind) SELECT id, %(kind)s FROM changed
                """,
                name=SQL.identifier({"entered": "won", "left": "lost"}[kind]),
                concerned=concerned,
                statement=statement,
                kind=kind,
            )
        )
        return self.env.cr.rowcount


class HcSegmentMembership(models.Model):
    _inherit = "hc.segment.membership"

    @api.model
    def _count_changes(self, kind):
        """Return how many lines the refresh of this transaction changed that the user may see.

        :param kind: ``entered`` or ``left``
        """
        return self.search_count(
            Domain(
                "id",
                "in",
                SQL("(SELECT membership_id FROM hc_segment_change WHERE kind = %s)", kind),
            )
        )


def _sql_text(text):
    return SQL("%s::text", text)
