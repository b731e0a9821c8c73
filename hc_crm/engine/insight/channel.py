"""In which way a customer is best reached: how often and how fast they answered, with little said on little.

What it does
    ``prior`` learns from all customers how often people answer in a channel, and how much that differs from
    one to the next; ``shrink`` pulls one customer's own rate towards it, the more the less is known;
    ``score`` adds how fast they answer; ``is_enough`` says from when on a customer's own evidence counts.

How to use it
    >>> common = prior(customers=40, trials=200, successes=100, trials_squared=1000, spread=65)
    >>> round(common.mean, 2), round(common.strength, 1)
    (0.5, 6.4)
    >>> round(score(tried=6, answered=5, came_in=0, hours=3, common=common), 2)
    0.61
    >>> round(score(tried=4, answered=0, came_in=0, hours=None, common=common), 2)
    0.23

How it works
    A contact is a trial; an answer is a success, and so is each time they came by themselves: nothing says more
    plainly that somebody likes a channel than that they use it. Each customer has a rate of their own, and the
    rates follow a beta distribution (beta-binomial model). Its mean and strength are the moment estimates of
    Kleinman (1973), "Proportions with extraneous variance: single and independent samples", Journal of the
    American Statistical Association 68: 46–54, with the trials as weights. The customer's estimate is the
    posterior mean (x + s·m) / (n + s): empirical Bayes, Casella (1985), The American Statistician 39: 83–87.

    Speed: an answer counts fully at once and half if it takes for ever; it loses half of what it can lose in a
    day. A convention, not a finding: who answers all e-mails after two days is still reached by e-mail. Hours
    are shrunk as well, on a logarithmic scale, towards what is usual in the channel.

    The same formulas stand in SQL in ``models/preference/hc_channel_score.py``; a test compares the two.
"""

from dataclasses import dataclass
from math import expm1, log1p

# Where customers do not differ at all, or too few are known to say: as if this many contacts were known.
DEFAULT_STRENGTH = 10.0
DEFAULT_MEAN = 0.5
MIN_STRENGTH, MAX_STRENGTH = 2.0, 100.0
# Hours in which an answer loses half of what speed is worth.
HALF_SPEED_HOURS = 24.0
# The usual time counts like so many answers of one's own.
HOURS_STRENGTH = 2.0
DEFAULT_HOURS = 24.0
# Below that "they prefer" is gossip.
MIN_TRIALS = 3
MIN_SUCCESSES = 2


@dataclass
class Prior:
    """What is usual in a channel: mean rate 0 … 1, strength in contacts, hours until an answer."""

    mean: float
    strength: float
    hours: float = DEFAULT_HOURS


def prior(customers, trials, successes, trials_squared, spread, hours=None):
    """Return what is usual, from sums over all customers with a trial in the channel.

    :param customers: how many
    :param trials: Σ nᵢ
    :param successes: Σ xᵢ
    :param trials_squared: Σ nᵢ²
    :param spread: Σ xᵢ² / nᵢ
    :param hours: usual hours until an answer, or None
    :rtype: Prior

    Nobody is known: everything is possible. Little is known: the rate, but not how much people differ.

    >>> prior(0, 0, 0, 0, 0)
    Prior(mean=0.5, strength=10.0, hours=24.0)
    >>> prior(1, 4, 1, 16, 0.25, hours=3).strength
    10.0

    Ten contacts that were all answered do not make everybody answer.

    >>> prior(1, 10, 10, 100, 10).mean
    0.75

    Half of them always answer, half never: what one did says nearly all about them.

    >>> prior(100, 1000, 500, 10000, 500).strength
    2.0

    Everybody answers half of the time, no more differently than chance would have it: the usual says it all.

    >>> prior(100, 1000, 500, 10000, 250).strength
    100.0
    """
    hours = DEFAULT_HOURS if hours is None else hours
    if not trials:
        return Prior(DEFAULT_MEAN, DEFAULT_STRENGTH, hours)
    own = successes / trials
    # a handful of contacts with one customer is not what is usual
    mean = (successes + DEFAULT_STRENGTH * DEFAULT_MEAN) / (trials + DEFAULT_STRENGTH)
    chance = own * (1 - own)
    room = trials - trials_squared / trials - (customers - 1)
    if customers < 2 or chance <= 0 or room <= 0:
        return Prior(mean, DEFAULT_STRENGTH, hours)
    between = (spread - successes * own - chance * (customers - 1)) / (chance * room)
    if between <= 0:
        return Prior(mean, MAX_STRENGTH, hours)
    return Prior(mean, min(max(1 / between - 1, MIN_STRENGTH), MAX_STRENGTH), hours)


def shrink(successes, trials, common):
    """Return the rate to expect of one customer, 0 … 1.

    >>> shrink(0, 0, Prior(0.4, 10)), shrink(10, 10, Prior(0.4, 10))
    (0.4, 0.7)
    """
    return (successes + common.strength * common.mean) / (trials + common.strength)


def group_prior(trials, successes, common):
    """Return what is usual among customers of one kind (a persona), itself pulled towards all.

    >>> group_prior(10, 10, Prior(0.4, 10)).mean
    0.7
    """
    return Prior(shrink(successes, trials, common), common.strength, common.hours)


def usual_hours(hours, answered, common):
    """Return the hours until an answer to expect.

    >>> usual_hours(None, 0, Prior(0.5, 10, hours=24)) == 24
    True
    >>> round(usual_hours(0, 2, Prior(0.5, 10, hours=24)), 6)
    4.0
    """
    if hours is None or not answered:
        return common.hours
    own = answered * log1p(hours) + HOURS_STRENGTH * log1p(common.hours)
    return expm1(own / (answered + HOURS_STRENGTH))


def score(tried, answered, came_in, hours, common):
    """Return how well a channel works with one customer, 0 … 1.

    :param tried: contacts of ours whose answer is known or overdue
    :param answered: how many of them they answered
    :param came_in: how often they came by themselves
    :param hours: median hours until an answer, or None
    :param common: what is usual
    :raise ValueError: for a negative count, or more answers than contacts

    Somebody who writes by themselves likes to write; speed makes the difference between equals.

    >>> common = Prior(0.5, 10, hours=24)
    >>> score(4, 2, 0, 5, common) < score(4, 2, 3, 5, common)
    True
    >>> score(4, 2, 0, 5, common) > score(4, 2, 0, 50, common)
    True
    """
    if min(tried, answered, came_in) < 0 or answered > tried:
        raise ValueError("Counts cannot be negative, nor can there be more answers than contacts.")
    rate = shrink(answered + came_in, tried + came_in, common)
    speed = 0.5 ** (usual_hours(hours, answered, common) / HALF_SPEED_HOURS)
    return rate * (1 + speed) / 2


def is_enough(tried, answered, came_in):
    """Return whether a customer's own evidence allows to name a channel.

    >>> is_enough(3, 2, 0), is_enough(2, 2, 0), is_enough(6, 1, 0), is_enough(0, 0, 3)
    (True, False, False, True)
    """
    return tried + came_in >= MIN_TRIALS and answered + came_in >= MIN_SUCCESSES
