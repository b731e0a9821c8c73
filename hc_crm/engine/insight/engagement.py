"""How much a customer has been in touch lately: contacts that fade with time, on a scale of 0 to 100.

What it does
    ``fade`` says what a contact of some days ago still counts; ``total`` adds up a customer's contacts;
    ``scale`` turns the sum into 0…100; ``mean_feeling`` averages feelings, the newer the heavier.

How to use it
    >>> weights = {"purchase": 5, "message": 3, "call": 4}
    >>> kept = total([("message", 0), ("purchase", 60)], weights, half_life=60)
    >>> kept
    5.5
    >>> round(scale(kept, weights))
    38

How it works
    A contact counts its weight, and half of it after each half-life: w · 2^(−age / half-life). Exponential
    forgetting of what people did: Ding & Li (2005), "Time weight collaborative filtering", CIKM '05, 485–492.
    Contacts of one kind on one day are one contact, so that an imported log of 100,000 clicks is not
    100,000 times a visit.

    The sum has no upper end and its unit is arbitrary. It becomes 100 · (1 − 2^(−sum / middle)): each
    further contact adds less than the one before (the modified exponential response curve: Lilien, Kotler &
    Moorthy (1992), Marketing Models, ch. 12). The middle, which is 50 points, is what somebody reaches who is
    in touch once per half-life, by a contact of average weight, on the day of that contact: w̄ / (1 − ½).
    So only the *proportions* of the weights matter, and doubling all of them changes nothing.

    The same formulas stand in SQL in ``models/insight/hc_insight_signals.py``; a test compares the two.
"""

import math

import numpy as np

# Half-lives after which a contact counts nothing any more: below one millionth of its weight.
FADED_AFTER = 20
# Somebody in touch once per half-life holds 1 + ½ + ¼ + … = 2 contacts on the day of the contact.
STEADY_CONTACTS = 2.0
# 100 · (1 − 2^−64) is 100 in a double; more would make databases complain of an underflow.
MAX_MIDDLES = 64.0


def fade(age, half_life):
    """Return what a contact still counts, 0 … 1.

    :param age: days since, ≥ 0
    :param half_life: days after which it counts half, > 0
    :raise ValueError: for a negative age, or a half-life that is not above zero

    >>> fade(0, 60), fade(60, 60), fade(120, 60), fade(1200, 60), fade(1201, 60)
    (1.0, 0.5, 0.25, 9.5367431640625e-07, 0.0)
    """
    if not half_life > 0 or not age >= 0:
        raise ValueError("The age cannot be negative, and the half-life must be above zero.")
    return 0.5 ** (age / half_life) if age <= FADED_AFTER * half_life else 0.0


def total(contacts, weights, half_life):
    """Return the sum of what all contacts of one customer still count.

    :param contacts: ``(kind, age in days)``; two of one kind and age are one
    :param weights: ``{kind: weight ≥ 0}``
    :param half_life: days, > 0

    >>> total([], {"call": 4}, 60)
    0.0
    >>> total([("call", 60), ("call", 60), ("call", 0)], {"call": 4}, 60)
    6.0
    """
    return float(sum(weights[kind] * fade(age, half_life) for kind, age in set(contacts)))


def purchases_kept(customer, day, as_of, weight, half_life):
    """Return (customers, sums): what the purchases of each customer still count, see :func:`total`.

    :param customer, day: ids sorted, and day numbers of purchases, one per customer and day, shape (m,)
    :param as_of: day number; later purchases do not count

    >>> import numpy as np
    >>> ids, kept = purchases_kept(np.array([7, 7, 9]), np.array([40, 100, 101]), 100, 5.0, 60)
    >>> ids.tolist(), kept.tolist()
    ([7, 9], [7.5, 0.0])
    """
    if not len(customer):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    age = as_of - np.asarray(day, dtype=np.int64)
    counts = (age >= 0) & (age <= FADED_AFTER * half_life)
    kept = np.where(counts, weight * 0.5 ** (np.clip(age, 0, None) / half_life), 0.0)
    ids, start = np.unique(customer, return_index=True)
    return ids, np.add.reduceat(kept, start)


def points(kept, weights):
    """Return :func:`scale` of many customers at once; 0 where no weight is above zero.

    >>> points([0.0, 10.0], {"call": 4, "visit": 6}).tolist()
    [0.0, 50.0]
    """
    kept = np.asarray(kept, dtype=float)
    if not any(weight > 0 for weight in weights.values()):
        return np.zeros(len(kept))
    return 100.0 * (1.0 - 0.5 ** np.minimum(kept / middle(weights), MAX_MIDDLES))


def middle(weights):
    """Return the sum that is worth 50 points: twice the average of the weights above zero.

    :param weights: ``{kind: weight ≥ 0}``
    :raise ValueError: where no weight is above zero

    >>> middle({"call": 4, "visit": 6, "other": 0})
    10.0
    """
    counted = [weight for weight in weights.values() if weight > 0]
    if not counted:
        raise ValueError("At least one weight must be above zero.")
    return STEADY_CONTACTS * sum(counted) / len(counted)


def scale(kept, weights):
    """Return the points, 0 … 100, for a sum of contacts.

    :param kept: from :func:`total`, ≥ 0
    :param weights: the weights it was made with

    >>> weights = {"call": 4, "visit": 6}
    >>> scale(0, weights), scale(10, weights), scale(20, weights)
    (0.0, 50.0, 75.0)

    Weekly contact at a half-life of 60 days is close to the top, and stays there.

    >>> round(scale(total([("call", 7 * week) for week in range(50)], weights, 60), weights))
    97
    >>> scale(1e9, weights)
    100.0
    """
    return 100.0 * (1.0 - 0.5 ** min(kept / middle(weights), MAX_MIDDLES))


def mean_feeling(feelings, half_life):
    """Return how a customer feels, −2 … 2, or NaN where nothing recent is known.

    :param feelings: ``(feeling −2 … 2, age in days)``
    :param half_life: days, > 0

    >>> mean_feeling([(2, 0), (-1, 60)], 60)
    1.0
    >>> mean_feeling([(2, 5000)], 60)
    nan
    """
    kept = sum(fade(age, half_life) for _feeling, age in feelings)
    if not kept:
        return math.nan
    return sum(feeling * fade(age, half_life) for feeling, age in feelings) / kept
