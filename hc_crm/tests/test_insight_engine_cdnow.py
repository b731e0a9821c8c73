from datetime import datetime
from pathlib import Path
from unittest import SkipTest

import numpy as np

from odoo.tests import BaseCase, tagged

from odoo.addons.hc_crm.engine import insight
from odoo.addons.hc_crm.engine.insight import accuracy, gammagamma, learn, purchases

# beside the repository, not part of it
CDNOW = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "CDNOW_sample.txt"
CDNOW_AS_OF = datetime(1997, 9, 30).toordinal()  # the end of week 39
CDNOW_HOLDOUT = 273  # days: weeks 40 to 78


@tagged("post_install", "-at_install")
class TestInsightEngineCdnow(BaseCase):
    """The published figures on CDNOW, and what the product shows for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not CDNOW.exists():
            raise SkipTest("CDNOW_sample.txt is not there.")
        lines = [line.split() for line in CDNOW.read_text().splitlines() if line.strip()]
        days = {}
        for _id, customer, day, _units, dollars in lines:
            key = int(customer), datetime.strptime(day, "%Y%m%d").toordinal()
            days[key] = days.get(key, 0.0) + float(dollars)
        keys = sorted(days)
        cls.log = (
            np.array([key[0] for key in keys]),
            np.array([key[1] for key in keys]),
            np.array([days[key] for key in keys]),
        )
        cls.summary = insight.summarize(*cls.log, CDNOW_AS_OF)
        cls.fitted = insight.fit(*cls.log, CDNOW_AS_OF, CDNOW_HOLDOUT)
        cls.scores = insight.score(cls.fitted, cls.summary, CDNOW_HOLDOUT, 0.0)
        cls.number, cls.money = learn.outcome(purchases.clean(*cls.log), cls.summary, CDNOW_HOLDOUT)

    def test_data(self):
        self.assertEqual(len(self.summary), 2357)
        self.assertEqual(int((self.summary.x > 0).sum()), 946)
        self.assertEqual(int(self.number.sum()), 1882)

    def test_likelihood(self):
        log_likelihood = self.fitted.accuracy["log_likelihood"]
        self.assertAlmostEqual(log_likelihood["bg_nbd"], -9582.4, delta=0.05)
        self.assertAlmostEqual(log_likelihood["mbg_nbd"], -9582.136, delta=0.05)
        self.assertAlmostEqual(log_likelihood["gamma_gamma"], -4055.92, delta=0.05)

    def test_parameters(self):
        plain, model, value = (
            getattr(self.fitted.knowledge, n) for n in ("plain", "model", "value")
        )
        found = [plain.r, plain.alpha, plain.a, plain.b]
        for got, published in zip(found, (0.243, 4.414, 0.793, 2.426), strict=True):
            self.assertAlmostEqual(got / published, 1, delta=0.01)
        found = [model.r, model.alpha, model.a, model.b]
        for got, published in zip(found, (0.525, 6.183, 0.891, 1.614), strict=True):
            self.assertAlmostEqual(got / published, 1, delta=0.01)
        found = [value.p, value.q, value.gamma]
        for got, published in zip(found, (6.25, 3.74, 15.44), strict=True):
            self.assertAlmostEqual(got / published, 1, delta=0.01)
        self.assertEqual(value.customers, 946)
        self.assertAlmostEqual(gammagamma.population_mean(value), 35.17, delta=0.05)

    def test_holdout(self):
        """Ranks, counts, shares and total of the 39 weeks that were not looked at."""
        self.assertEqual((self.fitted.level, self.fitted.method), ("money", "model"))
        bought = self.number > 0
        self.assertGreaterEqual(accuracy.correlation(self.scores.expected, self.number), 0.626)
        auc = accuracy.auc(1 - self.scores.churn_risk, bought)
        self.assertGreater(auc, accuracy.auc(-self.summary.gap, bought))
        self.assertGreaterEqual(auc, 0.775)
        rows = accuracy.deciles(self.scores.buy_probability, bought)
        self.assertLess(accuracy.calibration_error(rows), 0.03)
        self.assertAlmostEqual(self.scores.expected.sum() / 1882, 1, delta=0.05)
        self.assertAlmostEqual(self.scores.clv.sum() / self.money.sum(), 1, delta=0.15)
        inside = (self.money >= self.scores.clv_low) & (self.money <= self.scores.clv_high)
        self.assertGreater(inside.mean(), 0.8)
        self.assertLess((self.money > self.scores.clv_high).mean(), 0.12)

    def test_nothing_from_the_future(self):
        """The same figures when what came later is not even there."""
        past = self.log[1] <= CDNOW_AS_OF
        fitted = insight.fit(*(c[past] for c in self.log), CDNOW_AS_OF, CDNOW_HOLDOUT)
        self.assertEqual(fitted.knowledge, self.fitted.knowledge)
        self.assertEqual(fitted.accuracy, self.fitted.accuracy)

    def test_hundred_customers(self):
        """A hundred customers can be ranked, no sum of money is said; with fifty nothing."""
        for size, level in ((50, "few"), (120, "rank"), (600, "money")):
            with self.subTest(customers=size):
                keep = self.log[0] % (2357 // size) == 1
                log = tuple(column[keep] for column in self.log)
                fitted = insight.fit(*log, CDNOW_AS_OF, CDNOW_HOLDOUT)
                scores = insight.score(fitted, insight.summarize(*log, CDNOW_AS_OF))
                self.assertEqual(fitted.level, level)
                self.assertEqual(np.isfinite(scores.churn_risk).all(), level != "few")
                self.assertEqual(np.isfinite(scores.clv).all(), level == "money")
                self.assertTrue((scores.rfm_recency > 0).all())
