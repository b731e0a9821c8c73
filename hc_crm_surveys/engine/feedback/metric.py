"""Experience metrics: their scales, and what counts as good, neutral and bad.

How to use it: :func:`scale_of` says which scale a metric is asked on, :func:`band` what one score means.

How it works: a metric is a rule on whole numbers. NPS is a trademark of Bain & Company, NICE Systems and
Fred Reichheld (Reichheld, "The One Number You Need to Grow", HBR 12/2003). CSAT counts the top boxes: of 5
the two best, of 3 the best, of 4 to 7 the two best, of 10 the three best (MeasuringU). CES 2.0: "… made it
easy for me to handle my issue", 1 to 7, easy from 5 (Dixon, Toman, DeLisi, "The Effortless Experience").
"""

from dataclasses import dataclass

GOOD, NEUTRAL, BAD = "good", "neutral", "bad"
METRICS = ("nps", "csat", "ces", "enps", "own")


@dataclass(frozen=True)
class Scale:
    """Whole numbers from ``low`` to ``high``; good from ``good_from``, bad up to ``bad_to``."""

    low: int
    high: int
    good_from: int
    bad_to: int

    def __post_init__(self):
        if not self.low <= self.bad_to < self.good_from <= self.high:
            raise ValueError(f"not a scale: {self}")

    def percent(self, score):
        """The place of a score on the scale, 0 to 100.

        >>> Scale(1, 5, 4, 2).percent(4)
        75.0
        """
        return 100 * (score - self.low) / (self.high - self.low)


def scale_of(metric, low=None, high=None, good_from=None, bad_to=None):
    """Return the :class:`Scale` of a metric.

    :param metric: one of ``METRICS``
    :param low, high: ends of the scale; NPS and eNPS have their own
    :param good_from, bad_to: only of an own scale; by default its upper and lower third
    :raises ValueError: no such metric, or a scale it cannot be asked on

    >>> scale_of("nps").bad_to
    6
    >>> scale_of("csat", 1, 3).good_from, scale_of("csat", 1, 5).good_from, scale_of("csat", 1, 10).good_from
    (3, 4, 8)
    >>> scale_of("ces")
    Scale(low=1, high=7, good_from=5, bad_to=3)
    """
    if metric in ("nps", "enps"):
        return Scale(0, 10, 9, 6)
    if metric == "ces":
        return Scale(1, 7, 5, 3)
    if metric == "csat":
        low, high = low if low is not None else 1, high if high is not None else 5
        boxes = high - low + 1
        if not 3 <= boxes <= 10:
            raise ValueError("satisfaction is asked on 3 to 10 points")
        top = 1 if boxes == 3 else 2 if boxes <= 7 else 3
        return Scale(low, high, high - top + 1, low + top - 1)
    if metric == "own":
        third = (high - low) / 3
        good_from = round(high - third) if good_from is None else good_from
        bad_to = round(low + third) if bad_to is None else bad_to
        return Scale(low, high, good_from, bad_to)
    raise ValueError(f"no such metric: {metric}")


def whole_number(text):
    """Return the score that was written, None if it is none: at most two digits, so that what was checked is
    what is stored.

    >>> [whole_number(text) for text in ("0", " 9 ", "05", "10")]
    [0, 9, 5, 10]
    >>> [whole_number(text) for text in ("", "-1", "9.0", "²", "00019", "9" * 5000)]
    [None, None, None, None, None, None]
    """
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 2 else None


def band(scale, score):
    """Return ``good``, ``neutral`` or ``bad``.

    :raises ValueError: the score is not on the scale

    >>> [band(scale_of("nps"), score) for score in (0, 6, 7, 8, 9, 10)]
    ['bad', 'bad', 'neutral', 'neutral', 'good', 'good']
    """
    if not scale.low <= score <= scale.high:
        raise ValueError(f"{score} is not between {scale.low} and {scale.high}")
    if score >= scale.good_from:
        return GOOD
    return BAD if score <= scale.bad_to else NEUTRAL
