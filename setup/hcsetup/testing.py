"""``setup/test``: pytest with Odoo, in a fresh copy of the prepared database."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from .console import die_with_parent, say
from .databases import test_copy
from .paths import CACHE, ROOT, SETUP, addons
from .system import ensure_chromium


def default_paths():
    """Our addons' tests and doctests, and the tests that cross addons."""
    paths = []
    for name in addons():
        paths += [f"{name}/tests", f"{name}/engine"]
    paths.append("tests")
    return [path for path in paths if (ROOT / path).is_dir()]


def names_path(argument):
    """Whether a pytest argument selects a file, a folder or a test in one."""
    return not argument.startswith("-") and Path(argument.split("::")[0]).exists()


def test(env, arguments):
    """Run the tests; pytest's exit code."""
    if os.environ.get("HC_NO_BROWSER"):
        say("  HC_NO_BROWSER is set: browser tests are skipped")
    else:
        ensure_chromium()
    selected = any(map(names_path, arguments))
    with test_copy(env) as (database, install_log):
        command = [
            sys.executable, "-m", "pytest",
            f"--odoo-config={env.config}",
            f"--odoo-database={database}",
            "--odoo-http",
            "--odoo-log-level=error",  # pytest shows it for failed tests only
            "--odoo-extra=max-cron-threads=0",
            f"--odoo-extra=db-filter=^{database}$",
            f"--rootdir={ROOT}",
            f"--ignore={ROOT / 'tests/benchmarks'}",
            "-p", "hcsetup.pytest_install_log",
            "-o", f"cache_dir={CACHE / 'pytest'}",
        ]  # fmt: skip
        if not selected:
            command += ["--doctest-modules", *(str(ROOT / path) for path in default_paths())]
        command += arguments
        variables = dict(env.variables, PYTHONDONTWRITEBYTECODE="1")
        variables["PYTHONPATH"] = os.pathsep.join([str(env.source), str(SETUP)])
        if not selected:
            variables["HC_INSTALL_LOG"] = str(install_log)
        cwd = None if selected else ROOT
        process = subprocess.Popen(
            command, env=variables, cwd=cwd, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent
        )
        try:
            return process.wait()
        except KeyboardInterrupt:
            # In a terminal pytest got the signal too and writes its summary.
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            return 130
