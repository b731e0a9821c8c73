"""When a step of a plan is due: waits in the customer's own wall clock.

What it does
    ``shift`` adds a wait, ``next_at`` finds the next weekday and hour, ``around`` the day before or after
    another day, ``nth_workday`` counts working days. All moments that come in and go out are naive UTC, as
    in Odoo's database; the arithmetic happens in a time zone.

How to use it
    >>> from datetime import datetime
    >>> shift(datetime(2026, 3, 28, 9, 0), 1, "days", "Europe/Brussels")
    datetime.datetime(2026, 3, 29, 8, 0)

    Ten o'clock stays ten o'clock, although that night had 23 hours.

How it works
    Minutes and hours are real time. Days, weeks and months are days of the calendar: the wall clock stays.
    An hour that a change of the clock leaves out is moved to the first one behind the gap by as much as the
    gap; of an hour that happens twice, the first counts. A month later than the 31st is the last day of a
    shorter month (as ``dateutil.relativedelta`` and iCalendar's "skip backward" of RFC 7529 do).
"""

from bisect import bisect_left, bisect_right
from datetime import datetime, time, timedelta

import pytz
from dateutil.relativedelta import relativedelta

# The longest wait that means something: what is further off nobody planned, somebody mistyped.
MAX_DAYS = 3660
# Working days of whoever has no working hours at all: Monday to Friday.
DEFAULT_WEEK = range(5)
# A weekday comes back within a week, a working day within the longest closing time of a year.
SEARCH_DAYS = 60
ANY_HOUR = -1


def zone(name):
    """Return the time zone called ``name``; UTC if there is none of that name.

    >>> str(zone("Europe/Paris")), str(zone("Middle-earth/Shire")), str(zone(None))
    ('Europe/Paris', 'UTC', 'UTC')
    """
    try:
        return pytz.timezone(name or "UTC")
    except pytz.UnknownTimeZoneError:
        return pytz.utc


def to_local(moment, tz):
    """Return the wall clock (naive) in ``tz`` at ``moment`` (naive UTC).

    >>> to_local(datetime(2026, 7, 1, 8, 0), "Europe/Brussels")
    datetime.datetime(2026, 7, 1, 10, 0)
    """
    return pytz.utc.localize(moment).astimezone(zone(tz)).replace(tzinfo=None)


def to_utc(local, tz):
    """Return the moment (naive UTC) at which the wall clock of ``tz`` shows ``local`` (naive).

    At half past two of the night in which the clock jumps from two to three, it is half past three:

    >>> to_utc(datetime(2026, 3, 29, 2, 30), "Europe/Brussels")
    datetime.datetime(2026, 3, 29, 1, 30)

    and what happens twice counts the first time:

    >>> to_utc(datetime(2026, 10, 25, 2, 30), "Europe/Brussels")
    datetime.datetime(2026, 10, 25, 0, 30)
    """
    tz = zone(tz)
    try:
        aware = tz.localize(local, is_dst=None)
    except pytz.NonExistentTimeError:
        aware = tz.normalize(tz.localize(local, is_dst=False))
    except pytz.AmbiguousTimeError:
        aware = tz.localize(local, is_dst=True)
    return aware.astimezone(pytz.utc).replace(tzinfo=None)


def shift(moment, count, unit, tz):
    """Return ``moment`` plus ``count`` of ``unit`` (minutes, hours, days, weeks, months).

    >>> shift(datetime(2026, 3, 29, 0, 30), 2, "hours", "Europe/Brussels")
    datetime.datetime(2026, 3, 29, 2, 30)
    >>> shift(datetime(2026, 1, 31, 12, 0), 1, "months", "UTC")
    datetime.datetime(2026, 2, 28, 12, 0)
    >>> shift(datetime(2028, 2, 29, 12, 0), 12, "months", "UTC")
    datetime.datetime(2029, 2, 28, 12, 0)
    >>> shift(datetime(2026, 1, 1), 1, "fortnights", "UTC")
    Traceback (most recent call last):
    ValueError: no unit of time: fortnights
    """
    if unit in ("minutes", "hours"):
        return moment + timedelta(**{unit: count})
    if unit not in ("days", "weeks", "months"):
        raise ValueError(f"no unit of time: {unit}")
    return to_utc(to_local(moment, tz) + relativedelta(**{unit: count}), tz)


def at_hour(day, hour, tz):
    """Return the moment (naive UTC) of ``hour`` (a float, 9.5 is half past nine) on ``day`` in ``tz``.

    >>> from datetime import date
    >>> at_hour(date(2026, 7, 1), 9.5, "Europe/Brussels")
    datetime.datetime(2026, 7, 1, 7, 30)
    """
    return to_utc(datetime.combine(day, time.min) + timedelta(minutes=round(hour * 60)), tz)


def next_at(moment, weekday, hour, tz, workdays=None):
    """Return the first moment not before ``moment`` that is a ``weekday`` at ``hour``.

    :param weekday: "any", "work" (one of ``workdays``), or "0" (Monday) … "6"
    :param hour: 0 ≤ hour < 24, or −1 for any hour: at once on such a day, else when it begins
    :param workdays: sorted days on which the company works; without any, Monday to Friday

    Thursday noon; next Friday at ten, next day at ten, today still:

    >>> noon = datetime(2026, 3, 26, 12, 0)
    >>> next_at(noon, "4", 10, "UTC").isoformat(), next_at(noon, "any", 10, "UTC").isoformat()
    ('2026-03-27T10:00:00', '2026-03-27T10:00:00')
    >>> next_at(noon, "3", -1, "UTC") == noon, next_at(noon, "4", -1, "UTC").isoformat()
    (True, '2026-03-27T00:00:00')

    The clock changes on Sunday the 29th in Brussels; Monday at ten is eight o'clock UTC:

    >>> next_at(noon, "0", 10, "Europe/Brussels").isoformat()
    '2026-03-30T08:00:00'
    """
    today = to_local(moment, tz).date()
    if weekday == "work" and workdays:
        # from today on; behind the last known one the week is as usual
        first = bisect_left(workdays, today)
        days = [*workdays[first:], *_usual_days(max(today, workdays[-1] + timedelta(days=1)))]
    elif weekday == "work":
        days = _usual_days(today)
    else:
        days = (today + timedelta(days=n) for n in range(SEARCH_DAYS))
        if weekday != "any":
            days = (day for day in days if day.weekday() == int(weekday))
    for day in days:
        if hour == ANY_HOUR:
            return moment if day == today else at_hour(day, 0, tz)
        if (found := at_hour(day, hour, tz)) >= moment:
            return found
    raise ValueError(f"no such day: {weekday}")


def _usual_days(first):
    days = (first + timedelta(days=n) for n in range(SEARCH_DAYS))
    return [day for day in days if day.weekday() in DEFAULT_WEEK]


def around(occurred, days, hour, tz):
    """Return the moment ``days`` after (before, if negative) the day of ``occurred``, at ``hour``.

    :param hour: 0 ≤ hour < 24, or −1 for the hour at which it occurred

    >>> birthday = datetime(2026, 3, 31, 22, 0)  # midnight in Brussels
    >>> around(birthday, -3, 10, "Europe/Brussels")
    datetime.datetime(2026, 3, 29, 8, 0)
    >>> around(birthday, 1, -1, "UTC")
    datetime.datetime(2026, 4, 1, 22, 0)
    """
    local = to_local(occurred, tz) + timedelta(days=days)
    return to_utc(local, tz) if hour == ANY_HOUR else at_hour(local.date(), hour, tz)


def nth_workday(day, count, workdays):
    """Return the ``count``-th working day behind ``day``; ``day`` itself or the next one for 0.

    :param workdays: sorted days on which somebody works; behind the last one, Monday to Friday

    Friday, and Monday is a holiday:

    >>> from datetime import date
    >>> week = [date(2026, 4, n) for n in (1, 2, 3, 7, 8)]
    >>> nth_workday(date(2026, 4, 3), 1, week), nth_workday(date(2026, 4, 4), 0, week)
    (datetime.date(2026, 4, 7), datetime.date(2026, 4, 7))
    >>> nth_workday(date(2026, 4, 3), 4, week)
    datetime.date(2026, 4, 10)
    >>> nth_workday(date(2026, 4, 3), 1, [])
    datetime.date(2026, 4, 6)
    """
    first = bisect_right(workdays, day) if count else bisect_left(workdays, day)
    ahead = len(workdays) - first
    if max(count, 1) <= ahead:
        return workdays[first + max(count, 1) - 1]
    left = max(count, 1) - max(ahead, 0)
    day = max(
        day + timedelta(days=1 if count else 0),
        workdays[-1] + timedelta(days=1) if workdays else day,
    )
    while True:
        if day.weekday() in DEFAULT_WEEK:
            left -= 1
            if not left:
                return day
        day += timedelta(days=1)


def shift_workdays(moment, count, tz, workdays):
    """Return the same hour on the ``count``-th working day behind ``moment``.

    >>> from datetime import date
    >>> friday = datetime(2026, 3, 27, 9, 0)  # ten o'clock in Brussels, and on Sunday the clock changes
    >>> shift_workdays(friday, 1, "Europe/Brussels", [date(2026, 3, 30), date(2026, 3, 31)])
    datetime.datetime(2026, 3, 30, 8, 0)
    """
    local = to_local(moment, tz)
    day = nth_workday(local.date(), count, workdays)
    return to_utc(datetime.combine(day, local.time()), tz)
