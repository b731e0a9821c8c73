"""The façade: learn from a company's purchases once, then score any of its customers.

What it does
    ``fit`` returns a :class:`Fitted`, which goes to JSON and back; ``score`` applies it to a summary of
    all customers or of a few.

How to use it
    >>> import json
    >>> rng = np.random.default_rng(5)
    >>> ids, days = np.repeat(np.arange(300), 6), np.sort(rng.integers(0, 400, (300, 6))).ravel()
    >>> fitted = fit(ids, days, np.full(1800, 10.0), as_of=400, horizon_days=100)
    >>> fitted.level, fitted.method in ("model", "rule")
    ('rank', True)
    >>> same = Fitted.from_dict(json.loads(json.dumps(fitted.to_dict())))
    >>> summary = purchases.summarize(ids, days, np.full(1800, 10.0), as_of=400)
    >>> bool((score(same, summary).churn_risk == score(fitted, summary).churn_risk).all())
    True

How it works
    Model and rule are tested on the company's own past (``backtest``); the one that ranked customers better
    there is used and named in ``Fitted.method``. Warnings are dicts {"code": …, numbers}:
    few_customers {capable, repeaters, needed}; one_purchase_each {customers}; no_repeat {buyers};
    no_fit {}; short_history {days}; season {kind: "quarters" |
    "backtest", ratio, for quarters also quarter (1…4)}; future {purchases}.
"""

from dataclasses import asdict, dataclass, field

import numpy as np

from . import backtest, bgnbd, gammagamma, learn, purchases, reasons, rfm, rhythm, risk, value
from . import season as season_module

FACTORS = reasons.FACTORS
MONEY, RANK, FEW = "money", "rank", "few"
MODEL, RULE, NONE = "model", "rule", "none"

# Of the customers needed, this part must really have bought again: a hundred customers with three repeat
# buyers teach as little as three customers.
REPEATERS_MIN = 0.1

# Back-test totals off by more than this are said aloud (Fader's own example is off by 12 %).
TOTAL_OFF_MAX = 0.25


@dataclass
class Fitted:
    """What ``fit`` learnt; everything ``score`` needs."""

    as_of: int
    horizon_days: int
    level: str
    method: str
    min_purchases: int = rhythm.MIN_PURCHASES
    knowledge: learn.Knowledge | None = None
    average: dict = field(default_factory=dict)
    edges: dict = field(default_factory=dict)
    accuracy: dict = field(default_factory=dict)
    warnings: list = field(default_factory=list)

    def to_dict(self):
        """Return plain dicts, lists, numbers and texts; numbers that are not known as None."""
        return _safe(asdict(self))

    @classmethod
    def from_dict(cls, data):
        """Return the Fitted that ``to_dict`` was made of."""
        data = dict(data)
        if data.get("knowledge"):
            known = dict(data["knowledge"])
            for name, kind in KNOWLEDGE.items():
                known[name] = kind(
                    **{k: float("nan") if v is None else v for k, v in known[name].items()}
                )
            data["knowledge"] = learn.Knowledge(**known)
        return cls(**data)


KNOWLEDGE = {
    "model": bgnbd.Parameters,
    "plain": bgnbd.Parameters,
    "value": gammagamma.Parameters,
    "typical": risk.Scale,
    "blend": risk.Blend,
    "rule": risk.Blend,
}


@dataclass
class Scores:
    """One entry per customer of the summary; NaN where it cannot be said."""

    expected: np.ndarray  # purchases within the horizon
    buy_probability: np.ndarray  # 0…1, at least one purchase within the horizon
    churn_risk: np.ndarray  # 0…1, 1 − buy_probability
    clv: np.ndarray  # money within the horizon, discounted
    clv_low: np.ndarray  # nine in ten end above
    clv_high: np.ndarray  # nine in ten end below
    next_day: np.ndarray  # int32 day number in their rhythm, 0 unknown
    rfm_recency: np.ndarray  # int8 1…5
    rfm_frequency: np.ndarray
    rfm_monetary: np.ndarray
    factors: np.ndarray  # (n, len(FACTORS)) contributions to the log-odds of churn_risk
    base: float  # log-odds of the average customer: expit(base + factors.sum(1)) = churn_risk


def fit(
    customer, day, amount, as_of, horizon_days, *, min_rank=100, min_value=500, min_purchases=3
):
    """Return the :class:`Fitted` of a purchase log as known at the end of day ``as_of``.

    :param customer, day, amount: as for ``purchases.summarize``
    :param int horizon_days: days ahead, > 0
    :param int min_rank: repeat-capable customers needed to rank, :param int min_value: to speak of money.
        Repeat-capable: bought at least twice, or known for at least the shop's typical gap; a tenth of the
        number needed must have bought at least twice
    :param int min_purchases: purchases of one customer needed for a rhythm, ≥ 2
    :raise ValueError: horizon_days ≤ 0, min_purchases < 2
    """
    if not horizon_days > 0:
        raise ValueError("horizon_days must be above 0.")
    if min_purchases < 2:
        raise ValueError("min_purchases must be at least 2.")
    as_of, horizon_days = int(as_of), int(np.ceil(horizon_days))
    log = purchases.clean(customer, day, amount)
    past = learn.until(log, as_of)
    future = len(log[1]) - len(past[1])
    fitted = Fitted(as_of, horizon_days, FEW, NONE, int(min_purchases))
    warn = fitted.warnings.append
    if future:
        warn({"code": "future", "purchases": int(future)})
    if not len(past[0]):
        warn({"code": "few_customers", "capable": 0, "repeaters": 0, "needed": int(min_rank)})
        return fitted
    summary = purchases.summarize(*past, as_of)
    fitted.edges = {
        "recency": rfm.edges(summary.last),
        "frequency": rfm.edges(summary.n),
        "monetary": rfm.edges(summary.total),
    }
    known = fitted.knowledge = learn.learn(past, as_of, horizon_days)
    features = risk.features(summary, known.model, known.typical, horizon_days)
    fitted.average = reasons.reference(summary, features)
    report = fitted.accuracy = backtest.run(past, as_of, horizon_days)
    report["log_likelihood"] = {
        "mbg_nbd": known.model.log_likelihood,
        "bg_nbd": known.plain.log_likelihood,
        "gamma_gamma": known.value.log_likelihood,
    }

    repeaters = int((summary.n > 1).sum())
    watched = summary.gap + summary.t_x * purchases.DAYS_PER_WEEK >= known.typical.gap
    capable = int(((summary.n > 1) | (watched & (repeaters > 0))).sum())
    enough = [
        capable >= needed and repeaters >= needed * REPEATERS_MIN
        for needed in (min_rank, min_value)
    ]
    if not all(enough):
        needed = int(min_value if enough[0] else min_rank)
        warn(
            {
                "code": "few_customers",
                "capable": capable,
                "repeaters": repeaters,
                "needed": needed,
            }
        )
    if not repeaters:
        warn({"code": "one_purchase_each", "customers": len(summary)})
    elif not report.get("buyers", 1):
        warn({"code": "no_repeat", "buyers": 0})
    if not known.trained and "horizon_days" not in report:
        warn({"code": "short_history", "days": int(as_of - past[1].min())})
    if not known.model.converged:
        warn({"code": "no_fit"})
    fitted.warnings += season_module.season(past[1], as_of, report, TOTAL_OFF_MAX)

    # where everybody always bought, there was nothing to learn from, and nothing to correct
    everybody = known.model.converged and report.get("buyers", 0) > 0
    if enough[0] and (known.trained or everybody):
        auc = [np.nan_to_num(report.get(f"auc_{name}", 0.0)) for name in (MODEL, RULE)]
        fitted.method = MODEL if auc[0] >= auc[1] and known.model.converged else RULE
        fitted.level = (
            MONEY if enough[1] and known.model.converged and known.value.converged else RANK
        )
    report["auc_used"] = report.get(f"auc_{fitted.method}")
    fitted.accuracy, fitted.warnings = _safe(report), _safe(fitted.warnings)
    return fitted


def score(fitted, summary, horizon_days=None, discount_rate=0.10):
    """Return the :class:`Scores` of the customers of a summary.

    :param summary: as of the day of the fit or later, of all customers or of some
    :param horizon_days: days ahead, > 0; default the horizon of the fit
    :param discount_rate: per year, ≥ 0 (0.10 = ten percent)
    :raise ValueError: horizon_days ≤ 0, a negative or infinite discount_rate
    """
    horizon_days = fitted.horizon_days if horizon_days is None else horizon_days
    if not horizon_days > 0:
        raise ValueError("horizon_days must be above 0.")
    if not (np.isfinite(discount_rate) and discount_rate >= 0):
        raise ValueError("discount_rate must be 0 or more.")
    size = len(summary)
    unknown = [np.full(size, np.nan) for _each in range(6)]
    edges = fitted.edges
    scores = Scores(
        *unknown,
        next_day=rhythm.next_day(summary, fitted.min_purchases),
        rfm_recency=rfm.scores(summary.last, edges.get("recency", [])),
        rfm_frequency=rfm.scores(summary.n, edges.get("frequency", [])),
        rfm_monetary=rfm.scores(summary.total, edges.get("monetary", [])),
        factors=np.zeros((size, len(FACTORS))),
        base=0.0,
    )
    # one purchase is the least there can be, also where nobody has more
    scores.rfm_frequency[summary.n == 1] = np.minimum(scores.rfm_frequency[summary.n == 1], 1)
    if fitted.level == FEW or not size:
        return scores
    known = fitted.knowledge
    features = risk.features(summary, known.model, known.typical, horizon_days)
    said = known.predict(summary, horizon_days, features)
    scores.buy_probability = said[fitted.method]
    scores.churn_risk = 1 - scores.buy_probability
    scores.expected = scores.buy_probability * said["count"]
    if fitted.method == MODEL:
        scores.factors, scores.base = reasons.explain(
            summary,
            features,
            known.model,
            known.blend,
            fitted.average,
            horizon_days,
            season_module.pace(known.months, summary.as_of, horizon_days),
        )
    else:
        scores.factors, scores.base = reasons.explain_rule(
            summary, known.rule_for(horizon_days), fitted.average
        )
    if fitted.level == MONEY:
        worth = value.discount_factor(horizon_days, discount_rate)
        each = gammagamma.expected_value(known.value, summary.n_paid, summary.mean)
        low, high = value.interval(
            scores.buy_probability,
            said["count"],
            said["square"],
            *gammagamma.inverse_moments(known.value, summary.n_paid, summary.mean),
            p=known.value.p,
        )
        scores.clv = worth * scores.expected * each
        # the mean may lie outside where nearly all buy nothing and a few buy much
        scores.clv_low = np.minimum(worth * low, scores.clv)
        scores.clv_high = np.maximum(worth * high, scores.clv)
    return scores


def _safe(value_):
    if isinstance(value_, dict):
        return {str(key): _safe(each) for key, each in value_.items()}
    if isinstance(value_, (list, tuple)):
        return [_safe(each) for each in value_]
    if isinstance(value_, (float, np.floating)):
        return float(value_) if np.isfinite(value_) else None
    if isinstance(value_, np.integer):
        return int(value_)
    return value_
