"""Generated purchases: customers with one to nine orders over three years, in set-based SQL.

The first purchase lies anywhere in the three years, and customers buy on for a time of their own, so that
some are regulars, some stopped, some bought once, as in a shop.
"""

from dataclasses import dataclass

ORDERS = 5  # of a customer, on average
DAYS = 1000


@dataclass
class Size:
    """How much to generate.

    :param customers: customers with ``ORDERS`` orders on average
    """

    customers: int


def generate(env, size):
    """Fill the database; the transaction is committed."""
    cr = env.cr
    cr.execute("SET LOCAL synchronous_commit = off")
    company = env.company
    products = env["product.product"].search([("sale_ok", "=", True)], limit=16)
    cr.execute("SELECT MAX(id) FROM res_partner")
    values = {
        "base": cr.fetchone()[0],
        "customers": size.customers,
        "days": DAYS,
        "company": company.id,
        "currency": company.currency_id.id,
        "user": env.ref("base.user_admin").id,
        "products": products.ids,
        "unit": products[0].uom_id.id,
    }
    for statement in STATEMENTS:
        cr.execute(statement, values)
    cr.commit()


def vacuum(cr):
    """Give the planner its statistics, as autovacuum would have by now (outside a transaction)."""
    for table in ("res_partner", "sale_order", "sale_order_line"):
        cr.execute(f'VACUUM ANALYZE "{table}"')


# a number between 0 and 1 that hangs on nothing but its arguments
CHANCE = "((hashint8({}) & 65535) / 65536.0)"
FIRST = f"(%(days)s * POWER({CHANCE.format('i * 31 + 7')}, 0.7))"
STATEMENTS = (
    """
    INSERT INTO res_partner (id, name, complete_name, active, partner_share, type,
        commercial_partner_id, lang, is_company, autopost_bills)
    SELECT %(base)s + i, 'Buyer ' || i, 'Buyer ' || i, TRUE, TRUE, 'contact', %(base)s + i, 'en_US',
           FALSE, 'ask'
      FROM generate_series(1, %(customers)s) AS i
    """,
    "SELECT setval('res_partner_id_seq', (SELECT MAX(id) FROM res_partner))",
    f"""
    INSERT INTO sale_order (name, partner_id, partner_invoice_id, partner_shipping_id, company_id,
        state, date_order, amount_untaxed, amount_total, currency_rate, currency_id, user_id,
        create_date, write_date)
    SELECT 'BENCH' || i || '-' || k, %(base)s + i, %(base)s + i, %(base)s + i, %(company)s, 'sale',
           DATE_TRUNC('day', NOW() AT TIME ZONE 'UTC') + INTERVAL '10 hours'
               - INTERVAL '1 day' * FLOOR({FIRST})
               + INTERVAL '1 day' * FLOOR({FIRST} * (k - 1) / 9.0 * {CHANCE.format("i * 17")}),
           20 + {CHANCE.format("i * 13 + k")} * 100, 20, 1, %(currency)s, %(user)s,
           NOW() AT TIME ZONE 'UTC' - INTERVAL '1 day', NOW() AT TIME ZONE 'UTC' - INTERVAL '1 day'
      FROM generate_series(1, %(customers)s) AS i, generate_series(1, 9) AS k
     WHERE k <= 1 + FLOOR({CHANCE.format("i * 7")} * 9)
    """,
    """
    INSERT INTO sale_order_line (order_id, company_id, order_partner_id, state, product_id,
        product_uom_id, product_uom_qty, price_unit, price_subtotal, price_total, name, sequence,
        customer_lead, currency_id)
    SELECT id, company_id, partner_id, state,
           (%(products)s)[1 + (hashint8(id) & 65535) %% array_length(%(products)s, 1)],
           %(unit)s, 1, 20, 20, 20, 'Bench', 10, 0, currency_id
      FROM sale_order WHERE name LIKE 'BENCH%%'
    """,
)
