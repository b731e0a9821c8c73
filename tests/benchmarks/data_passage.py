"""Generated steps of a journey: customers who go through up to eight stages, in set-based SQL.

Each customer has one conversation for each stage they come to, in order; every fourth goes back once, and every
third says the same thing twice. Who stops where hangs on nothing but their number.
"""

from dataclasses import dataclass

STAGES = 8
DAYS = 400


@dataclass
class Size:
    """How much to generate.

    :param customers: customers on the map
    """

    customers: int


def generate(env, size):
    """Fill the database; the transaction is committed."""
    cr = env.cr
    cr.execute("SET LOCAL synchronous_commit = off")
    journey = env["hc.journey"].create({"name": "Benchmark"})
    stages = env["hc.journey.stage"].create(
        [
            {
                "journey_id": journey.id,
                "uid": f"s{place}",
                "name": f"Stage {place}",
                "position": place,
            }
            for place in range(STAGES)
        ]
    )
    env["hc.journey.rule"].create(
        [
            {
                "stage_id": stage.id,
                "kind": "record",
                "model_id": env["ir.model"]._get_id("hc.interaction"),
                "domain": str([("summary", "=", stage.uid)]),
                "date_field_id": env["ir.model.fields"]._get("hc.interaction", "date").id,
            }
            for stage in stages
        ]
    )
    env.flush_all()
    cr.execute("SELECT MAX(id) FROM res_partner")
    values = {
        "base": cr.fetchone()[0],
        "customers": size.customers,
        "days": DAYS,
        "stages": STAGES,
        "company": env.company.id,
        "user": env.ref("base.user_admin").id,
        "channel": env.ref("hc_crm.hc_channel_visit").id,
    }
    for statement in STATEMENTS:
        cr.execute(statement, values)
    cr.commit()


def vacuum(cr):
    """Give the planner its statistics, as autovacuum would have by now (outside a transaction)."""
    for table in ("res_partner", "hc_interaction"):
        cr.execute(f'VACUUM ANALYZE "{table}"')


INTERACTION = """
    INSERT INTO hc_interaction (partner_id, company_id, channel_id, user_id, direction, origin, summary, date,
        create_date, write_date)
    SELECT %(base)s + i, %(company)s, %(channel)s, %(user)s, 'in', 'manual', 's' || ({stage}),
           DATE_TRUNC('day', NOW() AT TIME ZONE 'UTC') - INTERVAL '1 day' * (%(days)s + i %% 300)
               + INTERVAL '1 day' * ({day}) + INTERVAL '1 minute' * (i %% 600),
           NOW() AT TIME ZONE 'UTC' - INTERVAL '2 days', NOW() AT TIME ZONE 'UTC' - INTERVAL '2 days'
      FROM generate_series(1, %(customers)s) AS i, generate_series(0, %(stages)s - 1) AS k
     WHERE {where}
"""
STATEMENTS = (
    """
    INSERT INTO res_partner (id, name, complete_name, active, partner_share, type,
        commercial_partner_id, lang, is_company, autopost_bills, create_date, write_date)
    SELECT %(base)s + i, 'Walker ' || i, 'Walker ' || i, TRUE, TRUE, 'contact', %(base)s + i, 'en_US',
           FALSE, 'ask', NOW() AT TIME ZONE 'UTC' - INTERVAL '2 days', NOW() AT TIME ZONE 'UTC' - INTERVAL '2 days'
      FROM generate_series(1, %(customers)s) AS i
    """,
    "SELECT setval('res_partner_id_seq', (SELECT MAX(id) FROM res_partner))",
    # one in eight stops after each of the last four stages
    INTERACTION.format(stage="k", day="k * 11 + (i * (k + 3)) %% 9", where="k < 8 - i %% 4"),
    INTERACTION.format(stage="1", day="k * 11 + 60", where="k = 3 AND i %% 4 = 0"),
    INTERACTION.format(stage="2", day="2 * 11 + 9", where="k = 2 AND i %% 3 = 0"),
)
