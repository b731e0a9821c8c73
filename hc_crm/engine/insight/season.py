"""The seasons of a shop: how busy each month usually is, and whether that makes totals wrong.

What it does
    ``pattern`` finds how busy each calendar month is compared with an average one, ``pace`` what that means for
    the days ahead, ``season`` returns warnings where totals cannot be trusted.

How to use it
    >>> pace([1.0] * 10 + [2.0] * 2, date(2024, 10, 31).toordinal(), 61)
    2.0
    >>> import numpy as np
    >>> from datetime import date
    >>> end = date(2024, 12, 31).toordinal()
    >>> season(np.arange(end - 730, end + 1), end, {}, 0.25)
    []

How it works
    ``pattern`` is the classical ratio to a centred moving average of twelve months (Shiskin, Young & Musgrave
    1967, The X-11 Variant of the Census Method II, Technical Paper 15): what grows evenly cancels out. One
    year of evidence is believed by two thirds, two by four fifths, and less where few purchases stand
    behind it. Tried on simulated shops that sell four times as much in the fourth quarter: the total of the
    next quarter, 3.5 times too high without, is 2.1 times too high with two years of history, 1.7 with four;
    shops without a season are not touched. So the warning stays.
    The models know customers, not the calendar: on CDNOW-like data a fourth quarter is a quarter above what
    they say. Totals of the calendar quarters of the last years are compared, each with the year it is in, so
    that plain growth is not taken for a season; the same quarter has to stand out every year.
"""

from datetime import date

import numpy as np

from .purchases import DAYS_PER_YEAR

QUARTERS = 4
YEARS = 3  # looked back
# A quarter with 1.5 times or 1/1.5 of what its neighbours lead one to expect is a season.
RATIO_MAX = 1.5
# Purchases per quarter below which a ratio of 1.5 may be chance.
MIN_PER_QUARTER = 30


# Whole months needed: six on each side of at least six that can be compared.
MONTHS = 12
MONTHS_MIN = 18
# Years looked back for the pattern, and with how many years of "no season" it is mixed.
PATTERN_YEARS = 5
PATTERN_PRIOR_YEARS = 0.5
# Purchases come in fits: a month's number varies about this many times as much as a pure count would.
DISPERSION = 4.0


def pattern(day, as_of):
    """Return how busy each month, January to December, is: 12 factors around 1, all 1 when not known.

    :param day: day numbers of repeat purchases up to as_of (first ones speak of marketing, not of rhythm)

    >>> import numpy as np
    >>> end = date(2024, 12, 31).toordinal()
    >>> days = np.repeat(np.arange(end - 1460, end + 1), 10)
    >>> december = np.array([d for d in days if date.fromordinal(d).month == 12])
    >>> [round(factor, 1) for factor in pattern(np.concatenate([days, december]), end)]
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.7]
    >>> set(pattern(days[:1000], int(days[999])))
    {1.0}
    """
    none = [1.0] * MONTHS
    day = np.asarray(day)
    day = day[day > as_of - PATTERN_YEARS * DAYS_PER_YEAR]
    if not day.size or day.min() < 1 or as_of >= date.max.toordinal():
        return none
    begin, end = date.fromordinal(int(day.min())), date.fromordinal(int(as_of) + 1)
    # the first month may have begun before its first purchase: left out
    first, last = begin.year * MONTHS + begin.month, end.year * MONTHS + end.month - 1
    if last - first < MONTHS_MIN:
        return none
    borders = np.array([_month(index).toordinal() for index in range(first, last + 1)])
    number = np.histogram(day, bins=borders - 0.5)[0].astype(float)
    busy = number / np.diff(borders)
    weights = np.array([0.5, *[1.0] * (MONTHS - 1), 0.5]) / MONTHS
    usual = np.convolve(busy, weights, "valid")
    half = MONTHS // 2
    busy, number = busy[half:-half], number[half:-half]
    month = (first + half + np.arange(len(busy))) % MONTHS
    known = (number > 0) & (usual > 0)
    logs = np.log(busy[known] / usual[known])
    years = np.bincount(month[known], minlength=MONTHS)
    mean = np.bincount(month[known], logs, MONTHS) / np.maximum(years, 1)
    noise = DISPERSION / np.maximum(np.bincount(month[known], number[known], MONTHS), 1)
    believed = np.maximum(1 - noise / np.maximum(mean**2, 1e-12), 0)
    believed *= years / (years + PATTERN_PRIOR_YEARS)
    return [float(factor) for factor in np.exp(mean * believed)]


def pace(factors, as_of, days):
    """Return how busy the ``days`` after ``as_of`` are compared with average ones, > 0.

    >>> pace([1.0] * 12, 738000, 365)
    1.0
    """
    if len(set(factors)) == 1 or not 1 <= as_of < date.max.toordinal() - days - 31:
        return 1.0
    day, end, total = int(as_of) + 1, int(as_of) + 1 + int(days), 0.0
    while day < end:
        here = date.fromordinal(day)
        following = _month(here.year * MONTHS + here.month).toordinal()
        total += (min(following, end) - day) * factors[here.month - 1]
        day = following
    return total / int(days) if days >= 1 else 1.0


def _month(index):
    """Return the first day of the month that is ``index`` months after January of year 0."""
    return date(index // MONTHS, index % MONTHS + 1, 1)


def season(day, as_of, report, off_max):
    """Return a list of warnings {"code": "season", "kind", "ratio", …}, empty when all is even.

    :param day: day numbers of all purchases up to as_of; :param report: of ``backtest.run``
    :param off_max: share by which a total may be off
    """
    warnings = []
    actual, predicted = report.get("total_actual", 0), report.get("total_predicted", 0)
    if actual and abs(predicted / actual - 1) > off_max:
        ratio = round(predicted / actual, 2)
        warnings.append({"code": "season", "kind": "backtest", "ratio": ratio})
    quarter, ratio = strongest_quarter(day, as_of)
    if quarter and not 1 / RATIO_MAX < ratio < RATIO_MAX:
        warnings.append(
            {"code": "season", "kind": "quarters", "ratio": round(ratio, 2), "quarter": quarter}
        )
    return warnings


def strongest_quarter(day, as_of):
    """Return (quarter 1…4, its total over that expected without season); (0, 1.0) when not known.

    Whole calendar quarters only, at least five of them.

    >>> import numpy as np
    >>> end = date(2024, 12, 31).toordinal()
    >>> days = np.arange(end - 1095, end + 1)
    >>> december = np.array([d for d in days if date.fromordinal(d).month == 12])
    >>> quarter, ratio = strongest_quarter(np.concatenate([days] + [december] * 9), end)
    >>> quarter, ratio > 2
    (4, True)
    """
    day = np.asarray(day)
    # the quarters that are looked at; days before them may be anything, even no dates
    day = day[day > as_of - (YEARS + 1) * DAYS_PER_YEAR]
    if not day.size or day.min() < 1 or as_of >= date.max.toordinal():
        return 0, 1.0
    begin, end = date.fromordinal(int(day.min())), date.fromordinal(int(as_of) + 1)
    index = [d.year * QUARTERS + (d.month - 1) // 3 for d in (begin, end)]
    # the first one is only whole if it begins with the first day; nobody knows, so it is left out
    borders = [
        date(i // QUARTERS, 3 * (i % QUARTERS) + 1, 1).toordinal()
        for i in range(max(index[0] + 1, index[1] - QUARTERS * YEARS), index[1] + 1)
    ]
    if len(borders) < QUARTERS + 2:
        return 0, 1.0
    number = np.histogram(day, bins=np.array(borders) - 0.5)[0].astype(float)
    if number.min() < MIN_PER_QUARTER:
        return 0, 1.0
    # growth taken out by a straight line through the logarithms
    logs = np.log(number)
    time = np.arange(len(logs))
    rest = logs - np.polyval(np.polyfit(time, logs, 1), time)
    which = (index[1] - len(logs) + time) % QUARTERS
    mean = np.array([rest[which == q].mean() for q in range(QUARTERS)])
    strongest = int(np.argmax(np.abs(mean)))
    return strongest + 1, float(np.exp(mean[strongest]))
