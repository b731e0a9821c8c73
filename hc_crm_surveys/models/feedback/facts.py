from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 2000
# An order so long before an answer that is about nothing in particular has nothing to do with it.
ORDER_DAYS = 90
CONTACT_DAYS = 30
ANSWER_DAYS = 60


class HcFeedback(models.Model):
    """How we worked before they said it: facts that go along with scores or do not.

    Looked up once, some hours after the answer, by a scheduled action; so that answering costs nothing, and
    the results read a column instead of the history of every customer.

    - *days to deliver*: of the order it is about, else the latest in the 90 days before: from the order to
      the delivery (its date agreed, where no app records deliveries);
    - *discount*: of that order, of what it would have cost;
    - *contacts before*: calls, visits and messages of theirs in the 30 days before;
    - *days to answer*: from messages of theirs in the 60 days before to our next on the same document, mean.
    """

    _inherit = "hc.feedback"

    @api.model
    def _cron_catch_up(self):
        res = super()._cron_catch_up()
        progress = self.env["ir.cron"]
        while ids := self._hc_without_facts():
            self._hc_fill_facts(ids)
            if not progress._commit_progress(len(ids), remaining=1):
                return res
        progress._commit_progress(remaining=0)
        return res

    def _hc_without_facts(self):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL("SELECT id FROM hc_feedback WHERE date_facts IS NULL AND is_scored LIMIT %s", BATCH)
        )
        return [row_id for [row_id] in rows]

    @api.model
    def _hc_fill_facts(self, ids):
        """Look up the facts of these rows, in one statement."""
        self.env.flush_all()
        delivered = SQL("so.commitment_date")
        if "effective_date" in self.env["sale.order"]._fields:  # where deliveries are recorded
            delivered = SQL("COALESCE(so.effective_date, so.commitment_date)")
        self.env.cr.execute(
            SQL(
                """
                UPDATE hc_feedback AS feedback
                   SET date_facts = %(now)s, days_deliver = fact.days_deliver, discount = fact.discount,
                       contacts = fact.contacts, days_answer = fact.days_answer
                  FROM (
                SELECT f.id,
                       CASE WHEN %(delivered)s >= so.date_order
                            THEN EXTRACT(EPOCH FROM %(delivered)s - so.date_order) / 86400 END AS days_deliver,
                       price.discount, talk.contacts, talk.days_answer
                  FROM hc_feedback AS f
             LEFT JOIN LATERAL (
                       SELECT o.id FROM sale_order AS o
                        WHERE o.state = 'sale'
                          AND (CASE WHEN f.res_model = 'sale.order' THEN o.id = f.res_id
                               ELSE o.partner_id = f.partner_id
                                AND o.date_order BETWEEN f.date - make_interval(days => %(order_days)s)
                                AND f.date END)
                     ORDER BY o.date_order DESC LIMIT 1
                       ) AS latest ON TRUE
             LEFT JOIN sale_order AS so ON so.id = latest.id
             LEFT JOIN LATERAL (
                       SELECT 100 * (1 - SUM(line.price_subtotal)
                              / NULLIF(SUM(line.price_subtotal / (1 - line.discount / 100)), 0)) AS discount
                         FROM sale_order_line AS line
                        WHERE line.order_id = so.id AND line.display_type IS NULL AND line.discount < 100
                       ) AS price ON so.id IS NOT NULL
             LEFT JOIN LATERAL (
                       SELECT (SELECT COUNT(*) FROM hc_interaction AS i
                                WHERE i.partner_id = f.partner_id AND NOT COALESCE(i.is_automated, FALSE)
                                  AND i.date BETWEEN f.date - make_interval(days => %(contact_days)s) AND f.date)
                            + COUNT(*) FILTER (WHERE m.date >= f.date - make_interval(days => %(contact_days)s))
                              AS contacts,
                              AVG(EXTRACT(EPOCH FROM reply.date - m.date) / 86400) AS days_answer
                         FROM mail_message AS m
                    LEFT JOIN LATERAL (
                              SELECT r.date FROM mail_message AS r
                                JOIN res_users AS u ON u.partner_id = r.author_id AND NOT u.share
                               WHERE r.model = m.model AND r.res_id = m.res_id AND r.id > m.id
                                 AND r.message_type IN ('comment', 'email', 'email_outgoing')
                            ORDER BY r.id LIMIT 1
                              ) AS reply ON TRUE
                        WHERE m.author_id = f.partner_id AND m.message_type IN ('comment', 'email')
                          AND m.model IS NOT NULL
                          AND m.date BETWEEN f.date - make_interval(days => %(answer_days)s) AND f.date
                       ) AS talk ON f.partner_id IS NOT NULL
                 WHERE f.id = ANY(%(ids)s)
                       ) AS fact
                 WHERE fact.id = feedback.id
                """,
                now=fields.Datetime.now(),
                delivered=delivered,
                order_days=ORDER_DAYS,
                contact_days=CONTACT_DAYS,
                answer_days=ANSWER_DAYS,
                ids=list(ids),
            )
        )
        self.invalidate_model(flush=False)
