"""Predictions of the product on CDNOW, loaded as real sales orders, beside what was published about it.

CDNOW (Fader, Hardie & Lee 2005): 2,357 customers, first purchases in early 1997, learnt from weeks 1–39 and
checked on weeks 40–78. Insight is worked out as of the end of week 39 and sees nothing of what followed; the
figures are read from ``hc.customer.insight``, as a person sees them.
"""

import statistics
import sys
from datetime import date, datetime
from pathlib import Path

import common
import numpy as np
from common import say

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "CDNOW_sample.txt"
AS_OF = date(1997, 9, 30)  # the end of week 39
HORIZON_DAYS = 39 * 7
# published: Fader, Hardie & Lee 2005 (BG/NBD, Gamma-Gamma); Batislam, Denizel & Filiztekin 2007 (MBG/NBD)
PUBLISHED = {"bg_nbd": -9582.4, "mbg_nbd": -9582.136, "gamma_gamma": -4055.92}


def read():
    """Return ``[(customer, date, dollars)]``."""
    rows = []
    for line in DATA.read_text().splitlines():
        _id, customer, day, _units, dollars = line.split()
        rows.append((int(customer), datetime.strptime(day, "%Y%m%d").date(), float(dollars)))
    return rows


def load(env, rows):
    """Make a company with these orders; return ``(company, {customer: partner id})``."""
    company = env["res.company"].create({"name": "CDNOW", "currency_id": env.ref("base.USD").id})
    customers = sorted({row[0] for row in rows})
    partners = env["res.partner"].create([{"name": f"CDNOW {number}"} for number in customers])
    ids = dict(zip(customers, partners.ids, strict=True))
    env.flush_all()
    values = [
        [
            f"CDNOW{number}", ids[customer], ids[customer], ids[customer], company.id, "sale",
            datetime(day.year, day.month, day.day, 12), dollars, dollars, 1, company.currency_id.id,
        ]
        for number, (customer, day, dollars) in enumerate(rows)
    ]  # fmt: skip
    env.cr.executemany(
        """
        INSERT INTO sale_order (name, partner_id, partner_invoice_id, partner_shipping_id, company_id,
            state, date_order, amount_untaxed, amount_total, currency_rate, currency_id)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        values,
    )
    env.invalidate_all()
    return company, ids


def predict(env, rows):
    """Work out insight as of week 39; return ``(run, what it says, what happened)``."""
    company, ids = load(env, rows)
    env["hc.insight.config"]._for_company(company).horizon_days = HORIZON_DAYS
    run = env["hc.insight.run"]._run(company, "full", as_of=AS_OF)
    if run.state != "done":
        raise AssertionError(run.error)
    insights = env["hc.customer.insight"].search([("company_id", "=", company.id)])
    said = {
        insight.partner_id.id: {
            "expected": insight.expected_purchases,
            "probability": insight.buy_probability,
            "low": insight.clv_low,
            "high": insight.clv_high,
            "silence": (AS_OF - insight.last_purchase_date).days,
            "rate": (insight.frequency - 1)
            / max((AS_OF - insight.first_purchase_date).days / 7, 1),
        }
        for insight in insights
    }
    days, money = {}, {}
    for customer, day, dollars in rows:
        if day > AS_OF:
            days.setdefault(ids[customer], set()).add(day)
            money[ids[customer]] = money.get(ids[customer], 0.0) + dollars
    order = sorted(said)
    happened = {
        "purchases": np.array([len(days.get(id_, ())) for id_ in order]),
        "money": np.array([money.get(id_, 0.0) for id_ in order]),
    }
    names = next(iter(said.values()))
    return run, {name: np.array([said[id_][name] for id_ in order]) for name in names}, happened


def auc(score, bought):
    """Share of pairs (one who bought, one who did not) that the score puts in the right order."""
    from scipy.stats import rankdata

    ranks = rankdata(score)
    number = bought.sum()
    return (ranks[bought].sum() - number * (number + 1) / 2) / (number * (~bought).sum())


def run(bench):
    if not DATA.exists():
        sys.exit("The public CDNOW sample is not here: nothing to measure.")
    bench.start_odoo()
    database = bench.database("accuracy", None, recipe=sys.modules[__name__])
    say("· working out CDNOW …")
    with bench.environment(database) as env:
        done, said, happened = predict(env, read())
        likelihood = done.accuracy["log_likelihood"]
        bought = happened["purchases"] > 0
        # the naive rate x/T · 39, of which FIELD_FACTS and the papers speak
        naive = said["rate"] * HORIZON_DAYS / 7
        groups = np.array_split(np.argsort(said["probability"], kind="stable"), 10)
        gaps = [abs(said["probability"][g].mean() - bought[g].mean()) for g in groups]
        inside = (happened["money"] >= said["low"] - 0.005) & (
            happened["money"] <= said["high"] + 0.005
        )
        total = happened["purchases"].sum()
        figures = {
            "auc": auc(said["probability"], bought),
            "auc_rule": auc(-said["silence"], bought),
            "correlation": np.corrcoef(said["expected"], happened["purchases"])[0, 1],
            "correlation_naive": np.corrcoef(naive, happened["purchases"])[0, 1],
            "calibration": statistics.mean(gaps),
            "total": said["expected"].sum(),
            "total_naive": naive.sum(),
            "actual": int(total),
            "inside": inside.mean(),
            "method": done.method,
        }
        env.cr.rollback()
    bench.values |= {name: str(value) for name, value in figures.items()}
    rows = [
        ["BG/NBD log-likelihood", f"{likelihood['bg_nbd']:.3f}", str(PUBLISHED["bg_nbd"]), "within 0.05"],
        ["MBG/NBD log-likelihood", f"{likelihood['mbg_nbd']:.3f}", str(PUBLISHED["mbg_nbd"]), "within 0.05"],
        ["Gamma-Gamma log-likelihood", f"{likelihood['gamma_gamma']:.3f}", str(PUBLISHED["gamma_gamma"]),
         "within 0.05"],
        ["who buys again in weeks 40–78 (AUC)", f"**{figures['auc']:.3f}**",
         f"BG/NBD .757; days of silence {figures['auc_rule']:.3f}", "≥ .771"],
        ["expected against actual purchases (correlation)", f"**{figures['correlation']:.3f}**",
         f"BG/NBD .626; so far's rate {figures['correlation_naive']:.3f}", "≥ .62"],
        ["purchases in total", f"**{figures['total']:,.0f}**",
         f"actual {total:,}; BG/NBD 1,653; so far's rate {figures['total_naive']:,.0f}", "within 15 %"],
        ["share who buy, predicted against actual, by decile", f"**{100 * figures['calibration']:.1f} points**",
         "–", "≤ 5 on average"],
        ["actual value inside the range shown", f"{100 * figures['inside']:.0f} %", "meant: 80 %", "–"],
    ]  # fmt: skip
    bench.table(
        "",
        ["CDNOW, as of week 39", "insight", "published, or the simple way", "bar"],
        rows,
        f"2,357 customers, 6,919 orders; used: the {done_method(figures)}. AUC: how often somebody who came "
        "back was rated above somebody who did not.",
    )
    bench.drop(database)


def done_method(figures):
    return {"model": "model blended with what the shop's own past teaches", "rule": "rule"}.get(
        figures["method"], figures["method"]
    )


def generate(env, size):
    """The orders are loaded and rolled back by the measurement itself."""
    env.cr.commit()


def vacuum(cr):
    """Nothing was generated."""


if __name__ == "__main__":
    common.main("accuracy", run)
