"""Running Odoo: its configuration, its environment, installing modules."""

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from .console import SetupError, run_step
from .odoo_source import addons_paths
from .paths import CACHE, DATA, LOGS, ROOT, addons, short_hash

# What the host or the machine logs as a warning or an error whatever we do.
KNOWN_NOISE = (
    "Running as user 'root' is a security risk",
    "pg_trgm",  # text search extensions that the embedded server lacks
    "unaccent",
    "khtmltopdf",  # PDF printing: Odoo shows reports as HTML without it
)


@dataclass
class Environment:
    """What it takes to start an Odoo process."""

    source: Path
    config: Path
    variables: dict

    def command(self, *arguments):
        """The command line of Odoo in our venv."""
        return [sys.executable, "-m", "odoo", *map(str, arguments)]


def make_environment(source):
    """Write the configuration and collect the variables; needs the server running."""
    config = CACHE / "conf" / f"odoo-{short_hash(ROOT, source)}.conf"
    paths = [*addons_paths(source), *([ROOT] if addons() else [])]
    text = f"""\
[options]
; written by setup/, again at every start
addons_path = {",".join(map(str, paths))}
data_dir = {DATA}
list_db = False
; nothing is mailed to anyone: this port never answers
smtp_server = 127.0.0.1
smtp_port = 9
limit_time_real = 1200
limit_time_cpu = 1200
"""
    config.parent.mkdir(parents=True, exist_ok=True)
    new = config.with_suffix(f".{os.getpid()}")
    new.write_text(text)
    new.rename(config)  # another start may be reading it right now
    variables = dict(os.environ, ODOO_RC=str(config), PYTHONUNBUFFERED="1")
    variables["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    variables["PYTHONPATH"] = str(source)
    # Odoo would take this for the database to use, whatever the command line says.
    variables.pop("PGDATABASE", None)
    return Environment(source, config, variables)


def install_log(database):
    """The log of installing our addons into a database."""
    return LOGS / f"install-{database}.log"


def install(env, database, *, init=(), update=(), demo):
    """Install and update modules in a database, with a line on how far it is."""
    log = install_log(database)
    arguments = ["-d", database, "--stop-after-init", "--max-cron-threads=0", "--no-http"]
    arguments.append("--with-demo" if demo else "--without-demo")
    if init:
        arguments += ["-i", ",".join(init)]
    if update:
        arguments += ["-u", ",".join(update)]

    def progress():
        text = log.read_text(errors="replace")
        found = re.findall(r"Loading module (\w+) \((\d+)/(\d+)\)", text)
        return "module {} ({} of {})".format(*found[-1]) if found else ""

    names = ", ".join([*init, *update])
    run_step(
        f"installing {names if len(names) < 60 else names[:57] + '…'}",
        env.command(*arguments),
        log,
        progress=progress,
        env=env.variables,
        remedy=f"The whole log: {log}",
    )
    # Odoo logs some failures and ends with code 0 all the same.
    text = log.read_text(errors="replace")
    if re.search(r" CRITICAL .*Failed to (load|initialize)", text):
        raise SetupError(f"Odoo could not install {names}", f"Read {log}")
    if demo and " demo data failed to install" in text:
        raise SetupError(f"Odoo could not load the demo data of {names}", f"Read {log}")
