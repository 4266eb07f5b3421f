"""Which versions a Debian suite has now: asked of apt, with package lists apart from the host's own."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from releases.baseimages.host import Host
from releases.baseimages.lock import prepare
from services.languages import Recipe

SECONDS = 10.0
FRESH_SECONDS = 86_400.0
CANDIDATE = re.compile(r"^(\S+):\n  Installed: .*\n  Candidate: (?!\(none\))(\S+)$", re.MULTILINE)
Versions = Mapping[str, str]


def lacking(recipe: Recipe, versions: Versions) -> str:
    """The first package with a version that the suite has in another one, as the end of a sentence; else empty.

    A package that is not among the `versions` is not held against the recipe: apt could not be asked about it.
    """
    pairs = (package.partition("=") for package in recipe.packages)
    for name, _, wanted in pairs:
        if wanted and name in versions and not fnmatchcase(versions[name], wanted):
            return f"Debian {recipe.suite} has moved on to {name} {_upstream(versions[name])}"
    return ""


def candidates(host: Host, recipes: Iterable[Recipe]) -> dict[str, str]:
    """What apt would install of the packages that recipes of one suite ask for in a version.

    Fetches the suite's lists at most once a day, and takes `SECONDS` at most; empty where apt is missing or fails.
    """
    found = list(recipes)
    names = sorted({package.partition("=")[0] for recipe in found for package in recipe.packages if "=" in package})
    if not names or not host.mirror:
        return {}
    deadline = time.monotonic() + SECONDS
    try:
        prepare(host.work)
        place = _place(host.work / f"apt-{found[0].suite}", f"deb {host.mirror.packages} {found[0].suite} main\n")
        if not _is_fresh(place):
            _apt(place, ["apt-get", "update", "--error-on=any"], host, deadline)
            (place / "updated").touch()
        return dict(CANDIDATE.findall(_apt(place, ["apt-cache", "policy", *names], host, deadline)))
    except (OSError, subprocess.SubprocessError):
        return {}


def _place(directory: Path, sources: str) -> Path:
    """A directory with all that apt reads and writes. Another mirror makes the lists stale."""
    (directory / "lists/partial").mkdir(parents=True, exist_ok=True)
    (directory / "status").touch()
    file = directory / "sources.list"
    if not file.exists() or file.read_text() != sources:
        file.write_text(sources)
        (directory / "updated").unlink(missing_ok=True)
    return directory


def _is_fresh(place: Path) -> bool:
    stamp = place / "updated"
    return stamp.exists() and 0 <= time.time() - stamp.stat().st_mtime < FRESH_SECONDS


def _apt(place: Path, command: list[str], host: Host, deadline: float) -> str:
    """The program's output. Raises CalledProcessError, TimeoutExpired, OSError."""
    options = {
        "Dir::State": place,
        "Dir::State::status": place / "status",
        "Dir::Cache": place / "cache",
        "Dir::Etc::sourcelist": place / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Acquire::Languages": "none",
        "Acquire::Check-Valid-Until": "false",  # as in the images, see tree.APT
        "Acquire::Retries": "0",
        "APT::Sandbox::User": "root",  # the directory is ours alone
    }
    program, *arguments = command
    given = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    done = subprocess.run(
        [program, *given, *arguments],
        env={**os.environ, "LC_ALL": "C", **host.proxies},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        text=True,
        timeout=max(0.1, deadline - time.monotonic()),
    )
    return done.stdout


def _upstream(version: str) -> str:
    """Without Debian's epoch and revision."""
    return re.sub(r"^\d+:", "", version).partition("-")[0].partition("+")[0].partition("~")[0]
