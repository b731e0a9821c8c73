"""A figure of experience: its value, how sure one can be of it, and whether two of them differ.

What it supports: NPS, a share of good answers (CSAT, effort, own scales) and a mean; each with an interval
of confidence; the difference of two groups.

How to use it: count the answers by score, ``{score: number}``, and call :func:`figure`; then
:func:`compare` two figures of the same kind. Below ``least`` answers a figure says so instead of a value.

How it works. NPS: adjusted Wald interval (Rocks, "Interval Estimation for the Net Promoter Score", The
American Statistician 70/4, 2016): with n' = n + 3, p = (P + ¾) / n', d = (D + ¾) / n', it is
(p − d) ± z·√[(p + d − (p − d)²) / n']. Share: Wilson's score interval (Wilson 1927; Newcombe 1998, method
3). Mean: Student's t. Two groups: z = Δ / √(SE₁² + SE₂²) for NPS on the adjusted values (Sauro and Lewis,
MeasuringU); the N−1 two-proportion test for shares (Campbell 2007); Welch's t for means.
"""

from dataclasses import dataclass
from math import sqrt

from scipy.special import ndtr, ndtri, stdtr, stdtrit

CONFIDENCE = 0.95
# Below this probability a difference as large would hardly come about by chance: the usual convention.
CHANCE = 0.05
NPS, SHARE, MEAN = "nps", "share", "mean"
# Rocks' constants: three answers are added, a quarter of them bad, a quarter good, half in between
ADDED, ADDED_EACH = 3, 0.75


@dataclass(frozen=True)
class Figure:
    """``value`` between ``low`` and ``high``: points −100…100 (nps), percent (share), or points of the scale.

    They are None as long as there are too few answers. ``n`` answers, of them ``good`` and ``bad``.
    """

    kind: str
    n: int
    good: int
    bad: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    deviation: float | None = None  # standard deviation of the scores, of a mean only

    @property
    def is_enough(self):
        return self.value is not None


def z_of(confidence=CONFIDENCE):
    """Return the quantile of the normal distribution, two-sided.

    >>> round(z_of(), 3)
    1.96
    """
    return float(ndtri((1 + confidence) / 2))


def wilson(good, n, confidence=CONFIDENCE):
    """Return ``(low, high)``, fractions, of a share of ``good`` among ``n``.

    :raises ValueError: no answers, or more good ones than answers

    >>> [round(end, 4) for end in wilson(81, 263)]  # Newcombe 1998, table I
    [0.2553, 0.3662]
    """
    if not 0 <= good <= n or n <= 0:
        raise ValueError(f"{good} of {n} is no share")
    z = z_of(confidence)
    middle, half = good + z * z / 2, z * sqrt(good * (n - good) / n + z * z / 4)
    return max(0.0, (middle - half) / (n + z * z)), min(1.0, (middle + half) / (n + z * z))


def nps_adjusted(good, bad, n):
    """Return ``(p − d, its standard error)``, fractions, on Rocks' adjusted counts."""
    total = n + ADDED
    p, d = (good + ADDED_EACH) / total, (bad + ADDED_EACH) / total
    return p - d, sqrt((p + d - (p - d) ** 2) / total)


def nps_interval(good, bad, n, confidence=CONFIDENCE):
    """Return ``(low, high)`` of NPS in points.

    :raises ValueError: no answers, or more than there are

    >>> [round(end) for end in nps_interval(50, 20, 100)]
    [14, 44]
    """
    if min(good, bad) < 0 or good + bad > n or n <= 0:
        raise ValueError(f"{good} good and {bad} bad of {n} is no NPS")
    middle, error = nps_adjusted(good, bad, n)
    half = z_of(confidence) * error
    return max(-100.0, 100 * (middle - half)), min(100.0, 100 * (middle + half))


def mean_interval(mean, deviation, n, confidence=CONFIDENCE):
    """Return ``(low, high)`` of a mean.

    :param deviation: standard deviation of the sample (divided by n − 1)
    :raises ValueError: fewer than two answers

    >>> [round(end, 5) for end in mean_interval(9.26146, 0.022789, 195)]  # NIST e-Handbook 1.3.5.2
    [9.25824, 9.26468]
    """
    if n < 2:
        raise ValueError("one answer has no spread")
    half = float(stdtrit(n - 1, (1 + confidence) / 2)) * deviation / sqrt(n)
    return mean - half, mean + half


def figure(kind, scores, good, bad, least=1, confidence=CONFIDENCE):
    """Return the :class:`Figure` of answers counted by score.

    :param kind: ``nps``, ``share`` or ``mean``
    :param scores: ``{score: number of answers}``
    :param good, bad: numbers of good and bad answers among them
    :param least: with fewer answers it has no value

    >>> nps = figure("nps", {10: 50, 8: 30, 2: 20}, 50, 20)
    >>> nps.value, nps.n
    (30.0, 100)
    >>> figure("share", {5: 3, 1: 1}, 3, 1, least=10).is_enough
    False
    >>> figure("mean", {1: 1, 3: 1}, 0, 0).value
    2.0
    """
    n = sum(scores.values())
    if n < max(least, 2 if kind == MEAN else 1):
        return Figure(kind, n, good, bad)
    if kind == NPS:
        return Figure(
            kind, n, good, bad, 100 * (good - bad) / n, *nps_interval(good, bad, n, confidence)
        )
    if kind == SHARE:
        low, high = wilson(good, n, confidence)
        return Figure(kind, n, good, bad, 100 * good / n, 100 * low, 100 * high)
    mean = sum(score * count for score, count in scores.items()) / n
    squares = sum(count * (score - mean) ** 2 for score, count in scores.items())
    deviation = sqrt(squares / (n - 1))
    return Figure(
        kind, n, good, bad, mean, *mean_interval(mean, deviation, n, confidence), deviation
    )


@dataclass(frozen=True)
class Difference:
    """``delta`` = the second minus the first; ``chance``: how likely one as large is if nothing differs."""

    delta: float
    chance: float

    @property
    def may_be_chance(self):
        return self.chance >= CHANCE


def compare(first, second):
    """Return the :class:`Difference` of two figures of one kind, or None if one has too few answers.

    >>> a, b = (figure("share", {1: good, 0: 100 - good}, good, 0) for good in (50, 70))
    >>> compare(a, b).delta, compare(a, b).may_be_chance
    (20.0, False)
    >>> compare(a, a).may_be_chance
    True
    """
    if not first.is_enough or not second.is_enough:
        return None
    if first.kind != second.kind:
        raise ValueError(f"{first.kind} and {second.kind} cannot be compared")
    delta = second.value - first.value
    if first.kind == NPS:
        one, two = (nps_adjusted(one.good, one.bad, one.n) for one in (first, second))
        z = abs(two[0] - one[0]) / sqrt(one[1] ** 2 + two[1] ** 2)
        return Difference(delta, float(2 * ndtr(-z)))
    if first.kind == SHARE:
        return Difference(delta, _share_chance(first, second))
    return Difference(delta, _mean_chance(first, second))


def _share_chance(first, second):
    total = first.n + second.n
    pooled = (first.good + second.good) / total
    spread = pooled * (1 - pooled) * (1 / first.n + 1 / second.n)
    if not spread:
        return 1.0
    z = abs(first.good / first.n - second.good / second.n) * sqrt((total - 1) / total / spread)
    return float(2 * ndtr(-z))


def _mean_chance(first, second):
    parts = [one.deviation**2 / one.n for one in (first, second)]
    if not sum(parts):
        return 1.0 if first.value == second.value else 0.0
    t = abs(first.value - second.value) / sqrt(sum(parts))
    freedom = sum(parts) ** 2 / sum(
        part**2 / (one.n - 1) for part, one in zip(parts, (first, second), strict=True)
    )
    return float(2 * stdtr(freedom, -t))
