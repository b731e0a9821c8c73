"""Which products the same customers buy, and how that and what a customer likes become a suggestion.

What it does
    ``copurchase`` finds, for every product, the products bought by the same customers more often than
    chance would have it. ``due`` says whether something they buy again and again is due;
    ``closeness`` how near a price is to what they usually pay; ``together`` adds up evidence.

How to use it
    >>> import numpy as np
    >>> customer = np.array([1, 1, 2, 2, 3, 3, 4, 4, 5, 6])
    >>> product = np.array([10, 20, 10, 20, 10, 20, 10, 30, 30, 30])
    >>> pairs = copurchase(customer, product, min_support=3)
    >>> [(int(p), int(o), int(s), float(l)) for p, o, s, l in zip(*pairs.columns()[:4])]
    [(10, 20, 3, 1.5), (20, 10, 3, 1.5)]

How it works
    Association rules of two products over *customers*, not over single orders: what somebody buys in May
    and in June tells as much about taste as what lies in one basket. Support, confidence: Agrawal &
    Srikant (1994), "Fast Algorithms for Mining Association Rules", VLDB. Lift: Brin, Motwani, Ullman & Tsur
    (1997), "Dynamic Itemset Counting and Implication Rules for Market Basket Data", SIGMOD (there
    "interest"). From product to product, computed beforehand: Linden, Smith & York (2003), "Amazon.com
    Recommendations: Item-to-Item Collaborative Filtering", IEEE Internet Computing 7(1).

    Lift alone loves the rare: two products bought once, by one customer, have the highest lift there is.
    Hence the floor of support, and the ranking by the *cautious* lift, the lower end of its interval.
"""

import math
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from scipy import sparse

# Products of one customer that count, the most recently bought first. The work grows with the square of
# it; a person's taste is told by far fewer, and "Counter Sales" with everything on it tells nothing.
MAX_BASKET = 200
# Pairs counted in one go: bounds the memory (12 bytes a pair, a few copies) whatever the size of the shop.
MAX_BLOCK_PAIRS = 4_000_000
# One-sided 95 % of the normal distribution.
Z_CAUTIOUS = 1.645
# Rhythm within which something is due: from a fifth before the usual gap is over until four gaps later.
# Conventions: earlier they still have it; later they buy it elsewhere, or no longer.
DUE_FROM = 0.8
DUE_UNTIL = 4.0


@dataclass
class Pairs:
    """Columns of equal length; one line says: of ``product``'s customers, ``support`` bought ``other``."""

    product: np.ndarray
    other: np.ndarray
    support: np.ndarray  # customers who bought both
    lift: np.ndarray  # how many times more than by chance
    confidence: np.ndarray  # share of the product's customers who bought the other one as well
    cautious_lift: np.ndarray  # lower end of the lift's interval

    def __len__(self):
        return len(self.product)

    def columns(self):
        return [getattr(self, field.name) for field in fields(self)]


def copurchase(
    customer,
    product,
    recency=None,
    *,
    candidates=None,
    min_support=3,
    top=20,
    max_basket=MAX_BASKET,
):
    """Return the products that go with each product, the most telling first: ``Pairs``.

    :param customer: ids (integers ≥ 0), one per line; repeated lines of a customer and product count once
    :param product: ids (integers ≥ 0), as long as ``customer``
    :param recency: numbers, larger = bought later; decides which products of a huge customer count
    :param candidates: ids of the products that may be suggested at all; None for every one
    :param int min_support: customers who bought both, at least (≥ 1)
    :param int top: pairs per product, at most (≥ 1)
    :param int max_basket: products per customer that count (≥ 2)
    :raise ValueError: for arrays of different lengths or limits out of range

    Lift is support · N / (n₁ · n₂), with N customers in all. Only pairs with a lift above 1 are returned:
    what is bought together less often than by chance is no suggestion.

    Everybody buys both: that says nothing about either.

    >>> len(copurchase([1, 1, 2, 2, 3, 3], [7, 8, 7, 8, 7, 8]))
    0

    Nobody bought anything, or too few did.

    >>> len(copurchase([], [])), len(copurchase([1, 1, 2], [7, 8, 9]))
    (0, 0)

    A product that may not be suggested still says what goes with it.

    >>> pairs = copurchase([1, 1, 2, 2, 3], [7, 8, 7, 8, 9], candidates=[8, 9], min_support=2)
    >>> pairs.product.tolist(), pairs.other.tolist()
    ([7], [8])

    Of a customer with more products than count, the latest do.

    >>> pairs = copurchase([1, 1, 1, 2, 2, 3], [7, 8, 9, 7, 9, 6], [1, 2, 3, 1, 1, 1],
    ...     min_support=1, max_basket=2)
    >>> sorted(zip(pairs.product.tolist(), pairs.other.tolist()))
    [(7, 9), (8, 9), (9, 7), (9, 8)]
    """
    customer = np.asarray(customer, dtype=np.int64)
    product = np.asarray(product, dtype=np.int64)
    recency = np.zeros(len(customer)) if recency is None else np.asarray(recency, dtype=np.float64)
    if not len(customer) == len(product) == len(recency):
        raise ValueError("Customers, products and dates must be of the same length.")
    if min_support < 1 or top < 1 or max_basket < 2:
        raise ValueError("Support and top start at 1, the size of a basket at 2.")
    bought, products = _incidence(customer, product, recency, max_basket)
    if not len(products):
        return _pairs([])
    allowed = (
        np.ones(len(products), dtype=bool)
        if candidates is None
        else np.isin(products, np.asarray(candidates, dtype=np.int64))
    )
    total, counts = bought.shape[0], np.diff(bought.tocsc().indptr)
    blocks = []
    # a product with fewer customers than that cannot share so many with another
    wanted = np.flatnonzero(counts >= min_support)
    by_product = bought.T.tocsr()[wanted]
    for start, stop in _blocks(by_product @ np.diff(bought.indptr).astype(np.int64)):
        both = (by_product[start:stop] @ bought).tocoo()
        row, col, support = wanted[both.row + start], both.col, both.data
        keep = (support >= min_support) & (row != col) & allowed[col]
        row, col, support = row[keep], col[keep], support[keep].astype(np.int64)
        lift = support * (total / (counts[row].astype(np.float64) * counts[col]))
        keep = lift > 1 + 1e-9
        row, col, support, lift = row[keep], col[keep], support[keep], lift[keep]
        cautious = cautious_lift(lift, support)
        order = np.lexsort((col, -support, -cautious, row))
        order = order[_rank_within(row[order]) < top]
        row, col, support = row[order], col[order], support[order]
        confidence = support / counts[row]
        blocks.append(
            (products[row], products[col], support, lift[order], confidence, cautious[order])
        )
    return _pairs(blocks)


def cautious_lift(lift, support):
    """Return the lower end of the 95 % interval of a lift seen in ``support`` customers.

    On the logarithmic scale a count n has a standard error of about 1/√n (Poisson; Breslow & Day 1987,
    "Statistical Methods in Cancer Research" II): lift · exp(−z/√n).

    >>> [round(float(cautious_lift(3.0, n)), 2) for n in (3, 30, 300)]
    [1.16, 2.22, 2.73]
    """
    return np.asarray(lift) * np.exp(-Z_CAUTIOUS / np.sqrt(support))


def strength(cautious, floor=0.05):
    """Return how much of the buying together is more than chance, 0 < s < 1.

    The attributable fraction 1 − 1/lift; a lift that may be chance still gets a little, for it is the best
    that small shops have.

    >>> strength(4.0), strength(1.0), strength(0.5)
    (0.75, 0.05, 0.05)
    """
    return max(floor, 1 - 1 / cautious) if cautious > 0 else floor


def together(shares):
    """Return the evidence of several sources together, each 0 ≤ s < 1: 1 − Π(1 − s).

    >>> together([0.5, 0.5]), together([])
    (0.75, 0.0)
    """
    rest = 1.0
    for share in shares:
        rest *= 1 - share
    return 1 - rest


def due(days, today, min_purchases=3):
    """Return ``(gap, since, score)`` of what is bought again and again, or None if it is not due.

    :param days: days of purchase, ascending, without repetition (numbers)
    :param today: today, in the same count
    :param int min_purchases: purchases needed to speak of a rhythm (≥ 2)

    The gap is the median of the gaps. The score, 0 < s ≤ 1, is highest one gap after the last purchase.

    >>> due([0, 28, 56], 98)
    (28.0, 42, 0.67)
    >>> due([0, 28, 56], 84)
    (28.0, 28, 1.0)

    Too early, too late, or not a habit.

    >>> due([0, 28, 56], 70), due([0, 28, 56], 400), due([0, 28], 60)
    (None, None, None)
    """
    if len(days) < max(min_purchases, 2):
        return None
    gaps = sorted(later - earlier for earlier, later in pairwise(days))
    middle = len(gaps) // 2
    gap = float(gaps[middle] if len(gaps) % 2 else (gaps[middle - 1] + gaps[middle]) / 2)
    since = today - days[-1]
    if gap <= 0 or not DUE_FROM * gap <= since <= DUE_UNTIL * gap:
        return None
    return gap, since, round(min(since / gap, gap / since), 2)


def closeness(price, usual):
    """Return how near a price is to the usual one, 0 < c ≤ 1: half at twice or half the price.

    >>> closeness(80, 80), closeness(40, 80), closeness(320, 80), closeness(0, 80)
    (1.0, 0.5, 0.25, 0.5)
    """
    if price <= 0 or usual <= 0:
        return 0.5  # nothing to compare
    return 2 ** -abs(math.log2(price / usual))


def _incidence(customer, product, recency, max_basket):
    """Return the 0/1 matrix of customers × products, and the product ids of its columns."""
    customers, row = np.unique(customer, return_inverse=True)
    products, col = np.unique(product, return_inverse=True)
    # one line per customer and product, the latest
    order = np.lexsort((-recency, col, row))
    row, col, recency = row[order], col[order], recency[order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (col[1:] != col[:-1])
    row, col, recency = row[first], col[first], recency[first]
    if len(row) and np.bincount(row).max() > max_basket:
        order = np.lexsort((col, -recency, row))
        row, col = row[order], col[order]
        keep = _rank_within(row) < max_basket
        row, col = row[keep], col[keep]
    # sums of ones: as wide as the number of customers needs
    ones = np.ones(len(row), dtype=np.int32)
    matrix = sparse.csr_matrix((ones, (row, col)), shape=(len(customers), len(products)))
    return matrix, products


def _rank_within(group):
    """Return each line's place within its group, from 0; ``group`` is sorted.

    >>> _rank_within(np.array([4, 4, 7, 9, 9, 9])).tolist()
    [0, 1, 0, 0, 1, 2]
    """
    start = np.ones(len(group), dtype=bool)
    start[1:] = group[1:] != group[:-1]
    position = np.arange(len(group))
    return position - np.maximum.accumulate(np.where(start, position, 0))


def _blocks(work):
    """Yield ranges of products whose pairs fit into memory together.

    :param work: upper bound of the pairs of each product: the sizes of the baskets it lies in

    >>> list(_blocks(np.array([3_000_000, 2_000_000, 9_000_000, 1])))
    [(0, 1), (1, 2), (2, 3), (3, 4)]
    """
    done = np.concatenate(([0], np.cumsum(work)))
    start = 0
    while start < len(work):
        stop = int(np.searchsorted(done, done[start] + MAX_BLOCK_PAIRS, side="right")) - 1
        stop = max(stop, start + 1)
        yield start, stop
        start = stop


def _pairs(blocks):
    if not blocks:
        blocks = [tuple(np.zeros(0, dtype=t) for t in ("i8", "i8", "i8", "f8", "f8", "f8"))]
    return Pairs(*(np.concatenate(column) for column in zip(*blocks, strict=True)))
