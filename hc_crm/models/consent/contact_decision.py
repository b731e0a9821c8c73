"""May we contact this person now? The answer, its reason, and the registry of what is asked.

One place decides for everything that sends: outreach, surveys, journeys. ``YES``, ``LATER`` (with the
moment from which to ask again) or ``NEVER``, always with a reason.

How to add a check: override ``res.partner._hc_contact_checks`` and append the name of a method that takes a
:class:`ContactQuestion`. It reads what it needs for all of ``question.open_ids()`` in one query, and calls
``refuse`` (never) or ``hold`` (not before …) for those concerned. Whoever is not mentioned passes.

One question may be answered for many moments (``question.at`` to ``question.last``, the same for most): a
check reads what counts at any of them, and tells ``hold`` from when on it does.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from odoo.tools import SQL

from ...engine.contact_hours import ContactHours, zone_of

YES, LATER, NEVER = "yes", "later", "never"
# How often the earliest moment may be moved on by one hold after another.
MAX_ROUNDS = 100
# For a reason without an end of its own (a late promise, an unpaid bill): ask again the next day.
ASK_AGAIN = timedelta(days=1)


@dataclass(frozen=True)
class ContactDecision:
    """The answer about one person.

    :param answer: ``yes``, ``later`` or ``never``
    :param code: why, machine-readable: ``ok``, or for never: ``archived``, ``no_address``,
        ``invalid_address``, ``blacklisted``, ``withdrawn``, ``no_consent``, ``automation_off`` (only people
        contact them, for good), ``unprofiled`` (opted out of profiling, and the sender's reason to write is
        a figure); for later: ``pause``, ``complaint``, ``dispute``, ``human_contact``, ``quiet_hours``,
        ``holiday``, ``budget``. Other addons add their own.
    :param until: naive UTC from which to ask again; only for ``later``
    :param args: what the sentence of the reason needs (JSON-able): days, dates as strings, counts, ids
    """

    answer: str
    code: str = "ok"
    until: datetime | None = None
    args: dict = field(default_factory=dict)

    def __bool__(self):
        return self.answer == YES

    def reason(self, env):
        """Say why, in the language of the reader and with what they may see."""
        return env["hc.contact.attempt"]._reason_text(self.code, self.args)


OK = ContactDecision(YES)


def array(values, kind="int"):
    """Return an SQL array of ids (or texts: ``kind`` "varchar"; moments: "timestamp") as one literal.

    psycopg2 adapts a list element by element; of tens of thousands, asked a dozen times, that is most of
    the time a decision takes.
    """
    if kind == "int":
        return SQL("%s::int[]", "{" + ",".join(map(str, values)) + "}")
    if kind == "timestamp":
        spelled = {moment: f'"{moment.isoformat(" ")}"' for moment in set(values)}
        return SQL("%s::timestamp[]", "{" + ",".join(map(spelled.__getitem__, values)) + "}")
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return SQL("%s::varchar[]", "{" + ",".join(f'"{value}"' for value in quoted) + "}")


def text(moment):
    """A moment as it travels in ``args``."""
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else None


class ContactQuestion:
    """One question about many people, and what the checks found.

    Read by checks: ``env`` (superuser), ``channel`` (key), ``purpose``, ``company``, ``policy`` (records),
    ``at`` and ``last`` (naive UTC: the first and the last moment asked for; the same one unless somebody
    looks ahead), ``now``, ``human``, ``profiled``, ``human_days``, ``is_budgeted``;
    ``people``: ``{partner id: row}`` with the attributes of ``PERSON_COLUMNS``.
    """

    def __init__(self, env, channel, purpose, company, at, last, now, human, profiled, human_days):
        self.env = env
        self.channel = channel
        self.purpose = purpose
        self.company = company
        self.policy = env["hc.contact.policy"]._for_company(company)
        self.at = at
        self.last = last
        self.now = now
        self.human = human
        self.profiled = profiled
        self.human_days = self.policy.human_days if human_days is None else max(human_days, 0)
        self.is_budgeted = purpose.is_budgeted
        self.people = {}
        self.hours = None
        self.own_hours = {}
        self._never = {}
        self._open = None
        self._holds = {}
        self._zones = {}
        self._fallback = None
        self._unheld = {}

    # -- for checks -------------------------------------------------------------------------------

    def open_ids(self):
        """Return ids of those nobody refused yet."""
        return list(self._found_open()[0])

    def customer_ids(self):
        """Return ids of the companies and households of those nobody refused yet."""
        return list(self._found_open()[1])

    def by_customer(self):
        """Return ``{company or household id: [partner id]}`` of those nobody refused yet."""
        return self._found_open()[1]

    def _found_open(self):
        """Put together once, until somebody else is refused."""
        if self._open is None or self._open[2] != len(self._never):
            never = self._never
            ids, customers = [], {}
            for partner_id, person in self.people.items():
                if partner_id not in never:
                    ids.append(partner_id)
                    customers.setdefault(person.commercial_id, []).append(partner_id)
            self._open = ids, customers, len(never)
        return self._open

    def refuse(self, partner_id, code, **args):
        """Never; who was refused already stays so."""
        self._never.setdefault(partner_id, ContactDecision(NEVER, code, None, args))

    def hold(self, partner_id, code, until, start=None, **args):
        """Not before ``until``, from ``start`` on (naive UTC; at once by default).

        :param until: naive UTC; a ``timedelta`` after the moment asked for; or None: for good
        """
        self._holds.setdefault(partner_id, []).append((start, until, code, args))

    def keep_hours(self, partner_id, hour_from, hour_to, weekdays=None):
        """This person wants to hear from us only between these hours of their own clock, on these days.

        :param weekdays: numbers of the days, Monday is 0; None: any
        """
        days = None if weekdays is None else frozenset(weekdays)
        self.own_hours[partner_id] = (hour_from, hour_to, days)

    def zone(self, partner_id):
        person = self.people[partner_id]
        key = person.tz, person.country
        if key not in self._zones:
            if self._fallback is None:
                company = self.company
                self._fallback = company.partner_id.tz or company.resource_calendar_id.tz or "UTC"
            self._zones[key] = zone_of(*key, self._fallback)
        return self._zones[key]

    def set_hours(self, hour_from, hour_to, weekdays=None, days_off=()):
        self.hours = ContactHours(hour_from, hour_to, weekdays, days_off)

    # -- the answers ------------------------------------------------------------------------------

    def decide(self):
        """Return ``{partner id: ContactDecision}`` for the first moment asked for."""
        return {partner_id: self.answer(partner_id, self.at) for partner_id in self.people}

    def answer(self, partner_id, at):
        """Return the :class:`ContactDecision` about one of the people, at one of the moments."""
        if partner_id in self._never:
            return self._never[partner_id]
        if partner_id in self._holds or partner_id in self.own_hours:
            return self._decide_one(partner_id, at)
        zone = self.zone(partner_id) if self.hours else None
        if (zone, at) not in self._unheld:
            self._unheld[zone, at] = self._decide_one(partner_id, at)
        return self._unheld[zone, at]

    def _decide_one(self, partner_id, at):
        """Move on to the first moment at which nothing holds this person back; say what does now."""
        holds = self._holds.get(partner_id, ())
        zone = self.zone(partner_id) if self.hours else None
        own = self.own_hours.get(partner_id)
        moment = at
        first = None
        for _round in range(MAX_ROUNDS):
            before = moment
            for start, until, code, args in holds:
                if isinstance(until, timedelta):
                    until = at + until
                if (start is None or start <= moment) and (until is None or moment < until):
                    if until is None:
                        return ContactDecision(NEVER, "automation_off", None, args)
                    first = first or (code, args)
                    moment = until
            if self.hours:
                moment, quiet = self.hours.next(zone, moment, own)
                if quiet and not first:
                    first = quiet, {"zone": zone}
            if moment == before:
                break
        if not first:
            return OK
        code, args = first
        return ContactDecision(LATER, code, moment, {**args, "until": text(moment)})
