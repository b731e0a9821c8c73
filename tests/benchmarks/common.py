"""What the benchmarks share: generated databases, timing two sides in turn, and tables.

Started by ``setup/benchmark``, which prepares Odoo and PostgreSQL. Machines differ and so do the moments on
one machine: what is compared runs in turn, in the same seconds, and only ratios are reported.
"""

import argparse
import gc
import json
import statistics
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup"))

from hcsetup import databases  # noqa: E402
from hcsetup.locks import lock  # noqa: E402
from hcsetup.odoo import install, make_environment  # noqa: E402
from hcsetup.odoo_source import odoo_source  # noqa: E402
from hcsetup.paths import CACHE, addon_digests, short_hash  # noqa: E402

CONTEXT = {"lang": "en_US", "tz": "Europe/Brussels"}


class Bench:
    """One run: its options, its databases, its results."""

    def __init__(self, name, options):
        self.name = name
        self.options = options
        self.env = make_environment(odoo_source())
        self.tables = []
        self.values = {}

    # -- databases --------------------------------------------------------------------------------

    def start_odoo(self):
        """Configure Odoo inside this process, without a server."""
        from odoo.tools import config

        config.parse_config(
            ["-c", str(self.env.config), "--max-cron-threads=0", "--log-level=error", "--no-http"],
            setup_logging=True,
        )

    def database(self, label, size, *, ours=True, demo=True, recipe=None):
        """Return the name of a database with generated data, made unless an equal one was kept.

        :param label: part of its name
        :param size: a ``data.Size``
        :param ours: whether our addons are installed in it
        :param demo: with our demo data; a copy of what ``setup/test`` uses, and so made faster
        :param recipe: the module that generates the data, ``data`` by default
        """
        import data

        recipe = recipe or data
        text = Path(recipe.__file__).read_text()
        name = f"hc_bench_{label}_{short_hash(text, repr(size), ours, demo)}"
        digests = addon_digests() if ours else {}
        noted = databases.state(name)
        if noted and noted.get("hc") == "ready":
            if noted.get("addons") != digests:
                install(self.env, name, update=digests, demo=False)
                databases.note(name, "ready", addons=digests)
            return name
        if ours and demo:
            template = databases.our_template(self.env)
        else:
            template = databases.host_template(self.env)
        say(f"· making the database {name} …")
        with lock("databases", "preparing a database"):
            databases.create(name, template)
        if ours and not demo:
            install(self.env, name, init=digests, demo=False)
        self._generate(name, size, recipe)
        databases.note(name, "ready", addons=digests)
        return name

    def _generate(self, name, size, recipe):
        from odoo import sql_db

        with self.environment(name) as env:
            recipe.generate(env, size)
        with sql_db.db_connect(name).cursor() as cr:
            cr._cnx.set_session(autocommit=True)
            recipe.vacuum(cr)
        sql_db.close_db(name)

    def drop(self, *names):
        """Drop databases, unless they are to be kept for the next run."""
        from odoo import sql_db

        for name in names:
            sql_db.close_db(name)
            if not self.options.keep:
                databases.drop(name)

    @contextmanager
    def environment(self, database, login=None):
        """A new transaction with empty record caches, as each request of the web client has."""
        from odoo import SUPERUSER_ID, api
        from odoo.modules.registry import Registry

        registry = Registry(database)
        with registry.cursor() as cr:
            uid = SUPERUSER_ID
            if login:
                cr.execute("SELECT id FROM res_users WHERE login = %s", [login])
                uid = cr.fetchone()[0]
            try:
                yield api.Environment(cr, uid, dict(CONTEXT))
            finally:
                if login:  # a reader leaves nothing behind
                    cr.rollback()

    # -- results ----------------------------------------------------------------------------------

    def table(self, title, header, rows, note=""):
        """Add a table to the output and print it."""
        lines = [f"**{title}**", ""] if title else []
        lines += [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
        lines += [f"| {' | '.join(map(str, row))} |" for row in rows]
        if note:
            lines += ["", note]
        text = "\n".join(lines)
        self.tables.append(text)
        print(text, end="\n\n", flush=True)

    def save(self):
        """Keep the figures in the cache, for whoever compares two runs; nothing goes into the tree."""
        folder = CACHE / "benchmarks"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        path.write_text(json.dumps({"date": time.strftime("%F %T"), **self.values}, indent=1))
        say(f"  figures: {path}")


def say(text):
    """Tell how far we are; standard output holds the tables only."""
    if not QUIET:
        print(text, file=sys.stderr, flush=True)


QUIET = False


def main(name, run, add_options=None):
    """Run a benchmark from the command line."""
    global QUIET
    parser = argparse.ArgumentParser(prog=f"setup/benchmark {name}")
    parser.add_argument("--rounds", type=int, help="how often each side runs")
    parser.add_argument(
        "--tiny", action="store_true", help="a handful of rows: does it run at all?"
    )
    parser.add_argument("--keep", action="store_true", help="keep the databases for the next run")
    parser.add_argument("--markdown", action="store_true", help="print the tables and nothing else")
    if add_options:
        add_options(parser)
    options = parser.parse_args()
    QUIET = options.markdown
    bench = Bench(name, options)
    with lock("benchmarks", "another benchmark"):
        run(bench)
    bench.save()


# -- timing -----------------------------------------------------------------------------------------


def in_turn(sides, rounds, warmup=2):
    """Run all sides in turn.

    :param sides: ``{name: function of the round's number, which returns seconds}``
    :return: ``{name: [seconds of each round]}``
    """
    names = list(sides)
    times = {name: [] for name in names}
    for number in range(-warmup, rounds):
        # Each side comes first equally often: whoever follows finds the processor's caches changed.
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            seconds = sides[name](max(number, 0))
            if number >= 0:
                times[name].append(seconds)
    return times


@contextmanager
def stopwatch():
    """Yield a list that holds the seconds of the block afterwards; no collection of garbage inside."""
    gc.collect(0)
    gc.disable()
    result = []
    start = time.perf_counter()
    try:
        yield result
        result.append(time.perf_counter() - start)
    finally:
        gc.enable()


def ratio(times, peers):
    """Return ``{"min", "median", "max"}`` of the rounds' ratios and the ratio of the medians."""
    ratios = [time / peer for time, peer in zip(times, peers, strict=True)]
    quartiles = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return {
        "min": min(ratios),
        "low": quartiles[0],
        "median": statistics.median(ratios),
        "high": quartiles[2],
        "max": max(ratios),
    }


def spell(ratios):
    """A ratio as it stands in a table: the median, then minimum and maximum."""
    return f"**{ratios['median']:.2f}** ({ratios['min']:.2f}–{ratios['max']:.2f})"


def milliseconds(times):
    return f"{statistics.median(times) * 1000:.1f} ms"
