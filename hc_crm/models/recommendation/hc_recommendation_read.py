from collections import Counter
from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .hc_product_affinity import LOOK_BACK_DAYS
from .history import MAX_PEERS, RETURNED_DAYS, History, Pair, Peer


class HcRecommendation(models.AbstractModel):
    """The reading half: a fixed number of queries, whatever the customer bought."""

    _inherit = "hc.recommendation"

    def _read_history(self, people, company):
        """Return what these people bought, from orders that the reader may open."""
        now = fields.Datetime.now()
        since = now - timedelta(days=LOOK_BACK_DAYS)
        sources = []
        Line = self.env["sale.order.line"]
        if Line.has_access("read") and self.env["sale.order"].has_access("read"):
            order = Domain(
                [
                    ("state", "=", "sale"),
                    ("company_id", "=", company.id),
                    ("date_order", ">=", since),
                    # a mistyped year is no purchase yet
                    ("date_order", "<=", now),
                ]
            )
            lines = Line._search(
                Domain("order_partner_id", "in", people)
                & Domain("order_id", "any", order)
                & Domain(
                    [
                        ("display_type", "=", False),
                        ("is_downpayment", "=", False),
                        ("is_expense", "=", False),
                        ("combo_item_id", "=", False),
                        ("product_uom_qty", ">", 0),
                    ]
                )
            )
            sources.append(self._history_source(lines, "sale_order"))
        if self.env["hc.product.affinity"]._counts_pos(company) and self.env[
            "pos.order.line"
        ].has_access("read"):
            lines = self.env["pos.order.line"]._search(
                Domain("combo_parent_id", "=", False)
                & Domain("qty", ">", 0)
                & Domain(
                    "order_id",
                    "any",
                    Domain("partner_id", "in", people)
                    & Domain("state", "in", ("paid", "done", "invoiced"))
                    & Domain("company_id", "=", company.id)
                    & Domain("date_order", ">=", since)
                    & Domain("date_order", "<=", now),
                )
                # what was picked from a sales order at the till is counted there
                & (
                    Domain("sale_order_origin_id", "=", False)
                    if "sale_order_origin_id" in self.env["pos.order.line"]._fields
                    else Domain.TRUE
                )
            )
            sources.append(self._history_source(lines, "pos_order"))
        if not sources:
            return History()
        return History(
            self.env.execute_query(
                SQL(
                    """
                    SELECT line.product_id,
                           product.product_tmpl_id,
                           ARRAY_AGG(DISTINCT line.day)
                      FROM (%s) line
                      JOIN product_product product ON product.id = line.product_id
                      JOIN product_template template ON template.id = product.product_tmpl_id
                     WHERE template.type = 'consu'
                  GROUP BY 1, 2
                    """,
                    SQL(" UNION ALL ").join(sources),
                )
            )
        )

    def _history_source(self, query, orders):
        line, purchase = SQL.identifier(query.table), SQL.identifier("hc_purchase")
        query.add_join("JOIN", "hc_purchase", orders, SQL("%s.id = %s.order_id", purchase, line))
        return query.select(
            SQL("%s.product_id", line),
            # as date.toordinal() counts: numbers travel faster than dates
            SQL("%s.date_order::date - DATE '0001-01-01' + 1 AS day", purchase),
        )

    def _people(self, partner):
        """Return the ids of everybody at the customer. An own query: the planner knows a list of ids."""
        # superuser: a colleague's contact at the same customer; the orders are under the reader's rules
        people = (
            self.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            ._search([("commercial_partner_id", "=", partner.commercial_partner_id.id)])
        )
        return list(people.get_result_ids())

    def _read_returned(self, people, company):
        """Return the ids of templates these people sent back lately.

        Whoever asks: what a colleague credited must not be offered again, and a suggestion that is not
        made tells nothing.
        """
        since = fields.Datetime.now() - timedelta(days=RETURNED_DAYS)
        values = {"people": people, "company": company.id, "since": since}
        sources = [
            SQL(
                """
                SELECT line.product_id
                  FROM account_move credit
                  JOIN account_move_line line ON line.move_id = credit.id
                 WHERE credit.partner_id = ANY(%(people)s)
                   AND credit.move_type = 'out_refund'
                   AND credit.state = 'posted'
                   AND credit.company_id = %(company)s
                   AND credit.invoice_date >= %(since)s
                   AND line.display_type = 'product'
                """,
                **values,
            ),
            SQL(
                """
                SELECT line.product_id
                  FROM sale_order purchase
                  JOIN sale_order_line line ON line.order_id = purchase.id
                 WHERE purchase.partner_id = ANY(%(people)s)
                   AND purchase.state = 'sale'
                   AND purchase.company_id = %(company)s
                   AND purchase.date_order >= %(since)s
                   AND line.product_uom_qty < 0
                """,
                **values,
            ),
        ]
        if "pos.order" in self.env:
            sources.append(
                SQL(
                    """
                    SELECT line.product_id
                      FROM pos_order purchase
                      JOIN pos_order_line line ON line.order_id = purchase.id
                     WHERE purchase.partner_id = ANY(%(people)s)
                       AND purchase.state IN ('paid', 'done', 'invoiced')
                       AND purchase.company_id = %(company)s
                       AND purchase.date_order >= %(since)s
                       AND line.qty < 0
                    """,
                    **values,
                )
            )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT product.product_tmpl_id
                  FROM product_product product
                 WHERE product.id IN (%s)
                """,
                SQL(" UNION ALL ").join(sources),
            )
        )
        return {template for [template] in rows}

    # The three below read aggregates of at least ``floor`` customers, counted for everybody alike: SQL,
    # because the lists themselves are for administrators.

    def _read_pairs(self, company, seeds, floor):
        if not seeds:
            return []
        rows = self.env.execute_query(
            SQL(
                """
                SELECT product_tmpl_id, other_tmpl_id, support, cautious_lift
                  FROM hc_product_affinity
                 WHERE product_tmpl_id = ANY(%s) AND company_id = %s AND support >= %s
                """,
                list(seeds),
                company.id,
                floor,
            )
        )
        return [Pair(*row) for row in rows]

    def _read_peers(self, company, persona, floor):
        if not persona:
            return []
        rows = self.env.execute_query(
            SQL(
                """
                SELECT product_tmpl_id, customer_count, share, lift
                  FROM hc_product_popularity
                 WHERE persona_id = %s AND company_id = %s AND customer_count >= %s AND lift > 0.999
              ORDER BY share * LEAST(lift, 3) DESC, product_tmpl_id
                 LIMIT %s
                """,
                persona.id,
                company.id,
                floor,
                MAX_PEERS,
            )
        )
        return [Peer(*row) for row in rows]

    def _read_alike(self, company, template, floor):
        """Return ``{template id: [ids it shares with template]}``: bought with the same other things.

        Two of a kind are seldom bought by the same person, but they go with the same third.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT theirs.product_tmpl_id,
                       ARRAY_AGG(theirs.other_tmpl_id ORDER BY theirs.support DESC)
                  FROM hc_product_affinity ours
                  JOIN hc_product_affinity theirs
                    ON theirs.other_tmpl_id = ours.other_tmpl_id
                   AND theirs.company_id = ours.company_id
                 WHERE ours.product_tmpl_id = %(template)s
                   AND ours.company_id = %(company)s
                   AND theirs.product_tmpl_id != %(template)s
                   AND LEAST(ours.support, theirs.support) >= %(floor)s
              GROUP BY 1
              ORDER BY COUNT(*) DESC, 1
                 LIMIT 100
                """,
                template=template.id,
                company=company.id,
                floor=floor,
            )
        )
        return dict(rows)

    def _read_best_sellers(self, company, templates):
        """Return ``{template id: id of its best-selling variant}``."""
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT product_tmpl_id, best_product_id
                      FROM hc_product_popularity
                     WHERE product_tmpl_id = ANY(%s) AND company_id = %s
                       AND persona_id IS NULL AND best_product_id IS NOT NULL
                    """,
                    templates.ids,
                    company.id,
                )
            )
        )

    def _read_attribute_values(self, history):
        """Return how often the customer bought each attribute value: their size, their colour."""
        if not history.variants:
            return Counter()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT combination.product_product_id, value.product_attribute_value_id
                  FROM product_variant_combination combination
                  JOIN product_template_attribute_value value
                    ON value.id = combination.product_template_attribute_value_id
                 WHERE combination.product_product_id = ANY(%s)
                """,
                list(history.variants),
            )
        )
        counts = Counter()
        for product_id, value_id in rows:
            counts[value_id] += history.variants[product_id]
        return counts
