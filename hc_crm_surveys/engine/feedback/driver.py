"""What goes along with good and bad scores: association, never cause.

What it supports: a number (days to deliver …) or a yes/no (a topic was mentioned) against a score.

How to use it: count pairs, ``{(fact, score): number}``, and call :func:`association` for each fact, then
:func:`holm` on all their chances at once.

How it works: a number is put in relation by Spearman's rank correlation with mid-ranks for ties (Spearman
1904), a yes/no by the point-biserial correlation, which is Pearson's with 0 and 1 (Lev 1949). The chance
is that of Student's t with n − 2 degrees of freedom. Who looks at ten facts finds one "significant" by
chance: Holm's step-down procedure (Holm 1979) corrects for looking at many. The words for strength are
Cohen's (1988): .1 weak, .3 moderate, .5 strong.
"""

from dataclasses import dataclass
from math import sqrt

from scipy.special import stdtr

STRENGTHS = ((0.5, "strong"), (0.3, "moderate"), (0.1, "weak"), (0.0, "none"))


@dataclass(frozen=True)
class Association:
    """``r`` from −1 to 1 over ``n`` answers; ``chance`` that one as large comes about by chance."""

    r: float
    n: int
    chance: float

    @property
    def strength(self):
        """Return ``none``, ``weak``, ``moderate`` or ``strong``.

        >>> Association(-0.35, 100, 0.0).strength
        'moderate'
        """
        return next(word for least, word in STRENGTHS if abs(self.r) >= least)


def mid_ranks(counts):
    """Return ``{value: its rank}``; equal values share the middle of the ranks they take.

    :param counts: ``{value: number}``

    >>> mid_ranks({5: 1, 7: 2})
    {5: 1.0, 7: 2.5}
    """
    ranks, before = {}, 0
    for value in sorted(counts):
        ranks[value] = before + (counts[value] + 1) / 2
        before += counts[value]
    return ranks


def pearson(pairs):
    """Return Pearson's correlation of ``{(x, y): number}``, or None if one of them never varies.

    >>> pearson({(0, 0): 5, (1, 1): 5})
    1.0
    """
    n = sum(pairs.values())
    mean_x = sum(x * count for (x, _y), count in pairs.items()) / n
    mean_y = sum(y * count for (_x, y), count in pairs.items()) / n
    xx = sum(count * (x - mean_x) ** 2 for (x, _y), count in pairs.items())
    yy = sum(count * (y - mean_y) ** 2 for (_x, y), count in pairs.items())
    xy = sum(count * (x - mean_x) * (y - mean_y) for (x, y), count in pairs.items())
    if not xx or not yy:
        return None
    return max(-1.0, min(1.0, xy / sqrt(xx * yy)))


def association(pairs, ranked=True, least=3):
    """Return the :class:`Association` of ``{(fact, score): number}``, or None: too few, or nothing varies.

    :param ranked: a number, by ranks; False: a yes/no as 1 and 0

    >>> association({(1, 10): 5, (9, 0): 5}).r
    -1.0
    """
    n = sum(pairs.values())
    if n < max(least, 3):
        return None
    if ranked:
        sides = ({}, {})
        for pair, count in pairs.items():
            for side, value in zip(sides, pair, strict=True):
                side[value] = side.get(value, 0) + count
        ranks = [mid_ranks(side) for side in sides]
        ranked_pairs = {}
        for (x, y), count in pairs.items():
            key = ranks[0][x], ranks[1][y]
            ranked_pairs[key] = ranked_pairs.get(key, 0) + count
        pairs = ranked_pairs
    r = pearson(pairs)
    if r is None:
        return None
    if abs(r) == 1:
        return Association(r, n, 0.0)
    t = abs(r) * sqrt((n - 2) / (1 - r * r))
    return Association(r, n, float(2 * stdtr(n - 2, -t)))


def holm(chances):
    """Return the chances corrected for having looked at all of them, in the same order.

    >>> [round(chance, 2) for chance in holm([0.01, 0.04, 0.03, 0.005])]
    [0.03, 0.06, 0.06, 0.02]
    """
    order = sorted(range(len(chances)), key=chances.__getitem__)
    corrected, worst = [0.0] * len(chances), 0.0
    for place, index in enumerate(order):
        worst = max(worst, min(1.0, chances[index] * (len(chances) - place)))
        corrected[index] = worst
    return corrected
