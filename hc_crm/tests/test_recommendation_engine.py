import doctest
import time

import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import recommendation as engine


@tagged("post_install", "-at_install")
class TestRecommendationEngine(BaseCase):
    def test_documentation(self):
        result = doctest.testmod(engine)
        self.assertGreater(result.attempted, 15)
        self.assertFalse(result.failed)

    def test_against_counting_by_hand(self):
        """The same pairs and numbers as two loops over everything."""
        rng = np.random.default_rng(19)
        customer, product = rng.integers(0, 60, 700), rng.integers(0, 25, 700)
        baskets = {}
        for who, what in zip(customer.tolist(), product.tolist(), strict=True):
            baskets.setdefault(who, set()).add(what)
        expected = {}
        for one in range(25):
            for other in range(25):
                both = sum({one, other} <= basket for basket in baskets.values())
                n_one = sum(one in basket for basket in baskets.values())
                n_other = sum(other in basket for basket in baskets.values())
                lift = both * len(baskets) / (n_one * n_other)
                if one != other and both >= 8 and lift > 1 + 1e-9:
                    expected[one, other] = (both, round(lift, 9), round(both / n_one, 9))
        self.assertGreater(len(expected), 20)
        # small blocks must give the same as one large one
        for block in (engine.MAX_BLOCK_PAIRS, 500):
            with self.subTest(block=block):
                self.patch(engine, "MAX_BLOCK_PAIRS", block)
                pairs = engine.copurchase(customer, product, min_support=8, top=25)
                found = {
                    (one, other): (support, round(lift, 9), round(confidence, 9))
                    for one, other, support, lift, confidence, _cautious in zip(
                        *(column.tolist() for column in pairs.columns()), strict=True
                    )
                }
                self.assertEqual(found, expected)

    def test_top_keeps_the_most_telling(self):
        # 1 and 2 by ten customers of fifteen, 1 and 3 by three of them who bought nothing else
        customer = [*range(10), *range(10), 10, 11, 12, 10, 11, 12, 13, 14]
        product = [1] * 10 + [2] * 10 + [1] * 3 + [3] * 3 + [4] * 2
        pairs = engine.copurchase(customer, product, min_support=3, top=1)
        of_one = pairs.other[pairs.product == 1].tolist()
        self.assertEqual(of_one, [2])

    def test_one_customer_with_everything(self):
        """A hundred thousand orders of everything in one name neither explode nor drown the others."""
        customer = np.concatenate([np.zeros(100_000, int), np.repeat(np.arange(1, 31), 2)])
        product = np.concatenate([np.arange(100_000) % 20_000 + 10, np.tile([1, 2], 30)])
        recency = np.arange(len(customer))
        start = time.perf_counter()
        pairs = engine.copurchase(customer, product, recency, min_support=3)
        self.assertLess(time.perf_counter() - start, 5)
        self.assertEqual(pairs.product.tolist(), [1, 2])
        self.assertEqual(pairs.support.tolist(), [30, 30])

    def test_large_shop(self):
        """200,000 customers, a million lines, 2,000 products: seconds, not minutes."""
        rng = np.random.default_rng(3)
        lines = 1_000_000
        customer = rng.integers(0, 200_000, lines)
        product = np.minimum(rng.zipf(1.3, lines), 10**6) % 2000
        start = time.perf_counter()
        pairs = engine.copurchase(customer, product)
        self.assertLess(time.perf_counter() - start, 10)
        self.assertGreater(len(pairs), 1000)
        self.assertTrue((pairs.lift > 1).all() and (pairs.support >= 3).all())
        self.assertTrue((pairs.cautious_lift < pairs.lift).all())
        self.assertLessEqual(np.unique(pairs.product, return_counts=True)[1].max(), 20)

    def test_bad_input(self):
        for arguments in (
            {"customer": [1], "product": [1, 2]},
            {"customer": [1], "product": [1], "recency": []},
            {"customer": [1], "product": [1], "min_support": 0},
            {"customer": [1], "product": [1], "top": 0},
            {"customer": [1], "product": [1], "max_basket": 1},
        ):
            with self.subTest(arguments), self.assertRaises(ValueError):
                engine.copurchase(**arguments)
