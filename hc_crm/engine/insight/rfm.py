"""Recency, frequency, monetary value: three scores from 1 to 5 that everybody understands.

What it does
    ``edges`` finds the quintiles of a figure, ``scores`` gives each customer 1 (lowest) to 5 (highest).

How to use it
    >>> scores([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], edges([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).tolist()
    [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]

How it works
    Hughes (1994), Strategic Database Marketing, ch. 5, sorts customers and cuts the line into five. Cutting
    a line tears equals apart: two customers with one purchase each would get 1 and 3. Here the cuts are
    *values*, so equals always get equal scores: 1 + the number of cuts below the value. The price is that
    groups differ in size where many are equal. Because the cuts are values, a later run can score a few
    customers against the same ones.
"""

import numpy as np

QUANTILES = (0.2, 0.4, 0.6, 0.8)
BEST = 5
MIDDLE = 3  # where all are equal, nobody is better or worse


def edges(values):
    """Return [lowest, four cuts, highest] of the finite values (floats), or [] without any.

    >>> edges([1, 1, 1, 1, 1, 1, 2, 2, 3, 9])
    [1.0, 1.0, 1.0, 1.0, 2.0, 9.0]
    >>> edges([])
    []
    """
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    if not values.size:
        return []
    # "inverted_cdf" picks values that exist, so the cuts mean something to a person
    cuts = np.quantile(values, (0, *QUANTILES, 1), method="inverted_cdf")
    return [float(cut) for cut in cuts]


def scores(values, cuts):
    """Return int8 scores 1…5, shape of ``values``; 0 for NaN or without cuts.

    The most frequent value may fill several fifths; the best there is always gets 5:

    >>> cuts = edges([1, 1, 1, 1, 1, 1, 2, 2, 3, 9])
    >>> scores([1, 2, 3, 9, 50, float("nan")], cuts).tolist()
    [1, 4, 5, 5, 5, 0]
    >>> scores([0, 7, 8], edges([7, 7, 7])).tolist()
    [1, 3, 5]
    """
    values = np.asarray(values, dtype=float)
    result = np.zeros(values.shape, dtype=np.int8)
    if not len(cuts):
        return result
    lowest, highest = cuts[0], cuts[-1]
    result[:] = 1 + np.searchsorted(np.asarray(cuts[1:-1]), values, side="left")
    result[values >= highest] = BEST
    if lowest == highest:
        result[values == highest] = MIDDLE
    result[~np.isfinite(values)] = 0
    return result
