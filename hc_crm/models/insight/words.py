"""Figures as a shop owner would say them. Functions take the environment for its language."""

from odoo.tools import format_amount, format_date

DAYS_PER_MONTH = 30.44
# Up to so many of a unit it is said in that unit; "19 days" is clearer than "3 weeks", "80 days" is not.
MAX_DAYS, MAX_WEEKS, MAX_MONTHS = 20, 12, 24


def span(env, days):
    """Return a length of time in words: "12 days", "9 weeks", "5 months".

    :param days: number ≥ 0
    """
    days = max(round(days), 0)
    if days == 1:
        return env._("1 day")
    if days <= MAX_DAYS:
        return env._("%(count)s days", count=days)
    if days <= MAX_WEEKS * 7:
        return env._("%(count)s weeks", count=round(days / 7))
    if days <= MAX_MONTHS * DAYS_PER_MONTH:
        return env._("%(count)s months", count=round(days / DAYS_PER_MONTH))
    return env._("%(count)s years", count=round(days / 365.25))


def ago(env, days):
    if days < 1:
        return env._("today")
    if round(days) == 1:
        return env._("yesterday")
    return env._("%(span)s ago", span=span(env, days))


def rhythm(env, days):
    """Return "every ~3 weeks"."""
    if round(days) <= 1:
        return env._("nearly every day")
    return env._("every ~%(span)s", span=span(env, days))


def percent(share):
    """Return "72 %" (a no-break space between); never 0 or 100 where it is not certain."""
    return f"{min(max(round(100 * share), 1), 99)}\N{NO-BREAK SPACE}%"


def money(env, amount, currency):
    """Return an amount without cents where they say nothing.

    An estimate has two digits that mean something; ``round_estimate`` is for those.
    """
    amount = round(amount) if abs(amount) >= 100 else amount
    return format_amount(env, amount, currency, trailing_zeroes=False)


def round_estimate(amount):
    """Round an estimate to two significant digits: 1,325 becomes 1,300.

    >>> round_estimate(1325.11), round_estimate(98.4), round_estimate(7.3), round_estimate(0.2)
    (1300, 98, 7, 0)
    """
    digits = len(str(int(abs(amount))))
    return int(round(amount, 2 - digits)) if digits > 2 else round(amount)


def day(env, date):
    return format_date(env, date)
