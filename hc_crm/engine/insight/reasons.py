"""Why somebody is likely to stop buying: contributions that add up to exactly the risk shown.

What it does
    ``explain`` splits the log-odds of *not* buying again into what an average customer of this shop has
    (``base``) and one part per factor; ``FACTORS`` names them. Positive = raises the risk.

How to use it
    >>> import numpy as np
    >>> from . import bgnbd, purchases
    >>> log = purchases.clean([1, 1, 1, 2], [0, 20, 40, 50], [9.0] * 4)
    >>> s = purchases.summarize(*log, as_of=120)
    >>> shop, blend = bgnbd.Parameters(0.5, 6.0, 0.9, 1.6), risk.Blend(0.1, [0.8, 0.3, -0.2, 0, 0.1, 0])
    >>> typical = risk.scale(s)
    >>> features = risk.features(s, shop, typical, 90)
    >>> parts, base = explain(s, features, shop, blend, reference(s, features), 90)
    >>> bool(np.allclose(base + parts.sum(axis=1), -blend.log_odds(features)))
    True

How it works
    A logistic regression is a sum already. Its one opaque term, the log-odds of MBG/NBD, is a function of
    three facts (how many purchases, how long silent, how long a customer): it is split by their Shapley
    values (Shapley 1953; Lundberg & Lee 2017, "A Unified Approach to Interpreting Model Predictions", NeurIPS
    30), the average over the six orders of replacing the average customer's facts by this customer's.
"""

from itertools import permutations

import numpy as np

from . import risk
from .purchases import DAYS_PER_WEEK

FACTORS = ("silence", "overdue", "few_purchases", "slowing", "small_spend", "customer_since")

# Which factor each feature beside "model" speaks for.
FACTOR_OF = {
    "purchases": "few_purchases",
    "overdue": "overdue",
    "due": "overdue",
    "slowing": "slowing",
    "spend": "small_spend",
}
FACTS = ("few_purchases", "silence", "customer_since")  # x, gap, T of the model


def reference(summary, features):
    """Return the average customer: {x, gap, T (weeks), features (k means), rule (mean)}."""
    return {
        "x": float(summary.x.mean()),
        "gap": float(summary.gap.mean() / DAYS_PER_WEEK),
        "T": float(summary.T.mean()),
        "features": [float(value) for value in features.mean(axis=0)],
        "rule": float(risk.rule_features(summary).mean()),
    }


def explain(summary, features, parameters, blend, average, horizon_days, pace=1.0):
    """Return (parts (n, len(FACTORS)), base): log-odds of not buying = base + sum of parts.

    :param features: of ``risk.features`` for this summary and horizon
    :param average: of ``reference``; :param pace: of ``season.pace``
    """
    weights = dict(zip(risk.FEATURES, blend.coefficients, strict=True))
    parts = np.zeros((len(summary), len(FACTORS)))
    base = blend.intercept
    for place, name in enumerate(risk.FEATURES):
        if name != "model":
            parts[:, FACTORS.index(FACTOR_OF[name])] -= weights[name] * (
                features[:, place] - average["features"][place]
            )
            base += weights[name] * average["features"][place]
    t = horizon_days / DAYS_PER_WEEK

    def model(*facts):
        odds = weights["model"] * risk.model_log_odds(parameters, *facts, t)
        return odds + risk.season_log_odds(parameters, *facts, t, pace)

    shares, start = _shares(model, summary, average)
    for name, share in zip(FACTS, shares, strict=True):
        parts[:, FACTORS.index(name)] -= share
    return parts, float(-(base + start))


def explain_rule(summary, rule, average):
    """Return (parts, base) like ``explain`` for the rule: silence is all it knows."""
    parts = np.zeros((len(summary), len(FACTORS)))
    slope = rule.coefficients[0]
    feature = risk.rule_features(summary)[:, 0]
    parts[:, FACTORS.index("silence")] = -slope * (feature - average["rule"])
    return parts, float(-(rule.intercept + slope * average["rule"]))


def _shares(function, summary, average):
    """Return the Shapley values of x, gap and T in a function of them, and its value for the average."""
    own = (summary.x, summary.gap / DAYS_PER_WEEK, summary.T)
    mean = (average["x"], average["gap"], average["T"])
    known = {}
    for mask in range(8):
        facts = [own[i] if mask >> i & 1 else np.full(1, mean[i]) for i in range(3)]
        known[mask] = function(*facts)
    shares = [np.zeros(len(summary)) for _fact in FACTS]
    orders = list(permutations(range(3)))
    for order in orders:
        mask = 0
        for i in order:
            shares[i] += (known[mask | 1 << i] - known[mask]) / len(orders)
            mask |= 1 << i
    return shares, float(known[0][0])
