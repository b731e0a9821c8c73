"""How good a prediction was: ranks, counts and probabilities against what happened.

What it does
    ``auc`` for ranks, ``correlation`` for counts, ``deciles`` and ``calibration_error`` for probabilities.

How to use it
    >>> auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.75
    >>> [row["actual"] for row in deciles([0.1] * 10 + [0.9] * 10, [0] * 9 + [1] * 11, groups=2)]
    [0.1, 1.0]

How it works
    AUC is the Mann–Whitney statistic: how often a customer who bought was ranked above one who did not, ties
    counting half (Hanley & McNeil 1982, Radiology 143(1), p. 29–36).
"""

import numpy as np
from scipy.stats import rankdata

DECILES = 10


def auc(score, bought):
    """Return the area under the ROC curve, 0…1; NaN if all or none bought.

    :param score: any number per customer, higher = more likely, shape (n,)
    :param bought: truth per customer, shape (n,)

    >>> auc([1, 1, 1], [0, 1, 0]), auc([1, 2], [1, 1])
    (0.5, nan)
    """
    bought = np.asarray(bought).astype(bool)
    yes = int(bought.sum())
    no = bought.size - yes
    if not yes or not no:
        return float("nan")
    ranks = rankdata(np.asarray(score, dtype=float))
    return float((ranks[bought].sum() - yes * (yes + 1) / 2) / (yes * no))


def correlation(predicted, actual):
    """Return Pearson's correlation, −1…1; NaN when one side is constant or fewer than two.

    >>> round(correlation([1, 2, 3], [2, 4, 7]), 3), correlation([1, 1], [1, 2])
    (0.993, nan)
    """
    predicted, actual = np.asarray(predicted, dtype=float), np.asarray(actual, dtype=float)
    if predicted.size < 2 or not np.ptp(predicted) or not np.ptp(actual):
        return float("nan")
    return float(np.corrcoef(predicted, actual)[0, 1])


def decile_of(score, groups=DECILES):
    """Return the group 1 (lowest) … ``groups`` of each customer, as equal in size as can be, int64.

    Ties are cut in the given order: every decile has its tenth, which a table of shares needs.

    >>> decile_of([3, 1, 2, 4], 2).tolist()
    [2, 1, 1, 2]
    """
    score = np.asarray(score, dtype=float)
    place = np.empty(score.size, dtype=np.int64)
    place[np.argsort(score, kind="stable")] = np.arange(score.size)
    return 1 + place * groups // max(score.size, 1)


def deciles(predicted, actual, groups=DECILES, by=None, **others):
    """Return a list of {decile, customers, predicted, actual, …}: means per group, lowest first.

    :param predicted: what was said, shape (n,); :param actual: what happened, shape (n,)
    :param by: what to sort by (default ``predicted``); :param others: more columns to average

    >>> deciles([0.2, 0.8], [0, 1], groups=2, rule=[5, 7])[1]
    {'decile': 2, 'customers': 1, 'predicted': 0.8, 'actual': 1.0, 'rule': 7.0}
    """
    columns = {"predicted": predicted, "actual": actual, **others}
    columns = {name: np.asarray(column, dtype=float) for name, column in columns.items()}
    group = decile_of(columns["predicted"] if by is None else by, groups)
    sizes = np.bincount(group, minlength=groups + 1)
    sums = {name: np.bincount(group, column, groups + 1) for name, column in columns.items()}
    return [
        {
            "decile": place,
            "customers": int(sizes[place]),
            **{name: float(total[place] / sizes[place]) for name, total in sums.items()},
        }
        for place in range(1, groups + 1)
        if sizes[place]
    ]


def calibration_error(rows):
    """Return the mean |predicted − actual| over the rows of ``deciles``; NaN without rows.

    >>> round(calibration_error([{"predicted": 0.5, "actual": 0.4}, {"predicted": 0.2, "actual": 0.3}]), 3)
    0.1
    """
    if not rows:
        return float("nan")
    return float(np.mean([abs(row["predicted"] - row["actual"]) for row in rows]))
