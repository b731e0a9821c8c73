"""What was a plan good for? Those it turned to, compared with those who were held out.

What it does
    ``difference`` compares shares (how many bought), ``difference_of_means`` amounts (what they spent). Both
    return the difference with a 95 % interval and a verdict: ``few`` (too few yet), ``chance`` (the
    difference may be chance), ``better`` or ``worse``.

How to use it
    >>> lift = difference(12, 80, 1, 20)
    >>> round(lift.value, 3), round(lift.low, 3), round(lift.high, 3), lift.verdict
    (0.1, -0.096, 0.203, 'chance')

How it works
    Shares: Newcombe (1998), Interval estimation for the difference between independent proportions,
    Statistics in Medicine 17, 873–890, method 10: the Wilson score intervals of both shares put together. It
    stays within −1 … 1 and holds for small groups and shares of 0 or 1, where the textbook interval
    collapses. His table II, method 10:

    >>> [newcombe(*case) for case in ((56, 70, 48, 80), (9, 10, 3, 10), (6, 7, 2, 7), (5, 56, 0, 29))]
    [(0.0524, 0.3339), (0.1705, 0.809), (0.0582, 0.8062), (-0.0381, 0.1926)]
    >>> [newcombe(*case) for case in ((0, 10, 0, 20), (0, 10, 0, 10), (10, 10, 0, 20), (10, 10, 0, 10))]
    [(-0.1611, 0.2775), (-0.2775, 0.2775), (0.6791, 1.0), (0.6075, 1.0)]

    Means: Welch (1947), The generalization of “Student's” problem when several different population variances
    are involved, Biometrika 34, 28–35: no assumption that both groups spread alike. The sleep data of Student
    (1908), as R's ``t.test(extra ~ group, data = sleep)`` documents it (95 % interval −3.3654832 … 0.2054832
    with 17.776 degrees of freedom):

    >>> first = Sample.of([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    >>> second = Sample.of([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    >>> lift = difference_of_means(first, second)
    >>> round(lift.value, 2), round(lift.low, 7), round(lift.high, 7)
    (-1.58, -3.3654832, 0.2054832)

    Too few: Newcombe tried his method with groups from 5 to 50 and found it to hold; below ``MIN_GROUP`` it
    says little but how little is known, so nothing is said. Amounts are skewed (most spend nothing, one a
    fortune): t procedures are trusted with them from about 40 on (Moore, McCabe & Craig, Introduction to the
    Practice of Statistics, ch. 7.1), ``MIN_AMOUNTS``.
"""

from dataclasses import dataclass
from math import sqrt

from scipy.stats import norm, t

CONFIDENCE = 0.95
MIN_GROUP = 5  # people in each group
MIN_AMOUNTS = 40  # people in each group, for amounts


@dataclass(frozen=True)
class Lift:
    """A difference, treated minus held out, with its interval; all None where there is nothing to compare.

    :param verdict: ``few``, ``chance``, ``better`` or ``worse``
    """

    value: float | None
    low: float | None
    high: float | None
    verdict: str


@dataclass(frozen=True)
class Sample:
    """What is needed of a group's amounts: how many, their sum, the sum of their squares."""

    count: int
    total: float
    squares: float

    @classmethod
    def of(cls, values):
        """
        >>> Sample.of([1, 2, 3])
        Sample(count=3, total=6, squares=14)
        """
        values = list(values)
        return cls(len(values), sum(values), sum(value * value for value in values))

    @property
    def mean(self):
        return self.total / self.count if self.count else 0.0

    @property
    def variance(self):
        """Of the sample (n − 1); 0 for fewer than two.

        >>> Sample.of([1, 2, 3]).variance
        1.0
        """
        if self.count < 2:
            return 0.0
        # rounding may leave a hair below nothing
        return max(self.squares - self.count * self.mean**2, 0.0) / (self.count - 1)


def wilson(hits, count, confidence=CONFIDENCE):
    """Return (low, high) of a share by Wilson's score method (1927).

    Newcombe (1998), Two-sided confidence intervals for the single proportion, table I, 81 of 263:

    >>> tuple(round(limit, 4) for limit in wilson(81, 263))
    (0.2553, 0.3662)
    >>> tuple(round(limit, 4) for limit in wilson(0, 20))
    (0.0, 0.1611)

    :raises ValueError: no group, or more hits than people
    """
    if count <= 0 or not 0 <= hits <= count:
        raise ValueError(f"{hits} of {count}")
    z = norm.ppf((1 + confidence) / 2)
    middle = 2 * hits + z * z
    spread = z * sqrt(z * z + 4 * hits * (count - hits) / count)
    below = 2 * (count + z * z)
    low = (middle - spread) / below if hits else 0.0
    high = (middle + spread) / below if hits < count else 1.0
    return float(low), float(high)


def difference(hits, count, held_hits, held_count, confidence=CONFIDENCE):
    """Return the :class:`Lift` of a share: ``hits`` of ``count`` treated, the other two held out.

    >>> difference(3, 4, 0, 4).verdict
    'few'
    >>> difference(60, 100, 20, 100).verdict, difference(20, 100, 60, 100).verdict
    ('better', 'worse')
    >>> difference(0, 0, 0, 9)
    Lift(value=None, low=None, high=None, verdict='few')
    """
    if not count or not held_count:
        return Lift(None, None, None, "few")
    share, held = hits / count, held_hits / held_count
    low, high = wilson(hits, count, confidence)
    held_low, held_high = wilson(held_hits, held_count, confidence)
    value = share - held
    return _judged(
        value,
        value - sqrt((share - low) ** 2 + (held_high - held) ** 2),
        value + sqrt((high - share) ** 2 + (held - held_low) ** 2),
        min(count, held_count) >= MIN_GROUP,
    )


def newcombe(hits, count, held_hits, held_count):
    """Return the interval alone, rounded as in his table."""
    lift = difference(hits, count, held_hits, held_count)
    return round(lift.low, 4), round(lift.high, 4)


def difference_of_means(treated, held, confidence=CONFIDENCE):
    """Return the :class:`Lift` of a mean of two :class:`Sample`.

    Without any spread there is nothing to judge by:

    >>> difference_of_means(Sample.of([5] * 50), Sample.of([4] * 50)).verdict
    'few'
    >>> difference_of_means(Sample.of([0, 9] * 50), Sample.of([0, 2] * 50)).verdict
    'better'
    """
    if not treated.count or not held.count:
        return Lift(None, None, None, "few")
    value = treated.mean - held.mean
    parts = [sample.variance / sample.count for sample in (treated, held)]
    error = sum(parts)
    if error <= 0 or min(treated.count, held.count) < 2:
        return Lift(value, None, None, "few")
    freedom = error**2 / sum(
        part**2 / (sample.count - 1) for part, sample in zip(parts, (treated, held), strict=True)
    )
    margin = float(t.ppf((1 + confidence) / 2, freedom)) * sqrt(error)
    enough = min(treated.count, held.count) >= MIN_AMOUNTS
    return _judged(value, value - margin, value + margin, enough)


def _judged(value, low, high, enough):
    if not enough:
        verdict = "few"
    elif low > 0:
        verdict = "better"
    elif high < 0:
        verdict = "worse"
    else:
        verdict = "chance"
    return Lift(value, low, high, verdict)
