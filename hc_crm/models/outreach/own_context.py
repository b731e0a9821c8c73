"""What our own code tells itself by the context.

Whoever calls over the network says a context, too, but only of texts, numbers, lists and the like: so what is
told here is neither.
"""

from datetime import datetime

# An activity is deleted because its step is over, not because somebody says that it is not needed.
QUIET = object()


class Run:
    """What a run of the worker remembers over its batches."""

    def __init__(self):
        self.given = set()  # deliveries that colleagues got, who are not told yet


def is_quiet(env):
    return env.context.get("hc_outreach_quiet") is QUIET


def run_of(env):
    """Return the ``Run`` of the worker that does this, or None."""
    run = env.context.get("hc_outreach_run")
    return run if isinstance(run, Run) else None


def now_of(env):
    """Return the moment that the engine is to take for now (naive UTC), or None: the clock's."""
    now = env.context.get("hc_outreach_now")
    return now if isinstance(now, datetime) else None


def outcome_of(env):
    """Return ``(outcome, note)`` that was said of the task whose activity is being done, or None."""
    told = env.context.get("hc_outreach_outcome")
    return told if isinstance(told, tuple) else None
