"""Where things are: the tree, our addons in it, and the cache outside it."""

import hashlib
import os
from pathlib import Path

SETUP = Path(__file__).resolve().parent.parent
ROOT = SETUP.parent

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "hc_crm"
LOGS = CACHE / "logs"
DATA = CACHE / "data-19.0"  # Odoo's data_dir: filestore and sessions


def addons():
    """Our addons, by folder name, those that others depend on first."""
    found = {path.parent.name for path in ROOT.glob("hc_*/__manifest__.py")}
    return sorted(found, key=lambda name: (len(name), name))


# What changes nothing in a database: Python tests are read from the tree, and so
# are scripts and styles, whose bundles Odoo rebuilds by itself when they change.
_NOT_INSTALLED = {"tests", "readme", "__pycache__", "node_modules"}
_NOT_INSTALLED_SUFFIXES = {".md", ".pyc", ".toml", ".js", ".scss", ".css"}


def addon_digest(name):
    """A short hash of the files of an addon that end up in the database."""
    digest = hashlib.sha256()
    base = ROOT / name
    for path in sorted(base.rglob("*")):
        parts = path.relative_to(base).parts
        if _NOT_INSTALLED & set(parts) or path.suffix in _NOT_INSTALLED_SUFFIXES:
            continue
        if parts[:2] == ("static", "src") or not path.is_file():
            continue
        # else taking them would outdate the database they were taken of
        if path.name.startswith("screenshot_"):
            continue
        digest.update("/".join(parts).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def addon_digests():
    """``{addon: digest}`` of all our addons."""
    return {name: addon_digest(name) for name in addons()}


def short_hash(*parts):
    """Ten hexadecimal digits that stand for all the given parts."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:10]
