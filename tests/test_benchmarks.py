"""The benchmarks run: with a handful of rows, whatever the figures are.

Each is started as ``setup/benchmark`` does, in a process of its own, and has to print its table.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "benchmarks"


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        # two customers for each of three readers
        ("timeline", 6),
        # five pieces of work on each of three models
        ("host", 15),
    ],
)
def test_benchmark_prints_its_table(name, lines):
    done = subprocess.run(
        [sys.executable, FOLDER / f"bench_{name}.py", "--tiny", "--markdown"],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
    )
    assert done.returncode == 0, done.stderr[-3000:]
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    header, *figures = rows
    assert "ratio" in header
    assert len(figures) == lines
    for line in figures:
        assert len(line.split(" | ")) == len(header.split(" | "))
        assert re.search(r"\*\*\d+\.\d\d\*\* \(", line), line


def test_every_benchmark_is_tested():
    marks = test_benchmark_prints_its_table.pytestmark
    names = {parameters[0] for mark in marks for parameters in mark.args[1]}
    assert names == {path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py")}
