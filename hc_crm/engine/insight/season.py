"""Whether the year has seasons strong enough to make totals wrong.

What it does
    ``season`` compares the months, and the back-test's total with what came, and returns warnings.

How to use it
    >>> import numpy as np
    >>> from datetime import date
    >>> end = date(2024, 12, 31).toordinal()
    >>> season(np.arange(end - 730, end + 1), end, {}, 0.25)
    []

How it works
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
