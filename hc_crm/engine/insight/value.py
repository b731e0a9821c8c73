"""What a customer is worth over the next months, and between which bounds.

What it does
    ``discounted`` turns purchases to come and money per purchase into value today; ``interval`` gives the
    bounds between which four of five customers like this one will end.

How to use it
    >>> import numpy as np
    >>> round(float(discount_factor(365, 0.10)), 3)
    0.954
    >>> low, high = interval(np.array([0.05, 1.0]), np.array([1.0, 4.0]), np.array([1.0, 20.0]),
    ...                      np.array([10.0, 10.0]), np.array([110.0, 110.0]))
    >>> low.round(1).tolist(), high.round(1).tolist()
    ([0.0, 8.0], [0.0, 82.8])

How it works
    Value = Σ purchases × value of each × discount. The bounds are those of what will really be spent, not of
    its average: with probability 1 − P nothing, else an amount whose first two moments follow from BG/NBD and
    Gamma-Gamma (Fader, Hardie & Lee 2005, "RFM and CLV", Journal of Marketing Research 42(4), p. 415–430) and
    whose form is taken as a gamma distribution. Simulations: see tests, 80 % are inside.
"""

import numpy as np
from scipy.special import gammaincinv

from .purchases import DAYS_PER_YEAR

# The bounds leave out one in ten at each end.
LOW, HIGH = 0.10, 0.90


def discount_factor(horizon_days, rate):
    """Return the mean worth today of 1 spent at an even pace over the horizon, 0 < d ≤ 1.

    :param float horizon_days: > 0; :param float rate: per year, ≥ 0 (0.10 = ten percent)

    ∫ (1 + rate)^(−s) ds / h, s in years.

    >>> discount_factor(365, 0.0)
    1.0
    """
    force = np.log1p(max(rate, 0.0)) * horizon_days / DAYS_PER_YEAR
    return float(-np.expm1(-force) / force) if force > 1e-9 else 1.0


def interval(probability, mean_count, mean_square, mean_inverse, mean_inverse_square, p=1.0):
    """Return (low, high): the money of the horizon between the 10th and 90th percentile, shape (n,).

    :param probability: of at least one purchase, 0…1
    :param mean_count: E[N | N ≥ 1]; :param mean_square: E[N² | N ≥ 1]
    :param mean_inverse: E[1/ν]; :param mean_inverse_square: E[1/ν²] of Gamma-Gamma; :param p: its p
    """
    mean = mean_count * p * mean_inverse
    square = (p * mean_count + p**2 * mean_square) * mean_inverse_square
    variance = np.maximum(square - mean**2, 1e-12 * np.maximum(mean**2, 1e-300))
    shape, scale = mean**2 / variance, variance / np.maximum(mean, 1e-300)
    nothing = 1 - probability
    bounds = []
    for share in (LOW, HIGH):
        rest = np.clip((share - nothing) / np.maximum(probability, 1e-12), 0, 1 - 1e-12)
        bounds.append(np.where(rest > 0, gammaincinv(shape, rest) * scale, 0.0))
    return bounds[0], bounds[1]
