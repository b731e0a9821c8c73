"""Odoo 19 itself: the user's own (``ODOO_HOME``) or Debian's package of it.

PyPI has no Odoo server, Debian's archive has: ``odoo-19`` in the suite ``sid``.
It is not *installed* (that would pull sid's Python into a stable machine) but
downloaded with a private apt state and unpacked into the cache. apt checks the
archive's signature, and no root is needed. The mirror is the one the machine
already uses.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from .console import SetupError, die_with_parent, run_step, say
from .locks import lock
from .paths import CACHE, LOGS, short_hash

SERIES = "19.0"
# Debian replaced these bundled assets by links to its own packages.
SID_PACKAGES = (
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-montserrat",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-ocr-b",
    "fonts-glyphicons-halflings",
)
# Odoo uses Font Awesome 4.7, as stable still has it; sid's 7 has other file names.
STABLE_PACKAGES = ("fonts-font-awesome",)
SELFIE = "addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
SELFIE_NPM = "@mediapipe/selfie_segmentation@0.1.1675465747"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
OWN_ODOO = "Or use an Odoo 19 you already have:  ODOO_HOME=/path/to/odoo setup/run"

_RECIPE = 2  # raise it when the way of unpacking changes


def odoo_source():
    """The folder that holds the package ``odoo`` of series 19.0, ready for use."""
    home = os.environ.get("ODOO_HOME")
    return _users_own(Path(home)) if home else _from_debian()


def addons_paths(source):
    """Odoo's own addon folders in a source folder."""
    # A checkout of Odoo's sources keeps most addons beside the package.
    return [path for path in (source / "odoo/addons", source / "addons") if path.is_dir()]


def odoo_version(source):
    """The release as it names itself, such as ``(19, 0, 0, 'final', 0)``."""
    text = (source / "odoo/release.py").read_text()
    match = re.search(r"^version_info\s*=\s*\(([^)]*)\)", text, re.MULTILINE)
    return match.group(1).replace("'", "").split(", ") if match else ["unknown"]


def _users_own(home):
    inside = ("", "..", "usr/lib/python3/dist-packages", "src", "odoo")
    for source in (home / part for part in inside):
        if (source / "odoo/release.py").is_file():
            source = source.resolve()
            break
    else:
        raise SetupError(
            f"ODOO_HOME={home}: there is no Odoo (no odoo/release.py in it)",
            "Point it at the folder that contains the folder 'odoo', or unset it.",
        )
    series = ".".join(odoo_version(source)[:2])
    if series != SERIES:
        raise SetupError(
            f"ODOO_HOME={home} is Odoo {series}; these addons are for Odoo {SERIES}",
            f"Point ODOO_HOME at an Odoo {SERIES}, or unset it to have one fetched.",
        )
    return source


def _from_debian():
    target = CACHE / f"odoo-{SERIES}-{short_hash(_RECIPE, SID_PACKAGES, STABLE_PACKAGES)}"
    source = target / "usr/lib/python3/dist-packages"
    if target.is_dir():  # it got its name only when complete
        return source
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise SetupError(f"{tool} is missing: Odoo is fetched from Debian's archive", OWN_ODOO)
    with lock("odoo-source", "fetching Odoo"):
        if target.is_dir():
            return source
        for left_over in CACHE.glob("odoo-*.part"):
            shutil.rmtree(left_over, ignore_errors=True)
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        packages = _download(CACHE / "apt")
        root = part / "root"
        root.mkdir(parents=True)
        say("· unpacking Odoo …")
        for package in packages:
            _unpack(package, root)
        _add_selfie(root / "usr/lib/python3/dist-packages/odoo", part)
        os.sync()  # a power cut must not leave a finished name on unfinished files
        root.rename(target)
        shutil.rmtree(part)
        shutil.rmtree(CACHE / "apt")
    return source


def _unpack(package, root):
    command = ["dpkg-deb", "-x", package, root]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, preexec_fn=die_with_parent
    )
    if done.returncode:
        raise SetupError(
            f"{package.name} cannot be unpacked into {root}: {done.stderr.strip()}",
            f"Is the disk full? Odoo takes 1.3 GB. To fetch it again:  rm -r {package.parent.parent}",
        )


def _mirror():
    """The address of the Debian mirror this machine already uses."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    if not found:  # a slim container has thrown its package lists away
        for path in [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]:
            if path.suffix not in (".list", ".sources") or not path.is_file():
                continue
            for line in path.read_text(errors="replace").splitlines():
                if re.match(r"(deb|URIs:)\s", line):
                    found += re.findall(r"\b(?:https?|mirror|file)\S*:/\S+", line)
    for address in found:
        if "-security" not in address and re.search(r"/debian/?$", address):
            return address.rstrip("/")
    raise SetupError(
        "this machine's apt sources name no Debian mirror",
        f"On Debian 12 or 13, look into /etc/apt/sources.list.d. {OWN_ODOO}",
    )


def _stable_suite():
    """The codename of the machine's own Debian."""
    for line in Path("/etc/os-release").read_text().splitlines():
        name, _, value = line.partition("=")
        if name == "VERSION_CODENAME":
            suite = value.strip("\"'")
            return suite if suite in ("bookworm", "trixie") else "trixie"
    return "trixie"


def _download(state):
    """Download all packages; the paths of the checked ``.deb`` files.

    apt continues an interrupted download and checks what is there already.
    """
    stable = _stable_suite()
    debs = state / "debs"
    for folder in (debs, state / "lists/partial", state / "cache/archives/partial"):
        folder.mkdir(parents=True, exist_ok=True)
    signed_by = f" [signed-by={KEYRING}]" if KEYRING.is_file() else ""
    mirror = _mirror()
    (state / "sources.list").write_text(
        "".join(f"deb{signed_by} {mirror} {suite} main\n" for suite in ("sid", stable))
    )
    (state / "apt.conf").write_text(
        f'Dir::State::Lists "{state}/lists";\n'
        f'Dir::Cache "{state}/cache";\n'
        f'Dir::Etc::SourceList "{state}/sources.list";\n'
        'Dir::Etc::SourceParts "-";\n'
        'Acquire::Languages "none";\n'
        'Acquire::Retries "3";\n'
        # root's apt would download as the user _apt, who may not enter root's cache
        'APT::Sandbox::User "root";\n'
    )
    env = dict(os.environ, APT_CONFIG=str(state / "apt.conf"))
    log = LOGS / "odoo-download.log"
    remedy = f"Is the network there? The next start continues. {OWN_ODOO}"
    run_step("reading the package list of Debian sid", ["apt-get", "update"], log, env=env,
             remedy=remedy)  # fmt: skip

    def progress():
        done = sum(f.stat().st_size for f in debs.iterdir() if f.is_file())
        return f"{done / 1e6:.0f} of about 125 MB"

    wanted = [*SID_PACKAGES, *(f"{name}/{stable}" for name in STABLE_PACKAGES)]
    run_step("downloading Odoo 19", ["apt-get", "download", *wanted], log, env=env, cwd=debs,
             progress=progress, remedy=remedy, append=True)  # fmt: skip
    return sorted(debs.glob("*.deb"))


def _add_selfie(odoo, work):
    """Add the one asset that Debian's build lacks; every back-end page asks for it.

    It blurs the background of video calls, so an empty file serves as well.
    """
    target = odoo / SELFIE
    if target.is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if shutil.which("npm"):
        done = subprocess.run(
            ["npm", "pack", "--silent", "--pack-destination", work, SELFIE_NPM],
            cwd=work, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            timeout=120,
        )  # fmt: skip
        archive = next(work.glob("*.tgz"), None)
        if done.returncode == 0 and archive:
            shutil.unpack_archive(archive, work / "npm")
            shutil.copy(work / "npm/package/selfie_segmentation.js", target)
            return
    target.write_text("/* stand-in: video calls work, without blurred background */\n")
