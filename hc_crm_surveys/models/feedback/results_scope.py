"""What the results are asked for: period, measure and conditions, as they come by RPC; in words and domains."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import pytz
from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.hc_crm.models.links import storable

PERIODS = (30, 90, 365)
DEFAULT_PERIOD = 90
TREND_DAYS = 365  # the trend looks back at least so far, or one would see one point of it
QUARTERS_FROM = 3 * 366  # days; from here on the trend goes by quarters
MAX_YEARS = 30


@dataclass
class Scope:
    """``start`` and ``end`` naive UTC, ``previous`` the beginning of the period before, or None.

    ``buckets`` the beginnings of the periods of the trend, the end of the last being ``end``.
    """

    domain: Domain
    measure: str | None
    start: datetime | None
    end: datetime
    previous: datetime | None
    days: int | None
    buckets: list = field(default_factory=list)
    labels: list = field(default_factory=list)

    @property
    def first(self):
        """Return from when on answers are read."""
        known = [moment for moment in (self.start, self.previous, *self.buckets[:1]) if moment]
        return min(known) if self.start else None


def read_scope(records, options):
    """Return the :class:`Scope` of ``options`` for the reader.

    :param options: ``{"domain", "measure", "period": 30, 90, 365 or "all", or "from" and "to": ISO dates}``
    :raises UserError: naming what cannot be understood
    """
    env = records.env
    if not isinstance(options, dict):
        raise UserError(env._("Results: the conditions cannot be read. Open the page again."))
    domain = read_domain(records, options.get("domain"))
    measure = options.get("measure")
    if measure is not None and (not isinstance(measure, str) or len(measure) > 40):
        raise UserError(env._("Results: there is no such measure. Choose one of the list."))
    timezone = pytz.timezone(env.user.tz or "UTC")
    today = datetime.now(timezone).date()
    first, last, days = _days(env, options, today)
    if first is None:
        oldest = records.search(
            domain & Domain("is_counted", "=", True), order="date", limit=1
        ).date
        first_day = (oldest or datetime.now()).date()
        start = previous = None
    else:
        first_day = first
        start = _utc(timezone, first)
        previous = _utc(timezone, first - (last - first) - timedelta(days=1))
    end = _utc(timezone, last + timedelta(days=1))
    by_quarter = (last - first_day).days > QUARTERS_FROM
    begin = min(first_day, last - timedelta(days=TREND_DAYS)) if start else first_day
    days_of = _beginnings(begin, last, 3 if by_quarter else 1)
    scope = Scope(domain, measure, start, end, previous, days)
    scope.buckets = [_utc(timezone, day) for day in days_of]
    scope.labels = [
        env._("Q%(quarter)s %(year)s", quarter=(day.month + 2) // 3, year=day.year)
        if by_quarter
        else format_date(env, day, date_format="MMM yyyy")
        for day in days_of
    ]
    return scope


def read_domain(records, value):
    """Return the reader's conditions as a Domain that the reader may ask.

    :raises UserError: it cannot be understood
    """
    if value is None:
        return Domain.TRUE
    try:
        domain = Domain(storable_deep(value))
        domain.validate(records)
        # what cannot be asked is told now, in one sentence, and not in the middle of a query
        records._search(domain, limit=1)
    except (UserError, AccessError):
        raise
    except Exception:
        raise UserError(
            records.env._("Results: the filter cannot be read. Remove it and choose it again.")
        )
    return domain


def storable_deep(value):
    """Return a condition without what the database takes in no text; it would find nothing with it either."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list | tuple):
        return type(value)(storable_deep(part) for part in value)
    return value


def _days(env, options, today):
    """Return ``(first day or None, last day, length or None)``."""
    if options.get("from") or options.get("to"):
        first, last = (_day(env, options.get(key)) for key in ("from", "to"))
        if first > last:
            raise UserError(env._("Results: the first day is after the last. Exchange them."))
        if last - first > timedelta(days=MAX_YEARS * 366):
            raise UserError(
                env._("Results: choose a period of %(years)s years at most.", years=MAX_YEARS)
            )
        return first, last, (last - first).days + 1
    period = options.get("period", DEFAULT_PERIOD)
    if period == "all":
        return None, today, None
    if type(period) is not int or period not in PERIODS:
        raise UserError(env._("Results: there is no such period. Choose one of the list."))
    return today - timedelta(days=period - 1), today, period


def _day(env, value):
    try:
        day = date.fromisoformat(value)
        if not 1970 <= day.year <= 2200:
            raise ValueError
    except (TypeError, ValueError):
        raise UserError(
            env._(
                "Results: “%(value)s” is no day. Give the first and the last day.",
                value=str(value)[:20],
            )
        )
    return day


def _beginnings(first, last, months):
    day = date(first.year, (first.month - 1) // months * months + 1, 1)
    found = []
    while day <= last:
        found.append(day)
        day += relativedelta(months=months)
    return found


def _utc(timezone, day):
    return (
        timezone.localize(datetime.combine(day, time())).astimezone(pytz.utc).replace(tzinfo=None)
    )
