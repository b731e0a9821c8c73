"""The few things that must come from the machine's own packages."""

import ctypes.util
import os
import shutil

from .console import SetupError, run_step, say
from .paths import LOGS


def apt_install(*packages):
    """Install Debian packages when we may; whether we could.

    Without root nothing is tried: ``sudo`` would ask for a password in the
    middle of a run that may have no keyboard.
    """
    if os.geteuid() or not shutil.which("apt-get"):
        return False
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    log = LOGS / "apt-install.log"
    remedy = f"Run it by hand and read its message:  apt-get install {' '.join(packages)}"
    run_step("apt-get update", ["apt-get", "update"], log, env=env, check=False)
    run_step(
        f"installing {' '.join(packages)}",
        ["apt-get", "install", "-y", "--no-install-recommends", *packages],
        log,
        env=env,
        remedy=remedy,
        append=True,
    )
    return True


def as_root(*packages):
    """What to type to install Debian packages."""
    prefix = "" if os.geteuid() == 0 else "sudo "
    return f"{prefix}apt-get install {' '.join(packages)}"


CHROMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


def ensure_chromium():
    """The browser of the browser tests (the names Odoo itself looks for)."""
    if any(map(shutil.which, CHROMES)):
        return
    if not apt_install("chromium") or not any(map(shutil.which, CHROMES)):
        raise SetupError(
            "the browser tests need Chromium, which isn't installed",
            f"Type  {as_root('chromium')}  and start again "
            "(or run without browser tests:  HC_NO_BROWSER=1 setup/test).",
        )


def ensure_libmagic():
    """Odoo recognises uploaded files better with libmagic, and runs without it."""
    if ctypes.util.find_library("magic"):
        return
    if os.geteuid():
        say(f"  note: libmagic is missing, file types are guessed. Better:  {as_root('libmagic1')}")
        return
    try:
        apt_install("libmagic1")
    except SetupError as error:
        say(f"  note: {error.cause}\n  going on without libmagic")
