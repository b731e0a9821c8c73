from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..preference.hc_contact_event import COLUMNS, EventScope
from ..segment.condition import read

# While a branch waits for something to come true it asks again so often.
BRANCH_HOURS = 6


class HcOutreachStep(models.Model):
    _inherit = "hc.outreach.step"

    @api.constrains("branch_domain")
    def _check_condition(self):
        for step in self:
            try:
                step._try_condition()
            except Exception as error:
                # search methods of other apps' fields raise whatever they like
                raise ValidationError(
                    self.env._(
                        "“%(step)s”: the condition does not work: %(error)s. Set it anew with the filter "
                        "editor.",
                        step=step._title(),
                        error=str(error).rstrip("."),
                    )
                ) from error

    def _try_condition(self):
        """Ask the condition once, as its author: whatever is wrong with it is raised."""
        domain = Domain(read(self.branch_domain))
        if domain.is_true():
            return
        contacts = self._as_author()
        domain.validate(contacts)
        with self.env.cr.savepoint(flush=False):
            contacts.search(domain, limit=1)

    def _run_branch(self, deliveries):
        """Send each customer into the lane of what is true of them; wait for it while there is time."""
        self.ensure_one()
        if self.branch_type == "ab":
            deliveries._set_done(outcome=deliveries._draw_lanes(self))
            return
        test = getattr(self, f"_branch_{self.branch_type}")
        true = test(deliveries)
        true._set_done(outcome="yes")
        rest = deliveries - true
        if self.branch_days:
            now = deliveries._now()
            until = {
                row.id: fields.Datetime.add(
                    row.date_first_due or row.date_due, days=self.branch_days
                )
                for row in rest
            }
            waiting = rest.filtered(lambda row: until[row.id] > now)
            if waiting:
                soon = fields.Datetime.add(now, hours=BRANCH_HOURS)
                waiting._mark(
                    {
                        "date_due": {row.id: min(soon, until[row.id]) for row in waiting},
                        "reason_code": "branch_waits",
                        "reason_args": None,
                    }
                )
            rest -= waiting
        rest._set_done(outcome="no")

    def _run_stop(self, deliveries):
        deliveries._set_done()

    def _branch_domain(self, deliveries):
        """Those of whom the condition holds, seen by the author of the plan's conditions."""
        domain = self.plan_id._read_domain(self.branch_domain)
        partners = (
            self._as_author()
            .with_context(active_test=False)
            .search(Domain("id", "in", deliveries.partner_id.ids) & domain)
        )
        found = set(partners.ids)
        return deliveries.filtered(lambda row: row.partner_id.id in found)

    def _branch_opened(self, deliveries):
        """Those who opened the last mail of the plan, as far as their mail program says so."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT enrollment_id, date_opened IS NOT NULL FROM (
                    SELECT DISTINCT ON (enrollment_id) enrollment_id, date_opened
                      FROM hc_outreach_delivery
                     WHERE enrollment_id = ANY(%s) AND message_id IS NOT NULL AND state = 'done'
                     ORDER BY enrollment_id, date_done DESC, id DESC
                ) AS last
                """,
                deliveries.enrollment_id.ids,
            )
        )
        opened = {enrollment_id for enrollment_id, is_opened in rows if is_opened}
        return deliveries.filtered(lambda row: row.enrollment_id.id in opened)

    def _branch_answered(self, deliveries):
        """Those who turned to us on any channel since the plan last wrote to them."""
        Event = self.env["hc.contact.event"]
        since = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT e.id, COALESCE(MAX(d.date_done), e.date_begin, e.date_entered)
                      FROM hc_outreach_enrollment AS e
                      LEFT JOIN hc_outreach_delivery AS d
                             ON d.enrollment_id = e.id AND d.state = 'done' AND d.message_id IS NOT NULL
                     WHERE e.id = ANY(%s) GROUP BY e.id
                    """,
                    deliveries.enrollment_id.ids,
                )
            )
        )
        if not since:
            return deliveries
        now = deliveries._now()
        selects = Event._selects(
            EventScope(until=now, since=min(since.values()), partner_ids=deliveries.partner_id.ids)
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id, MAX(date) FROM (%s) AS event(%s) "
                "WHERE direction = 'in' AND is_contact GROUP BY partner_id",
                SQL(" UNION ALL ").join(SQL("(%s)", select) for select in selects),
                COLUMNS,
            )
        )
        last = dict(rows)
        return deliveries.filtered(
            lambda row: (
                row.partner_id.id in last and last[row.partner_id.id] >= since[row.enrollment_id.id]
            )
        )

    def _branch_ordered(self, deliveries):
        """Those whose company or household ordered since the plan began for them."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT d.id
                  FROM hc_outreach_delivery AS d
                  JOIN hc_outreach_enrollment AS e ON e.id = d.enrollment_id
                  JOIN res_partner AS p ON p.id = d.partner_id
                 WHERE d.id = ANY(%s) AND EXISTS (
                       SELECT 1 FROM sale_order AS o JOIN res_partner AS buyer ON buyer.id = o.partner_id
                        WHERE buyer.commercial_partner_id = p.commercial_partner_id
                          AND o.company_id = d.company_id AND o.state = 'sale'
                          AND o.date_order >= COALESCE(e.date_begin, e.date_entered)
                 )
                """,
                deliveries.ids,
            )
        )
        return deliveries.browse(row for [row] in rows)


class HcOutreachDelivery(models.Model):
    _inherit = "hc.outreach.delivery"

    def _draw_lanes(self, step):
        """Draw A or B for each customer: by step and person, so the same person always gets the same.

        :return: ``{delivery id: "a" or "b"}``
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, ('x' || left(md5(%s || ',' || partner_id), 8))::bit(32)::bigint / 4294967296.0
                       < %s / 100.0
                  FROM hc_outreach_delivery WHERE id = ANY(%s)
                """,
                f"branch {step.key}",
                step.branch_share,
                self.ids,
            )
        )
        return {row: "a" if is_a else "b" for row, is_a in rows}
