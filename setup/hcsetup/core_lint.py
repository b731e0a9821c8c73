"""Odoo's own ``test_lint``, over our addons instead of all of Odoo.

Those tests walk over every addon on the path, which takes minutes and tells of
others' code. The plugin below makes Odoo list only ours to them; those that
look into the registry run in a copy of the prepared database.

Not run, and why:

- ``test_pylint``: it always takes all of Odoo; ``setup/lint pylint`` runs the same
  checkers over ours.
- ``test_eslint``: it needs an eslint that no longer exists; ``eslint.config.mjs``
  has its rules.
- ``test_checkers``: it tests core's checkers themselves.
- ``test_markers``: it reads all of Odoo for conflict markers; ruff and prettier
  cannot parse a file of ours that has any.
- ``test_l10n``: only for modules named ``l10n_*``.
"""

import logging
import os
import subprocess
import sys
from unittest.mock import patch

from .paths import CACHE, SETUP, addons

FILES = (
    "test_dunderinit", "test_i18n", "test_jstranslate", "test_manifests", "test_onchange_domains",
    "test_orm_import", "test_pofile", "test_test_holes",
)  # fmt: skip
REGISTRY = (
    "test_docstring", "test_index", "test_naming", "test_override_signatures", "test_routes",
)  # fmt: skip


def run(make_environment):
    """Run core's tests in a copy of the prepared database; pytest's exit code."""
    from .databases import test_copy
    from .postgres import server

    with server():
        env = make_environment()
        folder = env.source / "odoo/addons/test_lint/tests"
        with test_copy(env) as (database, _log):
            command = [
                sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=short",
                f"--odoo-config={env.config}", f"--odoo-database={database}",
                f"--rootdir={folder}", "-p", "hcsetup.core_lint", "-p", "no:warnings",
                "-o", f"cache_dir={CACHE / 'pytest'}",
                *(str(folder / f"{name}.py") for name in FILES + REGISTRY),
            ]  # fmt: skip
            variables = dict(env.variables, HC_CORE_LINT=",".join(addons()))
            variables["PYTHONPATH"] = os.pathsep.join([str(env.source), str(SETUP)])
            return subprocess.run(
                command, env=variables, stdin=subprocess.DEVNULL, check=False
            ).returncode


class _Findings(logging.Handler):
    """Collects what the tests only log; a line counts when it names one of ours."""

    def __init__(self, names):
        super().__init__(logging.WARNING)
        self.names, self.lines = names, []

    def emit(self, record):
        text = record.getMessage()
        if any(name in text for name in self.names):
            self.lines.append(text)


def pytest_runtest_call(item):
    """(pytest hook) Show the test only our addons, and count its warnings as failures."""
    from odoo.modules import Manifest

    ours = os.environ["HC_CORE_LINT"].split(",")
    manifests = [manifest for manifest in map(Manifest.for_addon, ours) if manifest]
    item.hc_findings = findings = _Findings(ours)
    logger = logging.getLogger("odoo.addons.test_lint")
    logger.setLevel(logging.WARNING)
    logger.addHandler(findings)
    module = item.module
    patches = [patch.object(Manifest, "all_addon_manifests", lambda: manifests)]
    if hasattr(module, "get_modules"):
        patches.append(patch.object(module, "get_modules", lambda: ours))
    for one in patches:
        one.start()
    original = item.runtest

    def runtest():
        try:
            original()
        finally:
            for one in patches:
                one.stop()
            logger.removeHandler(findings)
        if findings.lines:
            raise AssertionError("\n".join(findings.lines))

    item.runtest = runtest
