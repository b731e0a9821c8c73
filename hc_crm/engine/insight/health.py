"""Health of a relationship: one number from 0 to 100 out of five things a shop owner would look at.

What it does
    Five factors between 0 and 1 (½ = neither good nor bad, NaN = not known) are weighed into a score, a
    band, and the part each factor had in it.

How to use it
    >>> score, band, parts = health([1.0], [0.5], [np.nan], [0.5], [1.0], (3, 2, 2, 2, 1), 40, 70)
    >>> score.tolist(), band.tolist(), parts.round(3).tolist()
    ([75.0], ['high'], [[0.375, 0.0, 0.0, 0.0, 0.125]])
    >>> float(50 + 50 * parts[0].sum())
    75.0

How it works
    A weighted mean. What is not known takes no part: its weight goes to the others in proportion. A customer
    of whom too little is known gets no band rather than a wrong one. The form of the score follows practice
    in customer success (Mehta, Steinman & Murphy 2016, Customer Success, ch. 8); the weights are the
    company's own.
"""

import numpy as np

from . import rhythm as rhythm_module
from .purchases import DAYS_PER_WEEK

FACTORS = ("rhythm", "trend", "engagement", "feeling", "care")

# Part of the weights that must be known before a band is given. With the usual weights the rhythm alone is
# enough, being in touch without any purchase or feeling is not far from the border. A convention.
KNOWN_MIN = 0.3

# Days of the earlier year that must have been observed to speak of a trend: one quarter, a convention.
TREND_MIN_DAYS = 91

FEELING_MAX = 2.0  # feelings run from −2 (very bad) to 2 (very good)


def health(rhythm, trend, engagement, feeling, care, weights, low, high):
    """Return (score, band, contributions) of n customers.

    :param rhythm, trend, engagement, feeling, care: factors 0…1, NaN = not known, shape (n,)
    :param weights: five numbers ≥ 0 in the order of ``FACTORS``, or a dict by their names; sum > 0
    :param low: score (0…100) below which a customer needs care; :param high: score from which they thrive
    :return: score float 0…100 (NaN unknown), shape (n,); band "low", "middle", "high" or "unknown", shape
        (n,); contributions −1…1, shape (n, 5): score = 50 + 50 · their sum
    :raise ValueError: negative or non-finite weights, or all of them 0; low above high

    >>> health([np.nan], [np.nan], [np.nan], [np.nan], [1.0], (3, 2, 2, 2, 1), 40, 70)[1].tolist()
    ['unknown']
    >>> health([1], [1], [1], [1], [1], (0, 0, 0, 0, 0), 40, 70)
    Traceback (most recent call last):
    ValueError: At least one weight must be above 0.
    """
    if isinstance(weights, dict):
        weights = [weights[name] for name in FACTORS]
    weights = np.asarray(weights, dtype=float)
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError("Weights must be 0 or more.")
    if not weights.sum():
        raise ValueError("At least one weight must be above 0.")
    if not low <= high:
        raise ValueError("low must not be above high.")
    given = (rhythm, trend, engagement, feeling, care)
    factors = np.stack(np.broadcast_arrays(*(np.asarray(f, dtype=float) for f in given)), axis=-1)
    factors = np.clip(np.atleast_2d(factors), 0, 1)
    known = np.isfinite(factors)
    weight = weights * known
    total = weight.sum(axis=1, keepdims=True)
    enough = total[:, 0] >= KNOWN_MIN * weights.sum()
    part = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    contributions = part * (2 * np.nan_to_num(factors, nan=0.5) - 1)
    contributions[~enough] = 0.0
    score = np.where(enough, 50 + 50 * contributions.sum(axis=1), np.nan)
    # judged as it is shown: 69.6 reads 70
    shown = np.round(score)
    band = np.select(
        [~enough, shown < low, shown >= high], ["unknown", "low", "high"], default="middle"
    )
    return score, band, contributions


def rhythm_factor(summary, min_purchases=rhythm_module.MIN_PURCHASES):
    """Return 1 as long as the silence is no longer than usual, falling to 0 the less usual it is.

    Twice the share of this customer's gaps that would be longer (½ at their usual gap); NaN without rhythm.

    >>> from .purchases import summarize
    >>> s = summarize([1] * 4 + [2], [0, 10, 20, 30, 30], [1.0] * 5, as_of=38)
    >>> rhythm_factor(s).tolist()
    [1.0, nan]
    """
    return np.minimum(2 * rhythm_module.silence(summary, min_purchases), 1.0)


def trend_factor(summary):
    """Return the share of the money of two years that came in the later one: ½ = steady, 1 = all new.

    The earlier year counts per day observed. NaN when less than a quarter of it was observed or no money is
    known.

    >>> from .purchases import summarize
    >>> s = summarize([1, 1, 1, 2], [0, 500, 800, 700], [60.0, 20.0, 20.0, 5.0], as_of=729)
    >>> trend_factor(s).round(2).tolist()
    [0.25, nan]
    """
    observed = np.minimum(summary.T * DAYS_PER_WEEK + 1 - summary.recent_days, summary.recent_days)
    enough = (observed >= TREND_MIN_DAYS) & (summary.recent + summary.previous > 0)
    earlier = summary.previous * summary.recent_days / np.maximum(observed, 1)
    result = np.full(len(summary), np.nan)
    np.divide(summary.recent, summary.recent + earlier, out=result, where=enough)
    return result


def feeling_factor(feeling):
    """Return 0…1 from a feeling −2…2; NaN stays NaN.

    >>> feeling_factor([-2, 0, 2, float("nan")]).tolist()
    [0.0, 0.5, 1.0, nan]
    """
    feeling = np.asarray(feeling, dtype=float)
    return np.clip((feeling + FEELING_MAX) / (2 * FEELING_MAX), 0, 1)


def care_factor(late_promises, bad_feelings):
    """Return 1 when nothing is owed, a quarter of it with each promise late or broken, or fresh complaint.

    One is enough to hurt: ½ would be neither good nor bad.

    >>> care_factor([0, 1, 1], [0, 0, 1]).tolist()
    [1.0, 0.25, 0.0625]
    """
    owed = np.nan_to_num(np.asarray(late_promises, dtype=float))
    owed = owed + np.nan_to_num(np.asarray(bad_feelings, dtype=float))
    return 0.25 ** np.maximum(owed, 0)
