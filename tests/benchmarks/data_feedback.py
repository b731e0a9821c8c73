"""Generated answers: a million rows of feedback of a hundred thousand customers over three years, in SQL."""

from dataclasses import dataclass

DAYS = 1095
PER_CUSTOMER = 10


@dataclass
class Size:
    """How much to generate.

    :param answers: rows of feedback; every tenth of that many customers
    """

    answers: int


def generate(env, size):
    """Fill the database; the transaction is committed. Without our addon there are the customers only."""
    cr = env.cr
    cr.execute("SET LOCAL synchronous_commit = off")
    env["res.users"].create({"name": "Reader", "login": "bench_all", "group_ids": [
        (4, env.ref("sales_team.group_sale_salesman_all_leads").id)]})  # fmt: skip
    env.flush_all()
    cr.execute("SELECT MAX(id) FROM res_partner")
    values = {
        "base": cr.fetchone()[0],
        "customers": max(size.answers // PER_CUSTOMER, 1),
        "answers": size.answers,
        "days": DAYS,
        "company": env.company.id,
        "user": env.ref("base.user_admin").id,
        "share": PER_CUSTOMER,
    }
    cr.execute(PARTNERS, values)
    cr.execute("SELECT setval('res_partner_id_seq', (SELECT MAX(id) FROM res_partner))")
    if "hc.feedback" in env:
        cr.execute(FEEDBACK, values)
    cr.commit()


def vacuum(cr):
    """Give the planner its statistics, as autovacuum would have by now (outside a transaction)."""
    cr.execute("SELECT to_regclass('hc_feedback') IS NOT NULL")
    tables = ["res_partner", *(["hc_feedback"] if cr.fetchone()[0] else [])]
    for table in tables:
        cr.execute(f'VACUUM ANALYZE "{table}"')


# a number between 0 and 1 that hangs on nothing but its arguments
CHANCE = "((hashint8({}) & 65535) / 65536.0)"
PARTNERS = """
    INSERT INTO res_partner (id, name, complete_name, active, partner_share, type,
        commercial_partner_id, lang, is_company, autopost_bills)
    SELECT %(base)s + i, 'Customer ' || i, 'Customer ' || i, TRUE, TRUE, 'contact', %(base)s + i, 'en_US',
           FALSE, 'ask'
      FROM generate_series(1, %(customers)s) AS i
"""
FEEDBACK = f"""
    INSERT INTO hc_feedback (company_id, partner_id, commercial_partner_id, date, source, origin_model,
        origin_id, metric, is_scored, score, scale_min, scale_max, band, comment, sentiment, touchpoint,
        user_id, is_test, is_suspect, is_counted, days_deliver, days_answer, contacts, discount, date_facts,
        create_date, write_date)
    SELECT %(company)s, %(base)s + 1 + i %% %(customers)s, %(base)s + 1 + i %% %(customers)s, said.date,
           'survey', 'bench', i, said.metric, TRUE, said.score, said.low, said.high,
           CASE WHEN said.score >= CASE said.high WHEN 10 THEN 9 ELSE 4 END THEN 'good'
                WHEN said.score <= CASE said.high WHEN 10 THEN 6 ELSE 2 END THEN 'bad' ELSE 'neutral' END,
           CASE WHEN i %% 5 < 2 THEN 'What customers write: a sentence or two, number ' || i END, 'unknown',
           CASE i %% 3 WHEN 0 THEN 'delivery' WHEN 1 THEN 'case' END, %(user)s, FALSE, FALSE, TRUE,
           CASE WHEN i %% 3 = 0 THEN 1 + 12 * {CHANCE.format("i * 7 + 5")} END,
           CASE WHEN i %% 4 = 0 THEN 3 * {CHANCE.format("i * 11 + 3")} END,
           (6 * {CHANCE.format("i * 13 + 1")})::int, CASE WHEN i %% 3 = 0 THEN i %% 4 * 5 END, said.date,
           said.date, said.date
      FROM generate_series(1, %(answers)s) AS i
CROSS JOIN LATERAL (
           SELECT LOCALTIMESTAMP - %(days)s * INTERVAL '1 day' * {CHANCE.format("i * 31 + 7")} AS date,
                  CASE WHEN i %% 10 < 6 THEN 'nps' ELSE 'csat' END AS metric,
                  CASE WHEN i %% 10 < 6 THEN 0 ELSE 1 END AS low, CASE WHEN i %% 10 < 6 THEN 10 ELSE 5 END AS high,
                  CASE WHEN i %% 10 < 6 THEN (10 * POWER({CHANCE.format("i * 17 + 3")}, 0.4))::int
                       ELSE 1 + (4 * POWER({CHANCE.format("i * 19 + 9")}, 0.5))::int END AS score
           ) AS said
"""
