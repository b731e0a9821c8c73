"""Generated customers: set-based SQL, the same rows for the same size, any number of them.

Every company looks like every other one, so that a database ten times as large holds ten times as many
typical customers, and not larger ones. One company is a "whale" with thousands of orders.
"""

from dataclasses import dataclass

# What one company has (a company and its contacts together).
CONTACTS = 2
ORDERS = 15
LEADS = 3
MEETINGS = 3
INVOICES = 5
INTERACTIONS = 10
MESSAGES = {"company": 40, "contact": 2, "order": 5, "lead": 5, "meeting": 4, "invoice": 2}
MAILINGS = 5  # received, per contact and company
WHALE_MESSAGES = 8  # on each of the whale's orders
# Every so manieth company belongs to the salesperson who sees only their own documents.
OWN_EVERY = 20

EMAIL = (
    "<div><p>Dear %s,</p><p>thank you for the time you took for us last week. We have gone through the "
    "quotation with our colleagues of the workshop: the delivery date is fine, the price of the second "
    "position is not what we agreed on the phone, could you look into it?</p><ul><li>position 2: 12 "
    "instead of 10 pieces</li><li>position 4: in <b>oak</b>, not in beech</li></ul><p>If we could have an "
    "answer before Friday that would help us a lot, because our own customer is waiting for it &amp; has "
    "asked twice.</p><p>Kind regards<br/>Robin</p></div>"
)
NOTE = "<p>Called back, will decide after the <b>fair</b>. Likes to be asked about the new workshop.</p>"

PRODUCT = "BENCH"  # reference of the product that everybody orders

READERS = {
    # login: (name, groups)
    "bench_all": ("All Documents", ["sales_team.group_sale_salesman_all_leads"]),
    "bench_own": ("Own Documents", ["sales_team.group_sale_salesman"]),
    "bench_every": (
        "Every App",
        [
            "sales_team.group_sale_manager",
            "account.group_account_invoice",
            "mass_mailing.group_mass_mailing_user",
            "event.group_event_user",
            "survey.group_survey_manager",
            "im_livechat.im_livechat_group_user",
        ],
    ),
}


@dataclass
class Size:
    """How much to generate.

    :param companies: typical customers, each with what the constants above say
    :param whale_orders: orders of the one large customer
    :param order_lines: lines of each order
    """

    companies: int
    whale_orders: int = 3000
    order_lines: int = 0


@dataclass
class Customers:
    """What to measure with: ids of partners."""

    typical: list
    whale: int


def generate(env, size):
    """Fill the database; the transaction is committed.

    :return: :class:`Customers`
    """
    cr = env.cr
    cr.execute("SET LOCAL synchronous_commit = off")
    cr.execute("SET LOCAL work_mem = '256MB'")
    _make_readers(env)
    values = _values(env, size)
    for statement in _statements(env, size):
        cr.execute(statement, values)
    customers = find_customers(env)
    cr.commit()
    return customers


def find_customers(env):
    """Return the customers to measure with; all belong to the own-documents salesperson too."""
    env.cr.execute("SELECT id, ref FROM res_partner WHERE ref LIKE 'bench%%' ORDER BY id")
    rows = env.cr.fetchall()
    whale = next(partner_id for partner_id, ref in rows if ref == "bench whale")
    typical = [partner_id for partner_id, ref in rows if ref == "bench own"]
    return Customers(typical[:10], whale)


def vacuum(cr):
    """Give the planner its statistics, as autovacuum would have by now (outside a transaction)."""
    tables = (
        "res_partner", "crm_lead", "sale_order", "sale_order_line", "calendar_event", "calendar_attendee",
        "account_move", "mail_message", "mail_notification", "mail_tracking_value",
        "mailing_trace", "rating_rating", "survey_user_input", "event_registration", "hc_interaction",
        "calendar_event_res_partner_rel", "mail_message_res_partner_rel",
    )  # fmt: skip
    for table in tables:
        cr.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        if cr.fetchone()[0]:
            cr.execute(f'VACUUM ANALYZE "{table}"')


def counts(env):
    """Return ``{what: rows}`` of what is in the database."""
    tables = {
        "messages": "mail_message",
        "orders": "sale_order",
        "leads": "crm_lead",
        "meetings": "calendar_event",
        "partners": "res_partner",
        "invoices": "account_move",
        "mailing traces": "mailing_trace",
    }
    found = {}
    for name, table in tables.items():
        env.cr.execute(f'SELECT count(*) FROM "{table}"')
        found[name] = env.cr.fetchone()[0]
    return found


def _make_readers(env):
    for login, (name, groups) in READERS.items():
        env["res.users"].with_context(no_reset_password=True).create(
            {
                "name": name,
                "login": login,
                "email": f"{login}@example.com",
                "group_ids": [
                    (6, 0, [env.ref(group).id for group in ["base.group_user", *groups]])
                ],
            }
        )
    env.flush_all()


def _values(env, size):
    def last_id(table):
        env.cr.execute(f'SELECT COALESCE(MAX(id), 0) FROM "{table}"')
        return env.cr.fetchone()[0]

    users = env["res.users"]
    own = users.search([("login", "=", "bench_own")])
    other = users.search([("login", "=", "bench_all")])
    company = env.company
    journal = env["account.journal"].search(
        [("type", "=", "sale"), ("company_id", "=", company.id)], limit=1
    )
    stages = env["crm.stage"].search([])
    tracked = {
        model: env["ir.model.fields"]._get(model, name).id
        for model, name in (
            ("sale.order", "state"),
            ("crm.lead", "stage_id"),
            ("res.partner", "vat"),
            ("account.move", "state"),
        )
    }
    return {
        "companies": size.companies,
        "people": size.companies * CONTACTS,
        "whale_orders": size.whale_orders,
        "contacts": CONTACTS,
        "orders": ORDERS * size.companies,
        "orders_each": ORDERS,
        "leads": LEADS * size.companies,
        "meetings": MEETINGS * size.companies,
        "invoices": INVOICES * size.companies,
        "interactions": INTERACTIONS * size.companies,
        "mailings": MAILINGS,
        "whale_messages": WHALE_MESSAGES,
        "order_lines": size.order_lines,
        "own_every": OWN_EVERY,
        "partner_base": last_id("res_partner") + 1,
        "order_base": last_id("sale_order") + 1,
        "lead_base": last_id("crm_lead") + 1,
        "event_base": last_id("calendar_event") + 1,
        "move_base": last_id("account_move") + 1,
        "own": own.id,
        "own_partner": own.partner_id.id,
        "other": other.id,
        "other_partner": other.partner_id.id,
        "company": company.id,
        "currency": company.currency_id.id,
        "country": env.ref("base.us").id,
        "team": env["crm.team"].search([], limit=1).id,
        "journal": journal.id,
        "stages": stages.ids,
        "stage_names": stages.mapped("name"),
        "comment": env.ref("mail.mt_comment").id,
        "note": env.ref("mail.mt_note").id,
        "email_body": EMAIL % "Sir or Madam",
        "note_body": NOTE,
        "order_field": tracked["sale.order"],
        "lead_field": tracked["crm.lead"],
        "partner_field": tracked["res.partner"],
        "move_field": tracked["account.move"],
        "product": _record(env, "product.product", {"name": "Chair", "default_code": PRODUCT}),
        "uom": env.ref("uom.product_uom_unit").id,
        "mailing": _mailing(env),
        "event": _record(env, "event.event", {"name": "Fair", "date_begin": "2020-01-01", "date_end": "2020-01-02"}),
        "survey": _record(env, "survey.survey", {"title": "How was it?"}),
        "rating_model": env["ir.model"]._get_id("sale.order"),
        **{f"{name}_messages": number for name, number in MESSAGES.items()},
    }  # fmt: skip


def _mailing(env):
    model = env["ir.model"]._get_id("res.partner")
    return _record(env, "mailing.mailing", {"subject": "News", "mailing_model_id": model})


def _record(env, model, values):
    record = env[model].create(values)
    env.flush_all()
    return record.id


# A pseudo-random moment of the last three years: the same for the same two numbers.
MOMENT = "(now() AT TIME ZONE 'UTC') - make_interval(secs => (({0})::bigint * 2654435761 + ({1})::bigint * 40503001) %% 94608000)"


def _statements(env, size):
    moment = MOMENT.format
    yield f"""
        INSERT INTO res_partner (id, name, complete_name, ref, is_company, active, type, email,
            email_normalized, phone, lang, city, country_id, commercial_partner_id, commercial_company_name,
            user_id, partner_share, customer_rank, autopost_bills, create_date, write_date, create_uid, write_uid)
        SELECT %(partner_base)s + n, 'Company ' || n, 'Company ' || n,
            CASE WHEN n = %(companies)s THEN 'bench whale' WHEN n %% %(own_every)s = 0 THEN 'bench own' ELSE 'other' END,
            true, true, 'contact', 'company' || n || '@example.com', 'company' || n || '@example.com',
            '+1 555 ' || n, 'en_US', 'Springfield', %(country)s, %(partner_base)s + n, 'Company ' || n,
            CASE WHEN n %% %(own_every)s = 0 OR n = %(companies)s THEN %(own)s ELSE %(other)s END,
            true, 1, 'ask', {moment("n", "1")}, now(), 1, 1
        FROM generate_series(0, %(companies)s) n
    """
    yield f"""
        INSERT INTO res_partner (id, name, complete_name, ref, is_company, active, type, email,
            email_normalized, lang, parent_id, commercial_partner_id, commercial_company_name,
            partner_share, autopost_bills, create_date, write_date, create_uid, write_uid)
        SELECT %(partner_base)s + %(companies)s + 1 + n, 'Person ' || n, 'Company ' || c || ', Person ' || n,
            'other', false, true, 'contact', 'person' || n || '@example.com', 'person' || n || '@example.com',
            'en_US', %(partner_base)s + c, %(partner_base)s + c, 'Company ' || c, true, 'ask',
            {moment("n", "2")}, now(), 1, 1
        FROM generate_series(0, %(people)s - 1) n, LATERAL (SELECT n / %(contacts)s AS c) company
    """
    # Documents: whose they are follows from their number; half of them name a contact.
    yield """
        CREATE TEMP TABLE bench_owner ON COMMIT DROP AS
        SELECT c, %(partner_base)s + c AS company_id,
            %(partner_base)s + %(companies)s + 1 + c * %(contacts)s AS contact_id,
            CASE WHEN c %% %(own_every)s = 0 THEN %(own)s ELSE %(other)s END AS user_id,
            CASE WHEN c %% %(own_every)s = 0 THEN %(own_partner)s ELSE %(other_partner)s END AS author_id
        FROM generate_series(0, %(companies)s - 1) c
        UNION ALL
        SELECT %(companies)s, %(partner_base)s + %(companies)s, %(partner_base)s + %(companies)s,
            %(own)s, %(own_partner)s
    """
    yield "CREATE UNIQUE INDEX ON bench_owner (c)"
    yield "ANALYZE bench_owner"
    orders = f"""
        INSERT INTO sale_order (id, name, company_id, partner_id, partner_invoice_id, partner_shipping_id,
            currency_id, currency_rate, user_id, team_id, state, invoice_status, date_order, amount_untaxed,
            amount_tax, amount_total, require_signature, require_payment, prepayment_percent,
            create_date, write_date, create_uid, write_uid)
        SELECT %(order_base)s + n, 'SB' || n, %(company)s, p, p, p, %(currency)s, 1.0, o.user_id, %(team)s,
            (ARRAY['draft', 'sent', 'sale', 'sale', 'cancel'])[1 + n %% 5], 'no', {moment("n", "3")},
            n %% 5000, 0, n %% 5000, true, false, 1.0, {moment("n", "3")}, now(), 1, 1
        FROM generate_series(%(first)s, %(last)s) n
        JOIN bench_owner o ON o.c = %(owner)s,
        LATERAL (SELECT CASE WHEN n %% 2 = 0 THEN o.company_id ELSE o.contact_id END AS p) partner
    """
    yield (
        orders.replace("%(first)s", "0")
        .replace("%(last)s", "%(orders)s - 1")
        .replace("%(owner)s", "n %% %(companies)s")
    )
    yield (
        orders.replace("%(first)s", "%(orders)s")
        .replace("%(last)s", "%(orders)s + %(whale_orders)s - 1")
        .replace("%(owner)s", "%(companies)s")
    )
    if size.order_lines:
        yield """
            INSERT INTO sale_order_line (order_id, sequence, company_id, currency_id, order_partner_id,
                salesman_id, product_id, product_uom_id, state, name, product_uom_qty, price_unit,
                technical_price_unit, discount, price_subtotal, price_total, price_tax, price_reduce_taxexcl,
                price_reduce_taxinc, qty_delivered, qty_invoiced, qty_to_invoice, qty_delivered_method,
                invoice_status, customer_lead, create_date, write_date, create_uid, write_uid)
            SELECT o.id, k, o.company_id, o.currency_id, o.partner_id, o.user_id, %(product)s, %(uom)s,
                o.state, 'Line ' || k, 1, 100, 100, 0, 100, 100, 0, 100, 100, 0, 0, 0, 'manual', 'no', 0,
                now(), now(), 1, 1
            FROM sale_order o, generate_series(1, %(order_lines)s) k WHERE o.id >= %(order_base)s
        """
    yield f"""
        INSERT INTO crm_lead (id, name, type, partner_id, user_id, team_id, company_id, stage_id, active,
            probability, automated_probability, expected_revenue, priority, email_from, email_normalized,
            contact_name, color, won_status, date_open, date_last_stage_update,
            create_date, write_date, create_uid, write_uid)
        SELECT %(lead_base)s + n, 'Wants to buy ' || n, 'opportunity', o.company_id, o.user_id, %(team)s,
            %(company)s, (%(stages)s)[1 + n %% array_length(%(stages)s, 1)], n %% 7 > 0,
            CASE WHEN n %% 7 > 0 THEN 20 ELSE 0 END, 20, n %% 9000, '0', 'lead' || n || '@example.com',
            'lead' || n || '@example.com', 'Robin', 0, 'pending', {moment("n", "4")}, {moment("n", "4")},
            {moment("n", "4")}, now(), 1, 1
        FROM generate_series(0, %(leads)s - 1) n JOIN bench_owner o ON o.c = n %% %(companies)s
    """
    yield f"""
        INSERT INTO calendar_event (id, name, show_as, privacy, user_id, active, allday, start, stop, duration,
            create_date, write_date, create_uid, write_uid)
        SELECT %(event_base)s + n, 'Visit ' || n, 'busy', CASE WHEN n %% 10 = 0 THEN 'private' ELSE 'public' END,
            CASE WHEN n %% 3 = 0 THEN %(other)s ELSE o.user_id END, true, false, s, s + interval '1 hour', 1,
            s, now(), 1, 1
        FROM generate_series(0, %(meetings)s - 1) n JOIN bench_owner o ON o.c = n %% %(companies)s,
        LATERAL (SELECT date_trunc('hour', {moment("n", "5")}) AS s) start
    """
    yield """
        INSERT INTO calendar_attendee (event_id, partner_id, state, create_date, write_date)
        SELECT %(event_base)s + n, p, 'accepted', now(), now()
        FROM generate_series(0, %(meetings)s - 1) n JOIN bench_owner o ON o.c = n %% %(companies)s,
        LATERAL unnest(ARRAY[o.contact_id, o.author_id]) p
    """
    yield """
        INSERT INTO calendar_event_res_partner_rel (calendar_event_id, res_partner_id)
        SELECT event_id, partner_id FROM calendar_attendee WHERE event_id >= %(event_base)s
    """
    yield f"""
        INSERT INTO account_move (id, name, journal_id, company_id, partner_id, commercial_partner_id,
            currency_id, invoice_user_id, state, move_type, auto_post, payment_state, date, invoice_date,
            amount_untaxed, amount_tax, amount_total, amount_residual, invoice_partner_display_name,
            sequence_prefix, sequence_number, invoice_currency_rate, posted_before, create_date, write_date,
            create_uid, write_uid)
        SELECT %(move_base)s + n, 'BENCH/' || n, %(journal)s, %(company)s, o.company_id, o.company_id,
            %(currency)s, o.user_id, 'posted', 'out_invoice', 'no', 'paid', d::date, d::date, n %% 5000, 0,
            n %% 5000, 0, 'Company ' || o.c, 'BENCH/', n, 1, true, d, now(), 1, 1
        FROM generate_series(0, %(invoices)s - 1) n JOIN bench_owner o ON o.c = n %% %(companies)s,
        LATERAL (SELECT {moment("n", "6")} AS d) day
    """
    if "hc.interaction" in env:
        yield f"""
            INSERT INTO hc_interaction (partner_id, commercial_partner_id, channel_id, user_id, company_id,
                direction, summary, body, origin, sentiment, date, create_date, write_date, create_uid, write_uid)
            SELECT o.contact_id, o.company_id, (SELECT id FROM hc_channel WHERE key = 'call'), o.user_id,
                %(company)s, CASE WHEN n %% 2 = 0 THEN 'in' ELSE 'out' END, 'Talked about the workshop',
                %(note_body)s, 'manual', (ARRAY[NULL, '-1', '1', '2'])[1 + n %% 4], d, d, d, 1, 1
            FROM generate_series(0, %(interactions)s - 1) n JOIN bench_owner o ON o.c = n %% %(companies)s,
            LATERAL (SELECT {moment("n", "7")} AS d) day
        """
    yield f"""
        INSERT INTO mailing_trace (trace_type, model, res_id, mass_mailing_id, email, trace_status,
            sent_datetime, create_date, write_date)
        SELECT 'mail', 'res.partner', p.id, %(mailing)s, p.email, 'sent', {moment("p.id", "k")}, now(), now()
        FROM res_partner p, generate_series(1, %(mailings)s) k WHERE p.id >= %(partner_base)s
    """
    yield f"""
        INSERT INTO rating_rating (res_model_id, res_model, res_id, res_name, partner_id, rating, rating_text,
            consumed, feedback, access_token, create_date, write_date, rated_on, create_uid, write_uid)
        SELECT %(rating_model)s, 'sale.order', %(order_base)s + o.c, 'SB' || o.c, o.company_id, 4, 'ok', true,
            'Went well', 'bench' || o.c, {moment("o.c", "8")}, {moment("o.c", "8")}, now(), 1, 1
        FROM bench_owner o
    """
    yield f"""
        INSERT INTO survey_user_input (survey_id, partner_id, state, access_token, test_entry,
            start_datetime, end_datetime, create_date, write_date)
        SELECT %(survey)s, o.contact_id, 'done', 'bench' || o.c, false, d, d, d, d
        FROM bench_owner o, LATERAL (SELECT {moment("o.c", "9")} AS d) day
    """
    yield f"""
        INSERT INTO event_registration (event_id, partner_id, company_id, name, state, active, barcode,
            create_date, write_date, create_uid, write_uid)
        SELECT %(event)s, o.contact_id, %(company)s, 'Robin', 'done', true, 'bench' || o.c, d, d, 1, 1
        FROM bench_owner o, LATERAL (SELECT {moment("o.c", "10")} AS d) day
    """
    yield from _message_statements(moment)
    yield from _sequence_statements()


def _message_statements(moment):
    # (model, first id, documents, messages each, number of the owner, salt of the moment)
    documents = [
        ("res.partner", "%(partner_base)s", "%(companies)s", "%(company_messages)s", "n", 20),
        ("res.partner", "%(partner_base)s + %(companies)s", "1", "%(company_messages)s", "%(companies)s", 21),
        ("res.partner", "%(partner_base)s + %(companies)s + 1", "%(people)s", "%(contact_messages)s",
         "n / %(contacts)s", 22),
        ("sale.order", "%(order_base)s", "%(orders)s", "%(order_messages)s", "n %% %(companies)s", 23),
        ("sale.order", "%(order_base)s + %(orders)s", "%(whale_orders)s", "%(whale_messages)s",
         "%(companies)s", 24),
        ("crm.lead", "%(lead_base)s", "%(leads)s", "%(lead_messages)s", "n %% %(companies)s", 25),
        ("calendar.event", "%(event_base)s", "%(meetings)s", "%(meeting_messages)s",
         "n %% %(companies)s", 26),
        ("account.move", "%(move_base)s", "%(invoices)s", "%(invoice_messages)s",
         "n %% %(companies)s", 27),
    ]  # fmt: skip
    parts = [
        f"""SELECT '{model}' AS model, {base} + n AS res_id, o.*, (n + k * 3) %% 10 AS kind,
                {moment(f"n + {salt}", "k")} AS date
            FROM generate_series(0, {number} - 1) n CROSS JOIN generate_series(1, {each}) k
            JOIN bench_owner o ON o.c = {owner}"""
        for model, base, number, each, owner, salt in documents
    ]
    # Of ten messages: three mails from the customer, three to them, two notes, two of changed fields.
    # In the order of their dates, as ids grow in a database that was not generated.
    yield f"""
        INSERT INTO mail_message (model, res_id, message_type, subtype_id, is_internal, author_id, email_from,
            subject, body, date, message_id, reply_to, create_date, write_date, create_uid, write_uid)
        SELECT model, res_id, CASE WHEN kind < 3 THEN 'email' WHEN kind < 8 THEN 'comment' ELSE 'notification' END,
            CASE WHEN kind < 6 THEN %(comment)s ELSE %(note)s END, kind >= 6,
            CASE WHEN kind < 3 THEN contact_id ELSE author_id END,
            CASE WHEN kind < 3 THEN 'customer' || c || '@example.com' ELSE 'sales@example.com' END,
            CASE WHEN kind < 3 THEN 'Re: your quotation' END,
            CASE WHEN kind < 6 THEN %(email_body)s WHEN kind < 8 THEN %(note_body)s ELSE '' END,
            date, '<bench-' || model || res_id || '-' || extract(epoch FROM date) || '@example.com>',
            'sales@example.com', date, date, 1, 1
        FROM ({" UNION ALL ".join(parts)}) m ORDER BY date
    """
    yield """
        CREATE TEMP TABLE bench_message ON COMMIT DROP AS
        SELECT id, model, message_type, is_internal, date, author_id FROM mail_message
        WHERE message_id LIKE '<bench-%%'
    """
    yield """
        INSERT INTO mail_notification (author_id, mail_message_id, res_partner_id, notification_type,
            notification_status, is_read)
        SELECT m.author_id, m.id, %(partner_base)s, 'email', 'sent', true
        FROM bench_message m WHERE m.message_type = 'comment' AND NOT m.is_internal
    """
    yield """
        INSERT INTO mail_tracking_value (field_id, mail_message_id, old_value_char, new_value_char,
            create_date, write_date, create_uid, write_uid)
        SELECT CASE m.model WHEN 'sale.order' THEN %(order_field)s WHEN 'crm.lead' THEN %(lead_field)s
            WHEN 'account.move' THEN %(move_field)s ELSE %(partner_field)s END,
            m.id, 'Quotation', 'Sales Order', m.date, m.date, 1, 1
        FROM bench_message m WHERE m.message_type = 'notification'
    """


def _sequence_statements():
    for table in ("res_partner", "sale_order", "crm_lead", "calendar_event", "account_move"):
        yield f"SELECT setval('{table}_id_seq', (SELECT MAX(id) FROM \"{table}\"))"
