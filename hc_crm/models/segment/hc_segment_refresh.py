import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .condition import leaves, parse
from .condition_fields import INSIGHT

_logger = logging.getLogger(__name__)

# Number of the advisory lock of a refresh: any constant that no other addon is likely to use.
REFRESH_LOCK = 4_719_002_002

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
    """Who is in which segment, decided anew.

    How it works: the condition of each segment, in each company whose figures it asks for, becomes one
    ``INSERT … SELECT`` from ``res.partner._search()`` into a temporary table; one query closes the lines
    of those who are not there any more, one opens lines for those who are new, both with the figures of
    the moment. The number of queries depends on the number of segments and companies, never on the number
    of customers.

    Lines are written as superuser: who is in a segment must not depend on who presses the button. Each
    condition, though, sees only what its author may see.
    """

    _inherit = "hc.segment"

    def action_refresh(self):
        """Look at all customers again now, and say how many entered and left."""
        if not self.env.user.has_group("hc_crm.hc_crm_group_manager"):
            raise AccessError(
                self.env._("Only administrators of Customer Care can refresh segments.")
            )
        # superuser: see the class; which segments was asked as the user
        result = (self or self.search([])).sudo()._refresh()
        kind = "success"
        if result is None:
            kind = "warning"
            message = self.env._(
                "Somebody is refreshing the segments right now. Try again in a minute."
            )
        else:
            # not even a number, or a name, of what they may not see
            Membership = self.env["hc.segment.membership"]
            message = self.env._(
                "%(entered)s entered, %(left)s left.",
                entered=Membership._count_changes("entered"),
                left=Membership._count_changes("left"),
            )
            broken = result["broken"].with_env(self.env)._filtered_access("read")
            if broken:
                kind = "warning"
                message = self.env._(
                    "%(message)s Left as they were because their conditions no longer work: %(segments)s.",
                    message=message,
                    segments=", ".join(broken.mapped("name")),
                )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                # the numbers on the screen are the old ones
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _cron_refresh(self):
        """Nightly. A refresh that somebody started by hand does the same work: then leave it to them."""
        if self._refresh_all() is None:
            _logger.info("Segments are being refreshed already; nothing to do.")

    @api.model
    def _refresh_all(self, company=None):
        """Refresh every segment; with a ``company`` those that ask for its figures, which are new.

        :return: as ``_refresh``
        """
        domain = Domain.TRUE
        if company:
            domain = Domain("uses_insight", "=", True)
            domain &= Domain("company_id", "in", [False, company.id])
        # superuser: see the class
        return self.sudo().search(domain)._refresh(company)

    def _refresh_after_change(self):
        """Refresh what was just saved; if somebody else is at it, as soon as they have finished."""
        if not self:
            return
        # superuser: see the class; the write on the segments was checked
        segments = self.sudo()
        archived = segments.filtered(lambda segment: not segment.active)
        self.env["hc.segment.membership"].sudo().search(
            [("segment_id", "in", archived.ids), ("date_left", "=", False)]
        )._close("segment")
        segments -= archived
        if self.env.context.get("hc_segment_later"):
            segments.write({"state": "waiting"})
        elif segments and segments._refresh() is None:
            segments.write({"state": "waiting"})
            self.env.ref("hc_crm.ir_cron_refresh_segments").sudo()._trigger()

    def _refresh(self, company=None):
        """Decide anew who is in these segments. Called as superuser.

        :param company: look at the figures of this company only
        :return: ``{"entered": n, "left": n, "broken": segments}``, or None when another refresh is under way
        """
        [[locked]] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(%s)", REFRESH_LOCK)
        )
        if not locked:
            return None
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS hc_segment_match, hc_segment_change;
                CREATE TEMPORARY TABLE hc_segment_match (partner_id integer NOT NULL) ON COMMIT DROP;
                CREATE TEMPORARY TABLE hc_segment_change (
                    membership_id integer NOT NULL,
                    kind varchar NOT NULL
                ) ON COMMIT DROP
                """
            )
        )
        self._forget_unprofiled()
        result = {"entered": 0, "left": 0, "broken": self.browse()}
        for segment in self:
            # One bad condition must not cost the night's work: fields go away when a module is removed.
            try:
                with self.env.cr.savepoint(flush=False):
                    entered, left = segment._refresh_one(company)
                    values = {
                        "state": "ready",
                        "error": False,
                        "last_refresh": fields.Datetime.now(),
                        "refreshed_revision": segment.revision,
                    }
            except Exception as error:
                _logger.info("Segment %s was left as it is: %s", segment.id, error)
                values = {"state": "broken", "error": segment._error_text(error)}
                result["broken"] |= segment
            else:
                result["entered"] += entered
                result["left"] += left
            segment.write(values)
        self.env.flush_all()
        # SQL wrote behind the back of the cache
        self.env["hc.segment.membership"].invalidate_model()
        self.env["hc.segment"].invalidate_model(
            ["membership_ids", "member_count", "entered_count", "left_count"]
        )
        self.env["res.partner"].invalidate_model(["hc_segment_ids", "hc_segment_membership_ids"])
        return result

    def _forget_unprofiled(self):
        """Delete the lines of people who may not be described by rules: nothing of them is kept."""
        allowed = (
            self.env["res.partner"]
            .with_context(active_test=False)
            ._search(self.env["res.partner"]._hc_profiling_domain())
        )
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM hc_segment_membership AS membership
                 WHERE NOT EXISTS (
                       SELECT 1 FROM %s AS allowed WHERE allowed.id = membership.partner_id
                 )
                """,
                allowed.subselect(),
            )
        )

    def _refresh_one(self, only_company=None):
        """Refresh one segment in all of its companies; return how many entered and left."""
        conditions = self._get_conditions()
        if Domain(conditions).is_true():
            raise ValueError(self.env._("no condition is left"))
        figures, before = self._figures(conditions)
        entered = left = 0
        companies = self._companies()
        if only_company:
            companies &= only_company
        for company in companies if self.uses_insight else [None]:
            self._collect_matches(conditions, company)
            left += self._close_lost(company, figures)
            entered += self._open_won(company, figures, before)
        left += self._close_elsewhere(companies if not only_company else None)
        return entered, left

    def _companies(self):
        """Return the companies whose figures decide, as far as the author may see them."""
        if not self.uses_insight:
            return self.env["res.company"]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT company.id
                  FROM res_company AS company
                 WHERE (%(own)s IS NULL OR company.id = %(own)s)
                   AND EXISTS (SELECT 1 FROM hc_customer_insight AS insight
                                WHERE insight.company_id = company.id)
                 ORDER BY company.id
                """,
                own=self.company_id.id or None,
            )
        )
        companies = self.env["res.company"].browse(company_id for [company_id] in rows)
        author = self.author_id
        if author and author.id != api.SUPERUSER_ID:
            companies &= author.company_ids
        return companies

    def _eligible_domain(self):
        """Return who may be in the segment at all, whatever its conditions."""
        domain = self.env["res.partner"]._hc_profiling_domain()
        if self.level == "customer":
            domain &= Domain("is_company", "=", True) | Domain("parent_id", "=", False)
        if self.company_id:
            domain &= Domain("company_id", "in", [False, self.company_id.id])
        return domain

    def _matching(self, conditions, company=None):
        """Return the query of those who match, seen by the author of the conditions."""
        partners = self._partners_of_author(company)
        # who may be described at all is not for the authors to see: they add to it
        eligible = self._eligible_domain()
        if company:
            eligible &= Domain("company_id", "in", [False, company.id])
        if not partners.env.su:
            Partner = self.env["res.partner"].with_context(active_test=True)
            eligible = Domain("id", "in", Partner._search(eligible))
        return partners._search(eligible & Domain(conditions))

    def _collect_matches(self, conditions, company):
        query = self._matching(conditions, company)
        self.env.cr.execute("TRUNCATE hc_segment_match")
        self.env.cr.execute(SQL("INSERT INTO hc_segment_match (partner_id) %s", query.select()))
        self.env.cr.execute("ANALYZE hc_segment_match")

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
                if name == "recency_days" or (
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
        return self._change(
            "left",
            SQL(
                """
                UPDATE hc_segment_membership AS membership
                   SET date_left = %(now)s,
                       left_cause = CASE WHEN %(changed)s THEN 'conditions'
                                         WHEN NOT partner.active THEN 'contact'
                                         ELSE 'figures' END,
                       left_snapshot = jsonb_build_object(
                           'revision', %(revision)s, 'since', %(since)s::text, 'figures', %(figures)s)
                  FROM hc_segment_membership AS line
                  JOIN res_partner AS partner ON partner.id = line.partner_id
             LEFT JOIN hc_customer_insight AS insight
                    ON insight.partner_id = partner.commercial_partner_id
                   AND insight.company_id = %(company)s
                 WHERE line.id = membership.id
                   AND membership.segment_id = %(segment)s
                   AND membership.date_left IS NULL
                   AND membership.company_id IS NOT DISTINCT FROM %(company)s
                   AND NOT EXISTS (
                       SELECT 1 FROM hc_segment_match AS match
                        WHERE match.partner_id = membership.partner_id
                   )
                RETURNING membership.id
                """,
                now=fields.Datetime.now(),
                changed=self.revision != self.refreshed_revision,
                revision=self.revision,
                since=self.last_refresh and fields.Date.to_string(self.last_refresh),
                figures=figures,
                company=company.id if company else None,
                segment=self.id,
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
        self.env.cr.execute(
            SQL(
                """
                UPDATE hc_segment_membership SET uses_documents = %(documents)s
                 WHERE segment_id = %(segment)s AND date_left IS NULL
                   AND company_id IS NOT DISTINCT FROM %(company)s
                   AND uses_documents IS DISTINCT FROM %(documents)s
                """,
                documents=uses_documents,
                segment=self.id,
                company=company_id,
            )
        )
        return self._change(
            "entered",
            SQL(
                """
                INSERT INTO hc_segment_membership (
                    partner_id, segment_id, company_id, uses_documents, date_entered, entered_cause,
                    entered_snapshot
                )
                SELECT partner.id, %(segment)s, %(company)s, %(documents)s, %(now)s, %(cause)s,
                       jsonb_build_object(
                           'revision', %(revision)s, 'figures', %(figures)s, 'before', %(before)s)
                  FROM hc_segment_match AS match
                  JOIN res_partner AS partner ON partner.id = match.partner_id
             LEFT JOIN hc_customer_insight AS insight
                    ON insight.partner_id = partner.commercial_partner_id
                   AND insight.company_id = %(company)s
             LEFT JOIN hc_customer_insight_history AS past
                    ON past.partner_id = partner.commercial_partner_id
                   AND past.company_id = %(company)s
                   AND past.month = %(month)s
                 WHERE NOT EXISTS (
                       SELECT 1 FROM hc_segment_membership AS line
                        WHERE line.segment_id = %(segment)s
                          AND line.partner_id = partner.id
                          AND line.company_id IS NOT DISTINCT FROM %(company)s
                          AND line.date_left IS NULL
                 )
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
                UPDATE hc_segment_membership SET date_left = %(now)s, left_cause = 'conditions'
                 WHERE segment_id = %(segment)s AND date_left IS NULL
                   AND (%(deciding)s) IS NOT TRUE
                RETURNING id
                """,
                now=fields.Datetime.now(),
                segment=self.id,
                deciding=deciding,
            ),
        )

    def _change(self, kind, statement):
        """Run a statement that returns the ids of lines, note them, and return how many."""
        self.env.cr.execute(
            SQL(
                """
                WITH changed AS (%s)
                INSERT INTO hc_segment_change (membership_id, kind) SELECT id, %s FROM changed
                """,
                statement,
                kind,
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
