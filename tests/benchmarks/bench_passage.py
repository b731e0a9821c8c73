"""Where customers are on a map, all of them and those with news, against one bare INSERT … SELECT.

The bare statement does the least any tool must: it reads the same conversations once, sorts them by customer and
time, leaves out who is in the stage already, and stores stage, entered, left, visit, where from and where to in an
empty table with the same indexes and foreign keys. It knows nothing of rights, of wishes not to be described, of
companies, of what is to come, and of rows that stand there already. Both run in turn in one process.
"""

import statistics

import common
import data_passage
from common import ratio, say, spell, stopwatch

TABLE = """
    DROP TABLE IF EXISTS bench_passage;
    CREATE TABLE bench_passage (LIKE hc_journey_passage INCLUDING ALL);
    ALTER TABLE bench_passage ADD FOREIGN KEY (journey_id) REFERENCES hc_journey,
        ADD FOREIGN KEY (stage_id) REFERENCES hc_journey_stage, ADD FOREIGN KEY (partner_id) REFERENCES res_partner
"""
BARE = """
    INSERT INTO bench_passage (journey_id, partner_id, stage_id, date_from, date_to, visit, from_number, to_number,
           res_model, res_id)
    SELECT journey_id, partner_id, stage_id, date,
           LEAD(date) OVER turn, ROW_NUMBER() OVER (PARTITION BY partner_id, stage_id ORDER BY date),
           COALESCE(before, 0), COALESCE(LEAD(stage_id) OVER turn, 0), 'hc.interaction', id
      FROM (
        SELECT event.*, LAG(stage_id) OVER (PARTITION BY partner_id ORDER BY date, place, id) AS before
          FROM (
            SELECT event.id, event.date, person.commercial_partner_id AS partner_id, stage.id AS stage_id,
                   stage.position AS place, stage.journey_id
              FROM hc_interaction AS event
              JOIN res_partner AS person ON person.id = event.partner_id
              JOIN hc_journey_stage AS stage ON stage.uid = event.summary AND stage.journey_id = %s
        ) AS event
    ) AS step
     WHERE before IS DISTINCT FROM stage_id
    WINDOW turn AS (PARTITION BY partner_id ORDER BY date, place, id)
"""


def run(bench):
    bench.start_odoo()
    tiny = bench.options.tiny
    rounds = bench.options.rounds or (2 if tiny else 5)
    size = data_passage.Size(2000 if tiny else bench.options.customers)
    database = bench.database("passage", size, recipe=data_passage)
    times = {"bare": [], "first": [], "full": [], "few": [], "live": []}
    counts = {}
    for number in range(-1, rounds):
        say(f"· round {number + 1} of {rounds} …")
        measured = {
            "bare": measure_bare(bench, database, counts),
            "first": measure(bench, database, counts, "first"),
            "full": measure(bench, database, counts, "full"),
            "few": measure(bench, database, counts, "few"),
            "live": measure_live(bench, database),
        }
        if number >= 0:
            for name, seconds in measured.items():
                times[name].append(seconds)
    bench.values |= {"times": times, "counts": counts}

    def seconds(name):
        return f"{statistics.median(times[name]):.2f} s"

    def row(work, name, floor, peer, bar):
        return [
            work,
            seconds(name),
            floor,
            seconds(peer),
            spell(ratio(times[name], times[peer])),
            bar,
        ]

    bare = "a bare INSERT … SELECT"
    bench.table(
        "",
        ["work", "takes", "against", "which takes", "ratio (min–max)", "bar"],
        [
            row("everybody, for the first time", "first", bare, "bare", "3"),
            row("everybody, again", "full", bare, "bare", "3"),
            row("the 1 % with news", "few", "everybody", "full", "0.05"),
            row("figures of the map", "live", bare, "bare", "1"),
        ],
        f"{size.customers:,} customers, {data_passage.STAGES} stages, {counts['passages']:,} passages; {rounds} rounds.",
    )
    bench.drop(database)


def the_journey(env):
    return env["hc.journey"].search([("name", "=", "Benchmark")])


def measure_bare(bench, database, counts):
    with bench.environment(database) as env:
        env.cr.execute(TABLE)
        env.cr.commit()
        with stopwatch() as seconds:
            env.cr.execute(BARE, [the_journey(env).id])
            counts["bare"] = env.cr.rowcount
            env.cr.commit()
        env.cr.execute("DROP TABLE bench_passage")
        env.cr.commit()
    return seconds[0]


def measure(bench, database, counts, kind):
    with bench.environment(database) as env:
        journey = the_journey(env)
        if kind == "first":
            env.cr.execute("TRUNCATE hc_journey_passage")
            env.cr.commit()
        if kind == "few":
            touch(env)
        with stopwatch() as seconds:
            looked_at = journey._refresh(full=kind != "few")
            env.cr.commit()
        env.cr.execute("SELECT COUNT(*) FROM hc_journey_passage")
        counts["passages"] = env.cr.fetchone()[0]
        counts[kind] = looked_at
        if counts["passages"] != counts["bare"]:
            raise SystemExit(
                f"{counts['passages']} passages, the bare statement finds {counts['bare']}"
            )
    if kind == "first":
        vacuum(database)
    return seconds[0]


def vacuum(database):
    """As autovacuum would have by the next day."""
    from odoo import sql_db

    with sql_db.db_connect(database).cursor() as cr:
        cr._cnx.set_session(autocommit=True)
        cr.execute("VACUUM ANALYZE hc_journey_passage")
        cr.execute("VACUUM ANALYZE hc_interaction")
    sql_db.close_db(database)


def touch(env):
    """One in a hundred customers has news; what was written before is long ago."""
    env.cr.execute(
        "UPDATE hc_interaction SET write_date = write_date - INTERVAL '2 days' "
        "WHERE write_date > NOW() AT TIME ZONE 'UTC' - INTERVAL '1 day'"
    )
    env.cr.execute(
        "UPDATE hc_interaction SET write_date = NOW() AT TIME ZONE 'UTC' "
        "WHERE summary = 's3' AND partner_id % 100 = 0"
    )
    env.cr.commit()


def measure_live(bench, database):
    with bench.environment(database) as env:
        journey = the_journey(env).with_user(env.ref("base.user_admin"))
        with stopwatch() as seconds:
            journey.hc_live({"period": "all"})
    return seconds[0]


def options(parser):
    parser.add_argument("--customers", type=int, default=200_000, help="how many are on the map")


if __name__ == "__main__":
    common.main("passage", run, options)
