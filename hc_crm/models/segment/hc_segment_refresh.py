import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Number of the advisory lock of a refresh: any constant that no other addon is likely to use.
REFRESH_LOCK = 4_719_002_002


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
        result = (self or self.search(Domain.TRUE)).sudo()._refresh()
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
        known_companies = self._insight_companies()
        result = {"entered": 0, "left": 0, "broken": self.browse()}
        for segment in self:
            # One bad condition must not cost the night's work: fields go away when a module is removed.
            try:
                with self.env.cr.savepoint(flush=False):
                    entered, left = segment._refresh_one(known_companies, company)
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

    def _refresh_one(self, known_companies, only_company=None):
        """Refresh one segment in all of its companies; return how many entered and left."""
        conditions = self._get_conditions()
        if Domain(conditions).is_true():
            raise ValueError(self.env._("no condition is left"))
        figures, before = self._figures(conditions)
        entered = left = 0
        companies = self._companies(known_companies)
        if only_company:
            companies &= only_company
        for company in companies if self.uses_insight else [None]:
            self._collect_matches(conditions, company)
            left += self._close_lost(company, figures)
            entered += self._open_won(company, figures, before)
        left += self._close_elsewhere(companies if not only_company else None)
        return entered, left

    @api.model
    def _insight_companies(self):
        """Return the companies that have figures."""
        rows = self.env.execute_query(SQL("SELECT DISTINCT company_id FROM hc_customer_insight"))
        return self.env["res.company"].browse(sorted(company_id for [company_id] in rows))

    def _companies(self, known):
        """Return which of the companies with figures decide, as far as the author may see them."""
        if not self.uses_insight:
            return known.browse()
        companies = known & self.company_id if self.company_id else known
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
