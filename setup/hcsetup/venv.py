"""The Python packages: Odoo's, those of the tests, those of our addons.

One venv per content of the requirement files and per Python version. It counts
as complete when its marker exists; without it, it is made again.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from .console import SetupError, run_step
from .locks import lock
from .paths import CACHE, LOGS, ROOT, SETUP, short_hash
from .system import apt_install, as_root, ensure_libmagic

REQUIREMENTS = (
    SETUP / "requirements-host.txt",
    SETUP / "requirements-test.txt",
    ROOT / "requirements.txt",
)
MARKER = ".complete"
UNUSED_DAYS = 14


def venv_path():
    """The folder of the venv that belongs to this tree and this Python."""
    python = "{}.{}".format(*sys.version_info)
    texts = [path.read_text() for path in REQUIREMENTS if path.is_file()]
    return CACHE / f"venv-{python}-{short_hash(sys.version, *texts)}"


def inside():
    """Whether this process runs in a venv of ours already."""
    return (Path(sys.prefix) / MARKER).is_file() and Path(sys.prefix).parent == CACHE


def ensure_venv():
    """Make the venv unless it is there; its Python."""
    path = venv_path()
    python = path / "bin/python"
    if not (path / MARKER).is_file():
        with lock("venv", "installing Python packages"):
            if not (path / MARKER).is_file():
                _make(path)
    os.utime(path / MARKER)
    return python


def _make(path):
    shutil.rmtree(path, ignore_errors=True)
    _check_ensurepip()
    ensure_libmagic()
    # Only old ones: another checkout, or a server still running, may use its own.
    for other in CACHE.glob("venv-*"):
        marker = other / MARKER
        age = time.time() - (marker if marker.is_file() else other).stat().st_mtime
        if age > UNUSED_DAYS * 86400:
            shutil.rmtree(other, ignore_errors=True)
    log = LOGS / "venv.log"
    run_step("making a Python environment", [sys.executable, "-m", "venv", path], log,
             remedy=f"Type  {as_root('python3-venv')}  and start again.")  # fmt: skip
    command = [path / "bin/python", "-m", "pip", "install", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar=off"]
    for file in REQUIREMENTS:
        if file.is_file():
            command += ["-r", file]

    def progress():
        packages = next(path.glob("lib/python3*/site-packages"), None)
        return f"{len(list(packages.glob('*.dist-info')))} packages" if packages else ""

    run_step(
        "installing Python packages",
        command,
        log,
        progress=progress,
        append=True,
        remedy="Is the network there? If a package has to be compiled for this Python, "
        "use another:  HC_PYTHON=python3.11 setup/run",
    )
    (path / MARKER).touch()


def _check_ensurepip():
    """Debian ships ``venv`` without ``ensurepip`` unless python3-venv is installed."""
    test = [sys.executable, "-c", "import ensurepip, venv"]
    if subprocess.run(test, capture_output=True, check=False).returncode == 0:
        return
    package = "python{}.{}-venv".format(*sys.version_info)
    if not apt_install(package):
        raise SetupError(
            "this Python cannot make virtual environments (no ensurepip)",
            f"Type  {as_root(package)}  and start again.",
        )
