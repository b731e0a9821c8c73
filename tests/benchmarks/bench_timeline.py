"""One page of the timeline against one page of Odoo's own chatter, of the same customer.

The peer is what ``/mail/thread/messages`` does for the web client: it shows 30 messages written on the
contact. The timeline shows 30 entries from all documents of the customer, rendered. Both start with empty
record caches, as each request does.
"""

import common
import data
from common import in_turn, milliseconds, ratio, say, spell, stopwatch

LIMIT = 30
READERS = {
    "bench_all": "salesperson, all documents",
    "bench_own": "salesperson, own documents",
    "bench_every": "all apps",
}


def timeline(env, partner_id):
    return env["hc.timeline"].hc_get_page(partner_id, {"limit": LIMIT})["entries"]


def chatter(env, partner_id):
    """As ``mail.controllers.thread`` does, without marking messages as read."""
    from odoo.addons.mail.tools.discuss import Store

    thread = env["res.partner"]._get_thread_with_access(partner_id, mode="read")
    result = env["mail.message"]._message_fetch(domain=None, thread=thread, limit=LIMIT)
    messages = result.pop("messages")
    return Store().add(messages).get_result()["mail.message"]


def run(bench):
    bench.start_odoo()
    tiny = bench.options.tiny
    large = data.Size(40 if tiny else 6700, whale_orders=50 if tiny else 3000)
    small = data.Size(20 if tiny else 670, whale_orders=large.whale_orders)
    rounds = bench.options.rounds or (2 if tiny else 60)
    databases = {
        "small": bench.database("timeline", small),
        "large": bench.database("timeline", large),
    }
    customers = {}
    for name, database in databases.items():
        with bench.environment(database) as env:
            customers[name] = data.find_customers(env)
            numbers = data.counts(env)
            bench.values[f"rows {name}"] = numbers
            say(f"  {name}: " + ", ".join(f"{count:,} {what}" for what, count in numbers.items()))
    rows = []
    for login, label in READERS.items():
        say(f"· {label} …")
        rows += compare(bench, databases, customers, login, label, rounds)
    numbers = bench.values["rows large"]
    bench.table(
        "",
        [
            "customer",
            "reader",
            "timeline page",
            "chatter page",
            "ratio (min–max)",
            "queries",
            "at 10× the data",
        ],
        rows,
        f"{LIMIT} entries each, {rounds} rounds in turn; {numbers['messages']:,} messages, "
        f"{numbers['orders']:,} orders, {numbers['partners']:,} contacts. Last column: the page in this "
        f"database against the page in one a tenth as large.",
    )
    bench.drop(*databases.values())


def compare(bench, databases, customers, login, label, rounds):
    def side(work, size, kind):
        def measure(number):
            found = customers[size]
            partner_id = (
                found.whale if kind == "whale" else found.typical[number % len(found.typical)]
            )
            with bench.environment(databases[size], login) as env:
                with stopwatch() as seconds:
                    entries = work(env, partner_id)
                if len(entries) != LIMIT:
                    raise AssertionError(
                        f"{work.__name__}: {len(entries)} entries instead of {LIMIT}"
                    )
            return seconds[0]

        return measure

    rows = []
    for kind, title in (
        ("typical", "typical, ≥ 40 own messages, 21 documents"),
        ("whale", f"{orders_of(bench, databases['large'], customers['large'].whale):,} orders"),
    ):
        times = in_turn(
            {
                "timeline": side(timeline, "large", kind),
                "chatter": side(chatter, "large", kind),
                "timeline small": side(timeline, "small", kind),
            },
            rounds,
        )
        queries = {}
        for work in (timeline, chatter):
            with bench.environment(databases["large"], login) as env:
                partner_id = (
                    customers["large"].whale if kind == "whale" else customers["large"].typical[0]
                )
                before = env.cr.sql_log_count
                work(env, partner_id)
                queries[work.__name__] = env.cr.sql_log_count - before
        against = ratio(times["timeline"], times["chatter"])
        growth = ratio(times["timeline"], times["timeline small"])
        bench.values[f"{kind} {login}"] = {
            "ratio": against,
            "growth": growth,
            "queries": queries,
            "times": times,
        }
        rows.append(
            [
                title, label, milliseconds(times["timeline"]), milliseconds(times["chatter"]), spell(against),
                f"{queries['timeline']} / {queries['chatter']}", spell(growth),
            ]
        )  # fmt: skip
    return rows


def orders_of(bench, database, partner_id):
    with bench.environment(database) as env:
        return env["sale.order"].search_count([("partner_id", "=", partner_id)])


if __name__ == "__main__":
    common.main("timeline", run)
