"""Who is likely to stop buying: the model, the one-line rule, and the blend that learns from the past.

What it does
    ``features`` describes each customer by a few numbers with a meaning; ``train`` finds, from what customers
    did after some day in the past, how much each number says about buying again; ``Blend.log_odds`` applies
    it to any horizon.

How to use it
    >>> import numpy as np
    >>> blend = train([(np.array([[0.0], [0.0], [1.0], [1.0]] * 50), np.array([0, 0, 1, 0] * 50), 0)], [0.0])
    >>> bool(blend.coefficients[0] > 1)
    True

How it works
    Penalised logistic regression of "bought again within the horizon". One of the features is the log-odds of
    MBG/NBD for exactly that horizon, with a penalty on *leaving* the coefficient 1, the others with one on
    leaving 0: with little data the blend is the model, with much data the company's own past corrects it.
    Because the horizon enters only through the model's log-odds, a blend trained on three months can speak
    about twelve. The rule is the same regression on nothing but the days since the last purchase: Wübben &
    von Wangenheim (2008), Journal of Marketing 72(3), p. 82–93, found such a rule as good as the models.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit, gammaincc

from . import bgnbd, rhythm
from .purchases import DAYS_PER_WEEK

# Log-odds of the model beyond ±6 (0.25 %) claim a certainty no shop's data have: of 46 customers on CDNOW
# whom BG/NBD gave less than 10 %, 41 % bought.
LOG_ODDS_MAX = 6.0

# Spread of the prior on each coefficient. Features are in natural log units, so a coefficient of 1 is much.
PRIOR_SD = 0.5

# Strength, in purchases, with which a customer's mean gap is drawn to the typical gap of the shop.
GAP_PRIOR = 1.0

# Strength, in pairs of gaps, with which a customer's regularity is drawn to that of the shop.
VARIATION_PRIOR = 4.0

STEPS_MAX = 50  # of Newton's method; ten are usual

FEATURES = ("model", "purchases", "overdue", "slowing", "spend", "due")

# What each may mean: more purchases and being due speak for buying, being late and slowing down against it.
SIGNS = (1, 1, -1, -1, 0, 1)


@dataclass
class Scale:
    """What is typical in this shop: ``gap`` in days, ``spend`` in money per purchase, ``variation`` of gaps."""

    gap: float = 30.0
    spend: float = 1.0
    variation: float = 1.0


@dataclass
class Blend:
    """Intercept and coefficients by the order of the features, in log-odds of buying again."""

    intercept: float
    coefficients: list = field(default_factory=list)

    def log_odds(self, matrix):
        """Return the log-odds of buying again, shape (n,), from features of shape (n, k)."""
        return self.intercept + _times(matrix, np.asarray(self.coefficients))


def scale(summary):
    """Return the :class:`Scale` of a customer base: medians over those who repeat, over those who paid.

    >>> from .purchases import summarize
    >>> scale(summarize([1, 1, 2], [0, 20, 5], [4.0, 6.0, 9.0], as_of=30))
    Scale(gap=20.0, spend=7.0, variation=1.0)
    """
    gaps = summary.median_gap[np.isfinite(summary.median_gap)]
    means = summary.mean[np.isfinite(summary.mean)]
    pairs = np.where(np.isfinite(summary.variation), summary.n - 2, 0)
    unlike = float((np.nan_to_num(summary.variation) * pairs).sum())
    return Scale(
        gap=float(np.median(gaps)) if gaps.size else 30.0,
        spend=float(np.median(means)) if means.size else 1.0,
        variation=min((unlike + VARIATION_PRIOR) / (float(pairs.sum()) + VARIATION_PRIOR), 1.0),
    )


def model_log_odds(parameters, x, gap, T, t):
    """Return the log-odds, within ±LOG_ODDS_MAX, of buying within t weeks by MBG/NBD.

    :param x: repeat purchases; :param gap: weeks since the last one; :param T: weeks since the first
    """
    p = bgnbd.p_purchase(parameters, x, np.maximum(T - gap, 0), T, t)
    p = np.clip(p, expit(-LOG_ODDS_MAX), expit(LOG_ODDS_MAX))
    return np.log(p) - np.log1p(-p)


def season_log_odds(parameters, x, gap, T, t, pace):
    """Return what a busier (or quieter) time ahead adds to the log-odds of buying within t weeks.

    :param pace: how busy it will be, 1 = as always: as if the horizon were that much longer
    """
    if pace == 1.0:
        return 0.0
    busy = model_log_odds(parameters, x, gap, T, t * pace)
    return busy - model_log_odds(parameters, x, gap, T, t)


def features(summary, parameters, typical, horizon_days):
    """Return the features (n, len(FEATURES)) of each customer.

    :param Summary summary: as known on its day; :param bgnbd.Parameters parameters: of MBG/NBD
    :param Scale typical: what is usual in the shop; :param horizon_days: days ahead, > 0
    """
    x, gap = summary.x, summary.gap
    model = model_log_odds(
        parameters, x, gap / DAYS_PER_WEEK, summary.T, horizon_days / DAYS_PER_WEEK
    )
    own_gap = (summary.t_x * DAYS_PER_WEEK + GAP_PRIOR * typical.gap) / (x + GAP_PRIOR)
    overdue = np.log1p(gap / own_gap)
    slowing = np.log((np.nan_to_num(summary.last_gap, nan=typical.gap) + 1) / (own_gap + 1))
    slowing = np.where(x > 1, slowing, 0.0)
    mean = np.where(np.isfinite(summary.mean), summary.mean, typical.spend)
    spend = np.clip(np.log(mean / typical.spend), -3, 3)
    due = rhythm_log_odds(summary, parameters, typical, own_gap, horizon_days)
    return np.stack([model, np.log1p(x), overdue, slowing, spend, due], axis=1)


def rhythm_log_odds(summary, parameters, typical, own_gap, horizon_days):
    """Return the log-odds, within ±LOG_ODDS_MAX, of buying within the horizon if gaps are as regular as seen."""
    pairs = np.maximum(summary.n - 2, 0)
    variation = np.nan_to_num(summary.variation) * pairs + typical.variation * VARIATION_PRIOR
    k = rhythm.shape(1 - np.clip(variation / (pairs + VARIATION_PRIOR), 0, 1))
    rate = k / np.maximum(own_gap, 1.0)
    now = gammaincc(k, rate * summary.gap)
    then = gammaincc(k, rate * (summary.gap + horizon_days))
    leave = parameters.a / (parameters.a + parameters.b + summary.x + 1)
    p = (1 - leave) * (now - then) / ((1 - leave) * now + leave)
    p = np.clip(p, expit(-LOG_ODDS_MAX), expit(LOG_ODDS_MAX))
    return np.log(p) - np.log1p(-p)


def rule_features(summary):
    """Return the one feature (n, 1) of the rule: the log of the days since the last purchase.

    >>> from .purchases import summarize
    >>> rule_features(summarize([1], [0], [1.0], as_of=0)).tolist()
    [[0.0]]
    """
    return np.log1p(summary.gap)[:, None]


def train(blocks, prior, signs=None):
    """Return the :class:`Blend` that fits what customers did.

    :param blocks: list of (features (n, k), bought (n,) 0 or 1, known log-odds (n,) or 0 to be added), one for
        each day in the past
    :param prior: k numbers: the coefficients to believe in without data
    :param signs: k numbers: 1 never below 0, −1 never above, 0 free (default all free)
    :raise ValueError: without any customer

    >>> tall = (np.array([[0.0], [0.0], [1.0], [1.0]] * 50), np.array([0, 0, 1, 0] * 50), 0)
    >>> train([tall], [0.0], [-1]).coefficients
    [0.0]
    """
    matrix = np.concatenate([block[0] for block in blocks])
    bought = np.concatenate([block[1] for block in blocks]).astype(float)
    given = np.concatenate([np.broadcast_to(block[2], len(block[1])) for block in blocks])
    if not bought.size:
        raise ValueError("There is no customer to learn from.")
    design = np.column_stack([np.ones(len(matrix)), matrix])
    believed = np.array([0.0, *prior], dtype=float)
    signs = np.array([0, *(signs or [0] * len(prior))])
    free = np.ones(len(believed), dtype=bool)
    while True:
        beta = _newton(design, bought, given, 1 / len(blocks), believed, free)
        wrong = free & (beta * signs < 0)
        if not wrong.any():
            return Blend(float(beta[0]), [float(value) for value in beta[1:]])
        # one that points the wrong way stays out: at most k rounds
        free &= ~wrong


def _times(matrix, vector):
    """Return matrix · vector without BLAS.

    Its threads wait in a busy loop: beside other work on the same few cores that costs ten times what it saves.
    """
    return np.einsum("ij,j->i", matrix, vector)


def _newton(design, bought, given, weight, believed, free):
    """Return the coefficients of least penalised loss, those not free at 0.

    Newton's method on a strictly convex loss: always the same answer, in about ten steps. ``weight``: every
    customer appears once per block, which is not that much more to know.
    """
    design, result = design[:, free], np.zeros(len(believed))
    believed = believed[free]
    penalty = np.where(np.flatnonzero(free) == 0, 1e-4, 1 / PRIOR_SD**2)

    def loss(beta, odds):
        miss = weight * (np.logaddexp(0, odds).sum() - (bought * odds).sum())
        return miss + 0.5 * penalty @ (beta - believed) ** 2

    beta, odds = believed, given + _times(design, believed)
    least = loss(beta, odds)
    for _step in range(STEPS_MAX):
        p = expit(odds)
        slope = weight * np.einsum("ij,i->j", design, p - bought) + penalty * (beta - believed)
        bend = weight * np.einsum("ij,ik->jk", design * (p * (1 - p))[:, None], design)
        bend += np.diag(penalty)
        move = np.linalg.solve(bend, slope)
        # far from the optimum a full step can overshoot: halve it until it helps
        for halving in range(30):
            nearer = beta - move / 2**halving
            odds = given + _times(design, nearer)
            now = loss(nearer, odds)
            if now <= least:
                break
        beta, gain, least = nearer, least - now, now
        if gain <= 1e-10 * max(abs(least), 1.0):
            break
    result[free] = beta
    return result
