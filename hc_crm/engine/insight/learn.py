"""Everything a company's purchases teach about its customers, up to one day and not a day further.

What it does
    ``learn`` fits the models and trains the blend and the rule on days in the past; ``Knowledge.predict``
    applies them to customers.

How to use it
    >>> import numpy as np
    >>> rng = np.random.default_rng(5)
    >>> ids, days = np.repeat(np.arange(300), 6), np.sort(rng.integers(0, 400, (300, 6))).ravel()
    >>> log = purchases.clean(ids, days, np.full(1800, 10.0))
    >>> known = learn(log, as_of=400, horizon_days=100)
    >>> said = known.predict(purchases.summarize(*log, as_of=400), 100)
    >>> bool(((said["model"] > 0) & (said["model"] < 1)).all())
    True

How it works
    To learn how well a number predicts, one must stand in the past: at each of a few earlier days the
    summary, the model and the features are made of what was known then, and compared with the time after.
    Nothing after ``as_of`` is looked at, so the same function serves the back-test.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from . import bgnbd, gammagamma, purchases, risk
from .purchases import DAYS_PER_WEEK

# Days in the past to learn from. They overlap by half a horizon: more of them are mostly the same again.
CUTOFFS = 3

# The time looked ahead from them is at most this part of the history, so that two parts remain to be known.
AHEAD_MAX = 1 / 3
AHEAD_MIN_DAYS = 14

# Fewer customers, or fewer who bought (or did not), teach nothing about a handful of coefficients.
TRAIN_MIN_CUSTOMERS = 30
TRAIN_MIN_EACH = 5

# Customers (evenly spaced) used for learning; standard errors of the coefficients are then below 0.03.
SAMPLE_MAX = 60_000

# Horizons, in days, to which the rule is carried: silence alone knows of no horizon, so its level (never its
# order) is set to where the model sees the customers as a whole. That many customers are enough for a level.
REACH_DAYS = (7, 14, 30, 60, 91, 182, 273, 365, 730, 1460, 3650)

MODEL_PRIOR = [1.0] + [0.0] * (len(risk.FEATURES) - 1)
REACH_SAMPLE = 5_000

RULE_PRIOR = [-1.0]


@dataclass
class Knowledge:
    """What was learnt; times in weeks, horizons in days."""

    as_of: int
    model: bgnbd.Parameters
    plain: bgnbd.Parameters
    value: gammagamma.Parameters
    typical: risk.Scale
    blend: risk.Blend
    rule: risk.Blend
    rule_days: float
    trained: bool  # False: not enough past; blend and rule are what is believed without data
    reach: list = field(default_factory=list)

    def predict(self, summary, horizon_days, features=None):
        """Return {model, rule: P(buys within the horizon); alive_count, alive_square: E[N], E[N²] given
        N ≥ 1}, arrays of shape (n,)."""
        t = horizon_days / DAYS_PER_WEEK
        if features is None:
            features = risk.features(summary, self.model, self.typical, horizon_days)
        first, second = bgnbd.moments_alive(self.model, summary.x, summary.T, t)
        some = np.maximum(bgnbd.p_purchase_alive(self.model, summary.x, summary.T, t), 1e-12)
        return {
            "model": expit(self.blend.log_odds(features)),
            "rule": expit(self.rule_log_odds(summary, horizon_days)),
            "count": np.maximum(first / some, 1.0),
            "square": np.maximum(second / some, 1.0),
        }

    def rule_log_odds(self, summary, horizon_days):
        """Return the log-odds of buying within the horizon by the days of silence alone, shape (n,)."""
        return self.rule.log_odds(risk.rule_features(summary)) + self.rule_shift(horizon_days)

    def rule_shift(self, horizon_days):
        """Return what is added to the rule's log-odds for another horizon than it was trained on."""
        if not self.reach:
            return 0.0
        return float(np.interp(np.log(horizon_days), np.log(REACH_DAYS), self.reach))


def ahead_days(log, as_of, horizon_days):
    """Return how many days ahead a test of the past can look, 0 when the history is too short."""
    if not len(log[1]):
        return 0
    # the first percentile: one order typed with the wrong year does not make a history
    begin = np.quantile(log[1], 0.01, method="inverted_cdf")
    days = int(min(horizon_days, (as_of - begin) * AHEAD_MAX))
    return days if days >= AHEAD_MIN_DAYS else 0


def until(log, as_of):
    """Return the part of the log up to and including ``as_of``."""
    past = log[1] <= as_of
    return log if past.all() else tuple(column[past] for column in log)


def outcome(log, summary, days):
    """Return (number, money) each customer of the summary bought in the ``days`` after its ``as_of``."""
    inside = (log[1] > summary.as_of) & (log[1] <= summary.as_of + days)
    place = np.searchsorted(summary.customer, log[0][inside])
    amount = np.nan_to_num(log[2][inside])
    place = np.minimum(place, max(len(summary) - 1, 0))
    ours = summary.customer[place] == log[0][inside] if len(summary) else np.zeros(len(place), bool)
    size = len(summary)
    number = np.bincount(place[ours], minlength=size)
    return number, np.bincount(place[ours], weights=amount[ours], minlength=size)


def sample(log):
    """Return the purchases of at most SAMPLE_MAX customers, evenly spaced over the ids in the log."""
    starts = np.flatnonzero(np.concatenate(([True], log[0][1:] != log[0][:-1])))
    if starts.size <= SAMPLE_MAX:
        return log
    keep = np.zeros(starts.size, dtype=bool)
    keep[np.linspace(0, starts.size - 1, SAMPLE_MAX).astype(np.int64)] = True
    lines = np.repeat(keep, np.diff(np.append(starts, len(log[0]))))
    return tuple(column[lines] for column in log)


def learn(log, as_of, horizon_days):
    """Return the :class:`Knowledge` from a log (see ``purchases.clean``) up to day ``as_of``.

    :raise ValueError: when nobody bought up to that day
    """
    log = sample(until(log, as_of))
    summary = purchases.summarize(*log, as_of)
    if not len(summary):
        raise ValueError("Nobody bought up to that day.")
    model = bgnbd.fit(summary.x, summary.t_x, summary.T)
    days = ahead_days(log, as_of, horizon_days)
    blocks, rules = [], []
    for step in range(CUTOFFS if days else 0):
        block = _block(log, as_of - days - step * days // 2, days)
        if block:
            blocks.append(block[0])
            rules.append(block[1])
    knowledge = Knowledge(
        as_of=as_of,
        model=model,
        plain=bgnbd.fit(summary.x, summary.t_x, summary.T, modified=False),
        value=gammagamma.fit(summary.x_paid, summary.m_x),
        typical=risk.scale(summary),
        blend=risk.train(blocks, MODEL_PRIOR) if blocks else risk.Blend(0.0, MODEL_PRIOR),
        rule=risk.train(rules, RULE_PRIOR) if rules else risk.Blend(0.0, RULE_PRIOR),
        rule_days=float(days or horizon_days),
        trained=bool(blocks),
    )
    if model.converged:
        knowledge.reach = _reach(knowledge, summary)
    return knowledge


def _reach(knowledge, summary):
    """Return, for each of REACH_DAYS, the shift with which the rule says as many buyers as the model."""
    some = summary.take(np.linspace(0, len(summary) - 1, REACH_SAMPLE).astype(np.int64))
    rule = knowledge.rule.log_odds(risk.rule_features(some))
    shifts = []
    for days in REACH_DAYS:
        features = risk.features(some, knowledge.model, knowledge.typical, days)
        buyers = expit(knowledge.blend.log_odds(features)).mean()
        shifts.append(
            float(brentq(lambda shift, share=buyers: expit(rule + shift).mean() - share, -60, 60))
        )
    return shifts


def _block(log, cutoff, days):
    """Return ((features, bought), (rule features, bought)) of one day in the past, None if too little."""
    summary = purchases.summarize(*until(log, cutoff), cutoff)
    if len(summary) < TRAIN_MIN_CUSTOMERS:
        return None
    bought = outcome(log, summary, days)[0] > 0
    if min(bought.sum(), (~bought).sum()) < TRAIN_MIN_EACH:
        return None
    model = bgnbd.fit(summary.x, summary.t_x, summary.T)
    features = risk.features(summary, model, risk.scale(summary), days)
    return (features, bought), (risk.rule_features(summary), bought)
