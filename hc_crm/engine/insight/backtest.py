"""The test every prediction has to pass: stand in the company's past, predict, and look what came.

What it does
    ``run`` learns from what was known some time ago, predicts the time since, and reports how well the model
    and the one-line rule did.

How to use it
    >>> import numpy as np
    >>> rng = np.random.default_rng(5)
    >>> ids, days = np.repeat(np.arange(300), 6), np.sort(rng.integers(0, 400, (300, 6))).ravel()
    >>> report = run(purchases.clean(ids, days, np.full(1800, 10.0)), as_of=400, horizon_days=100)
    >>> report["horizon_days"], report["customers"], len(report["deciles"])
    (100, 300, 10)

How it works
    A single split in time (Fader, Hardie & Lee 2005): customers known at the cut-off, learning only from
    before, judged on after. When the horizon is longer than a third of the history, the test looks ahead only
    that third, and says so in ``horizon_days``.
"""

import numpy as np

from . import accuracy, gammagamma, learn, purchases, value


def run(log, as_of, horizon_days):
    """Return the accuracy report, a dict (see keys below), or {} when the history is too short.

    date_cutoff (day number), horizon_days, customers, buyers, auc_model, auc_rule, correlation_model,
    correlation_rule, total_predicted, total_actual, total_rule, calibration_error (of the model),
    calibration_error_rule, deciles (shares by predicted probability), value_deciles (money by predicted
    value), interval_inside (share of customers between the bounds of their value).
    """
    days = learn.ahead_days(log, as_of, horizon_days)
    cutoff = as_of - days
    if not days or not (log[1] <= cutoff).any():
        return {}
    known = learn.learn(log, cutoff, days, compare=False)
    summary = purchases.summarize(*learn.until(log, cutoff), cutoff)
    number, money = learn.outcome(log, summary, days)
    said = known.predict(summary, days)
    bought = number > 0
    expected, expected_rule = said["model"] * said["count"], said["rule"] * said["count"]
    rows = accuracy.deciles(said["model"], bought, rule=said["rule"])
    report = {
        "date_cutoff": int(cutoff),
        "horizon_days": int(days),
        "customers": len(summary),
        "buyers": int(bought.sum()),
        "auc_model": accuracy.auc(said["model"], bought),
        "auc_rule": accuracy.auc(-summary.gap, bought),
        "correlation_model": accuracy.correlation(expected, number),
        "correlation_rule": accuracy.correlation(expected_rule, number),
        "total_predicted": float(expected.sum()),
        "total_actual": int(number.sum()),
        "total_rule": float(expected_rule.sum()),
        "calibration_error": accuracy.calibration_error(rows),
        "calibration_error_rule": accuracy.calibration_error(
            accuracy.deciles(said["rule"], bought)
        ),
        "deciles": rows,
        "value_deciles": [],
        "interval_inside": float("nan"),
    }
    if known.value.converged:
        each = gammagamma.expected_value(known.value, summary.n_paid, summary.mean)
        low, high = value.interval(
            said["model"],
            said["count"],
            said["square"],
            *gammagamma.inverse_moments(known.value, summary.n_paid, summary.mean),
            p=known.value.p,
        )
        report["value_deciles"] = accuracy.deciles(expected * each, money)
        report["interval_inside"] = float(np.mean((money >= low) & (money <= high)))
    return report
