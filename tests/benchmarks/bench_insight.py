"""A run over all customers against one bare aggregate over the same tables, and what a run of few takes.

The floor is the least any tool must do to say when, how often and for how much everybody bought: one
``GROUP BY`` over orders and contacts. Both run in turn in one process.
"""

import statistics
import threading
import time
from contextlib import contextmanager

import common
import data_insight
import psutil
from common import ratio, say, spell, stopwatch

BARE = """
    SELECT partner.commercial_partner_id, sale.company_id, COUNT(DISTINCT sale.date_order::date),
           MIN(sale.date_order), MAX(sale.date_order), SUM(sale.amount_untaxed / sale.currency_rate)
      FROM sale_order AS sale JOIN res_partner AS partner ON partner.id = sale.partner_id
     WHERE sale.state = 'sale'
     GROUP BY 1, 2
"""
FIT_SECONDS = 30  # the bar
MEGABYTES = 500


def run(bench):
    bench.start_odoo()
    tiny = bench.options.tiny
    sizes = {
        "large": data_insight.Size(2000 if tiny else 200_000),
        "small": data_insight.Size(200 if tiny else 20_000),
    }
    rounds = bench.options.rounds or (2 if tiny else 5)
    databases = {
        label: bench.database(f"insight_{label}", size, recipe=data_insight)
        for label, size in sizes.items()
    }
    times = {"bare": [], "sql": [], "fit": [], "followers": [], "full": [], "small": [], "few": []}
    memory = []
    for number in range(-1, rounds):
        say(f"· round {number + 1} of {rounds} …")
        with bench.environment(databases["large"]) as env:
            bare = measure_bare(env)
        with peak() as megabytes:
            parts = measure_run(bench, databases["large"], "full")
        small = measure_run(bench, databases["small"], "full")
        touch(bench, databases["large"])
        few = measure_run(bench, databases["large"], "incremental")
        if number < 0:
            continue
        times["bare"].append(bare)
        times["sql"].append(parts["sql"])
        times["fit"].append(parts["fit"])
        times["followers"].append(parts["followers"])
        times["full"].append(parts["all"])
        times["small"].append(small["all"])
        times["few"].append(few["all"])
        memory.append(megabytes[0])
    with bench.environment(databases["large"]) as env:
        env.cr.execute(
            "SELECT COUNT(*), COUNT(DISTINCT partner_id) FROM sale_order WHERE state = 'sale'"
        )
        orders, customers = env.cr.fetchone()
    bench.values |= {"times": times, "memory": memory, "orders": orders, "customers": customers}

    def row(work, measured, floor, peer, ratios, bar):
        return [work, measured, floor, peer, spell(ratios), bar]

    def seconds(name):
        return f"{statistics.median(times[name]):.2f} s"

    bench.table(
        "",
        ["work", "takes", "against", "which takes", "ratio (min–max)", "bar"],
        [
            row("SQL of a full run: reading, writing", seconds("sql"), "one bare aggregate", seconds("bare"),
                ratio(times["sql"], times["bare"]), "3"),
            row("learning (fit and back-test)", seconds("fit"), "the time allowed", f"{FIT_SECONDS} s",
                ratio(times["fit"], [FIT_SECONDS] * rounds), "1"),
            row("full run, everything", seconds("full"), "a tenth of the customers", seconds("small"),
                ratio(times["full"], times["small"]), "11"),
            row("run of the 1 % with news", seconds("few"), "a full run", seconds("full"),
                ratio(times["few"], times["full"]), "0.05"),
            row("memory over idle", f"{statistics.median(memory):.0f} MB", "what is allowed", f"{MEGABYTES} MB",
                ratio(memory, [MEGABYTES] * rounds), "1"),
        ],
        f"{customers:,} customers, {orders:,} orders with a line each; {rounds} rounds. A full run also counts "
        f"what is bought together and preferred channels ({seconds('followers')}).",
    )  # fmt: skip
    bench.drop(*databases.values())


def measure_bare(env):
    with stopwatch() as seconds:
        env.cr.execute(BARE)
    return seconds[0]


def touch(bench, database):
    """One in a hundred customers has news."""
    with bench.environment(database) as env:
        env.cr.execute(
            """
            UPDATE sale_order SET write_date = NOW() AT TIME ZONE 'UTC'
             WHERE name LIKE 'BENCH%-1' AND partner_id % 100 = 0
            """
        )
        env.cr.commit()


def measure_run(bench, database, kind):
    """Run insight as its background job does, and tell what its parts took, in seconds."""
    from odoo.addons.hc_crm.models.insight import (
        hc_insight_inputs,
        hc_insight_pipeline,
        hc_insight_purchase_read,
    )

    parts = {"sql": 0.0, "fit": 0.0, "followers": 0.0}

    def timed(part, function):
        def call(*args, **kwargs):
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                parts[part] += time.perf_counter() - start

        return call

    with bench.environment(database) as env:
        Run = env.registry["hc.insight.run"]
        kept = [
            (hc_insight_inputs, "read_arrays", "sql"),
            (hc_insight_pipeline, "write_arrays", "sql"),
            (hc_insight_purchase_read, "read_arrays", "sql"),
            (Run, "_collect_changed", "sql"),
            (Run, "_staged", "sql"),
            (Run, "_publish", "sql"),
            (Run, "_fitted", "fit"),
            (Run, "_work_followers", "followers"),
            (env.registry["hc.insight.signals"], "_collect", "sql"),
        ]
        originals = [(owner, name, getattr(owner, name)) for owner, name, _part in kept]
        for owner, name, part in kept:
            setattr(owner, name, timed(part, getattr(owner, name)))
        try:
            with stopwatch() as seconds:
                done = env["hc.insight.run"]._run(env.company, kind, commit=True)
        finally:
            for owner, name, original in originals:
                setattr(owner, name, original)
        if done.state != "done" or done.kind != kind:
            raise AssertionError(f"{done.kind} run: {done.state} {done.error}")
    return parts | {"all": seconds[0]}


@contextmanager
def peak():
    """Yield a list that holds the megabytes used over idle at most, afterwards."""
    process = psutil.Process()
    idle = process.memory_info().rss
    highest = [idle]
    over = threading.Event()

    def watch():
        while not over.wait(0.02):
            highest[0] = max(highest[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    result = []
    try:
        yield result
    finally:
        over.set()
        watcher.join()
        result.append(max((highest[0] - idle) / 2**20, 0.1))


if __name__ == "__main__":
    common.main("insight", run)
