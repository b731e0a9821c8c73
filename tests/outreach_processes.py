"""Processes for ``test_outreach_faults``: workers that are killed, and a mail server that counts."""

import re
import socketserver
import sys
import threading
import time
from contextlib import suppress
from datetime import datetime

import psycopg2
from insight_processes import Shops, say, serve

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry

BATCH = 40
CUSTOMERS = "@faults.example"  # the host writes to colleagues as well
POISON = "poison"
BODY = (
    "<p>Dear <t t-out='object.name'/>,</p>"
    "<p>{words}<t t-if=\"object.ref == 'poison' and {poisonous}\" t-out='1/0'/></p>"
)


# -- in the processes ---------------------------------------------------------------------------------


def moment(text):
    return datetime.fromisoformat(text) if text else None


def at(env, now):
    """The environment at another time of day: what the engine takes for now."""
    return env(context=dict(env.context, hc_outreach_now=moment(now))) if now else env


def generate(env, port, people):
    """Customers of one shop, its mail server, and plans that turn to them."""
    env["ir.cron"].search([]).active = False
    env["hc.outreach.plan"].search([("state", "=", "running")]).action_pause()
    env["ir.mail_server"].search([]).active = False
    env["ir.config_parameter"].set_param("mail.mail.queue.batch.size", 2 * BATCH)
    env["ir.mail_server"].create(
        {"name": "Sink", "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_encryption": "none"}
    )
    user = env.ref("base.user_admin")
    user.email = "admin@shop.example"
    # what they wait for: neither quiet hours nor a budget hold it back
    purpose = env["hc.consent.purpose"].create(
        {"name": "Order progress", "key": "faults", "basis": "contract", "is_budgeted": False}
    )
    partners = env["res.partner"].create(
        [
            {
                "name": f"Customer {number}",
                "email": f"customer{number}{CUSTOMERS}",
                "phone": "+32 2 555 01 02",
                "tz": "Europe/Brussels",
                "ref": POISON if number == people // 2 else False,
            }
            for number in range(people)
        ]
    )

    def template(name, poisonous=False):
        return env["mail.template"].create(
            {
                "name": name,
                "model_id": env["ir.model"]._get_id("res.partner"),
                "subject": name,
                "body_html": BODY.format(words=name, poisonous=poisonous),
            }
        )

    def plan(name, *steps, **vals):
        record = env["hc.outreach.plan"].create(
            {"name": name, "user_id": user.id, "purpose_id": purpose.id, "late_days": 0, **vals}
        )
        for number, step in enumerate(steps):
            env["hc.outreach.step"].create(
                {"version_id": record.draft_version_id.id, "sequence": number, "name": number}
                | step
            )
        record._start()
        return record.id

    def mail(name, poisonous=False, **vals):
        return {"type": "mail", "mail_template_id": template(name, poisonous).id, **vals}

    night = {"wait_type": "until", "wait_weekday": "any", "wait_hour": 2.5}
    plans = {
        "one": plan(
            "One", mail("One A", True), {"type": "branch", "branch_type": "ab"}, mail("One B")
        ),
        "two": plan("Two", mail("Two A"), mail("Two B"), priority="2"),
        "autumn": plan("Autumn", mail("Autumn A"), mail("Autumn B", **night)),
        "spring": plan("Spring", mail("Spring A"), mail("Spring B", **night)),
        "pause": plan("Pause", mail("Pause A"), late_days=10),
        "tasks": plan("Tasks", {"type": "task", "user_rule": "user", "user_id": user.id}),
    }
    env.cr.commit()
    return {"plans": plans, "partners": partners.ids}


def enroll(env, plan, partners, now=None, size=20):
    """Enroll in small transactions, each of which may find that another process did it."""
    env = at(env, now)
    for start in range(0, len(partners), size):
        for _try in range(100):
            try:
                env["hc.outreach.plan"].browse(plan)._enroll(
                    env["res.partner"].browse(partners[start : start + size])
                )
                env.cr.commit()
                break
            except psycopg2.errors.SerializationFailure:
                env.cr.rollback()
    return True


def overtake(env, plan):
    """Two workers that give tasks to one colleague; the second began before the first was through."""
    database = env.cr.dbname
    env.cr.rollback()
    with Registry(database).cursor() as first, Registry(database).cursor() as second:
        slow = api.Environment(second, SUPERUSER_ID, {})["hc.outreach.delivery"]
        due = slow.search([("plan_id", "=", plan), ("state", "=", "due")], order="id")
        half = len(due) // 2
        api.Environment(first, SUPERUSER_ID, {})["hc.outreach.delivery"].browse(
            due.ids[:half]
        )._process()
        first.commit()
        due[half:]._process()
        second.commit()
    return True


def work(env, now=None, forever=True):
    """A cron worker: what is due, then the queue of mails, again and again."""
    from odoo.addons.hc_crm.models.outreach import hc_outreach_work

    def commit_progress(cron, *_args, **_kwargs):
        cron.env.cr.commit()
        return 0  # the time of the job is over after each batch

    hc_outreach_work.BATCH = BATCH
    env.registry["ir.cron"]._commit_progress = commit_progress
    database = env.cr.dbname
    env.cr.rollback()
    say("WORKING", 1)
    while True:
        try:
            with Registry(database).cursor() as cr:
                own = at(api.Environment(cr, SUPERUSER_ID, {}), now)
                own["hc.outreach.delivery"]._cron_work()
            say("WORKED", int(1000 * time.time()) % 10**7)
            with Registry(database).cursor() as cr:
                own = at(api.Environment(cr, SUPERUSER_ID, {}), now)
                own["mail.mail"].process_email_queue()
            say("SENT", int(1000 * time.time()) % 10**7)
            with Registry(database).cursor() as cr:
                own = at(api.Environment(cr, SUPERUSER_ID, {}), now)
                left = own["hc.outreach.delivery"].search_count(
                    [
                        ("date_due", "<=", own["hc.outreach.delivery"]._now()),
                        ("state", "=", "due"),
                        ("plan_id.state", "=", "running"),
                    ]
                ) + own["mail.mail"].search_count(
                    [("state", "=", "outgoing"), ("hc_wire_date", "=", False)]
                )
        except (psycopg2.Error, sql_db.PoolError) as error:
            say("DATABASE", type(error).__name__)
            sql_db.close_all()
            left = True
        if not left and not forever:
            return True
        if not left:
            time.sleep(0.1)


def pause(env, plan, now):
    plan = env["hc.outreach.plan"].browse(plan)
    plan.write({"state": "paused", "date_paused": moment(now)})
    return True


def resume(env, plan, now):
    at(env, now)["hc.outreach.plan"].browse(plan).action_resume()
    return True


def settle(env):
    """Nobody sends any more: what is still on the wire was left there by a crash."""
    from odoo.addons.hc_crm.models.outreach import hc_outreach_harvest as harvest

    harvest.WIRE_MINUTES = 0
    env["hc.outreach.delivery"]._harvest()
    env.cr.commit()
    return True


# -- in the test --------------------------------------------------------------------------------------


class Sink(socketserver.ThreadingTCPServer):
    """A mail server on the loopback interface that takes everything and remembers it."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, slow=0.004):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.port, self.slow = self.server_address[1], slow
        self.messages = []  # (Message-ID, recipient, subject)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Conversation(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        with suppress(OSError):  # whoever spoke was killed
            self.talk()

    def talk(self):
        recipient = None
        self.say("220 sink")
        while line := self.rfile.readline().decode().strip():
            verb = line.upper()
            if verb.startswith(("EHLO", "HELO")):
                self.say("250 sink")
            elif verb.startswith("RCPT"):
                recipient = re.search(r"<(.*?)>", line)[1]
                self.say("250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                text = b""
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    text += part
                # the whole of it arrived: it is delivered, whether or not they hear so
                if part and recipient.endswith(CUSTOMERS):
                    time.sleep(self.server.slow)
                    head = text.decode(errors="replace")
                    self.server.messages.append(
                        (
                            re.search(r"(?im)^message-id:\s*(\S+)", head)[1],
                            recipient,
                            re.search(r"(?im)^subject:\s*(.*?)\r?$", head)[1],
                        )
                    )
                if part:
                    self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


class Outreach(Shops):
    program_file = __file__


if __name__ == "__main__":
    serve(sys.argv[1], globals())
