"""How often customers will buy, and whether they still do: the BG/NBD and MBG/NBD models.

What it does
    ``fit`` estimates the four parameters from a customer base; the other functions say for each customer how
    likely they are still a customer, how likely they buy at least once in a time, and how often.

How to use it
    >>> import numpy as np
    >>> x, t_x, T = np.array([0.0, 2.0]), np.array([0.0, 30.43]), np.array([38.86, 38.86])
    >>> shop = Parameters(r=0.243, alpha=4.414, a=0.793, b=2.426, modified=False)
    >>> p_alive(shop, x, t_x, T).round(3).tolist()
    [1.0, 0.727]
    >>> expected(shop, x, t_x, T, 39.0).round(3).tolist()
    [0.195, 1.226]

How it works
    While a customer, one buys at random moments at rate λ; after each purchase one leaves for good with
    probability p. λ differs between customers by a gamma distribution (r, α), p by a beta distribution (a, b).
    BG/NBD: Fader, Hardie & Lee (2005), Marketing Science 24(2), p. 275–284, likelihood eq. 6, P(alive) in
    Fader, Hardie & Lee (2008), "Computing P(alive) Using the BG/NBD Model". Nobody can leave there before the
    first repeat purchase, so every one-time buyer is alive for ever. MBG/NBD (``modified``; Batislam,
    Denizel & Filiztekin 2007, International Journal of Research in Marketing 24(3), p. 201–209) lets them
    leave after the first purchase too. x, t_x, T as in ``purchases``; the unit of time (weeks here) is that
    of T, and α is in it.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaincinv, digamma, expit, gammaln

# Points of the Gauss–Legendre rule over the drop-out probability: 16 agree with the closed form (a
# hypergeometric function that overflows for heavy buyers) to 4 digits.
NODES = 16
ROWS_AT_ONCE = 20_000  # of NODES columns each: 2.5 MB per intermediate result

# Where all parameters are searched, as natural logarithms, time measured in units of the mean T.
LOG_BOUNDS = (-9.0, 9.0)

# Spread of a weak prior on each log parameter around 0. It costs a base of a thousand customers less than
# 0.01 of log-likelihood and keeps a base of fifty, where a and b cannot be told apart, from running away.
LOG_PRIOR_SD = 4.0

# More than so many customers do not make the estimate better, only slower: standard errors are a few percent
# at most, and what one parameter is too high the next one is too low.
SAMPLE_MAX = 30_000


@dataclass
class Parameters:
    """What ``fit`` found; r, a, b without unit, alpha in units of time."""

    r: float
    alpha: float
    a: float
    b: float
    modified: bool = True
    log_likelihood: float = float("nan")
    converged: bool = True


def _terms(log_parameters, x, t_x, T, modified):
    """Return the log-likelihood of each customer and its derivatives by the four log parameters."""
    r, alpha, a, b = np.exp(log_parameters)
    shift = 1.0 if modified else 0.0
    values, where = np.unique(x, return_inverse=True)
    b_x = b + values + shift  # never 0: b > 0

    # all that depends on x alone, once per different x
    base = gammaln(r + values) - gammaln(r) + r * np.log(alpha)
    base += gammaln(a + b) + gammaln(b_x) - gammaln(b) - gammaln(a + b_x)
    base_r = digamma(r + values) - digamma(r) + np.log(alpha)
    base_a = digamma(a + b) - digamma(a + b_x)
    base_b = digamma(a + b) + digamma(b_x) - digamma(b) - digamma(a + b_x)
    # who has left: impossible in BG/NBD without a repeat purchase
    can_leave = (values > 0) | modified
    left = np.where(can_leave, np.log(a) - np.log(np.where(can_leave, b_x - 1, 1.0)), -np.inf)
    left_b = np.where(can_leave, -1 / np.where(can_leave, b_x - 1, 1.0), 0.0)

    log_T, log_t = np.log(alpha + T), np.log(alpha + t_x)
    stayed = -(r + x) * log_T
    leaving = left[where] - (r + x) * log_t
    both = np.logaddexp(stayed, leaving)
    gone = np.exp(leaving - both)
    total = base[where] + both
    by_r = base_r[where] - (1 - gone) * log_T - gone * log_t
    by_alpha = r / alpha - (r + x) * ((1 - gone) / (alpha + T) + gone / (alpha + t_x))
    by_a = base_a[where] + gone / a
    by_b = base_b[where] + gone * left_b[where]
    return total, np.stack([by_r * r, by_alpha * alpha, by_a * a, by_b * b])


def log_likelihood(parameters, x, t_x, T):
    """Return the log-likelihood of a customer base, a float.

    :param x: repeat purchases ≥ 0; :param t_x: time of the last one; :param T: time observed; shape (n,),
        0 ≤ t_x ≤ T, all times since the first purchase

    >>> p = Parameters(r=0.5, alpha=6.0, a=0.9, b=1.6)
    >>> round(log_likelihood(p, np.array([0.0, 3.0]), np.array([0.0, 20.0]), np.array([39.0, 30.0])), 3)
    -12.208
    """
    logs = np.log([parameters.r, parameters.alpha, parameters.a, parameters.b])
    return float(_terms(logs, x, t_x, T, parameters.modified)[0].sum())


def fit(x, t_x, T, modified=True):
    """Return the maximum-likelihood :class:`Parameters` of a customer base.

    Equal customers are counted, not repeated; very large bases are sampled evenly (every k-th customer, so
    the result is the same each time) and the log-likelihood is then that of the sample. ``converged`` is
    False when the search failed or the data say nothing (no customers, nobody observed for any time).

    >>> fit(np.zeros(3), np.zeros(3), np.zeros(3)).converged
    False
    >>> rng = np.random.default_rng(1)
    >>> found = fit(*simulate(Parameters(0.6, 5.0, 0.8, 2.0), rng.uniform(20, 80, 20000), rng))
    >>> [round(value, 1) for value in (found.r, found.alpha, found.a, found.b)]
    [0.6, 4.9, 0.9, 2.2]
    """
    x, t_x, T = (np.asarray(column, dtype=float) for column in (x, t_x, T))
    nothing = Parameters(1.0, 1.0, 1.0, 1.0, modified, converged=False)
    if not x.size or not np.isfinite(T).all() or T.max() <= 0:
        return nothing
    if x.size > SAMPLE_MAX:
        index = np.linspace(0, x.size - 1, SAMPLE_MAX).astype(np.int64)
        x, t_x, T = x[index], t_x[index], T[index]
    unit = float(T.mean())
    table, count = _compress(x, t_x, T)
    x, t_x, T = table[0], table[1] / unit, table[2] / unit
    customers = count.sum()

    def loss(log_parameters):
        value, slope = _terms(log_parameters, x, t_x, T, modified)
        value = -(count * value).sum() + 0.5 * (log_parameters**2).sum() / LOG_PRIOR_SD**2
        slope = -(slope * count).sum(axis=1) + log_parameters / LOG_PRIOR_SD**2
        return value / customers, slope / customers

    rate = ((count * x).sum() + 1) / ((count * T).sum() + 1)
    start = np.array([np.log(0.7), np.log(0.7 / rate), np.log(0.7), np.log(2.0)])
    found = minimize(
        loss,
        np.clip(start, *LOG_BOUNDS),
        jac=True,
        method="L-BFGS-B",
        bounds=[LOG_BOUNDS] * 4,
        options={"maxiter": 500, "ftol": 1e-12, "gtol": 1e-7},
    )
    # the search may stop for want of further digits: what counts is that it stands still
    converged = bool(np.isfinite(found.fun) and (found.success or np.abs(found.jac).max() < 1e-4))
    if not converged:
        return nothing
    r, alpha, a, b = (float(value) for value in np.exp(found.x))
    parameters = Parameters(r, alpha * unit, a, b, modified)
    each = _terms(np.log([r, parameters.alpha, a, b]), *table, modified)[0]
    parameters.log_likelihood = float((count * each).sum())
    return parameters


def _compress(x, t_x, T):
    """Return the different (x, t_x, T) as three rows, and how many customers have each."""
    order = np.lexsort((T, t_x, x))
    table = np.stack([x[order], t_x[order], T[order]])
    new = np.concatenate(([True], (table[:, 1:] != table[:, :-1]).any(axis=0)))
    starts = np.flatnonzero(new)
    return table[:, starts], np.diff(np.append(starts, x.size)).astype(float)


def p_alive(parameters, x, t_x, T):
    """Return the probability 0…1 that each is still a customer at T, shape (n,)."""
    p, shift = parameters, 1.0 if parameters.modified else 0.0
    b_x = p.b + x + shift - 1
    gone = np.log(p.a) - np.log(np.maximum(b_x, 1e-300))
    gone = gone + (p.r + x) * (np.log(p.alpha + T) - np.log(p.alpha + t_x))
    return np.where((x > 0) | p.modified, expit(-gone), 1.0)


def p_purchase_alive(parameters, x, T, t):
    """Return the probability 0…1 of at least one purchase within t after T of somebody still a customer.

    One leaves only after a purchase, so the next one comes for certain, after an exponential time whose rate
    has the posterior gamma(r + x, α + T): 1 − ((α + T) / (α + T + t))^(r + x).
    """
    p = parameters
    return -np.expm1(-(p.r + x) * np.log1p(t / (p.alpha + T)))


def p_purchase(parameters, x, t_x, T, t):
    """Return the probability 0…1 of at least one purchase within t after T, shape (n,).

    >>> p = Parameters(r=0.5, alpha=6.0, a=0.9, b=1.6)
    >>> p_purchase(p, np.array([0.0, 4.0]), np.array([0.0, 35.0]), np.array([39.0, 39.0]), 39.0).round(3).tolist()
    [0.106, 0.755]
    """
    return p_alive(parameters, x, t_x, T) * p_purchase_alive(parameters, x, T, t)


def moments_alive(parameters, x, T, t):
    """Return (E[N], E[N²]) of the purchases N within t after T of somebody still a customer at T.

    Given λ and p, N is the smaller of a Poisson (λt) and a geometric (p) number, so
    E[N] = (1 − e^{−λpt}) / p and E[N²] = 2 (1 − e^{−λpt} − λpt (1 − p) e^{−λpt}) / p² − E[N]; λ is integrated
    in closed form, p numerically over its posterior beta(a, b + x (+ 1)).

    >>> first, second = moments_alive(Parameters(2.0, 4.0, 1e-6, 5.0), np.array([1.0]), np.array([6.0]), 10.0)
    >>> first.round(3).tolist(), second.round(3).tolist()   # nobody leaves: 3 · 10/10, 3 + 3²·(1 + 1/3)
    ([3.0], [15.0])
    """
    p = parameters
    x, T = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(T, dtype=float))
    point, weight = np.polynomial.legendre.leggauss(NODES)
    point, weight = (point + 1) / 2, weight / 2
    values, where = np.unique(x, return_inverse=True)
    shift = 1.0 if p.modified else 0.0
    drop = np.maximum(betaincinv(p.a, (p.b + values + shift)[:, None], point), 1e-12)
    first, second = np.empty(x.size), np.empty(x.size)
    for begin in range(0, x.size, ROWS_AT_ONCE):
        rows = slice(begin, begin + ROWS_AT_ONCE)
        q = drop[where[rows]]
        shape, rate = (p.r + x[rows])[:, None], (p.alpha + T[rows])[:, None]
        grown = np.log1p(q * (t / rate))
        none = -np.expm1(-shape * grown)  # 1 − E e^{−λpt}
        mean = none / q
        slope = q * t * shape / (rate + q * t) * (1 - none)
        square = 2 * (none - (1 - q) * slope) / q**2 - mean
        # the difference above loses its digits where hardly anybody leaves: there N is Poisson
        flat = shape * grown < 1e-4
        poisson = shape * t / rate
        square = np.where(flat, poisson + poisson**2 * (1 + 1 / shape), square)
        first[rows] = (mean * weight).sum(axis=1)
        second[rows] = (square * weight).sum(axis=1)
    return first, np.maximum(second, first)


def expected(parameters, x, t_x, T, t):
    """Return the expected number of purchases within t after T, shape (n,), ≥ 0."""
    return p_alive(parameters, x, t_x, T) * moments_alive(parameters, x, T, t)[0]


def simulate(parameters, T, rng, horizon=0.0):
    """Return x, t_x, T of simulated customers observed for T, for tests; with a horizon also the purchases
    within it after T (a fourth array).

    :param T: times observed, shape (n,); :param rng: numpy Generator; :param horizon: time after T
    """
    p = parameters
    T = np.asarray(T, dtype=float)
    rate = rng.gamma(p.r, 1 / p.alpha, T.size)
    drop = rng.beta(p.a, p.b, T.size)
    alive = np.ones(T.size, dtype=bool)
    if p.modified:
        alive &= rng.random(T.size) >= drop
    now, x, t_x, later = np.zeros(T.size), np.zeros(T.size), np.zeros(T.size), np.zeros(T.size)
    while alive.any():
        now = now + rng.exponential(1, T.size) / np.maximum(rate, 1e-300)
        alive &= now <= T + horizon
        seen = alive & (now <= T)
        x += seen
        later += alive & ~seen
        t_x[seen] = now[seen]
        alive &= rng.random(T.size) >= drop
    return (x, t_x, T, later) if horizon else (x, t_x, T)
