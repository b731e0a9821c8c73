"""What a look 30 days ahead takes: 50 running plans over 20,000 customers, nothing written."""

import statistics
import sys

import common
from common import ratio, say, spell, stopwatch

CUSTOMERS = 20_000
PLANS = 50
COLLEAGUES = 20
DAYS = 30
BAR_SECONDS = 20


def run(bench):
    bench.start_odoo()
    tiny = bench.options.tiny
    size = (200, 3) if tiny else (CUSTOMERS, PLANS)
    rounds = bench.options.rounds or (1 if tiny else 3)
    database = bench.database("simulation", size, recipe=sys.modules[__name__])
    times, queries = [], []
    for number in range(rounds):
        say(f"· round {number + 1} of {rounds} …")
        with bench.environment(database) as env:
            env = env(user=env.ref("base.user_admin").id)
            plan = env["hc.outreach.plan"].search([("name", "=", "Bench 0")])
            before = env.cr.sql_log_count
            with stopwatch() as seconds:
                result = plan.hc_simulate(days=DAYS)
            times.append(seconds[0])
            queries.append(env.cr.sql_log_count - before)
            env.cr.rollback()
    happened = sum(day["sent"] + day["task"] for day in result["days"])
    bench.values |= {"times": times, "queries": queries, "happened": happened}
    bench.table(
        "",
        ["work", "takes", "queries", "what is allowed", "ratio (min–max)", "bar"],
        [
            [
                f"{DAYS} days of {size[1]} plans, {size[0]:,} customers",
                f"{statistics.median(times):.1f} s",
                f"{queries[-1]:,}",
                f"{BAR_SECONDS} s",
                spell(ratio(times, [BAR_SECONDS] * rounds)),
                "1",
            ]
        ],
        f"Every customer is in one plan or more; {happened:,} steps of the plan looked at would happen.",
    )
    bench.drop(database)


def generate(env, size):
    """Customers, and running plans of three steps each with everybody due some time in the coming month."""
    customers, plans = size
    colleagues = env["res.users"].create(
        [
            {"name": f"Colleague {number}", "login": f"bench colleague {number}"}
            for number in range(COLLEAGUES)
        ]
    )
    # nobody is told of each of the customers given to them
    partners = (
        env["res.partner"]
        .with_context(mail_auto_subscribe_no_notify=True)
        .create(
            [
                {
                    "name": f"Bench {number}",
                    "email": f"bench{number}@example.com",
                    "phone": f"+32 2 5{number:06}",
                    "user_id": colleagues[number % COLLEAGUES].id,
                }
                for number in range(customers)
            ]
        )
    )
    template = env["mail.template"].create(
        {
            "name": "Bench",
            "model_id": env["ir.model"]._get_id("res.partner"),
            "subject": "Hello",
            "body_html": "<p>Hello</p>",
        }
    )
    admin = env.ref("base.user_admin")
    for number in range(plans):
        plan = env["hc.outreach.plan"].create(
            {
                "name": f"Bench {number}",
                "company_id": admin.company_id.id,
                "user_id": admin.id,
                "priority": str(number % 4),
            }
        )
        version = plan.draft_version_id
        env["hc.outreach.step"].create(
            [
                {"version_id": version.id, "type": "mail", "mail_template_id": template.id,
                 "wait_type": "after", "wait_count": 1 + number % 20, "sequence": 1},
                {"version_id": version.id, "type": "mail", "mail_template_id": template.id,
                 "wait_type": "after", "wait_count": 7, "sequence": 2},
                {"version_id": version.id, "type": "task", "user_rule": "salesperson",
                 "wait_type": "after", "wait_count": 3, "sequence": 3},
            ]
        )  # fmt: skip
        plan._start()
        # the first plan reaches everybody, each of the others its share of them
        some = partners if not number else partners[number :: max(plans // 2, 1)]
        plan._enroll(some, "bench")
        env.cr.commit()


def vacuum(cr):
    for table in ("res_partner", "hc_outreach_enrollment", "hc_outreach_delivery"):
        cr.execute(f"VACUUM ANALYZE {table}")


if __name__ == "__main__":
    common.main("simulation", run)
