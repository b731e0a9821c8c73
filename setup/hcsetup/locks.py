"""File locks, so that several setup commands at a time don't break each other.

``flock`` locks vanish with the process that holds them, however it ends: there
are no stale locks to clean up.
"""

import fcntl
import os
from contextlib import contextmanager

from .console import say
from .paths import CACHE


def open_lock(name):
    """A file object to lock; the lock lives as long as it stays open."""
    folder = CACHE / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / f"{name}.lock").open("a+")


def try_lock(file, *, shared=False):
    """Lock without waiting; whether it worked."""
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def lock(name, what=""):
    """Hold the exclusive lock ``name``; says so when another process has it."""
    with open_lock(name) as file:
        if not try_lock(file):
            say(f"  waiting for another setup command ({what or name}) …")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
