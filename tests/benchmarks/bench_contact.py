"""May we contact them now? Asked for 20,000 people at once, and for one.

There is no peer: nothing in the host decides this. What is reported is measured against the bars.
"""

import statistics
from collections import Counter
from datetime import datetime

import common
import data_contact
from common import ratio, spell, stopwatch

PEOPLE_PER_SECOND = 20_000  # the bar
QUERIES = 30  # the bar, whatever the number of people
# A Wednesday at noon in Brussels: daytime for some, night for others.
HOUR = 11


def run(bench):
    bench.start_odoo()
    people = 200 if bench.options.tiny else 20_000
    rounds = bench.options.rounds or (2 if bench.options.tiny else 7)
    size = data_contact.Size(people)
    database = bench.database("contact", size, recipe=data_contact)
    times = {"care": [], "profiled": [], "one": []}
    queries = {"care": [], "one": []}
    answers = Counter()
    for number in range(-1, rounds):
        for name, one, options in (
            ("care", False, {}),
            ("profiled", False, {"profiled": True}),
            ("one", True, {}),
        ):
            with bench.environment(database) as env:
                partners = env["res.partner"].search([("name", "like", "Buyer %")])
                partners = partners[:1] if one else partners
                at = datetime.now().replace(hour=HOUR, minute=0, second=0, microsecond=0)
                # settings are remembered within a transaction; a plan asks many times in one
                partners[:1]._hc_contact_decisions("email", "care", at)
                before = env.cr.sql_log_count
                with stopwatch() as seconds:
                    found = partners._hc_contact_decisions("email", "care", at, **options)
                if number < 0:
                    continue
                times[name].append(seconds[0])
                if name in queries:
                    queries[name].append(env.cr.sql_log_count - before)
                if name == "care":
                    answers = Counter(decision.code for decision in found.values())
    bench.values |= {"times": times, "queries": queries, "answers": dict(answers)}
    allowed = [people / PEOPLE_PER_SECOND] * rounds

    def row(work, takes, against, peer, ratios):
        return [work, takes, against, peer, spell(ratios), "1"]

    def per_second(name):
        return f"{people / statistics.median(times[name]):,.0f}/s"

    bench.table(
        "",
        ["work", "measured", "against", "which is", "ratio (min–max)", "bar"],
        [
            row(f"decide for {people:,} people", per_second("care"), "the time allowed",
                f"{PEOPLE_PER_SECOND:,}/s", ratio(times["care"], allowed)),
            row("the same, because of a figure", per_second("profiled"), "the time allowed",
                f"{PEOPLE_PER_SECOND:,}/s", ratio(times["profiled"], allowed)),
            row("its queries", max(queries["care"]), "what is allowed", QUERIES,
                ratio(queries["care"], [QUERIES] * rounds)),
            row("queries for one person", max(queries["one"]), "what is allowed", QUERIES,
                ratio(queries["one"], [QUERIES] * rounds)),
        ],
        f"{rounds} rounds. One person takes {statistics.median(times['one']) * 1000:.1f} ms. Answers: "
        + ", ".join(f"{code} {count:,}" for code, count in answers.most_common()) + ".",
    )  # fmt: skip
    bench.drop(database)


if __name__ == "__main__":
    common.main("contact", run)
