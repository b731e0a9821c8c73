from collections import Counter, namedtuple

# What came back within half a year is not offered again.
RETURNED_DAYS = 180
# Neighbours of a product, of a persona: more than are ever shown, for some cannot be sold.
MAX_SEEDS = 50
MAX_PEERS = 60

Pair = namedtuple("Pair", "seed other support cautious")
Peer = namedtuple("Peer", "template customers share lift")


class History:
    """What one customer bought: per template the days, ascending, as ``date.toordinal()``; per variant how often."""

    def __init__(self, rows=()):
        self.days = {}
        self.variants = Counter()
        for product_id, template_id, days in rows:
            self.variants[product_id] += len(days)
            self.days.setdefault(template_id, set()).update(days)
        self.days = {template: sorted(days) for template, days in self.days.items()}

    def latest(self, limit):
        """Return the ids of the templates bought last, the newest first."""
        return sorted(self.days, key=lambda template: -self.days[template][-1])[:limit]
