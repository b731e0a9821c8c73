"""What a company's own customers mean by their words, learned from the comments they gave with a score.

What it supports: any language that is written with spaces between words. Whoever gave a good or a bad score
and a comment has labelled it; what is learned tells the tone of comments that came without a score.

How to use it: :func:`learn` returns a :class:`Reader`, or says why there is none; :func:`read` gives the tone.
A reader is plain data (JSON).

How it works: naive Bayes on words and pairs of words that occur or not (Wang & Manning 2012, "Baselines and
Bigrams": strong on short texts). The margin below which it is silent is chosen by cross-validation: the
smallest at which it was right often enough on comments it had not seen. If even then it would speak too
seldom, there is no reader, and "unknown" remains the answer.
"""

import re
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np

from .tone import NEGATIVE, POSITIVE, UNKNOWN

MIN_EACH = 60  # comments with a good score, and with a bad one
MAX_COMMENTS = 20_000  # the latest; more teach nothing new and cost memory
MIN_RIGHT = 0.85  # share of those decided, in cross-validation
MIN_DECIDED = 0.4  # share of all
FOLDS = 5
MAX_WORDS = 20_000
SMOOTHING = 1.0
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


@dataclass(frozen=True)
class Reader:
    """What was learned.

    :param weights: ``{word or "word word": log odds}``, positive speaks for a good score
    :param margin: the sum of weights, by the root of their number, below which the tone is unknown
    :param count: comments learned from
    :param right: share right of those decided, in cross-validation
    :param decided: share decided, in cross-validation
    """

    weights: dict
    margin: float
    count: int
    right: float
    decided: float

    def to_json(self):
        return asdict(self)


def features(text):
    """Return the words and pairs of words of a text.

    >>> sorted(features("Zu spät geliefert"))
    ['geliefert', 'spät', 'spät geliefert', 'zu', 'zu spät']
    """
    words = [word.lower().replace("’", "'") for word in WORD.findall(text or "")]
    return set(words) | set(map(" ".join, pairwise(words)))


def learn(texts, good):
    """Learn from comments whose score is known.

    :param texts: list of str, in one language, the latest first
    :param good: list of bool: whether the score was good (else bad)
    :return: (:class:`Reader`, None) or (None, why not: ``few`` or ``unsure``)
    """
    texts, good = texts[:MAX_COMMENTS], np.array(good[:MAX_COMMENTS], dtype=bool)
    if min(good.sum(), (~good).sum()) < MIN_EACH:
        return None, "few"
    bags = [features(text) for text in texts]
    order = np.random.default_rng(0).permutation(len(bags))
    values = np.zeros(len(bags))
    for fold in range(FOLDS):
        held = np.zeros(len(bags), dtype=bool)
        held[order[fold::FOLDS]] = True
        rest = np.flatnonzero(~held)
        weights = _weights([bags[number] for number in rest], good[rest])
        for number in np.flatnonzero(held):
            values[number] = _value(weights, bags[number])
    margin = _margin(values, good)
    if margin is None:
        return None, "unsure"
    decided = np.abs(values) >= margin
    right = ((values > 0) == good)[decided].mean()
    weights = _weights(bags, good)
    return Reader(weights, margin, len(bags), float(right), float(decided.mean())), None


def read(reader, text):
    """Return ``positive``, ``negative`` or ``unknown``.

    :param reader: a :class:`Reader`, or its JSON
    """
    if isinstance(reader, dict):
        reader = Reader(**reader)
    value = _value(reader.weights, features(text))
    if abs(value) < reader.margin:
        return UNKNOWN
    return POSITIVE if value > 0 else NEGATIVE


def _weights(bags, good):
    counts = {}
    for bag, is_good in zip(bags, good, strict=True):
        for word in bag:
            pair = counts.setdefault(word, [0, 0])
            pair[bool(is_good)] += 1
    # once is chance
    kept = [item for item in counts.items() if sum(item[1]) > 1]
    kept.sort(key=lambda item: (-sum(item[1]), item[0]))
    n_good = int(np.sum(good))
    n_bad = len(bags) - n_good
    return {
        word: round(
            float(
                np.log((in_good + SMOOTHING) / (n_good + 2 * SMOOTHING))
                - np.log((in_bad + SMOOTHING) / (n_bad + 2 * SMOOTHING))
            ),
            4,
        )
        for word, (in_bad, in_good) in kept[:MAX_WORDS]
    }


def _value(weights, bag):
    """Classes count the same, however many gave good scores: a tone is not a guess of the score."""
    found = [weights[word] for word in bag if word in weights]
    return sum(found) / len(found) ** 0.5 if found else 0.0


def _margin(values, good):
    """Return the smallest margin at which enough of those decided were right, or None."""
    size = np.abs(values)
    # both kinds count the same: else "all are happy" would be right most of the time
    share = np.where(good, 0.5 / good.mean(), 0.5 / (1 - good.mean()))
    order = np.argsort(-size)
    right = np.cumsum((((values > 0) == good) * share)[order]) / np.cumsum(share[order])
    decided = np.arange(1, len(values) + 1) / len(values)
    fits = np.flatnonzero((right >= MIN_RIGHT) & (decided >= MIN_DECIDED) & (size[order] > 0))
    return float(size[order][fits[-1]]) if len(fits) else None
