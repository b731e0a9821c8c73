"""``setup/run``: the server, with its address said when it really answers."""

import os
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

from . import postgres
from .console import SetupError, die_with_parent, say, tail
from .databases import demo_database
from .locks import lock, open_lock, try_lock
from .odoo import KNOWN_NOISE
from .paths import LOGS

TRIED_PORTS = 50


def free_port(host, wanted):
    """The wanted port, or the next one that nobody listens on."""
    for port in range(wanted, min(wanted + TRIED_PORTS, 65536)):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except PermissionError:
                raise SetupError(
                    f"port {port} needs root", "Take one above 1023:  setup/run --port 8069"
                ) from None
            except OSError as error:
                if error.errno not in (98, 48):  # anything but "address already in use"
                    raise SetupError(f"cannot listen on {host}: {error}", "Try --host 127.0.0.1")
                continue
        if port != wanted:
            say(f"  port {wanted} is busy, taking {port}")
        return port
    raise SetupError(f"ports {wanted} to {port} are all busy", "Name a free one with --port.")


def run(env, options):
    """Prepare the database and serve it until Ctrl-C; the exit code."""
    name = options.db
    with open_lock(f"run-{name}") as in_use:
        with lock(f"prepare-{name}", f"preparing {name}"):
            alone = try_lock(in_use)
            if not alone:
                say(f"  another setup/run serves {name} already: no update of it now")
                if options.fresh:
                    raise SetupError(
                        f"--fresh: the database {name} is in use by another setup/run",
                        "Stop that one first, or take another database with --db.",
                    )
            else:
                demo_database(env, name, fresh=options.fresh, demo=not options.no_demo)
            try_lock(in_use, shared=True)
        return _serve(env, name, options.host, free_port(options.host, options.port))


def _serve(env, name, host, port):
    log = LOGS / f"run-{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = env.command(
        "-d", name, f"--db-filter=^{name}$", f"--http-interface={host}", f"--http-port={port}",
        "--workers=0", "--max-cron-threads=1", "--no-database-list",
    )  # fmt: skip
    say("· starting Odoo …")
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=env.variables, start_new_session=True, preexec_fn=die_with_parent,
    )  # fmt: skip
    threading.Thread(target=_keep_log, args=(process.stdout, log), daemon=True).start()
    signals = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: signals.append(received))
    shown_host = "127.0.0.1" if host in ("0.0.0.0", "") else host
    address = f"http://{shown_host}:{port}"
    announced, asked = False, 0
    while process.poll() is None:
        if len(signals) > asked:
            asked = len(signals)
            say("  stopping …" if asked == 1 else "  stopping at once")
            process.send_signal(signal.SIGTERM if asked == 1 else signal.SIGKILL)
        elif not announced and not asked and answers(f"{address}/web/login"):
            announced = True
            _announce(address, name, log)
        if not postgres.EXTERNAL and not asked and postgres.running_pid() is None:
            say("  the database server has died: starting it again")
            with lock("postgres", "starting PostgreSQL"):
                postgres.start()
        time.sleep(0.3)
    if asked:
        return 0
    raise SetupError(
        f"Odoo ended by itself (exit code {process.returncode}). The end of {log}:\n{tail(log)}",
        "Read the log; setup/run --fresh starts over with a new database.",
    )


def _keep_log(stream, path):
    """Everything to the log file; errors to the terminal too."""
    with path.open("wb") as log:
        for line in stream:
            log.write(line)
            log.flush()
            text = line.decode(errors="replace").rstrip()
            if re.match(r"\d{4}-\S+ \S+ \d+ (ERROR|CRITICAL) ", text):
                if not any(words in text for words in KNOWN_NOISE):
                    say(f"  {text}")


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=120) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _announce(address, name, log):
    note = ""
    if os.geteuid() == 0:
        note = "\n  (running as root: fine for a demonstration, not for production)"
    say(f"""
  Odoo is running:

      {address}
      login     admin
      password  admin

  database {name}, log {log}{note}
  Ctrl-C stops it.
""")
