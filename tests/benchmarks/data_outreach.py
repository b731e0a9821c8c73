"""Customers of one shop for outreach: people with an address, twenty salespeople, plans that run."""

from dataclasses import dataclass

SALESPEOPLE = 20
BODY = """
<div><p>Dear <t t-out="object.name"/>,</p>
<p>thank you for being with us. <t t-if="object.city">How is <t t-out="object.city"/> these days?</t>
We have put together what other customers found useful in their first weeks, and your contact
<t t-out="object.user_id.name or 'our team'"/> is there for you.</p>
<p>Kind regards<br/><t t-out="object.user_id.name or 'your shop'"/></p></div>
"""


@dataclass
class Size:
    """How many customers."""

    people: int


def generate(env, size):
    """Fill the database and commit."""
    env["ir.cron"].search([]).active = False
    users = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            [
                {
                    "name": f"Seller {number}",
                    "login": f"bench_seller_{number}",
                    "email": f"seller{number}@bench.example",
                    "group_ids": [(6, 0, [env.ref("sales_team.group_sale_salesman_all_leads").id])],
                }
                for number in range(SALESPEOPLE)
            ]
        )
    )
    env.flush_all()
    env.cr.execute(
        """
        INSERT INTO res_partner (name, complete_name, email, email_normalized, phone, city, lang, tz, active, type,
            user_id, ref, is_company, create_date, write_date, create_uid, write_uid, autopost_bills)
        SELECT 'Customer ' || n, 'Customer ' || n, 'c' || n || '@bench.example',
               'c' || n || '@bench.example', '+32 2 555 ' || lpad((n %% 10000)::text, 4, '0'), 'City ' || n %% 90, 'en_US', 'Europe/Brussels', TRUE, 'contact',
               (%(users)s)[1 + n %% %(count)s], 'bench outreach', FALSE, NOW(), NOW(), 1, 1, 'ask'
          FROM generate_series(1, %(people)s) AS n
        """,
        {"users": users.ids, "count": len(users), "people": size.people},
    )
    env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE ref = 'bench outreach'")
    # what people wait for: neither hours nor a budget hold it back, whenever the benchmark runs
    purpose = env["hc.consent.purpose"].create(
        {"name": "Benchmark", "key": "bench", "basis": "contract", "is_budgeted": False}
    )
    template = env["mail.template"].create(
        {
            "name": "Benchmark",
            "model_id": env["ir.model"]._get_id("res.partner"),
            "subject": "For {{ object.name }}",
            "body_html": BODY,
            "email_from": "{{ object.user_id.email_formatted }}",
            "partner_to": "{{ object.id }}",
            "lang": "{{ object.lang }}",
            "auto_delete": False,
            "use_default_to": False,
        }
    )
    steps = {
        "end": {"type": "stop"},
        "mail": {"type": "mail", "mail_template_id": template.id},
        "task": {
            "type": "task",
            "summary": "Call them",
            "activity_type_id": env.ref("mail.mail_activity_data_call").id,
        },
    }
    for name, step in steps.items():
        plan = env["hc.outreach.plan"].create(
            {
                "name": f"Benchmark {name}",
                "user_id": env.ref("base.user_admin").id,
                "purpose_id": purpose.id,
            }
        )
        env["hc.outreach.step"].create({"version_id": plan.draft_version_id.id, **step})
        env["hc.outreach.step"].create(
            {"version_id": plan.draft_version_id.id, "type": "stop", "sequence": 90}
        )
        plan._start()
    # more than anybody may be given: by the table, since the field takes no such number
    env.flush_all()
    env.cr.execute("UPDATE hc_contact_policy SET task_limit = 1000000")
    env.cr.commit()


def vacuum(cr):
    for table in ("res_partner", "hc_outreach_plan", "hc_outreach_step", "mail_message"):
        cr.execute(f'VACUUM ANALYZE "{table}"')
