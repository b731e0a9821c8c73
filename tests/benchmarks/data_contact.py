"""Generated customers to be contacted: the buyers of ``data_insight`` with addresses, talks, yes and no.

Four in ten said something, one in four was talked to within the month, a tenth heard from us lately, each
has three e-mails on their orders, as in a shop that is in touch with its customers.
"""

from dataclasses import dataclass

import data_insight


@dataclass
class Size(data_insight.Size):
    """How much to generate: see ``data_insight``."""


def generate(env, size):
    """Fill the database; the transaction is committed."""
    data_insight.generate(env, size)
    cr = env.cr
    cr.execute("SET LOCAL synchronous_commit = off")
    values = {
        "company": env.company.id,
        "user": env.ref("base.user_admin").id,
        "author": env.ref("base.partner_admin").id,
        "comment": env.ref("mail.mt_comment").id,
        "news": env.ref("hc_crm.hc_consent_purpose_news").id,
        "care": env.ref("hc_crm.hc_consent_purpose_care").id,
        "email": env.ref("hc_crm.hc_channel_email").id,
        "call": env.ref("hc_crm.hc_channel_call").id,
        "countries": (env.ref("base.be") | env.ref("base.us") | env.ref("base.jp")).ids,
    }
    for statement in STATEMENTS:
        cr.execute(statement, values)
    cr.commit()


def vacuum(cr):
    """Give the planner its statistics, as autovacuum would have by now (outside a transaction)."""
    data_insight.vacuum(cr)
    for table in (
        "hc_consent",
        "hc_contact_attempt",
        "hc_contact_pause",
        "hc_interaction",
        "mail_message",
    ):
        cr.execute(f'VACUUM ANALYZE "{table}"')


NOW = "NOW() AT TIME ZONE 'UTC'"
STATEMENTS = (
    """
    UPDATE res_partner SET email = 'buyer' || id || '@bench.example',
           email_normalized = 'buyer' || id || '@bench.example',
           country_id = (%(countries)s)[1 + id %% 3]
     WHERE name LIKE 'Buyer %%'
    """,
    f"""
    INSERT INTO hc_consent (partner_id, purpose_id, channel_id, state, date, how)
    SELECT id, CASE WHEN id %% 2 = 0 THEN %(news)s ELSE %(care)s END,
           CASE WHEN id %% 3 = 0 THEN %(email)s END,
           CASE WHEN id %% 4 = 0 THEN 'withdrawn' ELSE 'given' END,
           {NOW} - (id %% 300) * INTERVAL '1 day', 'form'
      FROM res_partner WHERE name LIKE 'Buyer %%' AND id %% 5 < 2
    """,
    f"""
    INSERT INTO hc_interaction (partner_id, commercial_partner_id, date, channel_id, direction, summary,
           user_id, company_id, sentiment, origin)
    SELECT id, id, {NOW} - (id %% 29) * INTERVAL '1 day', %(call)s, 'out', 'Talked', %(user)s, %(company)s,
           CASE WHEN id %% 28 = 0 THEN '-1' WHEN id %% 3 = 0 THEN '1' END, 'manual'
      FROM res_partner WHERE name LIKE 'Buyer %%' AND id %% 4 = 0
    """,
    f"""
    INSERT INTO mail_message (model, res_id, author_id, date, message_type, subtype_id, record_company_id,
           body, is_internal)
    SELECT 'sale.order', sale.id, %(author)s, {NOW} - (k * 37 + sale.id %% 400) * INTERVAL '1 day', 'comment',
           %(comment)s, %(company)s, '<p>Hello</p>', FALSE
      FROM sale_order AS sale, generate_series(0, 2) AS k
     WHERE sale.name LIKE 'BENCH%%-1'
    """,
    f"""
    INSERT INTO hc_contact_attempt (partner_id, commercial_partner_id, company_id, purpose_id, channel_id,
           date, outcome, is_budgeted, res_model, res_id)
    SELECT id, id, %(company)s, %(care)s, %(email)s, {NOW} - k * INTERVAL '2 days', 'sent', TRUE, 'bench',
           id * 10 + k
      FROM res_partner, generate_series(1, 4) AS k
     WHERE name LIKE 'Buyer %%' AND id %% 10 = 0
    """,
    """
    INSERT INTO hc_contact_pause (partner_id, date_from, date_to)
    SELECT id, CURRENT_DATE - 10, CURRENT_DATE + 10
      FROM res_partner WHERE name LIKE 'Buyer %%' AND id %% 100 = 3
    """,
)
