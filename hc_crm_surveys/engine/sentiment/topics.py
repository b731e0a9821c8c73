"""What a text is about: sets of words per topic and language, and suggestions of topics nobody named yet.

How to use it: :func:`words_of` reads what a person typed, :func:`pattern_of` makes one pattern of it,
:func:`suggest` finds words that many customers use and no topic has.

How it works: a word stands for itself, ``deliver*`` for every word that begins so, several words for
themselves in that order. Case and kinds of apostrophes do not matter; accents do.
"""

import re
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise

MAX_WORDS = 500  # in one set
MAX_WORD = 60  # characters
MAX_TEXT = 5000  # characters of a text that are read
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
MIN_LETTERS = 4  # of a suggested word
MIN_COMMENTS = 3  # that use it, or one in MIN_SHARE
MIN_SHARE = 100
# Whoever says a word in every second comment says nothing by it.
MAX_SHARE = 0.5


def words_of(typed):
    """Return the words of a set as a person typed them: separated by commas or lines.

    :raises ValueError: too many, too long, or a word of no letters; with what is wrong

    >>> words_of("parcel, deliver*\\nout of stock,,")
    ['parcel', 'deliver*', 'out of stock']
    >>> words_of("*")
    Traceback (most recent call last):
    ...
    ValueError: *
    """
    found = [" ".join(word.split()) for word in re.split(r"[,;\n]", typed or "")]
    found = list(dict.fromkeys(filter(None, found)))
    for word in found:
        # a star alone, or after two letters, would be about everything
        letters = word.rstrip("*")
        enough = 3 if word.endswith("*") else 2
        if len(word) > MAX_WORD or sum(map(str.isalpha, letters)) < enough or "*" in letters:
            raise ValueError(word)
    if len(found) > MAX_WORDS:
        raise ValueError(f"{len(found)} > {MAX_WORDS}")
    return found


@cache
def pattern_of(words):
    """Return a compiled pattern that finds any of these words (a tuple), or None.

    >>> pattern = pattern_of(("deliver*", "out of stock"))
    >>> bool(pattern.search("Late DELIVERY")), bool(pattern.search("It was out  of stock")), pattern.search("deli")
    (True, True, None)
    """
    parts = []
    for word in words:
        spelled = r"\s+".join(re.escape(part) for part in word.rstrip("*").split())
        spelled = spelled.replace("'", "['’]")
        parts.append(spelled + (r"\w*" if word.endswith("*") else ""))
    if not parts:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)


def topics_of(text, sets):
    """Return the keys of the topics a text is about.

    :param sets: ``{key: tuple of words}`` of the text's language

    >>> sorted(topics_of("Rude staff and late delivery", {1: ("deliver*",), 2: ("staff",), 3: ("price",)}))
    [1, 2]
    """
    text = (text or "")[:MAX_TEXT]
    return {key for key, words in sets.items() if words and pattern_of(words).search(text)}


@cache
def _empty_words(language):
    from stop_words import StopWordError, get_stop_words

    try:
        return frozenset(get_stop_words(language))
    except StopWordError:
        return frozenset()


def suggest(texts, language, known=(), limit=20):
    """Return words and pairs of words that several texts have and no topic.

    :param texts: list of (text, is_bad): one language; ``is_bad`` whether it came with a bad score or tone
    :param known: words of the topics there are
    :return: ``[(words, number of texts, number of bad ones)]``, the most telling first

    >>> texts = [("The zipper broke", True), ("Zipper stuck again", True), ("A zipper that jams", True)]
    >>> suggest(texts, "en")
    [('zipper', 3, 3)]
    >>> suggest(texts, "en", ("zip*",))
    []
    """
    empty, pattern = _empty_words(language or ""), pattern_of(tuple(known))
    counts, bad, singles = Counter(), Counter(), defaultdict(set)
    for text, is_bad in texts:
        words = [word.lower() for word in WORD.findall((text or "")[:MAX_TEXT])]
        found = {word for word in words if len(word) >= MIN_LETTERS and word not in empty}
        pairs = {
            f"{first} {second}"
            for first, second in pairwise(words)
            if first in found and second in found
        }
        for pair in pairs:
            singles[pair].update(pair.split())
        counts.update(found | pairs)
        if is_bad:
            bad.update(found | pairs)
    enough = max(MIN_COMMENTS, len(texts) / MIN_SHARE)
    most = max(len(texts) * MAX_SHARE, MIN_COMMENTS)
    kept = {
        words: count
        for words, count in counts.items()
        if enough <= count <= most and not (pattern and pattern.search(words))
    }
    # "opening hours" says more than "opening" and "hours", where those hardly come alone
    for pair in [words for words in kept if " " in words]:
        for word in singles[pair]:
            if word in kept and kept[word] <= kept[pair] * 1.5:
                kept.pop(word)
    ranked = sorted(kept, key=lambda words: (-(kept[words] + bad[words]), words))
    return [(words, kept[words], bad[words]) for words in ranked[:limit]]
