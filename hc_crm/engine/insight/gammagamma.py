"""How much a customer spends per purchase: the Gamma-Gamma model.

What it does
    ``fit`` estimates the three parameters from the repeat buyers; ``expected_value`` is the mean value of a
    customer's further purchases, drawn towards that of all customers the fewer were seen.

How to use it
    >>> shop = Parameters(p=6.25, q=3.74, gamma=15.44)
    >>> round(population_mean(shop), 2)
    35.22
    >>> expected_value(shop, [0, 1, 9], [float("nan"), 100.0, 100.0]).round(1).tolist()
    [35.2, 80.3, 97.0]

How it works
    The values of one customer follow a gamma distribution (p, ν), ν differs between customers by another one
    (q, γ): Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value", likelihood eq. 1a, mean eq. 5.
    It assumes that how much somebody spends does not depend on how often they buy.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

LOG_BOUNDS = (-7.0, 12.0)
LOG_PRIOR_SD = 4.0  # as in bgnbd: keeps equal prices (no spread at all) from running away
SAMPLE_MAX = 30_000  # as in bgnbd
MIN_CUSTOMERS = 10  # repeat buyers; fewer say nothing about three parameters

# Smallest q used for means: at 1 the mean of all customers is infinite, at 2 the variance.
Q_MIN = 1.05
Q_MIN_VARIANCE = 2.2


@dataclass
class Parameters:
    """What ``fit`` found; p and q without unit, gamma in money."""

    p: float
    q: float
    gamma: float
    log_likelihood: float = float("nan")
    customers: int = 0
    converged: bool = True


def _terms(log_parameters, x, m):
    """Return the log-likelihood of each customer and its derivatives by the three log parameters."""
    p, q, g = np.exp(log_parameters)
    px = p * x
    log_sum = np.log(g + m * x)
    total = gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(g)
    total += (px - 1) * np.log(m) + px * np.log(x) - (px + q) * log_sum
    both = digamma(px + q)
    by_p = x * (both - digamma(px) + np.log(m) + np.log(x) - log_sum)
    by_q = both - digamma(q) + np.log(g) - log_sum
    by_g = q / g - (px + q) / (g + m * x)
    return total, np.stack([by_p * p, by_q * q, by_g * g])


def log_likelihood(parameters, x, m):
    """Return the log-likelihood of repeat buyers, a float.

    :param x: repeat purchases of known value, > 0; :param m: their mean value, > 0; shape (n,)

    >>> round(log_likelihood(Parameters(6.25, 3.74, 15.44), np.array([2.0]), np.array([30.0])), 3)
    -3.847
    """
    logs = np.log([parameters.p, parameters.q, parameters.gamma])
    return float(_terms(logs, np.asarray(x, dtype=float), np.asarray(m, dtype=float))[0].sum())


def fit(x, m):
    """Return the maximum-likelihood :class:`Parameters`; customers without a repeat value are left out.

    :param x: repeat purchases of known value, shape (n,); :param m: their mean value (NaN without)

    ``converged`` is False with fewer than ``MIN_CUSTOMERS`` repeat buyers.

    >>> fit([1, 2], [10.0, 20.0]).converged
    False
    >>> rng = np.random.default_rng(3)
    >>> x, nu = rng.integers(1, 12, 20000), rng.gamma(3.7, 1 / 15.4, 20000)
    >>> found = fit(x, rng.gamma(6.2 * x, 1 / (nu * x)))
    >>> round(found.q, 1), round(population_mean(found))
    (3.7, 35)
    """
    x, m = np.asarray(x, dtype=float), np.asarray(m, dtype=float)
    known = (x > 0) & np.isfinite(m) & (m > 0)
    x, m = x[known], m[known]
    nothing = Parameters(1.0, 2.0, 1.0, converged=False, customers=int(x.size))
    if x.size < MIN_CUSTOMERS:
        return nothing
    if x.size > SAMPLE_MAX:
        index = np.linspace(0, x.size - 1, SAMPLE_MAX).astype(np.int64)
        x, m = x[index], m[index]
    unit = float(np.exp(np.log(m).mean()))  # geometric: one huge order does not move it
    scaled = m / unit

    def loss(log_parameters):
        value, slope = _terms(log_parameters, x, scaled)
        value = -value.sum() + 0.5 * (log_parameters**2).sum() / LOG_PRIOR_SD**2
        slope = -slope.sum(axis=1) + log_parameters / LOG_PRIOR_SD**2
        return value / x.size, slope / x.size

    found = minimize(
        loss,
        np.log([4.0, 4.0, 1.0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[LOG_BOUNDS] * 3,
        options={"maxiter": 500, "ftol": 1e-12, "gtol": 1e-7},
    )
    if not np.isfinite(found.fun) or not (found.success or np.abs(found.jac).max() < 1e-4):
        return nothing
    p, q, g = (float(value) for value in np.exp(found.x))
    parameters = Parameters(p, q, g * unit, customers=nothing.customers)
    parameters.log_likelihood = log_likelihood(parameters, x, m)
    return parameters


def population_mean(parameters):
    """Return the mean value of a purchase over all customers, pγ / (q − 1), money."""
    return parameters.p * parameters.gamma / (max(parameters.q, Q_MIN) - 1)


def expected_value(parameters, x, m):
    """Return the mean value of further purchases of each customer, money, shape (n,).

    :param x: purchases of known value seen (≥ 0); :param m: their mean (ignored, may be NaN, where x is 0)
    """
    p, q, g = parameters.p, max(parameters.q, Q_MIN), parameters.gamma
    x, m = _seen(x, m)
    return p * (g + m * x) / (p * x + q - 1)


def inverse_moments(parameters, x, m):
    """Return (E[1/ν], E[1/ν²]) of each customer's posterior ν: a purchase has mean p/ν, variance p/ν²."""
    p, q, g = parameters.p, max(parameters.q, Q_MIN_VARIANCE), parameters.gamma
    x, m = _seen(x, m)
    shape, rate = p * x + q, g + m * x
    first = rate / (shape - 1)
    return first, first * rate / (shape - 2)


def _seen(x, m):
    x, m = np.asarray(x, dtype=float), np.asarray(m, dtype=float)
    known = (x > 0) & np.isfinite(m)
    return np.where(known, x, 0.0), np.where(known, m, 0.0)
