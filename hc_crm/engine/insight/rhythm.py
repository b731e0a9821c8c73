"""A customer's own rhythm: when they would usually buy next, and how unusual their silence is.

What it does
    ``next_day`` is the day of the next purchase if they keep their rhythm, ``silence`` how often a customer
    with this rhythm would be quiet for this long, ``is_overdue`` whether that is hardly chance any more.

How to use it
    >>> import numpy as np
    >>> from .purchases import summarize
    >>> s = summarize([1] * 5, [0, 7, 14, 21, 28], [1.0] * 5, as_of=49)
    >>> next_day(s).tolist(), is_overdue(s).tolist(), silence(s).round(2).tolist()
    ([35], [True], [0.0])

How it works
    Gaps between purchases follow a gamma distribution around the customer's own median; its shape comes from
    their regularity (Platzer & Reutterer 2016, "Ticking Away the Moments", Marketing Science 35(5), p.
    779–799: knowing the regularity tells a late customer from a lost one). A weekly buyer is late after ten
    days, somebody who buys now and then is not.
"""

import numpy as np
from scipy.special import gammaincc, gammaincinv

# Purchases from which on a rhythm is spoken of: two gaps can agree, one cannot.
MIN_PURCHASES = 3

# Largest shape of the gamma distribution: above, it is a clock and only the arithmetic gets worse.
SHAPE_MAX = 50.0

# Silence that fewer than one in ten gaps of this customer would reach counts as overdue. A convention.
OVERDUE_SHARE = 0.10


def shape(regularity):
    """Return the gamma shape k of the gaps: 1 at random moments, larger the more regular.

    The expectation of local variation is 3 / (2k + 1) (see ``purchases``), solved for k; NaN counts as 1.

    >>> shape([0.0, 0.5, 1.0, float("nan")]).tolist()
    [1.0, 2.5, 50.0, 1.0]
    """
    variation = np.clip(1 - np.nan_to_num(np.asarray(regularity, dtype=float)), 1e-9, 1)
    return np.minimum((3 / variation - 1) / 2, SHAPE_MAX)


def next_day(summary, min_purchases=MIN_PURCHASES):
    """Return the day number (int32) of the next purchase in their rhythm, 0 without a rhythm.

    A day before ``as_of`` says since when they are late.
    """
    known = (summary.n >= min_purchases) & np.isfinite(summary.median_gap)
    ahead = np.where(known, np.ceil(np.nan_to_num(summary.median_gap)), 0)
    return np.where(known, summary.last + ahead, 0).astype(np.int32)


def silence(summary, min_purchases=MIN_PURCHASES):
    """Return the share (0…1) of this customer's gaps expected to be longer than the present one.

    NaN without a rhythm. 0.5 is exactly their usual gap.

    >>> from .purchases import summarize
    >>> s = summarize([1] * 4, [0, 10, 20, 30], [1.0] * 4, as_of=40)
    >>> silence(s).round(3).tolist(), silence(s, min_purchases=5).tolist()
    ([0.5], [nan])
    """
    known = (summary.n >= min_purchases) & (summary.median_gap > 0)
    k = shape(summary.regularity[known])
    scale = summary.median_gap[known] / gammaincinv(k, 0.5)
    result = np.full(len(summary), np.nan)
    result[known] = gammaincc(k, summary.gap[known] / scale)
    return result


def is_overdue(summary, min_purchases=MIN_PURCHASES):
    """Return whether the silence is longer than nine in ten of their gaps; False without a rhythm."""
    return np.nan_to_num(silence(summary, min_purchases), nan=1.0) < OVERDUE_SHARE
