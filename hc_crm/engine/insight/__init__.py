"""Insight into customers: plain Python on numpy and scipy, no ORM.

``summarize`` → ``fit`` → ``score``, and ``health`` for the relationship as a whole; each module is one topic.
"""

from .health import FACTORS as HEALTH_FACTORS
from .health import care_factor, feeling_factor, health, rhythm_factor, trend_factor
from .model import FACTORS, Fitted, Scores, fit, score
from .purchases import Summary, summarize
