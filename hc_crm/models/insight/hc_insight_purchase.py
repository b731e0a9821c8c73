import pytz

from odoo import api, fields, models
from odoo.tools import SQL

from ..id_array import id_among

# On tables of the host, so that looking for what was written lately need not read all of them. Of kind BRIN:
# some pages large, hardly felt when writing. Before PostgreSQL 16 it would keep updates from being done in place.
WRITTEN_INDEXES = {
    "sale.order": "hc_sale_order_written_idx",
    "account.move": "hc_account_move_written_idx",
    "res.partner": "hc_res_partner_written_idx",
}
BRIN_IN_PLACE = 160_000


class HcInsightPurchase(models.AbstractModel):
    """Which documents are purchases, of whom, on which day, for how much.

    The one place that knows; everything that counts purchases asks here. Runs as superuser: what a reader
    may see of the result is up to the record rules of what is stored.
    """

    _name = "hc.insight.purchase"
    _description = "Purchases Counted"

    def init(self):
        result = super().init()
        if self.env.cr._cnx.server_version >= BRIN_IN_PLACE:
            for model, name in WRITTEN_INDEXES.items():
                self.env.cr.execute(
                    SQL(
                        "CREATE INDEX IF NOT EXISTS %s ON %s USING brin (write_date) "
                        "WITH (pages_per_range = 8, autosummarize = on)",
                        SQL.identifier(name),
                        SQL.identifier(self.env[model]._table),
                    )
                )
        return result

    @api.model
    def _documents_query(self, config, customers=None, until=None):
        """Return the SELECT of purchases, one row per document.

        Columns: customer (commercial partner), day (date in the company's time zone), amount (company
        currency, without taxes, less what was credited), seller (user or NULL), no_rate (boolean),
        left_out (boolean: a negative total, or all of it was credited), res_id.

        :param config: ``hc.insight.config``
        :param customers: ids of commercial partners, the SQL that selects them, or None for all
        :param until: last day counted, a date, or None
        """
        # the query reads the tables: what was changed in this transaction has to be there
        self.env.flush_all()
        query = SQL(
            """
            SELECT partner.commercial_partner_id AS customer, document.day, document.amount,
                   document.seller, document.no_rate, document.left_out, document.res_id
              FROM (%(sources)s) AS document
              JOIN res_partner AS partner ON partner.id = document.partner_id
             WHERE partner.commercial_partner_id IN %(eligible)s
            """,
            sources=SQL(" UNION ALL ").join(self._sources(config)),
            eligible=self._customers(customers).subselect(),
        )
        if until is None:
            return query
        return SQL("SELECT * FROM (%s) AS known WHERE known.day <= %s", query, until)

    @api.model
    def _sources(self, config):
        """Return the SELECT of each kind of purchase; orders or invoices come first."""
        sources = [
            self._invoice_query(config)
            if config.purchase_source == "invoice"
            else self._order_query(config)
        ]
        if config.count_pos and "pos.order" in self.env:
            sources.append(self._pos_query(config))
        return sources

    @api.model
    def _customers(self, customers=None):
        """Return the query of those who may be described at all.

        :param customers: ids to choose from, the SQL that selects them, or None for all
        """
        Partner = self.env["res.partner"].sudo().with_context(active_test=True)
        query = Partner._search(Partner._hc_profiling_domain())
        if customers is not None:
            column = SQL.identifier(query.table, "id")
            query.add_where(
                SQL("%s = ANY(%s)", column, customers)
                if isinstance(customers, SQL)
                else id_among(column, customers)
            )
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
            SELECT credited.order_id, COALESCE(SUM(credited.amount), 0) AS amount
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
             ORDER BY credited.order_id
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
    def _today(self, company):
        """Return today's date where ``company`` is."""
        now = pytz.utc.localize(fields.Datetime.now())
        return now.astimezone(pytz.timezone(self._timezone(company))).date()

    @api.model
    def _owners_query(self, config, contacts=None):
        """Return the SELECT (contact, low, high) of who holds opportunities and quotations of a contact.

        ``low`` and ``high`` are the smallest and largest id of a salesperson. Where orders are purchases,
        quotations are read with them.

        :param contacts: ids of contacts, or None for all
        """
        theirs = SQL("TRUE")
        if contacts is not None:
            theirs = id_among(SQL("partner_id"), contacts)
        quotations = SQL()
        if config.purchase_source != "order":
            quotations = SQL(
                """
                   UNION ALL
                  SELECT partner_id, user_id FROM sale_order
                   WHERE company_id = %s AND state <> 'sale' AND %s
                """,
                config.company_id.id,
                theirs,
            )
        return SQL(
            """
            SELECT document.partner_id AS contact,
                   MIN(document.user_id) AS low, MAX(document.user_id) AS high
              FROM (
                  SELECT partner_id, user_id FROM crm_lead
                   WHERE (company_id IS NULL OR company_id = %(company)s) AND %(theirs)s
                  %(quotations)s
              ) AS document
             WHERE document.user_id IS NOT NULL AND document.partner_id IS NOT NULL
             GROUP BY document.partner_id
            """,
            company=config.company_id.id,
            theirs=theirs,
            quotations=quotations,
        )

    @api.model
    def _changed_query(self, config, since):
        """Return the SELECT of contacts whose purchases may have changed, or who they are a customer with.

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
        # archived, become part of another customer, or not any more: the contact itself was written
        parts.append(SQL("SELECT id FROM res_partner WHERE write_date >= %s", since))
        return SQL(" UNION ALL ").join(parts)

    @api.model
    def _described_query(self, since):
        """Return the SELECT of contacts of whom it may have changed whether they may be described.

        :param datetime since: naive UTC
        """
        return SQL(
            """
            SELECT id FROM res_partner WHERE write_date >= %(since)s
             UNION
            SELECT partner_id FROM hc_profiling_optout WHERE write_date >= %(since)s
             UNION
            SELECT partner_id FROM res_company WHERE write_date >= %(since)s
             UNION
            SELECT partner_id FROM res_users WHERE write_date >= %(since)s
            """,
            since=since,
        )

    @api.model
    def _has_rate_query(self, config):
        """Return the SELECT of whether the reporting currency can be converted to."""
        return SQL(
            "SELECT %s NOT IN (%s)", config.currency_id.id, self._rateless(config.company_id)
        )
