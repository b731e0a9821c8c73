from odoo import api, fields, models
from odoo.tools import SQL


class HcProductPopularity(models.Model):
    """How many customers bought a product, in all and per persona, and which variant of it most.

    Written together with ``hc.product.affinity``, from the same purchases: counting a persona's customers
    each time somebody opens a quotation would take seconds in a large shop.
    """

    _name = "hc.product.popularity"
    _description = "Customers per Product and Persona"
    _order = "customer_count desc, id"
    _rec_name = "product_tmpl_id"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", readonly=True
    )
    persona_id = fields.Many2one(
        "hc.persona",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        help="Empty: all customers.",
    )
    product_tmpl_id = fields.Many2one(
        "product.template",
        string="Product",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    best_product_id = fields.Many2one(
        "product.product", string="Best Seller", index=True, ondelete="set null", readonly=True
    )
    customer_count = fields.Integer(string="Customers", readonly=True, aggregator=None)
    share = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Of the customers of this persona who bought anything.",
    )
    lift = fields.Float(
        string="Times More Than Others",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="1: this persona buys it as often as everybody.",
    )

    _persona_product_uniq = models.UniqueIndex(
        "(company_id, product_tmpl_id, COALESCE(persona_id, 0))",
        "A product stands once per persona in the list of a company.",
    )

    @api.model
    def _refresh_from_baskets(self, company):
        """Replace the company's lines with what hc_basket says; return the number of products."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM hc_product_popularity WHERE company_id = %(company)s;

                WITH everybody AS (
                    SELECT COUNT(DISTINCT partner_id) AS total FROM hc_basket
                ),
                variant AS (
                    SELECT DISTINCT ON (product_tmpl_id) product_tmpl_id, product_id
                      FROM (
                            SELECT product_tmpl_id, product_id, COUNT(*) AS customers
                              FROM hc_basket
                          GROUP BY 1, 2
                           ) sold
                  ORDER BY product_tmpl_id, customers DESC, product_id
                ),
                bought AS (
                    SELECT DISTINCT partner_id, product_tmpl_id FROM hc_basket
                ),
                overall AS (
                    SELECT product_tmpl_id, COUNT(*) AS customers FROM bought GROUP BY 1
                ),
                member AS (
                    SELECT DISTINCT membership.persona_id, person.commercial_partner_id AS partner_id
                      FROM hc_persona_membership membership
                      JOIN res_partner person ON person.id = membership.partner_id
                     WHERE membership.date_left IS NULL
                       AND person.commercial_partner_id IN (SELECT partner_id FROM hc_basket)
                ),
                persona AS (
                    SELECT persona_id, COUNT(*) AS total FROM member GROUP BY 1
                ),
                liked AS (
                    SELECT NULL::integer AS persona_id, product_tmpl_id, customers, total
                      FROM overall CROSS JOIN everybody
                     UNION ALL
                    SELECT member.persona_id, bought.product_tmpl_id, COUNT(*), MAX(persona.total)
                      FROM member
                      JOIN bought USING (partner_id)
                      JOIN persona USING (persona_id)
                  GROUP BY 1, 2
                )
                INSERT INTO hc_product_popularity (
                    company_id, persona_id, product_tmpl_id, best_product_id, customer_count, share, lift
                )
                SELECT %(company)s,
                       liked.persona_id,
                       liked.product_tmpl_id,
                       variant.product_id,
                       liked.customers,
                       liked.customers / liked.total::double precision,
                       liked.customers / liked.total::double precision
                           / (overall.customers / everybody.total::double precision)
                  FROM liked
                  JOIN overall ON overall.product_tmpl_id = liked.product_tmpl_id
                  JOIN variant ON variant.product_tmpl_id = liked.product_tmpl_id
                 CROSS JOIN everybody
                """,
                company=company.id,
            )
        )
        self.invalidate_model()
        [[count]] = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM hc_product_popularity WHERE company_id = %s AND persona_id IS NULL",
                company.id,
            )
        )
        return count
