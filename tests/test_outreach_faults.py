"""Outreach in real processes that are killed while real mails go over a real wire, once each."""

import os
import random
import time
from collections import Counter

import pytest
from outreach_processes import Outreach, Sink

from odoo import sql_db

PEOPLE = 250
KILLS = 24
SEED = 20261024


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    from hcsetup import databases
    from hcsetup.locks import lock
    from hcsetup.odoo import make_environment
    from hcsetup.odoo_source import odoo_source

    template = os.environ.get("HC_FAULTS_TEMPLATE") or databases.our_template(
        make_environment(odoo_source())
    )
    shop = Outreach(tmp_path_factory.mktemp("outreach"))
    shop.sink = Sink()
    try:
        with lock("databases", "preparing a database"):
            databases.create(shop.name, template)
        world = shop.start("generate", port=shop.sink.port, people=PEOPLE).result()
        shop.plans, shop.partners = world["plans"], world["partners"]
        yield shop
    finally:
        shop.close()
        shop.sink.shutdown()
        databases.drop(shop.name)


def restart_postgres():
    """Restart the embedded server under everybody's feet; False where the server is not ours."""
    from hcsetup import postgres

    sockets = (str(postgres.CLUSTER), str(postgres.CACHE.parent / ".hc-pg"))
    if os.environ.get("PGHOST") not in sockets or postgres.running_pid() is None:
        return False
    sql_db.close_all()
    postgres.stop()
    postgres.start()
    return True


def wait_for(shop, count, seconds=10):
    """Wait until some more mails have arrived."""
    wanted, until = len(shop.sink.messages) + count, time.monotonic() + seconds
    while len(shop.sink.messages) < wanted and time.monotonic() < until:
        time.sleep(0.002)


def drain(shop, now=None, seconds=150):
    """Let one worker finish what is due; the workers before it are dead."""
    process = shop.start("work", now=now, forever=False)
    process.told("RESULT", seconds)


def states(shop, plan):
    return Counter(
        {
            (state, reason or ""): count
            for state, reason, count in shop.query(
                "SELECT state, reason_code, COUNT(*) FROM hc_outreach_delivery WHERE plan_id = %s GROUP BY 1, 2",
                plan,
            )
        }
    )


def sent_twice(shop):
    by_id = Counter(message for message, _to, _subject in shop.sink.messages)
    by_content = Counter((to, subject) for _message, to, subject in shop.sink.messages)
    return [key for counts in (by_id, by_content) for key, count in counts.items() if count > 1]


def test_killed_workers(shop, capsys):
    """Twenty-four kills, two workers, two restarts of the database, one poison row."""
    dice = random.Random(SEED)
    one, two = shop.plans["one"], shop.plans["two"]

    def start():
        process = shop.start("work")
        process.told("WORKING")
        return process

    enrolling = [
        shop.start("enroll", plan=plan, partners=shop.partners) for plan in (one, two, one, two)
    ]
    workers = [start(), start()]
    restarts = kills = 0
    for number in range(KILLS):
        if number % 3:  # while mails go out: after a few of them, between two or on the wire
            wait_for(shop, dice.randrange(1, 15))
        time.sleep(dice.uniform(0, 0.05 if number % 3 else 0.8))
        if number == 1:
            enrolling[0].kill()
        if number in (KILLS // 3, 2 * KILLS // 3):
            restarts += restart_postgres()
        victim = dice.randrange(len(workers))
        workers[victim].kill()
        kills += 1
        workers[victim] = start()
    busy = len(shop.sink.messages)
    for worker in workers:
        worker.kill()
        kills += 1
    for plan in (one, two):  # whatever the kill and the restarts left out
        shop.start("enroll", plan=plan, partners=shop.partners).told("RESULT")
    shop.start("settle").result()
    drain(shop)
    shop.start("settle").result()

    [[due]] = shop.query(
        "SELECT COUNT(*) FROM hc_outreach_delivery WHERE plan_id IN (%s, %s) AND type = 'mail'",
        one,
        two,
    )
    by_state = dict(
        shop.query(
            "SELECT state, COUNT(*) FROM hc_outreach_delivery WHERE plan_id IN (%s, %s) AND type = 'mail' "
            "GROUP BY 1",
            one,
            two,
        )
    )
    [[enrolled]] = shop.query(
        "SELECT COUNT(*) FROM hc_outreach_enrollment WHERE plan_id IN (%s, %s)", one, two
    )
    sent, doubt = by_state.get("done", 0), by_state.get("doubt", 0)
    failed, skipped = by_state.get("failed", 0), by_state.get("skipped", 0)
    # of what is in doubt, some arrived: the mail server knows
    in_doubt = {
        message
        for [message] in shop.query(
            "SELECT m.message_id FROM hc_outreach_delivery d JOIN mail_message m ON m.id = d.message_id "
            "WHERE d.state = 'doubt'"
        )
    }
    arrived = {message for message, _to, _subject in shop.sink.messages}
    twice = sent_twice(shop)
    lost = due - sent - doubt - skipped - failed
    with capsys.disabled():
        print(  # noqa: T201
            f"\n| kills | restarts of PostgreSQL | enrolled | mails due | sent | in doubt (arrived) | poison |"
            f" left out | lost | twice |\n|---|---|---|---|---|---|---|---|---|---|\n"
            f"| {kills} | {restarts} | {enrolled} | {due} | {sent} | {doubt} ({len(in_doubt & arrived)}) |"
            f" {failed} | {skipped} | {lost} | {len(twice)} |"
        )
    assert kills >= 24
    assert enrolled == 2 * PEOPLE, (
        "enrolled once each, though two processes tried and one was killed"
    )
    assert not twice
    assert lost == 0, by_state
    assert failed == 1, "the poison costs one"
    assert doubt <= kills
    assert busy > 50, "mails were on the wire while workers were killed"
    # what counts as sent did arrive, and nothing else but what is in doubt
    assert len(arrived) == len(shop.sink.messages)
    assert len(arrived - in_doubt) == sent
    # nobody stands still: everybody went through, but for the poison and those in doubt
    open_ = dict(
        shop.query(
            "SELECT state, COUNT(*) FROM hc_outreach_enrollment WHERE plan_id IN (%s, %s) GROUP BY 1",
            one,
            two,
        )
    )
    assert open_ == {"done": 2 * PEOPLE - failed - doubt} | (
        {"active": failed + doubt} if failed + doubt else {}
    )


@pytest.mark.parametrize(
    ("name", "evening", "hours"),
    [
        ("autumn", "2026-10-24T20:00:00", [f"2026-10-25T0{hour}:30:00" for hour in range(4)]),
        ("spring", "2027-03-27T20:00:00", [f"2027-03-28T0{hour}:30:00" for hour in range(4)]),
    ],
)
def test_clock_is_changed(shop, name, evening, hours):
    """Half past two comes twice in October and not at all in March: the mail goes out once."""
    people = shop.partners[:20]
    before = len(shop.sink.messages)
    shop.start("enroll", plan=shop.plans[name], partners=people, now=evening).told("RESULT")
    drain(shop, evening)
    assert len(shop.sink.messages) - before == len(people), states(shop, shop.plans[name])
    for hour in hours:
        drain(shop, hour)
    night = [row for row in shop.sink.messages[before:] if row[2].endswith("B")]
    assert len(night) == len(people)
    assert not sent_twice(shop)
    assert states(shop, shop.plans[name]) == {("done", ""): 2 * len(people)}


def test_resume_after_a_fortnight(shop):
    """No flood after a pause: what is not too late by now is spread, the rest is left out, nothing is lost."""
    plan, before = shop.plans["pause"], len(shop.sink.messages)
    shop.start("pause", plan=plan, now="2027-05-01T08:00:00").result()
    shop.query("UPDATE hc_outreach_plan SET state = 'running' WHERE id = %s", plan)
    for day in range(14):  # ten people a day became due while it was paused
        shop.start(
            "enroll",
            plan=plan,
            partners=shop.partners[day * 10 : day * 10 + 10],
            now=f"2027-05-{day + 1:02}T12:00:00",
        ).told("RESULT")
    shop.query("UPDATE hc_outreach_plan SET state = 'paused' WHERE id = %s", plan)
    shop.start("resume", plan=plan, now="2027-05-15T08:00:00").result()
    rounds = []
    for day in range(15, 25):
        seen = len(shop.sink.messages)
        drain(shop, f"2027-05-{day}T09:00:00")
        rounds.append(len(shop.sink.messages) - seen)
    outcome = states(shop, plan)
    late = outcome["skipped", "too_late"]
    assert late == 40, "older than ten days"
    assert len(shop.sink.messages) - before == 100
    assert sum(outcome.values()) == 140
    assert max(rounds) <= 20, rounds
    assert not sent_twice(shop)


def test_limit_of_tasks(shop):
    """A colleague gets no more tasks than the contact rules allow, however the workers overlap."""
    plan = shop.plans["tasks"]
    [[limit]] = shop.query(
        "SELECT MIN(p.task_limit) FROM hc_contact_policy p JOIN hc_outreach_plan o USING (company_id) "
        "WHERE o.id = %s",
        plan,
    )
    shop.start("enroll", plan=plan, partners=shop.partners[: 4 * limit]).told("RESULT")
    shop.start("overtake", plan=plan).told("RESULT")
    [[most]] = shop.query(
        "SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM hc_outreach_delivery WHERE state = 'open' "
        "GROUP BY user_id) AS load"
    )
    assert most == limit
    # those of the demonstration count as well
    given = states(shop, plan)[("open", "")]
    assert 0 < given <= limit
    assert states(shop, plan) == {("open", ""): given, ("due", "workload"): 4 * limit - given}
