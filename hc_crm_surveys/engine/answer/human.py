"""Whether an answer that came by the link of a mail was given by a person.

What it supports: mail scanners open every link of a mail (GET), some send a POST to it, a few run the page's
scripts. Opening a link never is an answer. This module decides what a submission needs to be one, and which
of those that are kept do not count.

How to use it: :func:`is_act` for “may this be stored at all”, :func:`is_suspect` for “does it count”.

How it works, and this is the only place that says so:

1. *An answer needs an act.* Either the page saw a finger, a mouse or a key (an event the browser itself
   calls trusted, which no script can make), or, without JavaScript, the person pressed a second button on a
   second page that only the first press brings.
2. *An answer is suspect* – kept, shown, not counted – if the submission itself looks like no person **and**
   the circumstances do. It looks like no person if there was no trusted event, or the page was open for less
   than a second. The circumstances do if the mail had been sent less than a minute before, or if several of
   its buttons were opened within seconds, as scanners do and people do not.
3. Circumstances alone never make an answer suspect: a scanner may open all links and the customer press a
   button right after, and somebody who sits at the computer answers within a minute.
"""

from dataclasses import dataclass

POINTER, KEY, SECOND_STEP = "pointer", "key", "step"
TRUSTED = (POINTER, KEY)
PAGE_SECONDS = 1.0  # nobody reads a question and presses a button in less
SENT_SECONDS = 60  # scanners come with the delivery
BURST_SECONDS = 10
BURST_LINKS = 3  # different buttons of one mail within so many seconds


@dataclass(frozen=True)
class Submission:
    """What is known of a submission.

    :param act: ``pointer`` or ``key`` (a trusted event), ``step`` (the second page), empty for none
    :param seconds_on_page: between the page and the submission
    :param seconds_since_sent: between the mail and the submission, None if no mail was sent
    :param links_at_once: how many different buttons of the mail were opened within ``BURST_SECONDS``
    """

    act: str
    seconds_on_page: float
    seconds_since_sent: float | None = None
    links_at_once: int = 0


def is_act(act):
    """Tell whether the submission is an act of a person at all.

    >>> is_act("pointer"), is_act("step"), is_act(""), is_act("yes")
    (True, True, False, False)
    """
    return act in TRUSTED or act == SECOND_STEP


def is_suspect(submission):
    """Tell whether the answer is kept but not counted.

    >>> is_suspect(Submission("pointer", 4, seconds_since_sent=20, links_at_once=11))
    False
    >>> is_suspect(Submission("pointer", 0.2, seconds_since_sent=20))
    True
    >>> is_suspect(Submission("step", 5, seconds_since_sent=86400)), is_suspect(Submission("step", 5, 12))
    (False, True)
    >>> is_suspect(Submission("step", 5, 86400, links_at_once=3))
    True
    """
    mechanical = submission.act not in TRUSTED or submission.seconds_on_page < PAGE_SECONDS
    sent = submission.seconds_since_sent
    early = sent is not None and sent < SENT_SECONDS
    return mechanical and (early or submission.links_at_once >= BURST_LINKS)


def links_at_once(times):
    """Return the largest number of different buttons that were opened within ``BURST_SECONDS``.

    :param times: list of (number of the button, time in seconds)

    >>> links_at_once([(0, 1.0), (1, 1.5), (1, 1.6), (2, 2.0), (9, 500.0)])
    3
    >>> links_at_once([])
    0
    """
    times = sorted(times, key=lambda one: one[1])
    most = 0
    for start, (_button, since) in enumerate(times):
        within = {button for button, at in times[start:] if at - since <= BURST_SECONDS}
        most = max(most, len(within))
    return most
