"""Installing, updating and uninstalling our addons on a database in use, through Odoo's own command line.

What must hold: the host is the same afterwards, but for what people wrote in it. The database is a copy
of one with the host's apps only: ``HC_HOST_DATABASE``, or the one that ``setup/`` keeps, or a new one.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import closing, contextmanager

import psycopg2
import pytest

from odoo.sql_db import connection_info_for
from odoo.tools import config

HOST_MODULES = "contacts,crm,sale_management,sale_crm,calendar"
# What the host or the machine logs whatever we do.
KNOWN_NOISE = re.compile(
    r"Running as user 'root'|pg_trgm|unaccent|wkhtmltopdf|without a secure context", re.IGNORECASE
)

FILL = """
partner = env["res.partner"].search([("is_company", "=", True)], limit=1) or env["res.partner"].create(
    {"name": "Linden Boutique", "is_company": True}
)
contact = env["res.partner"].create({"name": "Brandon Linden", "parent_id": partner.id})
persona = env["hc.persona"].create({"name": "Busy Brenda"})
partner.persona_id = persona
env["hc.interaction"].create(
    {"partner_id": contact.id, "summary": "Call", "participant_ids": [(4, partner.id)], "sentiment": "-1"}
)
promises = env["hc.promise"].create(
    [{"partner_id": contact.id, "summary": f"Word {n}", "date_due": "2026-01-01"} for n in range(3)]
)
promises[0].action_kept()
promises[1].action_broken()
env["hc.fact"].create({"partner_id": contact.id, "kind": "like", "text": "Tea"})
env["hc.channel"].create({"name": "Pigeon", "key": "pigeon"})
contact.phone = "+32 2 555 01 02"
contact.email = "brandon@linden.example"
env["hc.consent"]._hc_record(contact, "news", "given", proof="Said so")
env["hc.consent"]._hc_record(partner, "care", "withdrawn")
contact._hc_contact_links("care")
env["hc.contact.pause"].create({"partner_id": partner.id, "reason": "A dispute", "date_to": "2020-01-01",
                                "date_from": "2019-12-01"})
for key in ("check_in", "said_did"):
    plan = env["hc.outreach.plan"].browse(
        env.ref("hc_crm.outreach_plan_" + key).action_use_template()["res_id"]
    )
    plan.user_id = env.ref("base.user_admin")
    plan._start()
    plan._enroll(contact)
env["hc.outreach.delivery"]._work()
rows = env["hc.outreach.delivery"].search([])
assert rows.filtered("activity_id"), rows.read(["type", "state", "reason_code", "error"])
env["hc.timeline.source"].create(
    {"name": "Accounts", "model_id": env["ir.model"]._get_id("res.partner.bank")}
)
env["res.users"].search([("share", "=", False)], limit=1).group_ids += env.ref("hc_crm.hc_crm_group_manager")
env["ir.filters"].create({"name": "Mine", "model_id": "hc.interaction", "domain": "[]"})

survey = env["survey.survey"].create({"title": "How was it?", "access_mode": "public"})
question = env["survey.question"].create(
    {"survey_id": survey.id, "title": "Would you recommend us?", "question_type": "scale", "metric": "nps"}
)
answer = survey._create_answer(partner=contact, check_attempts=False)
answer._mark_in_progress()
answer._save_lines(question, "2")
answer._mark_done()
env["hc.feedback"]._hc_make_pending()
feedback = env["hc.feedback"].search([("user_input_id", "=", answer.id)])
assert feedback._to_case()
env["hc.improvement"].create({"name": "Better boxes", "feedback_ids": [(4, feedback.id)]})

journey = env["hc.journey"].browse(env["hc.journey"].hc_new_from_template("online_clothing"))
env["hc.journey.rule"].create(
    {"stage_id": journey.stage_ids[0].id, "kind": "record", "partner_path": "partner_id",
     "model_id": env["ir.model"]._get_id("sale.order"), "domain": "[('state', '=', 'sale')]"}
)
journey._refresh(full=True)
if env["sale.order"].search_count([("state", "=", "sale")]):
    assert env["hc.journey.passage"].search([("journey_id", "=", journey.id)])
env.cr.commit()
"""

COUNT_OURS = """
import json
models = [name for name in env if name.startswith("hc.") and env[name]._auto and not env[name]._transient]
print("RESULT" + json.dumps({name: env[name].with_context(active_test=False).search_count([]) for name in models}))
"""

USE_HOST = """
import json
for model in ("res.partner", "crm.lead", "sale.order", "calendar.event", "mail.activity", "res.users", "res.groups"):
    for view in ("form", "list", "kanban", "search"):
        env[model].get_view(view_type=view)
    env[model].search([], limit=5).read()
partner = env["res.partner"].create({"name": "After", "email": "after@after.example"})
partner.message_post(body="hello")
partner.activity_schedule("mail.mail_activity_data_todo", summary="x").action_feedback()
order = env["sale.order"].create({"partner_id": partner.id})
env["crm.lead"].create({"name": "After", "partner_id": partner.id})
env["ir.ui.menu"].load_menus(False)
env["ir.ui.view"].search([("type", "!=", "qweb")])._check_xml()
print("RESULT" + json.dumps(sorted(name for name in env if name.startswith("hc."))))
"""


@contextmanager
def cursor(database):
    _name, info = connection_info_for(database)
    with closing(psycopg2.connect(**info)) as connection:
        connection.autocommit = True
        yield connection.cursor()


def query(database, sql, parameters=()):
    with cursor(database) as cr:
        cr.execute(sql, parameters)
        return cr.fetchall()


class Database:
    """A throw-away copy of a host database, driven from the command line."""

    def __init__(self, name):
        self.name = name

    def odoo(self, *arguments, script=None):
        """Run Odoo on the database; its log, after checking that nothing went wrong."""
        command = [sys.executable, "-m", "odoo", *arguments, "-c", config.rcfile, "-d", self.name]
        if "module" not in arguments:
            command += ["--no-http", "--max-cron-threads=0"]
        done = subprocess.run(
            command, input=script, capture_output=True, text=True, timeout=300, check=False
        )
        log = done.stdout + done.stderr
        assert done.returncode == 0, log[-5000:]
        bad = [
            line
            for line in log.splitlines()
            if re.search(r" (WARNING|ERROR|CRITICAL) |^Traceback|Error: ", line)
            and not KNOWN_NOISE.search(line)
        ]
        assert not bad, "\n".join(bad[:20]) + "\n" + log[-3000:]
        return log

    def shell(self, script):
        log = self.odoo("shell", script=script)
        result = re.search(r"RESULT(.*)", log)
        return json.loads(result[1]) if result else None

    def snapshot(self):
        """Return what the host consists of: structure, access, menus, jobs, and how many rows."""
        tables = [
            name
            for (name,) in query(
                self.name,
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
            )
        ]
        facts = {
            "tables": tables,
            "columns": query(
                self.name,
                "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns "
                "WHERE table_schema = 'public' ORDER BY 1, 2",
            ),
            "indexes": query(
                self.name,
                "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
            ),
            "constraints": query(
                self.name,
                "SELECT conrelid::regclass::text, conname FROM pg_constraint "
                "WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1, 2",
            ),
            # Odoo itself leaves behind what it noted of our models in the name of other modules.
            "xml ids": query(
                self.name,
                "SELECT module, name FROM ir_model_data WHERE name !~ '(__|_)hc_' ORDER BY 1, 2",
            ),
            "our xml ids": query(
                self.name, "SELECT module, name FROM ir_model_data WHERE module LIKE 'hc\\_crm%%'"
            ),
            "implied groups": query(
                self.name, "SELECT gid, hid FROM res_groups_implied_rel ORDER BY 1, 2"
            ),
            "members": query(self.name, "SELECT gid, uid FROM res_groups_users_rel ORDER BY 1, 2"),
        }
        for table in (
            "ir_model", "ir_model_fields", "ir_ui_view", "ir_ui_menu", "ir_cron", "ir_rule",
            "ir_model_access", "ir_actions", "res_groups", "mail_activity_type", "mail_template",
            "ir_config_parameter", "ir_asset", "ir_filters", "res_partner", "sale_order", "crm_lead",
            "calendar_event", "mail_activity", "res_users",
        ):  # fmt: skip
            facts[table] = [
                row for (row,) in query(self.name, f"SELECT id FROM {table} ORDER BY id")
            ]
        return facts


def host_database():
    """The name of a database with the host's apps and none of ours; None where there is none."""
    if name := os.environ.get("HC_HOST_DATABASE"):
        return name
    kept = query(
        "postgres",
        "SELECT datname FROM pg_database WHERE datname LIKE 'hc\\_host\\_%%' AND "
        "shobj_description(oid, 'pg_database') LIKE '%%\"ready\"%%' ORDER BY oid DESC",
    )
    return kept[0][0] if kept else None


@pytest.fixture
def database():
    name = f"hc_install_{os.getpid()}"
    template = host_database()
    filestore = config.filestore(name)
    with cursor("postgres") as cr:
        cr.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cr.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}"')
    try:
        copy = Database(name)
        if template:
            if os.path.isdir(config.filestore(template)):
                shutil.copytree(config.filestore(template), filestore, copy_function=os.link)
        else:
            copy.odoo("-i", HOST_MODULES, "--without-demo", "--stop-after-init")
        yield copy
    finally:
        with cursor("postgres") as cr:
            cr.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(filestore, ignore_errors=True)


def difference(before, after):
    """Return in words what of ``before`` is gone and what of ``after`` is new."""
    told = {}
    for what in before:
        gone = sorted(set(before[what]) - set(after[what]))
        new = sorted(set(after[what]) - set(before[what]))
        if gone or new:
            told[what] = {"gone": gone[:20], "new": new[:20]}
    return told


def test_install_update_uninstall(database):
    database.shell("env['ir.cron'].search([]).active = False\nenv.cr.commit()\n")
    with cursor(database.name) as cr:
        # Else our demo data would come along with the host's.
        cr.execute("UPDATE ir_module_module SET demo = FALSE")
    before = database.snapshot()

    # brings the others along
    database.odoo("-i", "hc_crm_journeys", "--without-demo", "--stop-after-init")
    installed = database.snapshot()
    for what in (
        "res_partner",
        "sale_order",
        "crm_lead",
        "calendar_event",
        "mail_activity",
        "res_users",
    ):
        assert installed[what] == before[what], f"installing touches {what}"
    assert not {what: told for what, told in difference(before, installed).items() if told["gone"]}

    database.shell(FILL)
    filled = database.shell(COUNT_OURS)
    assert filled["hc.interaction"] == 1
    assert filled["hc.promise"] == 3
    assert filled["hc.feedback.case"] == 1
    assert filled["hc.journey"] == 1

    database.odoo("-u", "hc_crm", "--stop-after-init")
    assert database.shell(COUNT_OURS) == filled, "an update loses or doubles what people wrote"

    database.odoo("module", "uninstall", "hc_crm")
    after = database.snapshot()
    # What people wrote in the host meanwhile stays: the contact.
    left = difference(before, after)
    assert len(left.pop("res_partner")["new"]) == 1
    assert not left, json.dumps(left, indent=1, default=str)
    assert database.shell(USE_HOST) == []

    database.odoo("-i", "hc_crm", "--without-demo", "--stop-after-init")
    assert database.shell(COUNT_OURS)["hc.interaction"] == 0
