"""How well founded a persona is, and how sure we are that a customer is one.

What it does
    ``foundation`` turns the research behind a persona into one of four words a shop owner can act on;
    ``still_needed`` says what is missing for the best of them; ``confidence`` says how sure the rules are.

How to use it
    >>> foundation(supporting=0, contradicting=0, methods=0, age_months=None)
    'assumption'
    >>> foundation(supporting=7, contradicting=1, methods=2, age_months=3)
    'well'
    >>> round(confidence([1.0, 0.5]), 2)
    0.67

How it works
    Evidence is counted in *people*, not in remarks: one talkative customer is one customer. Somebody who
    says both for and against counts once on each side.
"""

# People after whom interviews in a fairly homogeneous group stop bringing new themes, and after whom the
# overarching themes are already there. Guest, Bunce & Johnson (2006), "How Many Interviews Are Enough?",
# Field Methods 18(1): 73 % of the codes after 6 interviews, 92 % after 12. Hennink & Kaiser (2022), Social
# Science & Medicine 292: saturation in 9 to 17 interviews.
PEOPLE_SATURATION = 12
PEOPLE_MAIN_THEMES = 6

# The main themes are enough when they were found in more than one way (methodological triangulation:
# Denzin, The Research Act, 1970): what people say and what they are seen doing correct each other.
METHODS_TRIANGULATION = 2

# Largest share of people who contradict that still counts as well founded. A convention, not a finding: a
# persona is a type, and a type that one in four does not fit is two types.
CONTRADICTION_MAX = 0.25

# Months since the newest evidence. A convention too: the literature names no term. One year has seen every
# season of a shop once, so what was heard before it may have changed; after two it should be asked again.
MONTHS_AGEING = 12
MONTHS_STALE = 24

ASSUMPTION, SOME, WELL, STALE = "assumption", "some", "well", "stale"


def foundation(supporting, contradicting, methods, age_months):
    """Return how well founded a persona is: ``assumption``, ``some``, ``well`` or ``stale``.

    :param int supporting: different people with at least one insight in favour (≥ 0)
    :param int contradicting: different people with at least one insight against (≥ 0)
    :param int methods: different kinds of research among the evidence (≥ 0)
    :param age_months: months since the newest evidence (float ≥ 0), or None without any
    :raise ValueError: for a negative count or age

    Nobody was asked: an assumption, however good it sounds.

    >>> foundation(0, 0, 0, None)
    'assumption'

    Twelve people, or six heard in two different ways, make it well founded.

    >>> foundation(11, 0, 1, 2), foundation(12, 0, 1, 2)
    ('some', 'well')
    >>> foundation(6, 0, 1, 2), foundation(6, 0, 2, 2)
    ('some', 'well')

    Too many contradictions, or evidence older than a year, take that back; after two years it is stale.

    >>> foundation(12, 4, 1, 2), foundation(12, 5, 1, 2)
    ('well', 'some')
    >>> foundation(12, 0, 1, 12), foundation(12, 0, 1, 12.5), foundation(12, 0, 1, 24.5)
    ('well', 'some', 'stale')

    Only contradictions are evidence too, but of nothing that is written on the card.

    >>> foundation(0, 3, 1, 1)
    'some'
    """
    if min(supporting, contradicting, methods) < 0 or (age_months or 0) < 0:
        raise ValueError("Counts of people and methods, and the age in months, cannot be negative.")
    if not supporting and not contradicting:
        return ASSUMPTION
    if age_months is not None and age_months > MONTHS_STALE:
        return STALE
    if (
        not still_needed(supporting, methods)
        and not is_disputed(supporting, contradicting)
        and (age_months or 0) <= MONTHS_AGEING
    ):
        return WELL
    return SOME


def is_disputed(supporting, contradicting):
    """Return whether too many of the people heard contradict the card.

    >>> is_disputed(3, 1), is_disputed(3, 2), is_disputed(0, 0)
    (False, True, False)
    """
    heard = supporting + contradicting
    return bool(heard) and contradicting / heard > CONTRADICTION_MAX


def still_needed(supporting, methods):
    """Return how many more people would have to support a persona to make it well founded.

    >>> still_needed(0, 0), still_needed(5, 1), still_needed(5, 2), still_needed(20, 1)
    (12, 7, 1, 0)
    """
    enough = PEOPLE_MAIN_THEMES if methods >= METHODS_TRIANGULATION else PEOPLE_SATURATION
    return max(0, enough - supporting)


def confidence(shares):
    """Return how sure the rules are about the best-matching persona of one customer, 0 < c ≤ 1.

    :param shares: for each persona with a matching rule, the matched weight of its rules divided by the
        weight of all its rules (0 < share ≤ 1); the first one is the persona that was chosen
    :raise ValueError: for an empty list or a share out of range

    c = s₁ · s₁ / (s₁ + s₂): how fully the chosen persona matches, discounted by how close the strongest of
    the others comes. Alone and complete it is 1; a dead heat of two complete matches is ½.

    >>> confidence([1.0])
    1.0
    >>> confidence([1.0, 1.0])
    0.5
    >>> confidence([0.6])
    0.6
    >>> round(confidence([0.75, 0.25, 0.5]), 3)
    0.45
    """
    if not shares or not all(0 < share <= 1 for share in shares):
        raise ValueError("Each share must be above 0 and at most 1.")
    best, others = shares[0], shares[1:]
    return best * best / (best + max(others, default=0))
