"""``setup/lint``: ruff, pylint-odoo, eslint and prettier, and Odoo's own test_lint.

``setup/lint`` runs all parts and reports all of them; ``setup/lint ruff js`` only
the named ones; ``--fix`` lets ruff and prettier rewrite the files first.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from . import core_lint
from .console import SetupError, run_step, say
from .locks import lock
from .odoo_source import odoo_source
from .paths import CACHE, LOGS, ROOT, SETUP, addons, short_hash
from .system import apt_install, as_root

# Core's own pylint checks (test_lint/tests/test_pylint.py), over our addons only.
CORE_CHECKS = (
    "used-before-assignment", "undefined-variable", "eval-used", "unreachable",
    "function-redefined", "sql-injection", "missing-gettext", "gettext-variable",
    "gettext-placeholders", "gettext-repr", "raise-unlink-override",
)  # fmt: skip
CORE_PLUGINS = (
    "_pylint_path_setup", "pylint.extensions.bad_builtin", "_odoo_checker_sql_injection",
    "_odoo_checker_gettext", "_odoo_checker_unlink_override",
)  # fmt: skip
# Of pylint-odoo: the author it wants is OCA; the readme it wants lies in each addon's
# readme/ and static/description/. A model is inherited once per topic on purpose: whoever looks
# for a topic finds all of it in one folder.
# Here because "disable=all" in a file beats "enable".
NOT_WANTED = "manifest-required-author,missing-readme,consider-merging-classes-inherited"


def lint(arguments, make_environment):
    """Run the named parts (all by default); 1 if any found something."""
    fix = "--fix" in arguments
    names = [argument for argument in arguments if argument != "--fix"] or list(PARTS)
    for name in names:
        if name not in PARTS:
            raise SetupError(f"no such linter: {name}", f"There are: {', '.join(PARTS)}, --fix")
    failed = []
    for name in names:
        started = time.monotonic()
        say(f"· lint: {name} …")
        if not PARTS[name](fix, make_environment):
            failed.append(name)
        say(
            f"  {'FAILED' if name in failed else 'ok'}: {name} ({time.monotonic() - started:.0f} s)"
        )
    if failed:
        say(f"\nlint: {', '.join(failed)} found something (see above)")
    return int(bool(failed))


def _call(command, **options):
    """Run a linter in the tree, with no keyboard; whether it found nothing."""
    options.setdefault("cwd", ROOT)
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False, **options).returncode == 0


def _python_trees():
    """The folders with Python of ours."""
    return [name for name in (*addons(), "tests", "setup") if (ROOT / name).is_dir()]


def _tool(name):
    return Path(sys.executable).parent / name


def _ruff(fix, _environment):
    cache = f"--cache-dir={CACHE / 'ruff'}"
    if fix:
        _call([_tool("ruff"), "check", "--fix", "--quiet", cache, *_python_trees()])
        _call([_tool("ruff"), "format", cache, *_python_trees()])
    # both, so that one run shows all there is to do
    checked = _call([_tool("ruff"), "check", cache, *_python_trees()])
    return _call([_tool("ruff"), "format", "--check", cache, *_python_trees()]) and checked


def _pylint(_fix, _environment):
    ours = addons()
    if not ours:
        return True
    variables = dict(os.environ, PYLINTHOME=str(CACHE / "pylint"))
    command = [_tool("pylint"), f"--rcfile={ROOT / '.pylintrc'}", f"--disable={NOT_WANTED}"]
    odoo = _call([*command, "-j2", *ours], env=variables)
    source = odoo_source()
    checkers = source / "odoo/addons/test_lint/tests"
    variables["PYTHONPATH"] = os.pathsep.join([str(checkers), str(source)])
    variables["ADDONS_PATH"] = os.pathsep.join([str(source / "odoo/addons"), str(ROOT)])
    core = _call(
        [
            _tool("pylint"), f"--rcfile={os.devnull}", "--disable=all,useless-option-value",
            f"--enable={','.join(CORE_CHECKS)}", f"--load-plugins={','.join(CORE_PLUGINS)}",
            "--reports=n", "--score=n", "--bad-functions=input", "-j2",
            *(str(ROOT / name) for name in ours),
        ],
        env=variables,
    )  # fmt: skip
    return odoo and core


def node_tools():
    """The folder with eslint and prettier, installed once per content of package.json."""
    manifest = SETUP / "package.json"
    target = CACHE / f"node-{short_hash(manifest.read_text())}"
    if target.is_dir():
        return target
    if not shutil.which("npm") and not (apt_install("npm") and shutil.which("npm")):
        raise SetupError(
            "linting JavaScript and XML needs npm, which isn't installed",
            f"Type  {as_root('npm')}  or leave it out:  setup/lint ruff pylint odoo",
        )
    with lock("node", "installing eslint and prettier"):
        if not target.is_dir():
            part = target.with_name(target.name + ".part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            shutil.copy(manifest, part)
            # No lock file: it would name the registry; the pins are exact.
            command = ["npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit"]
            run_step(
                "installing eslint and prettier", [*command, "--no-fund"], LOGS / "npm.log",
                cwd=part, env=dict(os.environ, CI="true"), remedy="Is the network there?",
            )  # fmt: skip
            part.rename(target)
    return target


def _front_end_files(*suffixes):
    """Our files with these suffixes, without third parties' libraries."""
    return sorted(
        str(path.relative_to(ROOT))
        for name in addons()
        for path in (ROOT / name).rglob("*")
        if path.suffix in suffixes and "lib" not in path.relative_to(ROOT).parts
    )


def _js(fix, _environment):
    modules = node_tools() / "node_modules"
    scripts = [path for path in _front_end_files(".js") if "/static/" in path]
    pretty = scripts + _front_end_files(".xml", ".scss")
    clean = True
    if pretty:
        command = ["node", modules / "prettier/bin/prettier.cjs", "--log-level=warn"]
        command += [f"--plugin={modules / '@prettier/plugin-xml/src/plugin.js'}"]
        if fix:
            _call([*command, "--write", *pretty])
        clean = _call([*command, "--check", *pretty])
    if scripts:
        command = ["node", modules / "eslint/bin/eslint.js", "--max-warnings=0"]
        command += ["--config", ROOT / "eslint.config.mjs", *(["--fix"] if fix else [])]
        clean = _call([*command, *scripts]) and clean
    return clean


def _odoo(_fix, make_environment):
    return not core_lint.run(make_environment)


PARTS = {"ruff": _ruff, "pylint": _pylint, "js": _js, "odoo": _odoo}
