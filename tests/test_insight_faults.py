"""Insight in real processes that are killed, that meet, and that find the database broken."""

import os

import pytest
from insight_processes import CUSTOMERS, LOCKS, Shops

# what must come out the same, however often it was interrupted
RESULTS = {
    "hc_customer_insight": "id computed_at",
    "hc_customer_insight_history": "id",
    "hc_channel_score": "id computed_at",
    "hc_product_affinity": "id create_date write_date computed_at",
}


@pytest.fixture(scope="module")
def shops(tmp_path_factory):
    from hcsetup import databases
    from hcsetup.locks import lock
    from hcsetup.odoo import make_environment
    from hcsetup.odoo_source import odoo_source

    template = os.environ.get("HC_FAULTS_TEMPLATE") or databases.our_template(
        make_environment(odoo_source())
    )
    shops = Shops(tmp_path_factory.mktemp("faults"))
    try:
        with lock("databases", "preparing a database"):
            databases.create(shops.name, template)
        shops.companies = shops.start("generate").result()
        databases.create(shops.copy, shops.name)
        yield shops
    finally:
        shops.close()
        databases.drop(shops.name)
        databases.drop(shops.copy)


def interrupt(shops, kind, moments):
    """Kill a run at each of ``moments``, and have it finished; its number and what was said meanwhile."""
    company = shops.companies[0]
    known = shops.runs(company)
    said = []
    for moment in [*moments, None]:
        before = shops.table()
        process = shops.start("run", company=company, kind=kind, moment=moment)
        if moment:
            process.at(moment)
            # the new one is there as a whole from the moment its followers are worked out
            new = moment == "followers"
            assert (shops.table() != before) == new
            before = shops.table()
            assert shops.query(LOCKS) == [(1,)]
            process.kill()
            assert shops.unlocked()
            assert shops.table() == before
            [(number, state)] = shops.runs(company)[len(known) :]
            assert state == "running"
        else:
            assert process.result() == {"id": number, "state": "done", "error": ""}
        said.append((len(process.lines("FIT")), [int(line[6:]) for line in process.lines("BATCH")]))
    assert shops.runs(company) == [*known, (number, "done")]
    assert shops.unlocked()
    assert not shops.staged(company)
    return said


def assert_same(shops, rows):
    for table, without in RESULTS.items():
        ours = shops.table(table, without)
        assert ours == shops.table(table, without, shops.copy), table
        if table == "hc_customer_insight":
            assert ours[0][0] >= rows


def test_killed_runs_go_on(shops):
    company = shops.companies[0]
    undisturbed = shops.start("run", shops.copy, company=company)
    learnt, batch, publishing, again = interrupt(shops, "full", ["learnt", "batch", "publishing"])
    assert learnt == (1, []), "the model is learnt once"
    assert [fits for fits, _batches in (batch, publishing, again)] == [0, 0, 0]
    batches = [int(line[6:]) for line in undisturbed.lines("BATCH") if undisturbed.result()]
    assert len(batches) >= 5
    assert batch[1] == batches[:3]
    assert publishing[1] == batches[2:], "what was put down is kept"
    assert again[1] == []
    assert_same(shops, CUSTOMERS)

    # news of most customers: those with a run before
    for kind in ("incremental", "full"):
        shops.both(
            "UPDATE sale_order SET amount_untaxed = amount_untaxed + 7, write_date = NOW() AT TIME ZONE 'UTC' "
            "WHERE name LIKE 'BENCH%%' AND partner_id %% 4 <> 0"
        )
        undisturbed = shops.start("run", shops.copy, company=company, kind=kind)
        *_killed, again = interrupt(shops, kind, ["batch", "publishing", "followers"])
        assert again[1], "killed after publishing, it looks once more"
        assert undisturbed.result()["state"] == "done"
        assert_same(shops, CUSTOMERS)


def test_settings_changed_after_the_kill(shops):
    """What was put down under other settings is not mixed with the rest."""
    company = shops.companies[0]
    shops.start("run", company=company, moment="batch").at("batch").kill()
    assert shops.unlocked()
    shops.both(
        "UPDATE hc_insight_config SET horizon_days = 180, write_date = NOW() AT TIME ZONE 'UTC'"
    )
    [killed, _state] = shops.runs(company)[-1]
    undisturbed = shops.start("run", shops.copy, company=company)
    process = shops.start("run", company=company)
    assert process.result()["id"] != killed
    assert process.lines("FIT")
    assert dict(shops.runs(company))[killed] == "failed"
    assert undisturbed.result()["state"] == "done"
    assert_same(shops, CUSTOMERS)
    assert not shops.staged(company)


def test_two_at_once(shops):
    company, other, _third = shops.companies
    before = shops.runs(company)
    late = shops.start("run_late", company=company)
    late.at("looked")
    first = shops.start("run", company=company, moment="batch").at("batch")
    later = shops.start("run_late", company=company).at("looked")  # sees the first one running
    staged, seen = shops.staged(company), shops.table()
    assert staged[0] > 0

    second = shops.start("run", company=company).result()
    assert second["state"] == "left"
    assert "under way" in second["error"]
    elsewhere = shops.start("run", company=other)
    assert elsewhere.result()["state"] == "done"
    assert elsewhere.lines("FIT")
    assert shops.staged(company) == staged
    [[rows]] = shops.query("SELECT COUNT(*) FROM hc_customer_insight WHERE company_id = %s", other)
    assert rows > CUSTOMERS / 4
    assert shops.table()[0][0] == seen[0][0] + rows

    done = first.go_on().result()
    assert done["state"] == "done"
    [[count, customers]] = shops.query(
        "SELECT COUNT(*), COUNT(DISTINCT partner_id) FROM hc_customer_insight WHERE company_id = %s",
        company,
    )
    assert count == customers >= CUSTOMERS
    # those whose transactions are older do not take it for interrupted
    follow = [process.go_on().result() for process in (later, late)]
    assert [result["state"] for result in follow] == ["done", "done"], follow
    states = dict(shops.runs(company)[len(before) :])
    assert states == {second["id"]: "left"} | {result["id"]: "done" for result in (done, *follow)}
    assert len(states) == 4
    assert not shops.staged(company)


def test_job_goes_on_to_the_next_company(shops):
    main, broken, healthy = shops.companies
    shops.query("DELETE FROM hc_insight_run WHERE company_id = %s", healthy)
    # by the database itself: the first company cannot even begin, the second not publish
    faults = {
        "hc_insight_run": ("INSERT", main),
        "hc_customer_insight": ("INSERT OR UPDATE", broken),
    }
    for table, (when, company) in faults.items():
        shops.query(
            f"""
            CREATE FUNCTION hc_fault_{company}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.company_id = {company} THEN RAISE EXCEPTION 'disk of company {company}'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER fault BEFORE {when} ON {table}
               FOR EACH ROW EXECUTE FUNCTION hc_fault_{company}();
            """
        )
    # the healthy one is the last in turn
    shops.query("UPDATE hc_insight_config SET write_date = NOW() AT TIME ZONE 'UTC'")
    shops.query("UPDATE hc_insight_run SET date_start = '2020-01-01'")
    shops.query(
        "INSERT INTO hc_insight_run (company_id, kind, state, date_start) "
        "VALUES (%s, 'full', 'failed', '2021-01-01')",
        healthy,
    )
    known, seen = shops.runs(main), shops.table()
    assert shops.start("cron").result() == {"answer": True, "locks": 0, "failures": 0}
    assert shops.runs(main) == known
    assert shops.runs(broken)[-1][1] == "failed"
    assert shops.runs(healthy)[-1][1] == "done", shops.query(
        "SELECT company_id, kind, state, phase, duration, error FROM hc_insight_run ORDER BY id"
    )
    assert shops.runs(healthy)[-1][0] > shops.runs(broken)[-1][0]
    [[error]] = shops.query(
        "SELECT error FROM hc_insight_run WHERE id = %s", shops.runs(broken)[-1][0]
    )
    assert f"disk of company {broken}" in error
    assert shops.table()[0][0] > seen[0][0]

    # with its time over after each, a turn of the job takes each company once, and ends
    shops.query("UPDATE hc_insight_run SET date_start = '2022-01-01'")
    shops.query(
        "UPDATE ir_cron SET nextcall = NOW() AT TIME ZONE 'UTC' - INTERVAL '2 s' WHERE active"
    )
    [[last]] = shops.query("SELECT MAX(id) FROM hc_insight_run")
    for table in faults:
        shops.query(f"DROP TRIGGER fault ON {table}")
    assert shops.start("cron", hurry=True).result() == {"answer": True, "locks": 0, "failures": 0}
    looked = shops.query(
        "SELECT company_id, state FROM hc_insight_run WHERE id > %s ORDER BY company_id", last
    )
    # the host may have companies of its own
    companies = shops.query("SELECT id FROM res_company WHERE active ORDER BY id")
    assert looked == [(company, "done") for (company,) in companies]
    again = "SELECT 1 FROM ir_cron_trigger WHERE cron_id IN (SELECT id FROM ir_cron WHERE active)"
    assert shops.query(again) == []

    # killed on the way, the next turn goes on
    shops.query("UPDATE hc_insight_run SET date_start = '2022-01-01'")
    shops.start("cron", moment="publishing").at("publishing").kill()
    assert shops.unlocked()
    [[killed]] = shops.query("SELECT id FROM hc_insight_run WHERE state = 'running'")
    assert shops.start("cron").result() == {"answer": True, "locks": 0, "failures": 0}
    for company in shops.companies:
        assert shops.runs(company)[-1][1] == "done"
    assert shops.query("SELECT state FROM hc_insight_run WHERE id = %s", killed) == [("done",)]


def test_reader_sees_one_run_throughout(shops):
    company = shops.companies[0]
    shops.start("run", company=company).result()
    reader = shops.start("read").at("read")
    shops.query("UPDATE sale_order SET amount_untaxed = amount_untaxed + 1")
    assert shops.start("run", company=company).result()["state"] == "done"
    seen = reader.go_on().result()
    assert seen["rows"] >= CUSTOMERS
    assert seen["same"]
    assert not seen["next_same"]
