from datetime import datetime, time, timedelta

import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import recommendation as engine
from ..insight.copy_arrays import read_arrays

# Number of the advisory lock of a refresh: any constant that no other addon is likely to use.
REFRESH_LOCK = 471_900_207
# What was bought two years ago still tells about taste; before that the range was another one.
LOOK_BACK_DAYS = 730
# Customers who bought both, where the settings do not say.
SUPPORT_FLOOR = 3
# Suggestions kept per product: a few pages of them, after what cannot be sold was left out.
TOP = 20


class HcProductAffinity(models.Model):
    """Products that the same customers buy, per company: how often, and how much more than by chance.

    ``_refresh`` moves the purchases of one company into a temporary table of (customer, product), hands
    them as arrays to ``engine.recommendation`` and swaps the result in; the number of queries does not
    depend on the number of customers or products. It counts everybody's purchases, whoever asks: what
    comes out are numbers of customers, never fewer than the settings ask for, so nobody can be singled
    out. People who do not want to be profiled are not counted.
    """

    _name = "hc.product.affinity"
    _description = "Products Bought Together"
    _order = "support desc, lift desc, id"
    _rec_name = "product_tmpl_id"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", readonly=True
    )
    product_tmpl_id = fields.Many2one(
        "product.template", string="Product", required=True, ondelete="cascade", readonly=True
    )
    other_tmpl_id = fields.Many2one(
        "product.template",
        string="Bought as Well",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    support = fields.Integer(
        string="Customers",
        readonly=True,
        aggregator=None,
        help="Customers who bought both within two years, in one order or in several.",
    )
    confidence = fields.Float(
        string="Of Its Customers",
        readonly=True,
        aggregator="avg",
        help="Share of the customers of the first product who bought the other one as well.",
    )
    lift = fields.Float(
        string="Times More Than by Chance",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="1 would be chance: bought together no more often than any two products of the same "
        "popularity.",
    )
    cautious_lift = fields.Float(
        string="At Least",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="The same, as low as it may be with so few customers. Suggestions are ranked by it.",
    )
    computed_at = fields.Datetime(readonly=True)

    _pair_uniq = models.UniqueIndex(
        "(product_tmpl_id, other_tmpl_id, company_id)",
        "Two products stand once in the list of a company.",
    )

    # ------------------------------------------------------------
    # the refresh
    # ------------------------------------------------------------

    @api.model
    def _refresh(self, company, as_of=None):
        """Count anew which products go together in ``company``, and what each persona likes.

        :param company: one res.company record
        :param as_of: date; purchases after it are not looked at (default: today)
        :return: ``{"pairs": n, "products": n, "customers": n}``, or None when another refresh of the
            company is under way
        """
        company.ensure_one()
        as_of = fields.Date.to_date(as_of) or fields.Date.context_today(self)
        if not self._lock_refresh(company):
            return None
        self = self.sudo()  # superuser: see the class
        self.env.flush_all()
        self._collect_baskets(company, as_of)
        customers, products, days = self._read_baskets()
        pairs = engine.copurchase(
            customers,
            products,
            days,
            candidates=self._read_candidates(company),
            min_support=self._support_floor(company),
            top=TOP,
        )
        self._swap(company, pairs)
        popular = self.env["hc.product.popularity"]._refresh_from_baskets(company)
        self.env.cr.execute(SQL("DROP TABLE hc_basket"))
        # SQL wrote behind the back of the cache
        self.invalidate_model()
        return {
            "pairs": len(pairs),
            "products": popular,
            "customers": len(np.unique(customers)),
        }

    @api.model
    def _is_counted(self, company):
        """Return whether anything is known about products bought together in the company."""
        # superuser: that there are such lines is no secret, what they say is for administrators
        return bool(self.sudo().search([("company_id", "=", company.id)], limit=1))

    @api.model
    def _support_floor(self, company):
        config = self._settings(company)
        return config.support_floor if config else SUPPORT_FLOOR

    @api.model
    def _settings(self, company):
        # superuser: everybody's figures follow the settings, only administrators read them
        return (
            self.env["hc.insight.config"].sudo().search([("company_id", "=", company.id)], limit=1)
        )

    def _lock_refresh(self, company):
        """Return whether this transaction may refresh the company; the lock goes with the transaction."""
        [[locked]] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", REFRESH_LOCK, company.id)
        )
        return locked

    def _collect_baskets(self, company, as_of):
        """Fill the temporary table hc_basket: customer, variant, template and last day, once each."""
        Partner = self.env["res.partner"]
        people = Partner._search(Partner._hc_profiling_domain())
        lines = SQL(" UNION ALL ").join(self._basket_sources(company, as_of))
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS hc_basket;
                CREATE TEMPORARY TABLE hc_basket ON COMMIT DROP AS
                SELECT buyer.commercial_partner_id AS partner_id,
                       line.product_id,
                       product.product_tmpl_id,
                       MAX(line.day) AS day
                  FROM (%(lines)s) line
                  JOIN res_partner buyer ON buyer.id = line.partner_id
                  JOIN product_product product ON product.id = line.product_id
                  JOIN product_template template ON template.id = product.product_tmpl_id
                 WHERE template.type = 'consu'
                   AND buyer.commercial_partner_id IN %(people)s
              GROUP BY 1, 2, 3;
                ANALYZE hc_basket
                """,
                lines=lines,
                people=people.subselect(),
            )
        )

    def _basket_sources(self, company, as_of):
        """Return one SELECT per source of purchases: partner_id, product_id, day. Override to add one."""
        end = datetime.combine(as_of, time.max)
        start = end - timedelta(days=LOOK_BACK_DAYS)
        sources = [
            SQL(
                """
                SELECT purchase.partner_id, line.product_id, purchase.date_order AS day
                  FROM sale_order_line line
                  JOIN sale_order purchase ON purchase.id = line.order_id
                 WHERE purchase.state = 'sale'
                   AND purchase.company_id = %(company)s
                   AND purchase.date_order BETWEEN %(start)s AND %(end)s
                   AND line.display_type IS NULL
                   AND line.is_downpayment IS NOT TRUE
                   AND line.is_expense IS NOT TRUE
                   AND line.combo_item_id IS NULL
                   AND line.product_uom_qty > 0
                """,
                company=company.id,
                start=start,
                end=end,
            )
        ]
        if self._counts_pos(company):
            sources.append(
                SQL(
                    """
                    SELECT purchase.partner_id, line.product_id, purchase.date_order AS day
                      FROM pos_order_line line
                      JOIN pos_order purchase ON purchase.id = line.order_id
                     WHERE purchase.state IN ('paid', 'done', 'invoiced')
                       AND purchase.partner_id IS NOT NULL
                       AND purchase.company_id = %(company)s
                       AND purchase.date_order BETWEEN %(start)s AND %(end)s
                       AND line.combo_parent_id IS NULL
                       AND line.qty > 0
                    """,
                    company=company.id,
                    start=start,
                    end=end,
                )
            )
        return sources

    @api.model
    def _counts_pos(self, company):
        if "pos.order" not in self.env:
            return False
        config = self._settings(company)
        return not config or config.count_pos

    def _read_baskets(self):
        """Return hc_basket as three arrays: customers, templates, day numbers (the latest matters)."""
        columns = {"partner_id": "integer", "product_tmpl_id": "integer", "day": "integer"}
        arrays = read_arrays(
            self.env.cr,
            SQL(
                """
                SELECT partner_id, product_tmpl_id, MAX(day)::date - DATE '2000-01-01' AS day
                  FROM hc_basket
              GROUP BY 1, 2
                """
            ),
            columns,
        )
        return [arrays[name] for name in columns]

    def _read_candidates(self, company):
        """Return the ids of the templates that the company may suggest at all."""
        domain = self.env["hc.recommendation"]._sellable_domain(company)
        # superuser: readers' own rules are applied when they read
        return self.env["product.template"]._search(domain).get_result_ids()

    def _swap(self, company, pairs):
        """Replace the company's lines; readers see the old ones until this transaction is committed."""
        self.env.cr.execute(
            SQL("DELETE FROM hc_product_affinity WHERE company_id = %s", company.id)
        )
        if not len(pairs):
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO hc_product_affinity (
                    product_tmpl_id, other_tmpl_id, support, lift, confidence, cautious_lift,
                    company_id, computed_at
                )
                SELECT pair.*, %s, %s
                  FROM UNNEST(
                           %s::integer[], %s::integer[], %s::integer[],
                           %s::double precision[], %s::double precision[], %s::double precision[]
                       ) pair
                """,
                company.id,
                fields.Datetime.now(),
                *(column.tolist() for column in pairs.columns()),
            )
        )
