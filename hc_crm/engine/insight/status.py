"""Where a customer stands, in one word: new, active, late, lapsed.

What it does
    ``status`` compares each customer's silence with their own rhythm, or with everybody's where they have
    none yet.

How to use it
    >>> from .purchases import summarize
    >>> weekly = summarize([1] * 5, [0, 7, 14, 21, 28], [1.0] * 5, as_of=33)
    >>> [KEYS[code] for code in status(weekly, typical_gap(weekly))[0]]
    ['active']
    >>> weekly = summarize([1] * 5, [0, 7, 14, 21, 28], [1.0] * 5, as_of=365)
    >>> [KEYS[code] for code in status(weekly, typical_gap(weekly))[0]]
    ['lapsed']

How it works
    With a rhythm of their own a customer is late when hardly one in ten of their gaps would be this long
    (``rhythm.silence``), and lapsed when hardly one in a hundred would and it is three gaps at least.
    Without one, the median gap of all customers stands in. The multiples are conventions.
"""

import numpy as np

from . import rhythm

KEYS = ("prospect", "new", "active", "late", "lapsed")
NEW, ACTIVE, LATE, LAPSED = 1, 2, 3, 4

LAPSED_SHARE = 0.01  # share of gaps that are longer
LAPSED_GAPS = 3
# in everybody's gaps, for those without a rhythm: half of first-time buyers who come back do so within one
LATE_TYPICAL, LAPSED_TYPICAL = 2.0, 5.0
# days; where nobody ever came back
NO_TYPICAL_GAP = 90.0


def typical_gap(summary):
    """Return the median of all customers' median gaps, in days; a quarter where nobody bought twice.

    >>> from .purchases import summarize
    >>> typical_gap(summarize([1, 1, 2, 2, 3], [0, 10, 0, 30, 5], [1.0] * 5, as_of=40))
    20.0
    """
    known = np.isfinite(summary.median_gap)
    return float(np.median(summary.median_gap[known])) if known.any() else NO_TYPICAL_GAP


def status(summary, typical, min_purchases=rhythm.MIN_PURCHASES):
    """Return (status, overdue) of each customer.

    :param typical: days, see ``typical_gap``
    :return: places in ``KEYS``, int64; whether the silence is unusual, bool

    >>> from .purchases import summarize
    >>> s = summarize([1, 2], [0, 95], [1.0, 1.0], as_of=100)
    >>> [column.tolist() for column in status(s, typical=30.0)]
    [[3, 1], [True, False]]
    """
    silence = rhythm.silence(summary, min_purchases)
    own = np.isfinite(silence)
    gaps = summary.gap / max(typical, 1.0)
    late = np.where(own, silence < rhythm.OVERDUE_SHARE, gaps > LATE_TYPICAL)
    lapsed = np.where(
        own,
        (silence < LAPSED_SHARE) & (summary.gap > LAPSED_GAPS * summary.median_gap),
        gaps > LAPSED_TYPICAL,
    )
    new = (summary.n < min_purchases) & (summary.as_of - summary.first <= typical)
    return (
        np.select([lapsed, late, new], [LAPSED, LATE, NEW], default=ACTIVE).astype(np.int64),
        late | lapsed,
    )
