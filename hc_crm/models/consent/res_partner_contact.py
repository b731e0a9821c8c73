from collections import namedtuple

from odoo import api, fields, models
from odoo.tools import SQL

from .contact_decision import ContactQuestion, array, text
from .hc_consent_host import NEWS

# One row about each person asked for.
Person = namedtuple(
    "Person",
    "id active commercial_id email email_normalized phone phone_sanitized has_post tz country",
)
# Channels that reach a phone.
PHONE_CHANNELS = ("sms", "call")


class ResPartner(models.Model):
    """The decision about a contact, and its checks that answer “never”."""

    _inherit = "res.partner"

    def _hc_contact_decision(self, channel, purpose, at=None, **options):
        """May we contact this person on ``channel`` for ``purpose`` at that moment?

        :param str channel: key of ``hc.channel`` (``email``, ``sms``, ``call``, ``letter`` …)
        :param str purpose: key of ``hc.consent.purpose``
        :param datetime at: naive UTC; now by default
        :param options: see ``_hc_contact_decisions``
        :return: :class:`ContactDecision`
        """
        self.ensure_one()
        return self._hc_contact_decisions(channel, purpose, at, **options)[self.id]

    def _hc_contact_decisions(self, channel, purpose, at=None, *, company=None, human=False,
                              profiled=False, human_days=None):  # fmt: skip
        """As ``_hc_contact_decision`` for many people, with a constant number of queries.

        As superuser, for code that sends or that checked the caller's right to read these contacts. Who
        was deleted meanwhile counts as archived.

        :param company: in whose name; the current one by default
        :param human: a person acts, not we by ourselves (a call to make): only consent, addresses and
            quiet hours are asked; pauses, complaints, budget and talks do not hold a colleague back
        :param profiled: our reason to write is a figure or a rule about them (segment, risk, persona)
        :param human_days: overrides the company's rule
        :return: ``{partner id: ContactDecision}``
        """
        if not self.ids:
            return {}
        at = at or fields.Datetime.now()
        options = {
            "company": company, "human": human, "profiled": profiled, "human_days": human_days
        }  # fmt: skip
        return self._hc_contact_question(channel, purpose, at, at, **options).decide()

    def _hc_contact_question(self, channel, purpose, at, last, *, company=None, human=False,
                             profiled=False, human_days=None):  # fmt: skip
        """Ask once for many moments: as ``_hc_contact_decisions``, for who looks ahead.

        What happens after now is not known: each answer is that of now, with what ends and begins by then.

        :param at, last: naive UTC of the first and the last moment
        :return: :class:`ContactQuestion`; its ``answer(partner id, moment)`` needs no more queries
        """
        # superuser: what is hidden from the caller (a pause, a talk, a blacklist) holds all the same
        env = self.sudo().env
        env.flush_all()
        question = ContactQuestion(
            env,
            env["hc.channel"]._hc_get(channel).key,
            env["hc.consent.purpose"]._get(purpose),
            (company or self.env.company).sudo(),
            at,
            last,
            fields.Datetime.now(),
            human,
            profiled,
            human_days,
        )
        question.people = self._hc_contact_people()
        partners = self.sudo()
        for name in partners._hc_contact_checks(question):
            getattr(partners, name)(question)
        return question

    @api.model
    def _hc_contact_checks(self, question):
        """Return the names of the checks, in order: of several reasons the first is told.

        Override to append your own; see ``contact_decision``.
        """
        checks = [
            "_hc_check_there",
            "_hc_check_address",
            "_hc_check_consent",
            "_hc_check_blacklist",
        ]
        if not question.human:
            checks.append("_hc_check_pause")
            if question.profiled:
                checks.append("_hc_check_profiling")
            if question.is_budgeted:
                checks += [
                    "_hc_check_complaint",
                    "_hc_check_dispute",
                    "_hc_check_human_contact",
                    "_hc_check_budget",
                ]
        checks.append("_hc_check_hours")
        return checks

    def _hc_contact_people(self):
        """Return ``{partner id: Person}``; who does not exist any more is archived."""
        people = dict.fromkeys(self.ids)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT person.id, COALESCE(person.active, FALSE), person.commercial_partner_id,
                       NULLIF(person.email, ''), person.email_normalized,
                       NULLIF(person.phone, ''), person.phone_sanitized,
                       COALESCE(person.street, person.street2, '') <> '' AND COALESCE(person.city, '') <> '',
                       person.tz, COALESCE(own.code, customers.code)
                  FROM res_partner AS person
             LEFT JOIN res_partner AS customer ON customer.id = person.commercial_partner_id
             LEFT JOIN res_country AS own ON own.id = person.country_id
             LEFT JOIN res_country AS customers ON customers.id = customer.country_id
                 WHERE person.id = ANY(%s)
                """,
                array(self.ids),
            )
        )
        people.update((row[0], Person(*row)) for row in rows)
        for partner_id, person in people.items():
            if person is None:
                people[partner_id] = Person(
                    partner_id, False, partner_id, None, None, None, None, False, None, None
                )
        return people

    # -- never ------------------------------------------------------------------------------------

    def _hc_check_there(self, question):
        for partner_id, person in question.people.items():
            if not person.active:
                question.refuse(partner_id, "archived")

    def _hc_check_address(self, question):
        channel = question.channel
        for partner_id in question.open_ids():
            person = question.people[partner_id]
            missing = invalid = False
            if channel == "email":
                missing, invalid = not person.email, not person.email_normalized
            elif channel == "sms":
                missing, invalid = not person.phone, not person.phone_sanitized
            elif channel == "call":
                missing = not person.phone
            elif channel == "letter":
                missing = not person.has_post
            if missing:
                question.refuse(partner_id, "no_address", channel=channel)
            elif invalid:
                question.refuse(partner_id, "invalid_address", channel=channel)

    def _hc_check_consent(self, question):
        purpose = question.purpose
        if purpose.basis == "contract":
            return
        ids = question.open_ids()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (consent.partner_id)
                       consent.partner_id, consent.state, consent.date
                  FROM hc_consent AS consent
             LEFT JOIN hc_channel AS channel ON channel.id = consent.channel_id
                 WHERE consent.partner_id = ANY(%s) AND consent.purpose_id = %s
                   AND (channel.id IS NULL OR channel.key = %s) AND consent.how <> 'blacklist'
                   AND (consent.company_id IS NULL OR consent.company_id = %s)
                 ORDER BY consent.partner_id, consent.date DESC, consent.id DESC
                """,
                array(ids),
                purpose.id,
                question.channel,
                question.company.id,
            )
        )
        said = {partner_id: (state, date) for partner_id, state, date in rows}
        for partner_id in ids:
            state, date = said.get(partner_id, (None, None))
            if state == "withdrawn":
                question.refuse(partner_id, "withdrawn", date=text(date))
            elif state is None and purpose.basis == "consent":
                question.refuse(partner_id, "no_consent")
        if purpose.key == NEWS and question.channel == "email":
            self._hc_check_mailing_lists(question, said)

    def _hc_check_mailing_lists(self, question, said):
        """Who left all mailing lists said no to news, unless they said yes since."""
        by_address = {}
        for partner_id in question.open_ids():
            by_address.setdefault(question.people[partner_id].email_normalized, []).append(
                partner_id
            )
        leavers = self.env["hc.consent"]._hc_list_leavers(by_address)
        for email, date in self.env.execute_query(leavers) if leavers else ():
            for partner_id in by_address[email]:
                state, said_on = said.get(partner_id, (None, None))
                if not state or not date or said_on < date:
                    question.refuse(partner_id, "withdrawn", date=text(date), mailing=True)

    def _hc_check_blacklist(self, question):
        """Whoever is on the host's blacklist is not written to.

        Lines that we put there, because they said no to everything but what belongs to their orders, do
        not stop just that. Nor do they stop a call: they are about messages.
        """
        channel = question.channel
        if channel == "email":
            table, column, attribute = "mail_blacklist", "email", "email_normalized"
        elif channel in PHONE_CHANNELS:
            table, column, attribute = "phone_blacklist", "number", "phone_sanitized"
        else:
            return
        by_address = {}
        for partner_id in question.open_ids():
            if address := getattr(question.people[partner_id], attribute):
                by_address.setdefault(address, []).append(partner_id)
        rows = self.env.execute_query(
            SQL(
                "SELECT %(column)s, hc_by_consent FROM %(table)s WHERE active AND %(column)s = ANY(%(found)s)",
                column=SQL.identifier(column),
                table=SQL.identifier(table),
                found=array(by_address, "varchar"),
            )
        )
        for address, is_ours in rows:
            if is_ours and (question.purpose.basis == "contract" or channel == "call"):
                continue
            for partner_id in by_address[address]:
                question.refuse(partner_id, "blacklisted", channel=channel)

    def _hc_check_profiling(self, question):
        by_customer = question.by_customer()
        concerned = array({*question.open_ids(), *by_customer})
        rows = self.env.execute_query(
            SQL("SELECT partner_id FROM hc_profiling_optout WHERE partner_id = ANY(%s)", concerned)
        )
        for (optout_id,) in rows:
            for partner_id in (optout_id, *by_customer.get(optout_id, ())):
                if partner_id in question.people:
                    question.refuse(partner_id, "unprofiled")
