from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.contact_hours import day_start
from ..preference.hc_contact_event import COLUMNS, EventScope
from .contact_decision import ASK_AGAIN, array, text

# Below so many people the events are looked up one by one, in indexes; above, all of the period are read.
FEW_PEOPLE = 500
# Channels that ring or buzz at night.
BUZZING_CHANNELS = ("sms", "call", "chat", "social", "visit", "meeting", "counter")
FEELING = "feeling"
# A letter lies in the box until somebody looks.
HOURLESS_CHANNELS = ("letter",)


class ResPartner(models.Model):
    """What holds a contact back for a while: the checks of the decision that answer “later”."""

    _inherit = "res.partner"

    def _hc_check_pause(self, question):
        """A pause of a company or household is one for all of its people."""
        by_customer = question.by_customer()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, date_from, date_to FROM hc_contact_pause
                 WHERE partner_id = ANY(%s) AND (date_to IS NULL OR date_to >= %s)
                """,
                array({*question.open_ids(), *by_customer}),
                question.at.date() - timedelta(days=1),
            )
        )
        for paused_id, date_from, date_to in rows:
            for partner_id in {paused_id, *by_customer.get(paused_id, ())}:
                if partner_id in question.people:
                    zone = question.zone(partner_id)
                    question.hold(
                        partner_id,
                        "pause",
                        date_to and day_start(date_to + timedelta(days=1), zone),
                        day_start(date_from, zone),
                        date_to=fields.Date.to_string(date_to) if date_to else False,
                    )

    def _hc_check_complaint(self, question):
        """Who is unhappy with us, or is owed something, hears from a person first.

        A complaint of one person concerns the whole company or household.
        """
        by_customer = question.by_customer()
        for customer_id, date, hold_until, kind, res_model, res_id in self._hc_complaints(question):
            for partner_id in by_customer.get(customer_id, ()):
                question.hold(
                    partner_id,
                    "complaint",
                    hold_until or ASK_AGAIN,
                    None if kind == FEELING else date,
                    kind=kind,
                    date=text(date),
                    res_model=res_model,
                    res_id=res_id,
                )

    def _hc_complaints(self, question):
        days = question.policy.complaint_days
        since = question.at - timedelta(days=days)
        ids = question.customer_ids()
        selects = self._hc_complaint_select(question.company)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.commercial_partner_id, c.date::timestamp, c.date_until::timestamp,
                       c.kind, c.res_model, c.res_id
                  FROM (%(selects)s) AS c
                 WHERE c.commercial_partner_id = ANY(%(ids)s) AND c.date <= %(last)s
                   AND (c.date_until IS NULL OR c.date_until > %(at)s)
                 ORDER BY c.commercial_partner_id, c.date_until DESC NULLS LAST, c.res_id
                """,
                selects=selects,
                ids=array(ids),
                at=question.at,
                last=question.last,
            )
        )
        if days <= 0:
            return rows
        return rows + self._hc_bad_feelings(question, since)

    @api.model
    def _hc_complaint_select(self, company):
        """Return a SELECT of what is open between customers and us, besides how they felt.

        Override to add what another addon knows, for example open cases of feedback::

            SQL("%s UNION ALL SELECT …", super()._hc_complaint_select(company))

        Columns: ``commercial_partner_id``; ``date`` since when, naive UTC; ``date_until`` when it ends by
        itself, or NULL; ``kind`` varchar for the sentence; ``res_model``, ``res_id`` of the record, named
        only to who may read it.
        """
        days = self.env["hc.contact.policy"]._for_company(company).complaint_days
        return SQL(
            """
            SELECT promise.commercial_partner_id, promise.date_due + INTERVAL '1 day' AS date,
                   promise.date_due + (%s + 1) * INTERVAL '1 day' AS date_until,
                   'promise'::varchar AS kind, 'hc.promise'::varchar AS res_model, promise.id AS res_id
              FROM hc_promise AS promise
             WHERE promise.state = 'open' AND (promise.company_id IS NULL OR promise.company_id = %s)
            """,
            max(days, 1),
            company.id,
        )

    def _hc_bad_feelings(self, question, since):
        """Return the customers whose last known feeling is a bad one that is not too old."""
        rows = self._hc_events(
            question,
            since,
            SQL(
                """
                SELECT DISTINCT ON (asked.customer_id) asked.customer_id, event.date, event.feeling
                  FROM event JOIN asked ON asked.id = event.partner_id
                 WHERE event.feeling IS NOT NULL
                 ORDER BY asked.customer_id, event.date DESC, event.feeling DESC
                """
            ),
        )
        days = timedelta(days=question.policy.complaint_days)
        return [
            (customer_id, date, date + days, FEELING, None, None)
            for customer_id, date, feeling in rows
            if feeling < 0
        ]

    def _hc_check_dispute(self, question):
        """Odoo does not know disputes about bills: one that is long overdue is taken for one."""
        days = question.policy.dispute_days
        if "account.move" not in self.env or days <= 0:
            return
        by_customer = question.by_customer()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (commercial_partner_id) commercial_partner_id, invoice_date_due, id
                  FROM account_move
                 WHERE commercial_partner_id = ANY(%s) AND company_id = %s
                   AND move_type = 'out_invoice' AND state = 'posted'
                   AND payment_state IN ('not_paid', 'partial') AND amount_residual > 0
                   AND invoice_date_due < %s
                 ORDER BY commercial_partner_id, invoice_date_due, id
                """,
                array(by_customer),
                question.company.id,
                (question.last - timedelta(days=days)).date(),
            )
        )
        for customer_id, date_due, move_id in rows:
            overdue = datetime.combine(date_due + timedelta(days=days + 1), time())
            for partner_id in by_customer[customer_id]:
                question.hold(
                    partner_id,
                    "dispute",
                    ASK_AGAIN,
                    overdue,
                    res_model="account.move",
                    res_id=move_id,
                )

    def _hc_check_human_contact(self, question):
        """After a talk between people we leave them alone for some days.

        What was logged on a company concerns its people, and what its people did concerns the company as
        such; two people of one company do not concern each other.
        """
        if question.human_days <= 0:
            return
        days = timedelta(days=question.human_days)
        rows = self._hc_events(
            question,
            question.at - days,
            SQL(
                """
                SELECT DISTINCT ON (asked.id) asked.id, asked.customer_id,
                       event.date, event.channel, event.direction, event.is_open
                  FROM event JOIN asked ON asked.id = event.partner_id
                 WHERE event.is_contact
                 ORDER BY asked.id, event.date DESC
                """
            ),
        )
        latest = {row[0]: row for row in rows}
        of_company = {}
        for row in rows:
            known = of_company.get(row[1])
            if known is None or known[2] < row[2]:
                of_company[row[1]] = row
        for partner_id in question.open_ids():
            customer_id = question.people[partner_id].commercial_id
            if partner_id == customer_id:
                found = of_company.get(customer_id)
            else:
                found = max(
                    filter(None, (latest.get(partner_id), latest.get(customer_id))),
                    key=lambda row: row[2],
                    default=None,
                )
            if found:
                _id, _customer, date, channel, direction, is_open = found
                question.hold(
                    partner_id,
                    "human_contact",
                    date + days,
                    date=text(date),
                    days=question.human_days,
                    channel=channel,
                    direction=direction,
                    is_open=is_open,
                )

    def _hc_events(self, question, since, select):
        """Run ``select`` over ``event`` (contacts between people) and ``asked`` (id, customer_id).

        ``asked`` holds everybody of the companies and households asked for.
        """
        customer_ids = question.customer_ids()
        people = SQL(
            "SELECT id, commercial_partner_id AS customer_id FROM res_partner "
            "WHERE commercial_partner_id = ANY(%s)",
            array(customer_ids),
        )
        partner_ids = None
        if len(customer_ids) <= FEW_PEOPLE:
            partner_ids = [row[0] for row in self.env.execute_query(people)]
        scope = EventScope(
            until=min(question.at, question.now) + timedelta(seconds=1),
            since=since,
            company_id=question.company.id,
            partner_ids=partner_ids,
        )
        events = self.env["hc.contact.event"]._selects(scope)
        self.env.cr.execute("SELECT set_config('jit', 'off', true)")
        return self.env.execute_query(
            SQL(
                "WITH event (%s) AS (%s), asked AS (%s) %s",
                COLUMNS,
                SQL(" UNION ALL ").join(events),
                people,
                select,
            )
        )

    def _hc_check_budget(self, question):
        """At most so many contacts of ours within so many days, on all channels together.

        Mailings of the host count as well, where that app is installed.
        """
        count, days = question.policy.budget_count, question.policy.budget_days
        if days <= 0:
            return
        window = timedelta(days=days)
        ids = question.open_ids()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, (ARRAY_AGG(date ORDER BY date DESC))[%(count)s]
                  FROM (%(sent)s) AS sent
                 GROUP BY partner_id HAVING COUNT(*) >= %(count)s
                """,
                count=count,
                sent=SQL(" UNION ALL ").join(
                    self._hc_sent_selects(array(ids), question.at - window)
                ),
            )
        )
        for partner_id, date in rows:
            question.hold(partner_id, "budget", date + window, count=count, days=days)

    @api.model
    def _hc_sent_selects(self, partner_ids, since):
        """Return SELECTs (partner_id, date) of what counts in the budget. Override to add what else does.

        :param SQL partner_ids: an array of ids
        """
        selects = [
            SQL(
                """
                SELECT partner_id, date FROM hc_contact_attempt
                 WHERE outcome = 'sent' AND is_budgeted AND partner_id = ANY(%s) AND date > %s
                """,
                partner_ids,
                since,
            )
        ]
        if "mailing.trace" in self.env:
            sent = SQL(
                "trace.trace_status IN ('pending', 'sent', 'open', 'reply') AND trace.sent_datetime > %s "
                "AND trace.is_test_trace IS NOT TRUE",
                since,
            )
            selects += [
                SQL(
                    """
                    SELECT trace.res_id, trace.sent_datetime FROM mailing_trace AS trace
                     WHERE trace.model = 'res.partner' AND trace.res_id = ANY(%s) AND %s
                    """,
                    partner_ids,
                    sent,
                ),
                SQL(
                    """
                    SELECT person.id, trace.sent_datetime
                      FROM res_partner AS person
                      JOIN mailing_contact AS contact ON contact.email_normalized = person.email_normalized
                      JOIN mailing_trace AS trace
                        ON trace.model = 'mailing.contact' AND trace.res_id = contact.id
                     WHERE person.id = ANY(%s) AND %s
                    """,
                    partner_ids,
                    sent,
                ),
            ]
        return selects

    def _hc_check_hours(self, question):
        """What nobody waits for keeps to the hours, weekdays and holidays of the contact rules.

        The progress of an order may arrive at any time, only not ring at night. A letter lies in the box
        until somebody looks.
        """
        channel, policy = question.channel, question.policy
        if channel in HOURLESS_CHANNELS:
            return
        if question.is_budgeted:
            question.set_hours(
                policy.hour_from, policy.hour_to, policy._weekdays(), policy._days_off(question.at)
            )
        elif channel in BUZZING_CHANNELS:
            question.set_hours(policy.hour_from, policy.hour_to)
        else:
            return
        for partner_id, own in self.env["hc.contact.hours"]._hours_for(question.open_ids()).items():
            question.keep_hours(partner_id, *own)
