"""The commands of ``setup/``: arguments and order of steps."""

import argparse
import os
import signal
import subprocess
import sys
import threading

from .console import SetupError, say
from .odoo_source import odoo_source
from .paths import SETUP
from .venv import ensure_venv, inside, venv_path


def main(arguments):
    """Run a command; its exit code."""
    command, *rest = arguments
    try:
        options = parse_run(rest) if command == "run" else None
        if not (inside() and sys.prefix == str(venv_path())):
            return _prepare_and_start_again(arguments)
        return COMMANDS[command](rest, options)
    except SetupError as error:
        say(f"\nsetup/{command}: {error.cause}")
        if error.remedy:
            say(f"  → {error.remedy}")
        return 1
    except KeyboardInterrupt:
        say("\nInterrupted. The next start continues where this one stopped.")
        return 130


def parse_run(arguments):
    """The options of ``setup/run``."""
    parser = argparse.ArgumentParser(
        prog="setup/run", description="Start Odoo 19 with our addons, with demo data."
    )
    parser.add_argument("--db", help="name of the database (hc_demo; hc_empty with --no-demo)")
    parser.add_argument("--port", type=int, default=8069, help="first port to try (8069)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--no-demo", action="store_true", help="without any demo data")
    parser.add_argument("--fresh", action="store_true", help="drop the database and begin anew")
    options = parser.parse_args(arguments)
    options.db = options.db or ("hc_empty" if options.no_demo else "hc_demo")
    if not options.db.replace("_", "a").replace("-", "a").isalnum() or len(options.db) > 60:
        parser.error("--db: letters, digits, - and _ only, at most 60")
    if not 1 <= options.port <= 65535:
        parser.error("--port: a number from 1 to 65535")
    return options


def _prepare_and_start_again(arguments):
    """Fetch Odoo and the Python packages at the same time, then go on in the venv."""
    failed = []

    def fetch():
        try:
            odoo_source()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    python = ensure_venv()
    thread.join()
    if failed:
        raise failed[0]
    os.environ["PYTHONPATH"] = str(SETUP)
    os.execv(python, [python, "-m", "hcsetup", *arguments])


def _environment():
    from .odoo import make_environment

    return make_environment(odoo_source())


def _run(_arguments, options):
    from .postgres import server
    from .serve import run

    with _stopped_in_order(), server():
        return run(_environment(), options)


def _test(arguments, _options):
    from .postgres import server
    from .testing import test

    with _stopped_in_order(), server():
        return test(_environment(), arguments)


def _odoo(arguments, _options):
    from .postgres import server

    with server():
        env = _environment()
        # Ctrl-C belongs to Odoo (in its shell it only clears the line).
        process = subprocess.Popen(env.command(*arguments), env=env.variables)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        return process.wait()


def _benchmark(arguments, _options):
    from .benchmark import benchmark
    from .postgres import server

    with _stopped_in_order(), server():
        return benchmark(_environment(), arguments)


def _lint(arguments, _options):
    from .lint import lint

    return lint(arguments, _environment)


def _screenshots(arguments, _options):
    from .postgres import server
    from .screenshots import screenshots

    with _stopped_in_order(), server():
        return screenshots(_environment(), arguments)


class _stopped_in_order:
    """Treat a polite kill like Ctrl-C, so that databases and servers are cleaned up."""

    def __enter__(self):
        def interrupt(*_):
            raise KeyboardInterrupt

        # SIGINT too: a shell starts background jobs with it switched off.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, interrupt)

    def __exit__(self, *_):
        return False


COMMANDS = {
    "run": _run,
    "test": _test,
    "odoo": _odoo,
    "lint": _lint,
    "screenshots": _screenshots,
    "benchmark": _benchmark,
}
