"""Processes for ``test_insight_faults``: they stop where they are told, to be killed or to go on.

Odoo is loaded once, by this file started as a program; it forks one process for each piece of work. Such
a process stops itself (SIGSTOP) at the moment asked for.
"""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from contextlib import closing, suppress
from pathlib import Path

import psycopg2

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.tools import config

from odoo.addons.base.models import ir_cron

FOLDER = Path(__file__).resolve().parent
sys.path += [str(FOLDER / "benchmarks"), str(FOLDER.parent / "setup")]

CUSTOMERS, BATCH = 3000, 700
LOCKS = """
    SELECT COUNT(*) FROM pg_locks JOIN pg_database AS db ON db.oid = pg_locks.database
     WHERE locktype = 'advisory' AND classid = 471900303 AND datname = CURRENT_DATABASE()
"""


# -- in the processes ---------------------------------------------------------------------------------


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def pause(moment):
    """Say where we are, and stop until somebody sends SIGCONT or SIGKILL."""
    say("AT", moment)
    os.kill(os.getpid(), signal.SIGSTOP)


def watch(env, moment=None):
    """Say when a model is learnt and which customers are worked out; stop at ``moment``."""
    from odoo.addons.hc_crm.models.insight import hc_insight_pipeline as pipeline

    Run = env.registry["hc.insight.run"]
    batches = 0

    def wrap(owner, name, before=None, after=None):
        original = getattr(owner, name)

        def call(*args, **kwargs):
            if before:
                before(*args)
            result = original(*args, **kwargs)
            if after:
                after(*args)
            return result

        setattr(owner, name, call)

    def stop_at(name):
        return lambda *_args: pause(name) if moment == name else None

    def written(_cr, _table, _columns, arrays):
        nonlocal batches
        batches += 1
        say("BATCH", int(arrays["partner_id"][0]))
        if moment == "batch" and batches == 3:
            pause("batch")  # two are committed, the third is not

    pipeline.BATCH = BATCH
    wrap(pipeline.engine, "fit", before=lambda *_args: say("FIT"))
    wrap(pipeline, "write_arrays", after=written)
    wrap(Run, "_fitted", after=stop_at("learnt"))
    wrap(Run, "_publish", after=stop_at("publishing"))
    wrap(Run, "_work_followers", before=stop_at("followers"))


def generate(env):
    """Three thousand customers of one shop, a third of whom buy at two more."""
    import data_insight

    env["ir.cron"].search([]).active = False
    data_insight.generate(env, data_insight.Size(CUSTOMERS))
    shops = env["res.company"].create([{"name": "Harbour Shop"}, {"name": "Hill Shop"}])
    for shop in shops:
        env.cr.execute(
            """
            INSERT INTO sale_order (name, partner_id, partner_invoice_id, partner_shipping_id, company_id,
                state, date_order, amount_untaxed, amount_total, currency_rate, currency_id, user_id,
                create_date, write_date)
            SELECT name || %(shop)s::text, partner_id, partner_id, partner_id, %(shop)s, state, date_order,
                   amount_untaxed, amount_total, 1, %(currency)s, user_id, create_date, write_date
              FROM sale_order WHERE company_id = %(main)s AND partner_id %% 3 = 0
            """,
            {"shop": shop.id, "main": env.company.id, "currency": shop.currency_id.id},
        )
    env.ref("hc_crm.hc_insight_run_cron").active = True
    env.cr.commit()
    return [env.company.id, *shops.ids]


def run(env, company, kind="full", moment=None):
    watch(env, moment)
    done = env["hc.insight.run"]._run(env["res.company"].browse(company), kind, commit=True)
    return {"id": done.id, "state": done.state, "error": done.error or ""}


def run_late(env, company):
    """Look at the database, wait, and run: with a transaction older than what happened meanwhile."""
    env["hc.insight.run"].search_count([])
    pause("looked")
    return run(env, company)


def cron(env, moment=None, hurry=False):
    """Run the background job as a worker does; ``hurry``: its time is always over."""
    if hurry:
        ir_cron.MIN_TIME_PER_JOB = 0
    watch(env, moment)
    job = env.ref("hc_crm.hc_insight_run_cron")
    answer = job.method_direct_trigger()
    env.cr.commit()
    env.cr.execute(LOCKS)  # while this process is alive
    return {"answer": answer, "locks": env.cr.fetchone()[0], "failures": job.failure_count}


def read(env):
    """Look at everybody twice in one transaction, and once more in the next."""

    def seen():
        env.invalidate_all()
        rows = env["hc.customer.insight"].search([("company_id", "=", env.company.id)], order="id")
        values = rows.read(["partner_id", "computed_at", "churn_risk", "clv", "health", "monetary"])
        return json.dumps(values, default=str)

    first = seen()
    pause("read")
    second = seen()
    env.cr.commit()
    return {"same": first == second, "next_same": first == seen(), "rows": len(json.loads(first))}


def serve(rcfile, jobs=None):
    """Fork a process for each line read: where to write, the database, a function, its arguments."""
    config.parse_config(["-c", rcfile, "--no-http", "--max-cron-threads=0", "--log-level=critical"])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        output, database, name, arguments = json.loads(line)
        registry = Registry(database)
        sql_db.close_all()
        pid = os.fork()
        if pid:
            say(pid)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, 1)
        os.dup2(file, 2)
        try:
            with registry.cursor() as cr:
                result = (jobs or globals())[name](
                    api.Environment(cr, SUPERUSER_ID, {}), **arguments
                )
            say("RESULT", json.dumps(result))
        except BaseException:
            say("FAILED", traceback.format_exc())
        os._exit(0)


# -- in the test --------------------------------------------------------------------------------------


class Process:
    """One process of ours; what it says is in a file."""

    def __init__(self, pid, output):
        self.pid, self.output = pid, output

    def told(self, word, seconds=60):
        """Wait until it says ``word``, and return the rest of that line."""
        for _ in range(seconds * 50):
            lines = self.output.read_text().splitlines() if self.output.exists() else []
            for line in lines:
                if line.startswith(word + " "):
                    return line.removeprefix(word + " ")
                assert not line.startswith("FAILED"), "\n".join(lines)
            time.sleep(0.02)
        raise AssertionError(f"{word}: {lines}")

    def at(self, moment):
        assert self.told("AT") == moment
        return self

    def go_on(self):
        os.kill(self.pid, signal.SIGCONT)
        return self

    def kill(self):
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def result(self):
        return json.loads(self.told("RESULT"))

    def lines(self, word):
        return [line for line in self.output.read_text().splitlines() if line.startswith(word)]


class Shops:
    """A generated database, an untouched copy of it, and the program that forks processes on them."""

    program_file = __file__

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        self.name = f"hc_faults_{os.getpid()}"
        self.copy = self.name + "_copy"
        self.program = subprocess.Popen(
            [sys.executable, self.program_file, config.rcfile],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
        )

    def start(self, job, database=None, **arguments):
        output = self.folder / f"{len(self.processes)}.txt"
        command = [str(output), database or self.name, job, arguments]
        self.program.stdin.write(json.dumps(command) + "\n")
        self.program.stdin.flush()
        self.processes.append(Process(int(self.program.stdout.readline()), output))
        return self.processes[-1]

    def query(self, sql, *parameters, database=None):
        _name, info = sql_db.connection_info_for(database or self.name)
        with closing(psycopg2.connect(**info)) as connection:
            connection.autocommit = True
            with connection.cursor() as cr:
                cr.execute(sql, parameters)
                return cr.fetchall() if cr.description else None

    def both(self, sql, *parameters):
        for database in (self.name, self.copy):
            self.query(sql, *parameters, database=database)

    def table(self, name="hc_customer_insight", without="", database=None):
        """Return how many rows a table has, and a digest of them."""
        return self.query(
            "SELECT COUNT(*), MD5(STRING_AGG(line, '' ORDER BY line)) FROM "
            f"(SELECT (TO_JSONB(row) - %s::text[])::text AS line FROM {name} AS row) AS lines",
            without.split(),
            database=database,
        )

    def staged(self, company):
        """Return what the run of a company has put down, as ``table`` does, or nothing."""
        name = f"hc_insight_stage_{company}"
        if not self.query("SELECT 1 FROM pg_class WHERE relname = %s", name):
            return None
        return self.table(name)[0]

    def runs(self, company):
        return self.query(
            "SELECT id, state FROM hc_insight_run WHERE company_id = %s ORDER BY id", company
        )

    def unlocked(self):
        """Whether no run holds a company: the server takes a moment to see that a process died."""
        for _ in range(400):
            if self.query(LOCKS) == [(0,)]:
                return True
            time.sleep(0.05)
        return False

    def close(self):
        for process in self.processes:
            if not process.lines("RESULT"):
                process.kill()
        self.program.stdin.close()
        self.program.wait(20)


if __name__ == "__main__":
    serve(sys.argv[1])
