import doctest
import importlib
import json
import pkgutil
from datetime import datetime
from unittest.mock import patch

import numpy as np
from scipy.special import expit, hyp2f1

from odoo.tests import BaseCase, tagged

from odoo.addons.hc_crm.engine import insight
from odoo.addons.hc_crm.engine.insight import (
    accuracy,
    bgnbd,
    gammagamma,
    learn,
    purchases,
    season,
)

DAY = 738_000  # some day in 2021


def world(rng, customers, days, ahead, r, alpha, a, b, shape=1.0, busy=None):
    """Return (customer, day, amount, as_of) of a simulated shop that opened ``days`` before as_of.

    :param alpha: days; r / alpha is the mean number of purchases per day of a customer
    :param shape: of the gamma gaps, 1 = random moments, more = more regular
    :param busy: function of day numbers giving the share of intended purchases that happen, None for all
    """
    rate = rng.gamma(r, 1 / alpha, customers)
    drop = rng.beta(a, b, customers)
    spend = rng.gamma(6.0, 1 / rng.gamma(4.0, 1 / 15.0, customers))
    now = rng.integers(0, days, customers).astype(float)
    alive = np.ones(customers, dtype=bool)
    ids, when = [], []
    first = True
    while alive.any():
        happens = alive & (True if busy is None or first else rng.random(customers) < busy(now))
        ids.append(np.flatnonzero(happens))
        when.append(now[happens].astype(np.int64))
        alive &= ~(happens & (rng.random(customers) < drop))
        now += np.maximum(rng.gamma(shape, 1, customers) / (shape * np.maximum(rate, 1e-9)), 1)
        alive &= now < days + ahead
        first = False
    ids, when = np.concatenate(ids), np.concatenate(when)
    amount = rng.gamma(6.0, spend[ids] / 6.0) + 0.01
    return ids, when + DAY, amount, DAY + days - 1


def truth(log, summary, days):
    return learn.outcome(purchases.clean(*log), summary, days)


@tagged("post_install", "-at_install")
class TestInsightEngineDoctests(BaseCase):
    def test_examples(self):
        """What the engine's docstrings say is what it does."""
        flags = doctest.NORMALIZE_WHITESPACE
        modules = [name for _finder, name, _pkg in pkgutil.iter_modules(insight.__path__)]
        self.assertIn("bgnbd", modules)
        for name in modules:
            with self.subTest(module=name):
                module = importlib.import_module(f"{insight.__name__}.{name}")
                result = doctest.testmod(module, optionflags=flags)
                self.assertGreater(result.attempted, 0)
                self.assertFalse(result.failed)


@tagged("post_install", "-at_install")
class TestInsightEngine(BaseCase):
    """The engine in simulated shops of different kinds, and with input nobody would wish for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rng = np.random.default_rng(11)
        cls.shop = world(rng, 1500, 730, 365, r=0.6, alpha=50.0, a=0.8, b=2.5)
        cls.summary = insight.summarize(*cls.shop)
        cls.fitted = insight.fit(*cls.shop, 365)
        cls.scores = insight.score(cls.fitted, cls.summary)

    # ------------------------------------------------------------
    # mathematics
    # ------------------------------------------------------------

    def test_gradient(self):
        """The analytic gradients are the numeric ones."""
        rng = np.random.default_rng(2)
        x = rng.integers(0, 9, 50).astype(float)
        t_x = np.where(x > 0, rng.uniform(1, 30, 50), 0.0)
        columns = x, t_x, t_x + rng.uniform(0, 20, 50)
        cases = [(bgnbd._terms, [0.2, 1.5, -0.3, 0.9], (*columns, flag)) for flag in (False, True)]
        cases.append((gammagamma._terms, [1.0, 1.2, 2.0], (x + 1, rng.uniform(5, 90, 50))))
        step = 1e-6
        for function, at, rest in cases:
            slope = function(np.array(at), *rest)[1]
            for place in range(len(at)):
                moved = np.eye(len(at))[place] * step
                numeric = function(at + moved, *rest)[0] - function(at - moved, *rest)[0]
                np.testing.assert_allclose(slope[place], numeric / 2 / step, atol=1e-6)

    def test_expected_closed_form(self):
        """The numeric integral agrees with eq. 10 of Fader, Hardie & Lee (2005)."""
        p = bgnbd.Parameters(0.243, 4.414, 0.793, 2.426, modified=False)
        x, t_x = np.arange(8.0), np.array([0, 3, 8, 20, 25, 30, 33, 38.0])
        T, t = np.full(8, 38.86), 39.0
        first = (p.a + p.b + x - 1) / (p.a - 1)
        hyper = hyp2f1(p.r + x, p.b + x, p.a + p.b + x - 1, t / (p.alpha + T + t))
        grown = ((p.alpha + T) / (p.alpha + T + t)) ** (p.r + x)
        alive = (
            p.a / np.where(x > 0, p.b + x - 1, 1) * ((p.alpha + T) / (p.alpha + t_x)) ** (p.r + x)
        )
        closed = first * (1 - grown * hyper) / (1 + (x > 0) * alive)
        np.testing.assert_allclose(bgnbd.expected(p, x, t_x, T, t), closed, rtol=1e-3)

    def test_model_against_simulation(self):
        """Probability, mean and mean square of the purchases to come are what simulation counts."""
        rng = np.random.default_rng(4)
        p = bgnbd.Parameters(0.8, 6.0, 0.9, 3.0)
        x, t_x, T, later = bgnbd.simulate(p, np.full(200_000, 40.0), rng, horizon=30.0)
        alive = bgnbd.p_alive(p, x, t_x, T)
        first, second = bgnbd.moments_alive(p, x, T, 30.0)
        self.assertAlmostEqual(bgnbd.p_purchase(p, x, t_x, T, 30.0).mean(), (later > 0).mean(), 2)
        self.assertAlmostEqual((alive * first).mean() / later.mean(), 1, delta=0.02)
        self.assertAlmostEqual((alive * second).mean() / (later**2).mean(), 1, delta=0.05)
        often = x >= 6
        self.assertAlmostEqual((alive * first)[often].mean() / later[often].mean(), 1, delta=0.02)

    def test_regularity(self):
        """Random moments read near 0, a clock near 1, and each buyer keeps what is theirs."""
        rng = np.random.default_rng(6)
        gaps = np.concatenate([rng.exponential(20, (400, 30)), rng.gamma(50, 0.4, (400, 30))])
        day = DAY + np.cumsum(np.maximum(gaps.round(), 1), axis=1).astype(int)
        summary = insight.summarize(
            np.repeat(np.arange(800), 30), day.ravel(), np.ones(24000), DAY + 3000
        )
        self.assertLess(summary.regularity[:400].mean(), 0.25)
        self.assertGreater(summary.regularity[400:].mean(), 0.85)
        np.testing.assert_array_equal(summary.median_gap, np.median(np.diff(day), axis=1))

    def test_interval_coverage(self):
        """Four of five customers end between the bounds, also those who surely buy."""
        rng = np.random.default_rng(8)
        *log, as_of = world(rng, 3000, 500, 120, r=3.0, alpha=60.0, a=0.6, b=12.0)
        fitted = insight.fit(*log, as_of, 120)
        summary = insight.summarize(*log, as_of)
        scores = insight.score(fitted, summary, 120, 0.0)
        self.assertEqual(fitted.level, "money")
        _number, money = truth(log, summary, 120)
        inside = (money >= scores.clv_low - 1e-9) & (money <= scores.clv_high)
        self.assertTrue(0.8 <= inside.mean() <= 0.95, inside.mean())
        sure = scores.buy_probability > 0.9
        self.assertGreater(sure.sum(), 300)
        self.assertTrue(0.75 <= inside[sure].mean() <= 0.9, inside[sure].mean())
        self.assertAlmostEqual(fitted.accuracy["interval_inside"], inside.mean(), delta=0.06)

    # ------------------------------------------------------------
    # kinds of shops
    # ------------------------------------------------------------

    def test_kinds_of_shops(self):
        """What is used is never clearly worse than the rule, shares are right, totals not far off."""
        rng = np.random.default_rng(9)
        shops = {
            "weekly": (world(rng, 800, 400, 60, 20.0, 140.0, 1.0, 40.0, shape=20.0), 60),
            "grocery": (world(rng, 800, 365, 60, 2.0, 24.0, 0.5, 20.0), 60),
            "business": (world(rng, 800, 1095, 180, 3.0, 105.0, 0.6, 30.0, shape=4.0), 180),
            "rare": (world(rng, 2500, 1095, 365, 8.0, 2880.0, 1.0, 4.0, shape=10.0), 365),
            "mostly once": (world(rng, 6000, 730, 365, 0.3, 60.0, 2.0, 2.0), 365),
        }
        for name, ((*log, as_of), days) in shops.items():
            with self.subTest(shop=name):
                fitted = insight.fit(*log, as_of, days)
                summary = insight.summarize(*log, as_of)
                scores = insight.score(fitted, summary, days)
                number, _money = truth(log, summary, days)
                self.assertEqual(fitted.level, "money")
                used = accuracy.auc(scores.buy_probability, number > 0)
                self.assertGreater(used, accuracy.auc(-summary.gap, number > 0) - 0.01)
                rows = accuracy.deciles(scores.buy_probability, number > 0)
                self.assertLess(accuracy.calibration_error(rows), 0.05)
                self.assertTrue(0.7 < scores.expected.sum() / number.sum() < 1.4)
                report = fitted.accuracy
                self.assertEqual(report["auc_used"], max(report["auc_model"], report["auc_rule"]))

    def test_season(self):
        """A shop that lives on Christmas says so, and expects it when it comes."""
        rng = np.random.default_rng(3)

        def busy(now):
            return np.where((now + DAY - datetime(2020, 12, 31).toordinal()) % 365 > 273, 1.0, 0.25)

        days = datetime(2023, 9, 30).toordinal() - DAY + 1
        *log, as_of = world(rng, 2500, days, 92, 0.6, 25.0, 0.8, 3.0, busy=busy)
        fitted = insight.fit(*log, as_of, 92)
        warnings = [warning for warning in fitted.warnings if warning["code"] == "season"]
        self.assertTrue(warnings)
        quiet, lively = fitted.knowledge.months[6], fitted.knowledge.months[10]
        self.assertGreater(lively, 1.3)
        self.assertLess(quiet, 1.0)
        number, _money = truth(log, insight.summarize(*log, as_of), 92)
        summary = insight.summarize(*log, as_of)
        expected = insight.score(fitted, summary).expected.sum()
        with patch.object(season, "pattern", return_value=[1.0] * 12):
            unaware = insight.score(insight.fit(*log, as_of, 92), summary).expected.sum()
        self.assertLess(abs(expected - number.sum()), abs(unaware - number.sum()))

    def test_even_shop_has_no_season(self):
        self.assertEqual(set(self.fitted.knowledge.months), {1.0})
        self.assertNotIn("season", [warning["code"] for warning in self.fitted.warnings])

    # ------------------------------------------------------------
    # what others rely on
    # ------------------------------------------------------------

    def test_factors_add_up(self):
        """Base and factors are exactly the risk that is shown, for the model and for the rule."""
        for method in ("model", "rule"):
            with self.subTest(method=method), patch.object(self.fitted, "method", method):
                scores = insight.score(self.fitted, self.summary, 200)
                shown = expit(scores.base + scores.factors.sum(axis=1))
                np.testing.assert_allclose(shown, scores.churn_risk, atol=1e-12)
                self.assertEqual(scores.factors.shape, (len(self.summary), len(insight.FACTORS)))
        # the rule knows of nothing but silence, and keeps its order
        silence = insight.FACTORS.index("silence")
        self.assertFalse(np.delete(scores.factors, silence, axis=1).any())
        order = np.argsort(self.summary.gap, kind="stable")
        self.assertTrue((np.diff(scores.churn_risk[order]) >= 0).all())

    def test_longer_horizon(self):
        """More time, more purchases, less risk; discounting takes something off."""
        previous = None
        for days in (30, 91, 365, 730):
            scores = insight.score(self.fitted, self.summary, days, 0.0)
            self.assertTrue((scores.expected >= scores.buy_probability - 1e-12).all())
            self.assertTrue((scores.clv_low <= scores.clv).all())
            self.assertTrue((scores.clv <= scores.clv_high).all())
            if previous:
                self.assertGreater(scores.expected.sum(), previous.expected.sum())
                self.assertLess(scores.churn_risk.mean(), previous.churn_risk.mean())
            previous = scores
        dear = insight.score(self.fitted, self.summary, 730, 0.2)
        self.assertLess(dear.clv.sum(), previous.clv.sum())

    def test_few_customers_from_json(self):
        """An incremental run says of three customers what the full run said of them."""
        fitted = insight.Fitted.from_dict(
            json.loads(json.dumps(self.fitted.to_dict(), allow_nan=False))
        )
        some = np.array([3, 500, 1200])
        lines = np.isin(self.shop[0], self.summary.customer[some])
        summary = insight.summarize(*(column[lines] for column in self.shop[:3]), self.shop[3])
        scores = insight.score(fitted, summary)
        for name in vars(scores):
            if name != "base":
                expected = getattr(self.scores, name)[some]
                np.testing.assert_allclose(getattr(scores, name), expected, 1e-12, err_msg=name)

    def test_deterministic(self):
        self.assertEqual(insight.fit(*self.shop, 365).to_dict(), self.fitted.to_dict())

    def test_take(self):
        part = self.summary.take(self.summary.n > 3)
        self.assertTrue(len(part) and (part.n > 3).all())
        self.assertFalse(len(insight.score(self.fitted, part.take([])).clv))

    def test_health_counts_what_is_known(self):
        """Unknown factors hand their weight on; weights that say nothing are refused."""
        unknown = np.nan
        score, band, parts = insight.health(
            [1.0, unknown, 0.0],
            [1.0, unknown, 0.0],
            [1.0, 0.2, 0.0],
            unknown,
            1.0,
            (3, 2, 2, 2, 1),
            40,
            70,
        )
        self.assertEqual(band.tolist(), ["high", "middle", "low"])
        np.testing.assert_allclose(score, 50 + 50 * parts.sum(axis=1))
        for weights in ((0,) * 5, (1, 1, 1, 1, -1), (np.nan, 1, 1, 1, 1)):
            with self.assertRaisesRegex(ValueError, r"(?i)weight"):
                insight.health([1.0], [1.0], [1.0], [1.0], [1.0], weights, 40, 70)

    # ------------------------------------------------------------
    # bad input
    # ------------------------------------------------------------

    def _run(self, customer, day, amount, as_of=DAY, horizon=365):
        """Fit, score, and check that whatever is said can be said."""
        fitted = insight.fit(customer, day, amount, as_of, horizon)
        summary = insight.summarize(customer, day, amount, as_of)
        scores = insight.score(fitted, summary, horizon)
        json.dumps([fitted.to_dict(), fitted.accuracy, fitted.warnings], allow_nan=False)
        if fitted.level == "few":
            self.assertTrue(np.isnan(scores.churn_risk).all())
            self.assertEqual(fitted.method, "none")
        else:
            self.assertTrue(((scores.churn_risk >= 0) & (scores.churn_risk <= 1)).all())
            self.assertTrue(np.isfinite(scores.expected).all())
        self.assertEqual(np.isfinite(scores.clv).all(), fitted.level == "money" or not len(summary))
        return fitted, [warning["code"] for warning in fitted.warnings], scores

    def test_nothing_to_learn(self):
        """No purchases, one each, all on one day, known for no time: said, nothing made up."""
        rng = np.random.default_rng(1)
        many = np.arange(2000)
        cases = {
            "no purchases": ([], [], [], ["few_customers"]),
            "only later": ([1], [DAY + 1], [5.0], ["future", "few_customers"]),
            "one each": (
                many,
                DAY - rng.integers(0, 700, 2000),
                np.ones(2000),
                ["few_customers", "one_purchase_each"],
            ),
            "today": (
                many,
                np.full(2000, DAY),
                np.ones(2000),
                ["few_customers", "one_purchase_each", "short_history", "no_fit"],
            ),
            "long silent": (
                np.repeat(many, 2),
                np.tile([DAY - 700, DAY - 690], 2000),
                np.ones(4000),
                ["no_repeat"],
            ),
        }
        for name, (*log, codes) in cases.items():
            with self.subTest(name):
                fitted, warnings, scores = self._run(*log)
                self.assertEqual((fitted.level, warnings), ("few", codes))
                self.assertTrue((scores.rfm_frequency[scores.rfm_frequency > 0] <= 5).all())

    def test_strange_numbers(self):
        customer, day, amount, as_of = self.shop
        strange = amount.copy()
        strange[:4] = [np.inf, -5.0, 0.0, 1e18]
        cases = {
            "unknown amounts": (np.full(len(day), np.nan), "rank"),
            "half of them": (np.where(day % 2, amount, np.nan), "money"),
            "huge": (amount * 1e15, "money"),
            "strange": (strange, "money"),
            "one price": (np.full(len(day), 9.99), "money"),
        }
        for name, (values, level) in cases.items():
            with self.subTest(name):
                fitted, _warnings, _scores = self._run(customer, day, values, as_of)
                self.assertEqual(fitted.level, level)

    def test_one_customer_buys_every_day(self):
        """A hundred thousand days of one customer change nothing for the others."""
        customer, day, amount, as_of = self.shop
        size = 100_000
        fitted, _warnings, scores = self._run(
            np.append(customer, np.full(size, 10**6)),
            np.append(day, np.arange(as_of - size + 1, as_of + 1)),
            np.append(amount, np.full(size, 5.0)),
            as_of,
        )
        self.assertEqual(fitted.level, "money")
        self.assertLess(np.abs(scores.churn_risk[:-1] - self.scores.churn_risk).mean(), 0.02)
        self.assertLess(scores.churn_risk[-1], 0.1)

    def test_everybody_always_buys(self):
        fitted, _warnings, scores = self._run(
            np.repeat(np.arange(800), 52),
            np.tile(np.arange(DAY - 363, DAY + 1, 7), 800),
            np.full(41600, 9.0),
            horizon=60,
        )
        self.assertNotEqual(fitted.level, "few")
        self.assertLess(scores.churn_risk.max(), 0.1)

    def test_unsorted_and_twice_a_day(self):
        """Any order will do, and two purchases on a day are one."""
        customer, day, amount, as_of = self.shop
        fitted = insight.fit(
            np.append(customer, customer)[::-1],
            np.append(day, day)[::-1],
            np.append(amount, amount)[::-1] / 2,
            as_of,
            365,
        )
        self.assertEqual(fitted.knowledge.model, self.fitted.knowledge.model)

    def test_no_fit(self):
        """When the search for the model fails, the rule still stands."""
        failed = bgnbd.Parameters(1.0, 1.0, 1.0, 1.0, converged=False)
        with patch.object(bgnbd, "fit", return_value=failed):
            fitted, warnings, scores = self._run(*self.shop)
        self.assertEqual((fitted.level, fitted.method), ("rank", "rule"))
        self.assertIn("no_fit", warnings)
        number, _money = truth(self.shop[:3], self.summary, 365)
        rule = accuracy.auc(-self.summary.gap, number > 0)
        self.assertAlmostEqual(accuracy.auc(scores.buy_probability, number > 0), rule)

    def test_horizon(self):
        for horizon in (0, -3, float("nan")):
            with self.assertRaisesRegex(ValueError, "horizon_days"):
                insight.fit(*self.shop, horizon)
            with self.assertRaisesRegex(ValueError, "horizon_days"):
                insight.score(self.fitted, self.summary, horizon)
        with self.assertRaisesRegex(ValueError, "discount_rate"):
            insight.score(self.fitted, self.summary, 30, -0.1)
