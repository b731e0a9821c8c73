"""A pytest plugin: one more test, that our addons install without a warning.

The database was prepared before pytest began, so its log is all there is to check.
"""

import os
import re
from pathlib import Path

import pytest

from .odoo import KNOWN_NOISE

LINE = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (WARNING|ERROR|CRITICAL) ")


def unexpected_lines(text):
    """The warnings and errors in a server log that aren't known noise."""
    return [
        line
        for line in text.splitlines()
        if LINE.match(line) and not any(words in line for words in KNOWN_NOISE)
    ]


class InstallLog(pytest.Item):
    """Fails with the lines of the log that shouldn't be there."""

    def runtest(self):
        path = Path(os.environ["HC_INSTALL_LOG"])
        lines = unexpected_lines(path.read_text(errors="replace")) if path.is_file() else []
        if lines:
            raise AssertionError("installing our addons logged:\n" + "\n".join(lines))

    def repr_failure(self, excinfo):
        return str(excinfo.value)

    def reportinfo(self):
        return self.path, None, "our addons install without warnings"


def pytest_collection_modifyitems(session, items):
    if os.environ.get("HC_INSTALL_LOG"):
        items.insert(0, InstallLog.from_parent(session, name="install_log_is_clean"))
