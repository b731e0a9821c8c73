"""Results over a million answers against bare SQL, and one answer saved against the host's own saving.

Results: what the page asks for first, and the details it asks for next; the floor is one statement that
counts the same answers by metric, month and score over the same table. Saving: an answer with a score and a
comment through the host's ``_create_answer``, ``_save_lines`` and ``_mark_done`` up to what is written at
the end of the request, in a database with our addons and in one without.
"""

import common
import data_feedback as data
from common import in_turn, milliseconds, ratio, say, spell, stopwatch

FLOOR = """
    SELECT metric, date_trunc('month', date), score, band, COUNT(*), AVG(score)
      FROM hc_feedback
     WHERE is_counted AND is_scored AND company_id = %s AND date >= LOCALTIMESTAMP - %s * INTERVAL '1 day'
  GROUP BY 1, 2, 3, 4
"""
FLOOR_DETAILS = """
    SELECT ROUND(days_deliver), ROUND(days_answer), contacts, discount, user_id, score, COUNT(*)
      FROM hc_feedback
     WHERE is_counted AND is_scored AND company_id = %s AND metric = 'nps'
       AND date >= LOCALTIMESTAMP - %s * INTERVAL '1 day'
  GROUP BY GROUPING SETS ((ROUND(days_deliver), score), (ROUND(days_answer), score), (contacts, score),
                          (discount, score), (user_id, score))
"""
PERIODS = ((90, 366), (365, 731), ("all", 10_000))
READER = "bench_all"


def run(bench):
    bench.start_odoo()
    tiny = bench.options.tiny
    size = data.Size(2_000 if tiny else 1_000_000)
    rounds = bench.options.rounds or (2 if tiny else 12)
    ours = bench.database("feedback", size, demo=False, recipe=data)
    host = bench.database("feedback_host", data.Size(100), ours=False, demo=False, recipe=data)
    rows = []
    for period, days in PERIODS:
        say(f"· results, {period} …")
        rows.append(results(bench, ours, period, days, rounds))
    rows.append(details(bench, ours, rounds))
    say("· saving an answer …")
    rows.append(saving(bench, ours, host, 4 if tiny else 150))
    bench.table(
        "",
        ["work", "with us", "floor", "ratio (min–max)", "bar"],
        rows,
        f"{size.answers:,} answers, {rounds} rounds in turn (saving: {4 if tiny else 150}).",
    )
    bench.drop(ours, host)


def bare(bench, database, statement, days):
    def measure(_number):
        with bench.environment(database, READER) as env:
            company = env.company.id
            with stopwatch() as seconds:
                env.cr.execute(statement, [company, days])
                env.cr.fetchall()
        return seconds[0]

    return measure


def asked(bench, database, method, options):
    def measure(_number):
        with bench.environment(database, READER) as env:
            with stopwatch() as seconds:
                found = getattr(env["hc.feedback"], method)(options)
            if "measures" in found and not found["measures"]:
                raise AssertionError("no results")
        return seconds[0]

    return measure


def results(bench, database, period, days, rounds):
    times = in_turn(
        {
            "ours": asked(bench, database, "hc_get_results", {"period": period}),
            "bare": bare(bench, database, FLOOR, days),
        },
        rounds,
    )
    return line(bench, f"results, {period} days" if period != "all" else "results, all", times, 3)


def details(bench, database, rounds):
    options = {"period": "all", "measure": "nps", "group": "user_id"}
    times = in_turn(
        {
            "ours": asked(bench, database, "hc_get_results_details", options),
            "bare": bare(bench, database, FLOOR_DETAILS, 10_000),
        },
        rounds,
    )
    return line(bench, "details, all", times, 3)


def saving(bench, ours, host, rounds):
    surveys = {name: survey_of(bench, name, name == ours) for name in (ours, host)}

    def side(database):
        def measure(number):
            with bench.environment(database) as env:
                survey = env["survey.survey"].browse(surveys[database])
                asked, why = survey.question_ids
                partner = env["res.partner"].search(
                    [("name", "=", f"Customer {1 + number % 90}")], limit=1
                )
                survey.mapped("question_ids.title")
                with stopwatch() as seconds:
                    answer = survey._create_answer(partner=partner, check_attempts=False)
                    answer._mark_in_progress()
                    answer._save_lines(asked, "9")
                    answer._save_lines(why, "All well, thank you")
                    answer._mark_done()
                    env.cr.flush()
                env.cr.rollback()
            return seconds[0]

        return measure

    times = in_turn({"ours": side(ours), "bare": side(host)}, rounds, warmup=5)
    return line(bench, "saving one answer", times, 1.3)


def survey_of(bench, database, is_ours):
    with bench.environment(database) as env:
        survey = env["survey.survey"].create({"title": "Bench", "access_mode": "public"})
        values = {
            "survey_id": survey.id,
            "title": "Would you recommend us?",
            "question_type": "scale",
            "sequence": 1,
        }
        env["survey.question"].create(values | ({"metric": "nps"} if is_ours else {}))
        env["survey.question"].create(
            {"survey_id": survey.id, "title": "Why?", "question_type": "text_box", "sequence": 2}
        )
        env.cr.commit()
        return survey.id


def line(bench, work, times, bar):
    against = ratio(times["ours"], times["bare"])
    bench.values[work] = {"ratio": against, "times": times}
    return [
        work,
        milliseconds(times["ours"]),
        milliseconds(times["bare"]),
        spell(against),
        f"≤ {bar}×",
    ]


if __name__ == "__main__":
    common.main("feedback", run)
