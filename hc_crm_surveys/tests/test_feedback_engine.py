import doctest
from math import comb, sqrt

from odoo.tests import BaseCase, tagged

from ..engine.feedback import driver, figure, metric


def trinomial(n, good, bad):
    """Yield ``(good, bad, probability)`` of every outcome of ``n`` answers."""
    for a in range(n + 1):
        for b in range(n + 1 - a):
            chance = (
                comb(n, a) * comb(n - a, b) * good**a * bad**b * (1 - good - bad) ** (n - a - b)
            )
            yield a, b, chance


@tagged("post_install", "-at_install")
class TestFeedbackEngine(BaseCase):
    def test_doctests(self):
        for module in (metric, figure, driver):
            result = doctest.testmod(module)
            self.assertGreater(result.attempted, 0, module)
            self.assertEqual(result.failed, 0, module)

    def test_wilson_against_newcombe_1998(self):
        """Table I of "Two-sided confidence intervals for the single proportion", method 3."""
        for good, n, low, high in (
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ):
            found = figure.wilson(good, n)
            self.assertAlmostEqual(found[0], low, 4)
            self.assertAlmostEqual(found[1], high, 4)

    def test_nps_interval_covers_what_rocks_2016_found(self):
        """At n = 5 plain Wald covers 80–84 %, the adjusted one 92–95 % (exact, all outcomes)."""
        z = figure.z_of()
        for good, bad in ((0.35, 0.35), (0.5, 0.25), (0.4, 0.3)):
            truth = 100 * (good - bad)
            plain = adjusted = 0
            for a, b, chance in trinomial(5, good, bad):
                low, high = figure.nps_interval(a, b, 5)
                adjusted += chance if low <= truth <= high else 0
                p, d = a / 5, b / 5
                half = 100 * z * sqrt((p + d - (p - d) ** 2) / 5)
                plain += chance if abs(100 * (p - d) - truth) <= half else 0
            self.assertGreater(adjusted, 0.91)
            self.assertLess(plain, 0.90)
            self.assertGreater(adjusted, plain)

    def test_nps_ends(self):
        self.assertEqual(figure.nps_interval(3, 0, 3)[1], 100)
        self.assertEqual(figure.nps_interval(0, 3, 3)[0], -100)
        for wrong in ((2, 2, 3), (-1, 0, 3), (0, 0, 0)):
            with self.assertRaises(ValueError):
                figure.nps_interval(*wrong)

    def test_mean_against_nist(self):
        """NIST/SEMATECH e-Handbook, 1.3.5.2: ZARR13.DAT."""
        low, high = figure.mean_interval(9.261460, 0.022789, 195)
        self.assertAlmostEqual(low, 9.258242, 5)
        self.assertAlmostEqual(high, 9.264679, 5)

    def test_welch_against_the_textbook(self):
        """Scores 1, 2, 3, 4, 5 against 3, 4, 5, 6, 7: t = 2, 8 degrees of freedom, p = .0805."""
        one = figure.figure("mean", dict.fromkeys(range(1, 6), 1), 0, 0)
        two = figure.figure("mean", dict.fromkeys(range(3, 8), 1), 0, 0)
        self.assertAlmostEqual(figure.compare(one, two).chance, 0.0805, 4)

    def test_two_shares_against_campbell(self):
        """15 of 20 against 9 of 20: chi square 3.75, and N−1 makes it 3.65625, p = .0559."""
        one = figure.figure("share", {1: 15, 0: 5}, 15, 5)
        two = figure.figure("share", {1: 9, 0: 11}, 9, 11)
        self.assertAlmostEqual(figure.compare(one, two).chance, 0.0559, 4)
        self.assertTrue(figure.compare(one, two).may_be_chance)

    def test_two_nps(self):
        """z of the difference by hand: n' = 103; .3981 − .1068 = .2913 against .4951 − .1068 …"""
        one = figure.figure("nps", {9: 40, 8: 50, 1: 10}, 40, 10)
        two = figure.figure("nps", {9: 50, 8: 40, 1: 10}, 50, 10)
        found = figure.compare(one, two)
        self.assertEqual(found.delta, 10)
        p1, p2, d = 40.75 / 103, 50.75 / 103, 10.75 / 103
        error = sqrt((p1 + d - (p1 - d) ** 2) / 103 + (p2 + d - (p2 - d) ** 2) / 103)
        self.assertAlmostEqual(found.chance, 2 * float(figure.ndtr(-(p2 - p1) / error)), 10)
        with self.assertRaises(ValueError):
            figure.compare(one, figure.figure("share", {1: 3}, 3, 0))

    def test_too_few(self):
        few = figure.figure("nps", {9: 9}, 9, 0, least=10)
        self.assertFalse(few.is_enough)
        self.assertEqual(few.n, 9)
        self.assertIsNone(figure.compare(few, few))
        self.assertFalse(figure.figure("mean", {3: 1}, 0, 0).is_enough)
        self.assertFalse(figure.figure("nps", {}, 0, 0).is_enough)

    def test_spearman_against_the_textbook(self):
        """IQ and hours of television of ten people: ρ = −29/165, p = .627 (Wikipedia's worked example)."""
        data = [
            (86, 2), (97, 20), (99, 28), (100, 27), (101, 50),
            (103, 29), (106, 7), (110, 17), (112, 6), (113, 12),
        ]  # fmt: skip
        found = driver.association(dict.fromkeys(data, 1))
        self.assertAlmostEqual(found.r, -29 / 165, 10)
        self.assertAlmostEqual(found.chance, 0.627, 3)
        self.assertEqual((found.strength, found.n), ("weak", 10))

    def test_nothing_varies(self):
        self.assertIsNone(driver.association({(1, 5): 10, (2, 5): 10}))
        self.assertIsNone(driver.association({(1, 5): 1, (2, 6): 1}))

    def test_point_biserial(self):
        """Two groups of two: r = 2/√5 by hand."""
        found = driver.association({(0, 1): 1, (0, 2): 1, (1, 3): 1, (1, 4): 1}, ranked=False)
        self.assertAlmostEqual(found.r, 2 / sqrt(5), 10)

    def test_holm(self):
        self.assertEqual([round(c, 6) for c in driver.holm([0.01, 0.02, 0.03])], [0.03, 0.04, 0.04])
        self.assertEqual(driver.holm([]), [])
