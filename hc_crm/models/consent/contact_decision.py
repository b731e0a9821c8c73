"""May we contact this person now? The answer, its reason, and the registry of what is asked.

One place decides for everything that sends: outreach, surveys, journeys. ``YES``, ``LATER`` (with the
moment from which to ask again) or ``NEVER``, always with a reason.
"""

from dataclasses import dataclass, field
from datetime import datetime

YES, LATER, NEVER = "yes", "later", "never"


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
