from dataclasses import dataclass

import numpy as np
import pytz

from odoo import api, fields, models
from odoo.tools import SQL

from .copy_arrays import read_arrays

COLUMNS = {
    "customer": "integer",
    "day": "integer",
    "amount": "double precision",
    "seller": "integer",
    "flags": "integer",
}
NO_RATE = 1  # the amount is unknown: no exchange rate
NO_SELLER = 0
MIN_DAY, MAX_DAY = "0001-01-01", "9999-12-31"


@dataclass
class Purchases:
    """One row per customer and day, sorted by both.

    ``customer`` int64 ids of commercial partners; ``day`` int32 ordinals (1 is 1 January of year 1);
    ``amount`` float64 in the company's currency, NaN where it is unknown or nothing was paid;
    ``seller_low`` and ``seller_high`` the smallest and largest id of a salesperson that day, 0 for none.
    ``documents``, ``without_rate`` count what was read.
    """

    customer: np.ndarray
    day: np.ndarray
    amount: np.ndarray
    seller_low: np.ndarray
    seller_high: np.ndarray
    documents: int = 0
    without_rate: int = 0
    left_out: int = 0


class HcInsightPurchase(models.AbstractModel):
    """Which documents are purchases, of whom, on which day, for how much.

    The one place that knows; everything that counts purchases asks here. Runs as superuser: what a reader
    may see of the result is up to the record rules of what is stored.
    """

    _name = "hc.insight.purchase"
    _description = "Purchases Counted"

    @api.model
    def _documents_query(self, config, customers=None, until=None):
        """Return the SELECT of purchases, one row per document.

        Columns: customer (commercial partner), day (date in the company's time zone), amount (company
        currency, without taxes, less what was credited), seller (user or NULL), no_rate (boolean),
        left_out (boolean: a negative total, or all of it was credited), res_id.

        :param config: ``hc.insight.config``
        :param customers: ``SQL`` of a sub-select of commercial partner ids, or None for all
        :param until: last day counted, a date, or None
        """
        # the query reads the tables: what was changed in this transaction has to be there
        self.env.flush_all()
        sources = [
            self._invoice_query(config)
            if config.purchase_source == "invoice"
            else self._order_query(config)
        ]
        if config.count_pos and "pos.order" in self.env:
            sources.append(self._pos_query(config))
        where = [SQL("partner.commercial_partner_id IN %s", self._customers(customers).subselect())]
        query = SQL(
            """
            SELECT partner.commercial_partner_id AS customer, document.day, document.amount,
                   document.seller, document.no_rate, document.left_out, document.res_id
              FROM (%(sources)s) AS document
              JOIN res_partner AS partner ON partner.id = document.partner_id
             WHERE %(where)s
            """,
            sources=SQL(" UNION ALL ").join(sources),
            where=SQL(" AND ").join(where),
        )
        if until is None:
            return query
        return SQL("SELECT * FROM (%s) AS known WHERE known.day <= %s", query, until)

    @api.model
    def _customers(self, customers=None):
        """Return the query of those who may be described at all.

        :param customers: ``SQL`` of a sub-select of ids, or None for all
        """
        Partner = self.env["res.partner"].sudo().with_context(active_test=True)
        query = Partner._search(Partner._hc_profiling_domain())
        if customers is not None:
            query.add_where(SQL("%s IN (%s)", SQL.identifier(query.table, "id"), customers))
        return query

    @api.model
    def _timezone(self, company):
        """Return the time zone in which a day of ``company`` begins and ends."""
        name = company.sudo().resource_calendar_id.tz or company.sudo().partner_id.tz or "UTC"
        return name if name in pytz.all_timezones_set else "UTC"

    def _rateless(self, company):
        """Return the SELECT of currencies that cannot be converted, having no rate at all.

        Odoo takes 1.0 for them: a thousand yen would count as a thousand euro.
        """
        rates = SQL(
            "SELECT 1 FROM res_currency_rate AS rate WHERE (rate.company_id IS NULL OR rate.company_id = %s)",
            company.root_id.id,
        )
        return SQL(
            """
            SELECT currency.id FROM res_currency AS currency
             WHERE currency.id <> %(own)s
               AND NOT EXISTS (%(rates)s AND rate.currency_id = currency.id)
               -- or else it may be the one that all others, ours among them, are measured in
               AND NOT EXISTS (%(rates)s AND rate.currency_id = %(own)s AND rate.rate <> 1)
            """,
            own=company.currency_id.id,
            rates=rates,
        )

    def _order_query(self, config):
        company = config.company_id
        return SQL(
            """
            SELECT sale_order.partner_id,
                   (sale_order.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day,
                   sale_order.amount_untaxed / COALESCE(NULLIF(sale_order.currency_rate, 0), 1)
                       - COALESCE(credit.amount, 0) AS amount,
                   sale_order.user_id AS seller,
                   rateless.id IS NOT NULL AS no_rate,
                   sale_order.amount_untaxed < 0 OR (
                       credit.amount > 0
                       AND sale_order.amount_untaxed / COALESCE(NULLIF(sale_order.currency_rate, 0), 1)
                           <= credit.amount + 0.005
                   ) AS left_out,
                   sale_order.id AS res_id
              FROM sale_order
              LEFT JOIN (%(credit)s) AS credit ON credit.order_id = sale_order.id
              LEFT JOIN (%(rateless)s) AS rateless ON rateless.id = sale_order.currency_id
             WHERE sale_order.state = 'sale' AND sale_order.company_id = %(company)s
            """,
            credit=self._credit_query(company),
            rateless=self._rateless(company),
            company=company.id,
            tz=self._timezone(company),
        )

    def _credit_query(self, company):
        """Return the SELECT of what was credited on each order, in the company's currency.

        A down payment is credited within a final invoice, by a negative line, and not by a credit note:
        it does not count here.
        """
        return SQL(
            """
            SELECT credited.order_id, SUM(credited.amount) AS amount
              FROM (
                  SELECT DISTINCT line.order_id, move_line.id, move_line.balance AS amount
                    FROM account_move AS move
                    JOIN account_move_line AS move_line ON move_line.move_id = move.id
                    JOIN sale_order_line_invoice_rel AS rel ON rel.invoice_line_id = move_line.id
                    JOIN sale_order_line AS line ON line.id = rel.order_line_id
                   WHERE move.move_type = 'out_refund' AND move.state = 'posted'
                     AND move.company_id = %(company)s
              ) AS credited
             GROUP BY credited.order_id
            """,
            company=company.id,
        )

    def _invoice_query(self, config):
        company = config.company_id
        return SQL(
            """
            SELECT move.partner_id, COALESCE(move.invoice_date, move.date) AS day,
                   move.amount_untaxed_signed - COALESCE(credit.amount, 0) AS amount,
                   move.invoice_user_id AS seller,
                   rateless.id IS NOT NULL AS no_rate,
                   move.amount_untaxed_signed < 0 OR move.payment_state = 'reversed' OR (
                       credit.amount > 0 AND move.amount_untaxed_signed <= credit.amount + 0.005
                   ) AS left_out,
                   move.id AS res_id
              FROM account_move AS move
              LEFT JOIN (
                  SELECT reversed_entry_id, SUM(-amount_untaxed_signed) AS amount
                    FROM account_move
                   WHERE move_type = 'out_refund' AND state = 'posted'
                     AND company_id = %(company)s AND reversed_entry_id IS NOT NULL
                   GROUP BY reversed_entry_id
              ) AS credit ON credit.reversed_entry_id = move.id
              LEFT JOIN (%(rateless)s) AS rateless ON rateless.id = move.currency_id
             WHERE move.move_type = 'out_invoice' AND move.state = 'posted'
               AND move.company_id = %(company)s AND move.partner_id IS NOT NULL
            """,
            rateless=self._rateless(company),
            company=company.id,
        )

    def _pos_query(self, config):
        company = config.company_id
        PosOrder = self.env["pos.order"]
        where = [SQL("pos.state IN ('paid', 'done')"), SQL("pos.company_id = %s", company.id)]
        if config.purchase_source == "invoice":
            # the invoice counts
            where.append(SQL("pos.account_move IS NULL"))
        elif "sale_order_origin_id" in self.env["pos.order.line"]._fields:
            # the sales order counts
            where.append(
                SQL(
                    "NOT EXISTS (SELECT 1 FROM pos_order_line AS line WHERE line.order_id = pos.id "
                    "AND line.sale_order_origin_id IS NOT NULL)"
                )
            )
        return SQL(
            """
            SELECT pos.partner_id,
                   (pos.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day,
                   (pos.amount_total - pos.amount_tax) / COALESCE(NULLIF(%(rate)s, 0), 1) AS amount,
                   pos.user_id AS seller, FALSE AS no_rate, pos.amount_total < 0 AS left_out,
                   -pos.id AS res_id
              FROM pos_order AS pos
             WHERE %(where)s AND pos.partner_id IS NOT NULL
            """,
            rate=PosOrder._field_to_sql("pos", "currency_rate"),
            tz=self._timezone(company),
            where=SQL(" AND ").join(where),
        )

    @api.model
    def _load(self, config, customers=None, until=None):
        """Read the purchases of all customers, or of some.

        The parameters are those of ``_documents_query``.

        :return: :class:`Purchases`
        """
        query = SQL(
            """
            SELECT customer,
                   (day - DATE '0001-01-01') + 1 AS day,
                   CASE WHEN no_rate OR amount IS NULL OR amount <= 0 OR amount > 1e15
                        THEN 'NaN'
                        ELSE amount END::double precision AS amount,
                   COALESCE(seller, %s) AS seller,
                   no_rate::int + 2 * COALESCE(left_out, FALSE)::int AS flags
              FROM (%s) AS document
             WHERE day BETWEEN %s AND %s
            """,
            NO_SELLER,
            self._documents_query(config, customers, until),
            MIN_DAY,
            MAX_DAY,
        )
        return self._merge_days(read_arrays(self.env.cr, query, COLUMNS))

    def _merge_days(self, rows):
        """Make one purchase of all documents of a customer and day."""
        documents = len(rows["day"])
        left_out = (rows["flags"] & 2) > 0
        without_rate = int(((rows["flags"] & NO_RATE) > 0).sum())
        order = np.lexsort((rows["day"], rows["customer"]))
        order = order[~left_out[order]]
        customer = rows["customer"][order]
        day = rows["day"][order].astype(np.int32)
        amount = rows["amount"][order]
        seller = rows["seller"][order]
        if not len(customer):
            return Purchases(
                customer, day, amount, seller, seller, documents, without_rate, documents
            )
        first = np.empty(len(customer), dtype=bool)
        first[0] = True
        first[1:] = (customer[1:] != customer[:-1]) | (day[1:] != day[:-1])
        start = np.flatnonzero(first)
        known = np.isfinite(amount)
        total = np.add.reduceat(np.where(known, amount, 0.0), start)
        total[~np.logical_or.reduceat(known, start)] = np.nan
        nobody = np.iinfo(np.int64).max
        low = np.minimum.reduceat(np.where(seller == NO_SELLER, nobody, seller), start)
        return Purchases(
            customer[start],
            day[start],
            total,
            np.where(low == nobody, NO_SELLER, low),
            np.maximum.reduceat(seller, start),
            documents,
            without_rate,
            int(left_out.sum()),
        )

    @api.model
    def _today(self, company):
        """Return today's date where ``company`` is."""
        now = pytz.utc.localize(fields.Datetime.now())
        return now.astimezone(pytz.timezone(self._timezone(company))).date()

    @api.model
    def _owners_query(self, config, customers=None):
        """Return the SELECT (customer, low, high) of who holds quotations and opportunities of a customer.

        ``low`` and ``high`` are the smallest and largest id of a salesperson.
        """
        company = config.company_id
        return SQL(
            """
            SELECT partner.commercial_partner_id AS customer,
                   MIN(document.user_id) AS low, MAX(document.user_id) AS high
              FROM (
                  SELECT partner_id, user_id FROM crm_lead
                   WHERE company_id IS NULL OR company_id = %(company)s
                   UNION ALL
                  SELECT partner_id, user_id FROM sale_order
                   WHERE company_id = %(company)s AND state <> 'sale'
              ) AS document
              JOIN res_partner AS partner ON partner.id = document.partner_id
             WHERE document.user_id IS NOT NULL
               AND partner.commercial_partner_id IN %(customers)s
             GROUP BY partner.commercial_partner_id
            """,
            company=company.id,
            customers=self._customers(customers).subselect(),
        )

    @api.model
    def _changed_query(self, config, since):
        """Return the SELECT of customers whose purchases may have changed.

        :param since: UTC; what was written before was read by the last run
        """
        company = config.company_id
        parts = []
        if config.purchase_source == "invoice":
            parts.append(
                SQL(
                    "SELECT partner_id FROM account_move WHERE write_date >= %s AND company_id = %s",
                    since,
                    company.id,
                )
            )
        else:
            parts += [
                SQL(
                    "SELECT partner_id FROM sale_order WHERE write_date >= %s AND company_id = %s",
                    since,
                    company.id,
                ),
                # a credit note says which order it is for on its lines only
                SQL(
                    """
                    SELECT sale.partner_id FROM account_move AS move
                      JOIN account_move_line AS move_line ON move_line.move_id = move.id
                      JOIN sale_order_line_invoice_rel AS rel ON rel.invoice_line_id = move_line.id
                      JOIN sale_order_line AS line ON line.id = rel.order_line_id
                      JOIN sale_order AS sale ON sale.id = line.order_id
                     WHERE move.write_date >= %s AND move.move_type = 'out_refund'
                       AND move.company_id = %s
                    """,
                    since,
                    company.id,
                ),
            ]
        parts.append(SQL("SELECT partner_id FROM crm_lead WHERE write_date >= %s", since))
        if config.count_pos and "pos.order" in self.env:
            parts.append(
                SQL(
                    "SELECT partner_id FROM pos_order WHERE write_date >= %s AND company_id = %s",
                    since,
                    company.id,
                )
            )
        return SQL(
            """
            SELECT partner.commercial_partner_id FROM (%s) AS news(partner_id)
            JOIN res_partner AS partner ON partner.id = news.partner_id
            -- archived, become part of another customer, or not any more: the contact itself was written
            UNION
            SELECT UNNEST(ARRAY[id, commercial_partner_id]) FROM res_partner WHERE write_date >= %s
            """,
            SQL(" UNION ").join(parts),
            since,
        )

    @api.model
    def _has_rate_query(self, config):
        """Return the SELECT of whether the reporting currency can be converted to."""
        return SQL(
            "SELECT %s NOT IN (%s)", config.currency_id.id, self._rateless(config.company_id)
        )
