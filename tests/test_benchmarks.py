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
CDNOW = ROOT.parent / "shared" / "data" / "CDNOW_sample.txt"


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        # two customers for each of three readers
        ("timeline", 6),
        # five pieces of work on each of three models
        ("host", 15),
        # what a full run, its learning, growth, news and memory come to
        ("insight", 5),
        # enrolling, mails, tasks
        ("outreach", 3),
        # may we contact them: many, because of figures, and how many queries for many and for one
        ("contact", 4),
        # the look ahead
        ("simulation", 1),
        # results of three periods, details, saving
        ("feedback", 5),
        # asking in turn with the host, its queries, one large run
        ("ask", 4),
        # everybody twice, those with news, the figures
        ("passage", 4),
    ],
)
def test_benchmark_prints_its_table(name, lines):
    header, *figures = rows_of(name)
    assert "ratio" in header
    assert len(figures) == lines
    for line in figures:
        assert len(line.split(" | ")) == len(header.split(" | "))
        assert re.search(r"\*\*\d+\.\d\d\*\* \(", line), line


@pytest.mark.skipif(not CDNOW.exists(), reason="the public data are not here")
def test_accuracy_on_cdnow():
    """The bars themselves: these figures hang on no machine."""
    header, *figures = rows_of("accuracy")
    assert header.startswith("| CDNOW")
    values = [
        float(re.search(r"-?[\d,]*\.?\d+", line.split(" | ")[1])[0].replace(",", ""))
        for line in figures
    ]
    bg_nbd, mbg_nbd, gamma_gamma, auc, correlation, total, calibration, inside = values
    assert abs(bg_nbd + 9582.4) < 0.05
    assert abs(mbg_nbd + 9582.136) < 0.05
    assert abs(gamma_gamma + 4055.92) < 0.05
    assert auc >= 0.771
    assert correlation >= 0.62
    assert abs(total / 1882 - 1) <= 0.15
    assert calibration <= 5
    assert inside >= 75


def rows_of(name):
    done = subprocess.run(
        [sys.executable, FOLDER / f"bench_{name}.py", "--tiny", "--markdown"],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [line for line in done.stdout.splitlines() if line.startswith("| ")]


def test_every_benchmark_is_tested():
    marks = test_benchmark_prints_its_table.pytestmark
    names = {parameters[0] for mark in marks for parameters in mark.args[1]}
    names.add("accuracy")
    assert names == {path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py")}
