"""``setup/screenshots``: the pictures in README, made from the demo data by a real browser."""

import argparse
import os
import shutil
import subprocess
import time

from .console import SetupError, die_with_parent, say
from .databases import test_copy
from .lint import node_tools
from .paths import ROOT
from .serve import answers, free_port
from .system import ensure_chromium

HOST = "127.0.0.1"
START_SECONDS = 120


def screenshots(env, arguments):
    """Serve a copy of the demo database and let the browser walk through it; the exit code."""
    parser = argparse.ArgumentParser(prog="setup/screenshots")
    parser.add_argument(
        "--out",
        default=str(ROOT / "{addon}/static/description"),
        help="folder for the pictures ({addon}/static/description)",
    )
    parser.add_argument("name", nargs="*", help="only these pictures, for example: today results")
    options = parser.parse_args(arguments)
    ensure_chromium()
    modules = node_tools() / "node_modules"
    script = ROOT / "setup/hcsetup/screenshots.mjs"
    with test_copy(env) as (database, _log):
        port = free_port(HOST, 8569)
        say("· starting Odoo …")
        server = subprocess.Popen(
            env.command(
                "-d", database, f"--http-interface={HOST}", f"--http-port={port}",
                "--workers=0", "--max-cron-threads=0", "--log-level=warn",
            ),
            env=env.variables, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent,
        )  # fmt: skip
        try:
            _wait(server, f"http://{HOST}:{port}/web/login")
            return subprocess.call(
                ["node", str(script), f"http://{HOST}:{port}", options.out, *options.name],
                env=dict(
                    os.environ,
                    PLAYWRIGHT=str(modules / "playwright-core/index.mjs"),
                    CHROMIUM=shutil.which("chromium") or "/usr/bin/chromium",
                ),
            )
        finally:
            server.terminate()
            server.wait()


def _wait(server, url):
    until = time.monotonic() + START_SECONDS
    while not answers(url):
        if server.poll() is not None or time.monotonic() > until:
            raise SetupError("Odoo did not start", "Its last words stand above.")
        time.sleep(0.5)
