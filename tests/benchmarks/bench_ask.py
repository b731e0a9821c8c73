"""Requests for feedback: thousands asked in one run, against the host's invitation to a survey.

Ours: noting whom to ask, then everything that goes before each mail (is it still so, were they asked lately,
may they be written to) and the mail itself, rendered and queued. The host: the same people invited by its own
dialog, which asks nothing of that; it takes so long that fewer are invited and the time is multiplied. Memory
and the number of queries are those of a run that commits each batch, as the scheduled job does.
"""

from pathlib import Path

import common
import data_ask
from common import in_turn, ratio, say, spell, stopwatch

HOST = 500  # so many are invited by the host


def resident():
    """Return the memory of this process that is in use now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def people_of(env, count):
    return env["res.partner"].search([("ref", "=", "bench outreach")], limit=count, order="id")


def ours(bench, name, count, queries):
    def side(_number):
        with bench.environment(name) as env:
            people = people_of(env, count)
            rule = env["hc.ask.rule"].search([("name", "=", "Benchmark")])
            env.invalidate_all()
            before = env.cr.sql_log_count
            with stopwatch() as seconds:
                asks = env["hc.ask"]._hc_ask(rule, people)
                env["hc.ask"]._work()
                env.flush_all()
            queries["ours"] = (env.cr.sql_log_count - before) / count
            check(env, asks, count)
            env.cr.rollback()
            return seconds[0]

    return side


def check(env, asks, count):
    states = dict(env["hc.ask"]._read_group([("id", "in", asks.ids)], ["state"], ["__count"]))
    if states != {"sending": count}:
        raise SystemExit(f"not everybody was asked: {states}")


def host(bench, name, count, queries):
    def side(_number):
        some = min(count, HOST)
        with bench.environment(name) as env:
            people = people_of(env, some)
            survey = env["survey.survey"].search([("title", "=", "Benchmark host")])
            wizard = env["survey.invite"].create(
                {
                    "survey_id": survey.id,
                    "partner_ids": [(6, 0, people.ids)],
                    "template_id": env.ref("survey.mail_template_user_input_invite").id,
                }
            )
            env.flush_all()
            env.invalidate_all()
            before = env.cr.sql_log_count
            with stopwatch() as seconds:
                wizard.action_invite()
                env.flush_all()
            queries["host"] = (env.cr.sql_log_count - before) / some
            env.cr.rollback()
            return seconds[0] * count / some

    return side


def one_run(bench, name, count):
    """Work everything off as the scheduled job does.

    :return: (MiB after the first batch, MiB after the last, fewest and most queries per request of a batch)
    """
    memory, costs = [], []
    with bench.environment(name) as env:
        rule = env["hc.ask.rule"].search([("name", "=", "Benchmark")])
        asks = env["hc.ask"]._hc_ask(rule, people_of(env, count), occurrence="one run")
        ids = asks.ids
        env.cr.commit()
        env.invalidate_all()
        while True:
            before = env.cr.sql_log_count
            done, _left = env["hc.ask"]._work_batch(commit=True)
            if not done:
                break
            memory.append(resident())
            costs.append((env.cr.sql_log_count - before) / done)
        check(env, env["hc.ask"].browse(ids), count)
    return memory[0], memory[-1], min(costs), max(costs)


def forget(bench, name):
    """Let nobody have been asked yet, if the database was kept."""
    with bench.environment(name) as env:
        env["hc.ask"].search([]).unlink()
        env.cr.commit()


def run(bench):
    bench.start_odoo()
    tiny = bench.options.tiny
    count = 20 if tiny else 20_000
    each = 20 if tiny else 5_000
    rounds = bench.options.rounds or (1 if tiny else 3)
    name = bench.database("ask", data_ask.Size(count), demo=tiny, recipe=data_ask)
    forget(bench, name)
    queries = {}
    say(f"· one run of {count:,} …")
    with stopwatch() as seconds:
        first, last, fewest, most = one_run(bench, name, count)
    forget(bench, name)
    say("· in turn …")
    times = in_turn(
        {"ours": ours(bench, name, each, queries), "host": host(bench, name, each, queries)},
        rounds,
        warmup=0 if tiny else 1,
    )
    faster = ratio(times["host"], times["ours"])

    def speed(side):
        return f"{each / sorted(times[side])[len(times[side]) // 2]:,.0f}/s"

    bench.values = {
        "ratio": faster,
        "speed": {side: speed(side) for side in times},
        "queries each": queries,
        "MiB": {"first batch": first, "last batch": last},
        "queries each of a batch": {"fewest": fewest, "most": most},
    }
    bench.table(
        "",
        ["work", "ours", "against", "which is", "ratio (min–max)", "bar"],
        [
            [f"ask {each:,}, as many times as fast", speed("ours"), "the host's dialog", speed("host"),
             spell(faster), "≥ 1"],
            ["its queries each", f"{queries['ours']:.2f}", "the host's", f"{queries['host']:.2f}",
             spell(ratio([queries["ours"]], [queries["host"]])), "≤ 1"],
            [f"one run of {count:,}: memory after the last batch", f"{last:.0f} MiB", "after the first",
             f"{first:.0f} MiB", spell(ratio([last], [first])), "≤ 1.1"],
            ["queries each of its costliest batch", f"{most:.2f}", "of its cheapest", f"{fewest:.2f}",
             spell(ratio([most], [fewest])), "≤ 1.1"],
        ],
        f"{rounds} rounds in turn. The run of {count:,} took {seconds[0]:.0f} s.",
    )  # fmt: skip
    bench.drop(name)


if __name__ == "__main__":
    common.main("ask", run)
