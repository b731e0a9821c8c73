"""When somebody may be written to: hours, weekdays and holidays, in their own time zone.

What it supports: one window of hours a day, any set of weekdays, single days off, and hours of their own
for one person; changes of the clock are those of the zone.

How to use it::

    >>> from datetime import date, datetime
    >>> hours = ContactHours(9, 19, weekdays={0, 1, 2, 3, 4, 5}, days_off={date(2026, 12, 25)})
    >>> hours.next("Europe/Brussels", datetime(2026, 11, 24, 10, 0))
    (datetime.datetime(2026, 11, 24, 10, 0), None)
    >>> hours.next("Europe/Brussels", datetime(2026, 11, 24, 18, 30))  # 19:30 there
    (datetime.datetime(2026, 11, 25, 8, 0), 'quiet_hours')
    >>> hours.next("Europe/Brussels", datetime(2026, 12, 25, 10, 0))  # then a Saturday
    (datetime.datetime(2026, 12, 26, 8, 0), 'holiday')

How it works: the moment is looked at on the wall clock of the zone; if it lies outside the hours of that
day, the first hour of the next good day is turned back into UTC. Answers are remembered, because thousands
of people share a few zones and moments.
"""

from datetime import datetime, time, timedelta

import pytz

QUIET, HOLIDAY = "quiet_hours", "holiday"
# Beyond that many days without a good one somebody has closed for good; ask again then.
HORIZON_DAYS = 400
MINUTES_PER_HOUR = 60


class ContactHours:
    """
    :param float hour_from: hour of the wall clock from which on; 9.5 is half past nine
    :param float hour_to: hour until which, exclusive; up to 24
    :param weekdays: numbers of the good weekdays, Monday is 0; None: all
    :param days_off: dates on which nothing goes out
    """

    def __init__(self, hour_from, hour_to, weekdays=None, days_off=()):
        self.hour_from, self.hour_to = hour_from, hour_to
        self.weekdays = frozenset(range(7)) if weekdays is None else frozenset(weekdays)
        self.days_off = frozenset(days_off)
        self._known = {}

    def next(self, zone, at, own=None):
        """Return the first good moment from ``at`` on, and what holds it back until then.

        :param str zone: name of a time zone
        :param datetime at: naive UTC
        :param tuple own: (from, to, frozenset of weekdays or None) of this person; what is left of both
            windows, and of both sets of days, counts. If nothing is left, theirs do.
        :return: ``(naive UTC, None | "quiet_hours" | "holiday")``
        """
        key = zone, at, own
        if key not in self._known:
            self._known[key] = self._next(pytz.timezone(zone), at, own)
        return self._known[key]

    def _next(self, zone, at, own):
        start, end, weekdays = self.hour_from, self.hour_to, self.weekdays
        if own:
            own_start, own_end, own_days = own
            start, end = max(start, own_start), min(end, own_end)
            if start >= end:
                start, end = own_start, own_end
            if own_days is not None:
                weekdays = weekdays & own_days or own_days
        local = pytz.utc.localize(at).astimezone(zone)
        reason = None
        for number in range(HORIZON_DAYS):
            day = local.date() + timedelta(days=number)
            if day in self.days_off:
                reason = reason or HOLIDAY
                continue
            if day.weekday() not in weekdays:
                reason = reason or QUIET
                continue
            opening, closing = _moment(zone, day, start), _moment(zone, day, end)
            if at < opening:
                return opening, reason or QUIET
            if at < closing:
                return at, None
            reason = reason or QUIET
        return at + timedelta(days=HORIZON_DAYS), reason


def _moment(zone, day, hour):
    """Return the naive UTC of an hour of the wall clock; one that the clock skips is an hour later."""
    minutes = round(hour * MINUTES_PER_HOUR)
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return zone.localize(wall, is_dst=False).astimezone(pytz.utc).replace(tzinfo=None)


def day_start(day, zone):
    """Return the naive UTC at which ``day`` begins in ``zone``.

    >>> from datetime import date
    >>> day_start(date(2026, 7, 1), "Europe/Brussels")
    datetime.datetime(2026, 6, 30, 22, 0)
    """
    return _moment(pytz.timezone(zone), day, 0)


# Where most people of a country with several zones live, if pytz (IANA's zone.tab) does not name it first.
MAIN_ZONES = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "FM": "Pacific/Pohnpei",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UM": "Pacific/Wake",
    "UZ": "Asia/Tashkent",
}


def zone_of(stated, country, fallback):
    """Return the time zone somebody most likely lives in.

    Odoo gives new contacts the zone of whoever creates them, so it counts only where their country has it.

    >>> zone_of("Europe/Brussels", "BE", "UTC")
    'Europe/Brussels'
    >>> zone_of("Europe/Brussels", "US", "UTC")
    'America/New_York'
    >>> zone_of(None, None, "Europe/Paris")
    'Europe/Paris'
    >>> zone_of(None, "AU", "UTC"), zone_of("Australia/Perth", "AU", "UTC")
    ('Australia/Sydney', 'Australia/Perth')

    :param stated: the zone noted, or None
    :param country: ISO code of two letters, or None
    :param fallback: the company's zone
    """
    zones = pytz.country_timezones.get(country or "") or ()
    if stated and (stated in zones or (not zones and stated in pytz.all_timezones_set)):
        return stated
    if zones:
        return MAIN_ZONES.get(country) or zones[0]
    return fallback if fallback in pytz.all_timezones_set else "UTC"
