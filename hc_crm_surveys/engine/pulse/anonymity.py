"""When figures about colleagues may be shown, so that nobody can work out who said what.

How to use it: :func:`merge_small` before asking, :func:`visible` before showing.

How it works: k-anonymity by threshold, as employee surveys do it (5 answers for figures, 10 for comments).
A partition has one more trap: who knows the whole and all parts but one knows that one, too. So whatever is
hidden is hidden together, and is itself large enough.
"""

MIN_FIGURES = 5  # answers
MIN_COMMENTS = 10  # answers, whether or not they have a comment


def merge_small(sizes, least=MIN_FIGURES):
    """Return ``{group: group it is told as}``; None stands for all that are too small by themselves.

    :param sizes: ``{group: number of people}``

    >>> merge_small({"Shop": 8, "Stock": 3, "Office": 2})
    {'Shop': 'Shop', 'Stock': None, 'Office': None}
    >>> merge_small({"Shop": 8, "Office": 6, "Stock": 3})  # three alone would be the rest of the whole
    {'Shop': 'Shop', 'Office': None, 'Stock': None}
    >>> merge_small({"Shop": 8, "Stock": 3})
    {'Shop': None, 'Stock': None}
    >>> merge_small({"Shop": 5, "Office": 6})
    {'Shop': 'Shop', 'Office': 'Office'}
    """
    told = {
        group: group if group is not None and size >= least else None
        for group, size in sizes.items()
    }
    rest = sum(size for group, size in sizes.items() if told[group] is None)
    while 0 < rest < least:
        alone = [group for group in sizes if told[group] is not None]
        if not alone:
            break
        smallest = min(alone, key=lambda group: (sizes[group], str(group)))
        told[smallest] = None
        rest += sizes[smallest]
    # one group and no rest, or the rest alone: the same as the whole
    return dict.fromkeys(told) if len(set(told.values())) == 1 else told


def visible(counts, least=MIN_FIGURES):
    """Return the groups whose figures may be shown, given the number of answers in each.

    Either nothing is hidden, or what is hidden amounts to enough answers that nobody can be told from the
    difference to the whole.

    >>> visible({"Shop": 8, "Office": 6, None: 5})
    ['Office', 'Shop', None]
    >>> visible({"Shop": 8, "Office": 6, None: 2})
    ['Shop']
    >>> visible({"Shop": 8, "Office": 2})
    []
    """
    hidden = merge_small(counts, least)
    if all(size >= least for size in counts.values()):
        shown = list(counts)
    else:
        shown = [group for group in counts if group is not None and hidden[group] is not None]
    return sorted(shown, key=lambda group: (group is None, str(group)))
