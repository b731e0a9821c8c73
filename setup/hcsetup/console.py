"""What the user sees: steps, progress of long ones, and errors with a remedy."""

import ctypes
import signal
import subprocess
import sys
import threading
import time

_libc = ctypes.CDLL(None, use_errno=True)
_print_lock = threading.Lock()
_PR_SET_PDEATHSIG = 1


class SetupError(Exception):
    """Something the user can act on: what is wrong, and what to do about it."""

    def __init__(self, cause, remedy=""):
        super().__init__(cause)
        self.cause, self.remedy = cause, remedy


def say(text=""):
    """Print a line at once (to stderr, so that stdout stays the command's own)."""
    with _print_lock:
        print(text, file=sys.stderr, flush=True)


def die_with_parent():
    """Let the kernel end this child when its parent is killed, even by ``kill -9``:
    an orphan would go on writing into folders that the next start repairs."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def tail(path, lines=15):
    """The last telling lines of a log file, indented, for an error message."""
    try:
        text = path.read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    text = [line for line in text if " INFO " not in line]
    return "\n".join(f"    {line[:300]}" for line in text[-lines:])


def run_step(title, command, log, *, progress=None, remedy="", append=False, check=True, **popen):
    """Run a command that takes a while; its output goes to the file ``log``.

    :param title: what is being done, shown at once
    :param progress: a function returning a few words on how far it is
    :param remedy: what the user may do when it fails
    :return: the exit code (always 0 unless ``check`` is false)
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    say(f"· {title} …")
    started = shown = time.monotonic()
    with log.open("ab" if append else "wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
            **popen,
        )
        try:
            while True:
                try:
                    process.wait(timeout=1)
                    break
                except subprocess.TimeoutExpired:
                    now = time.monotonic()
                    if now - shown >= 10:
                        shown = now
                        how_far = progress() if progress else ""
                        say(
                            f"    {title}: {now - started:.0f} s{', ' + how_far if how_far else ''}"
                        )
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode and check:
        raise SetupError(
            f"{title}: failed (exit code {process.returncode}). The end of {log}:\n{tail(log)}",
            remedy,
        )
    seconds = time.monotonic() - started
    if seconds >= 2:
        say(f"  done: {title} ({seconds:.0f} s)")
    return process.returncode
