"""``setup/benchmark``: the scripts of ``tests/benchmarks``, one process each."""

import os
import subprocess
import sys

from .console import SetupError, die_with_parent
from .paths import ROOT, SETUP

FOLDER = ROOT / "tests" / "benchmarks"


def benchmark(env, arguments):
    """Run the named benchmarks, or all; the first exit code that is not 0."""
    known = {path.stem.removeprefix("bench_"): path for path in sorted(FOLDER.glob("bench_*.py"))}
    names = [argument for argument in arguments if not argument.startswith("-")]
    options = [argument for argument in arguments if argument.startswith("-")]
    if unknown := [name for name in names if name not in known]:
        raise SetupError(f"no benchmark is called {unknown[0]}", f"There are: {', '.join(known)}")
    variables = dict(env.variables, PYTHONDONTWRITEBYTECODE="1")
    variables["PYTHONPATH"] = os.pathsep.join([str(env.source), str(SETUP)])
    for name in names or known:
        command = [sys.executable, str(known[name]), *options]
        code = subprocess.run(
            command, env=variables, check=False, preexec_fn=die_with_parent
        ).returncode
        if code:
            return code
    return 0
