"""From single purchases to one line per customer: the numbers every other topic starts from.

What it does
    ``summarize`` reduces a log of purchases (one line per customer and day) to equal-length arrays with one
    entry per customer: how often, when first and last, how much, how far apart and how evenly.

How to use it
    >>> import numpy as np
    >>> customers = np.array([7, 7, 7, 9]); days = np.array([100, 107, 114, 112])
    >>> s = summarize(customers, days, np.array([10.0, 20.0, 30.0, np.nan]), as_of=121)
    >>> s.customer.tolist(), s.n.tolist(), s.x.tolist(), s.t_x.tolist(), s.T.tolist()
    ([7, 9], [3, 1], [2.0, 0.0], [2.0, 0.0], [3.0, 1.2857142857142858])
    >>> s.m_x.tolist(), s.total.tolist(), s.median_gap.tolist()
    ([25.0, nan], [60.0, 0.0], [7.0, nan])

How it works
    The log is sorted by customer and day, so a customer is a slice and every figure a ``reduceat`` over
    slices: no loop over customers. x, t_x, T and m_x are those of Fader, Hardie & Lee (2005), "Counting
    Your Customers" the Easy Way, Marketing Science 24(2), p. 275–284: repeat purchases, week of the last
    one, weeks observed (both since the first purchase), mean value of the repeat purchases.
"""

from dataclasses import dataclass, fields

import numpy as np

DAYS_PER_WEEK = 7.0
DAYS_PER_YEAR = 365

# Regularity starts from "as chance would have it" with the weight of this many pairs of gaps, so that two
# equal gaps alone do not make a clock. A convention: 3 purchases can reach 0.67, 6 purchases 0.89.
REGULARITY_PRIOR_PAIRS = 0.5


@dataclass
class Summary:
    """One entry per customer with at least one purchase up to ``as_of``, ordered by customer."""

    customer: np.ndarray  # int64 id
    n: np.ndarray  # int64 purchases, ≥ 1
    first: np.ndarray  # int32 day number of the first purchase
    last: np.ndarray  # int32 day number of the last purchase
    x: np.ndarray  # float64 repeat purchases, n − 1
    t_x: np.ndarray  # float64 weeks from first to last purchase
    T: np.ndarray  # float64 weeks from first purchase to as_of
    m_x: np.ndarray  # float64 mean value of repeat purchases of known value, NaN without one
    total: np.ndarray  # float64 money, unknown values left out
    mean: np.ndarray  # float64 money per purchase of known value, NaN without one
    n_paid: np.ndarray  # int64 purchases of known value
    x_paid: np.ndarray  # float64 repeat purchases of known value
    recent: np.ndarray  # float64 money in the last recent_days
    previous: np.ndarray  # float64 money in the recent_days before those
    median_gap: np.ndarray  # float64 days between purchases, NaN with fewer than 2
    last_gap: np.ndarray  # float64 days between the last two purchases, NaN with fewer than 2
    variation: np.ndarray  # float64 local variation of the gaps, 1 chance, 0 clock, NaN with n < 3
    regularity: np.ndarray  # float64 0 chance … 1 clockwork, NaN with fewer than 3
    as_of: int  # day number
    recent_days: int = DAYS_PER_YEAR
    future: int = 0  # purchases after as_of, left out

    def __len__(self):
        return len(self.customer)

    @property
    def gap(self):
        """Days since the last purchase, float64 ≥ 0."""
        return (self.as_of - self.last).astype(float)

    def take(self, index):
        """Return the summary of the customers at ``index`` (positions or a boolean mask).

        >>> s = summarize([1, 2, 2], [5, 5, 6], [1.0, 1.0, 1.0], as_of=8)
        >>> s.take([1]).customer.tolist(), len(s.take(s.n > 5))
        ([2], 0)
        """
        index = np.asarray(index)
        if not index.size:
            index = index.astype(int)
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return Summary(
            **{
                name: value[index] if isinstance(value, np.ndarray) else value
                for name, value in values.items()
            }
        )


def clean(customer, day, amount):
    """Return the log as (int64, int32, float64) arrays, sorted, one line per customer and day.

    Amounts that are not positive finite numbers become NaN: bought, but for an unknown sum.

    :raise ValueError: when the three arrays differ in length

    >>> [column.tolist() for column in clean([2, 1, 1], [4, 9, 9], [5.0, 1.0, float("inf")])]
    [[1, 2], [9, 4], [1.0, 5.0]]
    """
    customer = np.asarray(customer, dtype=np.int64)
    day = np.asarray(day, dtype=np.int32)
    amount = np.asarray(amount, dtype=float)
    if not len(customer) == len(day) == len(amount):
        raise ValueError("customer, day and amount must have the same length.")
    if not (np.isfinite(amount) & (amount > 0)).all():
        amount = np.where(np.isfinite(amount) & (amount > 0), amount, np.nan)
    step, ahead = np.diff(customer), np.diff(day)
    if ((step > 0) | ((step == 0) & (ahead > 0))).all():
        return customer, day, amount
    order = np.lexsort((day, customer))
    customer, day, amount = customer[order], day[order], amount[order]
    starts = _starts(customer, day)
    known = np.add.reduceat(np.isfinite(amount), starts, dtype=int) > 0
    total = np.add.reduceat(np.nan_to_num(amount, nan=0.0), starts)
    return customer[starts], day[starts], np.where(known, total, np.nan)


def summarize(customer, day, amount, as_of, recent_days=DAYS_PER_YEAR):
    """Return the :class:`Summary` of a purchase log as known at the end of day ``as_of``.

    :param customer: ids, shape (m,)
    :param day: day numbers (``date.toordinal()``), shape (m,)
    :param amount: money, shape (m,); NaN where the value is not known
    :param int as_of: day number; later purchases are counted in ``future`` and otherwise ignored
    :param int recent_days: length of the two spending windows, > 0
    :raise ValueError: arrays of different length, or recent_days ≤ 0

    >>> s = summarize([], [], [], as_of=10)
    >>> len(s), s.total.tolist()
    (0, [])
    >>> s = summarize([1, 1], [10, 30], [5.0, 6.0], as_of=20)
    >>> s.n.tolist(), s.future, s.T.tolist()
    ([1], 1, [1.4285714285714286])
    """
    if recent_days <= 0:
        raise ValueError("recent_days must be above 0.")
    as_of = int(as_of)
    customer, day, amount = clean(customer, day, amount)
    past = day <= as_of
    future = int(len(day) - np.count_nonzero(past))
    if future:
        customer, day, amount = customer[past], day[past], amount[past]
    starts = _starts(customer)
    n = np.diff(np.append(starts, len(customer)))
    ends = starts + n - 1
    first, last = day[starts], day[ends]
    known = np.isfinite(amount)
    money = np.where(known, amount, 0.0)
    total, n_paid = _sums(money, starts), _sums(known.astype(np.int64), starts)
    in_recent = day > as_of - recent_days
    in_previous = ~in_recent & (day > as_of - 2 * recent_days)
    recent = _sums(money * in_recent, starts)
    previous = _sums(money * in_previous, starts)
    # from here on without the first purchase of each
    known[starts] = False
    money[starts] = 0.0
    x_paid, repeat = _sums(known.astype(np.int64), starts), _sums(money, starts)
    median_gap, last_gap, variation, regularity = _gaps(day, starts, n)
    return Summary(
        customer=customer[starts],
        n=n,
        first=first,
        last=last,
        x=(n - 1).astype(float),
        t_x=(last - first) / DAYS_PER_WEEK,
        T=(as_of - first) / DAYS_PER_WEEK,
        m_x=_ratio(repeat, x_paid),
        total=total,
        mean=_ratio(total, n_paid),
        n_paid=n_paid,
        x_paid=x_paid.astype(float),
        recent=recent,
        previous=previous,
        median_gap=median_gap,
        last_gap=last_gap,
        variation=variation,
        regularity=regularity,
        as_of=as_of,
        recent_days=int(recent_days),
        future=future,
    )


def _starts(customer, day=None):
    """Return the positions where a new customer (or a new day of one) begins."""
    if not len(customer):
        return np.zeros(0, dtype=np.int64)
    new = customer[1:] != customer[:-1]
    if day is not None:
        new |= day[1:] != day[:-1]
    return np.concatenate(([0], np.flatnonzero(new) + 1))


def _sums(values, starts):
    return np.add.reduceat(values, starts) if len(starts) else np.zeros(0, values.dtype)


def _ratio(over, under):
    return np.divide(over, under, out=np.full(len(over), np.nan), where=under > 0)


def _gaps(day, starts, n):
    """Return median gap, last gap (days), local variation and regularity of each customer.

    Regularity is 1 − LV, between 0 and 1. LV, the local variation of Shinomoto, Shima & Tanji (2003),
    Neural Computation 15(12), p. 2823–2842, compares each gap only with the next one: 3 · mean of
    ((g₁ − g₂) / (g₁ + g₂))². It is 1 for purchases at random moments, 0 for a clock, and unlike the
    standard deviation is not fooled by a customer who slowly buys more often. It is the statistic of Wheat
    & Morrison (1990), Journal of Marketing Research 27(1), p. 87–93: with gamma gaps of shape k its
    expectation is 3 / (2k + 1) from the very first pair of gaps.

    >>> [column.round(2).tolist() for column in _gaps(np.arange(0, 70, 7), np.array([0]), np.array([10]))]
    [[7.0], [7.0], [0.0], [0.94]]
    """
    count = len(n)
    median = np.full(count, np.nan)
    last_gap = np.full(count, np.nan)
    variation = np.full(count, np.nan)
    regularity = np.full(count, np.nan)
    if not (n > 1).any():
        return median, last_gap, variation, regularity
    inner = np.ones(len(day), dtype=bool)
    inner[starts] = False
    gap = np.diff(day, prepend=day[:1])[inner].astype(np.int64)
    owner = np.repeat(np.arange(count), n - 1)
    begin = starts - np.arange(count)  # where the gaps of each begin
    size = n - 1
    several = size > 0
    last_gap[several] = gap[(begin + size - 1)[several]]
    together = owner[1:] == owner[:-1]
    unlike = ((gap[1:] - gap[:-1]) / (gap[1:] + gap[:-1])) ** 2 * together
    pairs = np.maximum(size - 1, 0)
    paired = pairs > 0
    unlike = np.bincount(owner[1:], weights=3 * unlike, minlength=count)[paired]
    variation[paired] = unlike / pairs[paired]
    prior = REGULARITY_PRIOR_PAIRS
    regularity[paired] = np.clip(1 - (unlike + prior) / (pairs[paired] + prior), 0, 1)
    # gaps sorted within each customer: one sort of a combined key
    key = np.sort((owner << 32) | gap) & 0xFFFFFFFF
    low, high = begin + (size - 1) // 2, begin + size // 2
    median[several] = (key[low[several]] + key[high[several]]) / 2
    return median, last_gap, variation, regularity
