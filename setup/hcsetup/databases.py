"""Databases: prepared once, copied in a second.

Two levels of templates, because the host's modules change never and ours often:

``hc_host_<key>``   Odoo's modules with their demo data; key: Odoo's version, modules
``hc_tpl_<key>``    a copy of it with our addons and their demo data; key: their files

A database carries its state as a comment (JSON): ``making`` or ``ready`` and the
digests of our addons in it. One that isn't ready was interrupted and is remade.
"""

import json
import os
import shutil
from contextlib import contextmanager

from .console import SetupError, say
from .locks import lock, open_lock, try_lock
from .odoo import install, install_log
from .odoo_source import odoo_version
from .paths import DATA, addon_digests, short_hash

HOST_MODULES = (
    "contacts", "crm", "sale_management", "sale_crm", "calendar", "account", "survey",
    "rating", "sms", "im_livechat", "mass_mailing", "event",
)  # fmt: skip
KEEP_TEMPLATES = 2
_RECIPE = 1  # raise it when templates are made differently


@contextmanager
def _cursor():
    import psycopg2

    connection = psycopg2.connect(dbname="postgres")
    connection.autocommit = True  # CREATE DATABASE allows no transaction
    try:
        yield connection.cursor()
    finally:
        connection.close()


def names(prefix):
    """All databases whose name begins so, the newest first."""
    with _cursor() as cr:
        cr.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid DESC",
            [prefix],
        )
        return [name for (name,) in cr.fetchall()]


def state(name):
    """What we noted about a database; ``{}`` for one that isn't ours, None for none."""
    with _cursor() as cr:
        cr.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [name],
        )
        row = cr.fetchone()
    if row is None:
        return None
    try:
        noted = json.loads(row[0] or "{}")
    except ValueError:
        return {}
    return noted if isinstance(noted, dict) and "hc" in noted else {}


def note(name, hc_state, **values):
    """Remember the state of a database in the database server itself."""
    with _cursor() as cr:
        text = json.dumps({"hc": hc_state, **values})
        cr.execute(f'COMMENT ON DATABASE "{name}" IS %s', [text])


def create(name, template=None):
    """A new database, empty or a copy, noted as being made; replaces what was there."""
    drop(name)
    with _cursor() as cr:
        if template:
            cr.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        else:
            # the same options as Odoo's own
            cr.execute(
                f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' LC_COLLATE 'C' TEMPLATE template0"
            )
    note(name, "making")
    if template:
        _copy_filestore(template, name)
    else:
        _add_extensions(name)


def _add_extensions(name):
    """Text search extensions where the server has them (the embedded one has not)."""
    import psycopg2

    connection = psycopg2.connect(dbname=name)
    with connection, connection.cursor() as cr:
        cr.execute("SELECT name FROM pg_available_extensions WHERE name IN ('pg_trgm', 'unaccent')")
        for (extension,) in cr.fetchall():
            cr.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    connection.close()


def _copy_filestore(source, target):
    """Files in the filestore are named by their content and never change: link them."""
    old, new = DATA / "filestore" / source, DATA / "filestore" / target
    if not old.is_dir():
        return
    try:
        shutil.copytree(old, new, copy_function=os.link)
    except OSError:
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(old, new)


def drop(name):
    """Drop a database, its open connections and its files; no error if there is none."""
    with _cursor() as cr:
        cr.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(DATA / "filestore" / name, ignore_errors=True)


def host_template(env):
    """The template with the host's modules and demo data."""
    key = short_hash(_RECIPE, *odoo_version(env.source), *HOST_MODULES)
    name = f"hc_host_{key}"
    if (state(name) or {}).get("hc") == "ready":
        return name
    say("Preparing Odoo's own modules with their demo data (once, two to four minutes)")
    create(name)
    install(env, name, init=HOST_MODULES, demo=True)
    note(name, "ready")
    for old in names("hc_host_")[KEEP_TEMPLATES:]:
        drop(old)
    return name


def our_template(env):
    """The template with our addons and demo data on top; makes what is missing."""
    digests = addon_digests()
    with lock("databases", "preparing a database"):
        host = host_template(env)
        name = f"hc_tpl_{short_hash(host, json.dumps(digests))}"
        if (state(name) or {}).get("hc") == "ready" and install_log(name).is_file():
            return name
        create(name, host)
        if digests:
            install(env, name, init=digests, demo=True)
        note(name, "ready", addons=digests)
        for old in names("hc_tpl_")[KEEP_TEMPLATES:]:
            drop(old)
            install_log(old).unlink(missing_ok=True)
    return name


@contextmanager
def test_copy(env):
    """A database for one test run, dropped at the end."""
    for left_over in names("hc_test_"):  # of runs that were killed
        with open_lock(f"db-{left_over}") as file:
            if try_lock(file):
                drop(left_over)
                os.unlink(file.name)
    template = our_template(env)
    name = f"hc_test_{os.getpid()}_{os.urandom(3).hex()}"
    with open_lock(f"db-{name}") as file:
        try_lock(file)
        with lock("databases", "preparing a database"):
            if state(template) is None:  # another checkout's newer ones pushed it out
                raise SetupError("the prepared database was removed meanwhile", "Start again.")
            create(name, template)
        try:
            yield name, install_log(template)
        finally:
            drop(name)
            os.unlink(file.name)


def demo_database(env, name, *, fresh, demo):
    """The database of ``setup/run``, made or brought up to date with our files."""
    digests = addon_digests()
    noted = state(name)
    if noted == {} and not fresh:
        raise SetupError(
            f"the database {name} exists, but setup/run didn't make it",
            f"Take another name with --db, or replace it, losing all that is in it:  "
            f"setup/run --db {name} --fresh",
        )
    if noted is None or fresh or noted["hc"] != "ready":
        if noted and not fresh:
            say(f"  the database {name} was never finished: making it again")
        if demo:
            template = our_template(env)
            say(f"· copying the prepared database to {name} …")
            create(name, template)
        else:
            create(name)
            install(env, name, init=digests or ("base",), demo=False)
        note(name, "ready", addons=digests)
        return
    known = noted.get("addons", {})
    changed = [addon for addon in digests if addon in known and known[addon] != digests[addon]]
    new = [addon for addon in digests if addon not in known]
    if changed or new:
        say(f"  our addons have changed since the last start: updating {name}")
        install(env, name, init=new, update=changed, demo=demo)
        note(name, "ready", addons=digests)
