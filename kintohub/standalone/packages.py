"""System packages: which are missing, and how they come."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kintohub.standalone import command, environment
from kintohub.standalone.progress import Progress
from kintohub.standalone.stop import Stop

APT = ("apt-get", "-o", "DPkg::Lock::Timeout=300")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
FONTS = Path("/usr/share/fonts")


@dataclass(frozen=True)
class Need:
    """A program, or something else that a Debian package brings. Present is what works, not what dpkg knows of."""

    name: str
    package: str
    present: bool


def for_running(engine_answers: bool) -> list[Need]:
    """`engine_answers`: the Docker engine need not come from this machine's packages."""
    needs = [program("git"), program("haproxy"), certificates(), pip()]
    if not engine_answers:
        needs += [program("dockerd", "docker.io"), program("iptables")]
    if os.geteuid() == 0:
        # Builds base images where no registry can be reached; only root can use it.
        needs.append(program("debootstrap"))
    return needs


def for_tests(engine_answers: bool) -> list[Need]:
    return [*for_running(engine_answers), program("chromium"), fonts()]


def program(name: str, package: str = "") -> Need:
    return Need(name, package or name, shutil.which(name, path=environment.search_path()) is not None)


def certificates() -> Need:
    return Need("the CA certificates", "ca-certificates", CERTIFICATES.exists())


def pip() -> Need:
    """Debian splits what a virtual environment needs from Python itself."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    return Need("Python's venv", package, importlib.util.find_spec("ensurepip") is not None)


def fonts() -> Need:
    return Need("fonts", "fonts-dejavu-core", next(FONTS.rglob("*.ttf"), None) is not None)


def ensure(needs: Iterable[Need], progress: Progress) -> None:
    """Install what is missing. Raises Stop with one sentence when it cannot."""
    missing = [need for need in needs if not need.present]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Stop(sentence(missing, apt=bool(shutil.which("apt-get"))))
    names = [need.package for need in missing]
    settings = {**environment.of_children(), "DEBIAN_FRONTEND": "noninteractive"}
    with progress.step("Reading Debian's package lists") as step:
        command.run([*APT, "update"], settings, seconds=600, heard=step.heard)
    with progress.step(f"Installing {', '.join(names)}") as step:
        command.run(
            [*APT, "install", "-y", "--no-install-recommends", *names], settings, seconds=1800, heard=step.heard
        )


def sentence(missing: Iterable[Need], apt: bool) -> str:
    """What a person without root, or on another system, has to do."""
    missing = list(missing)
    names = [need.name for need in missing]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    verb = "are" if len(names) > 1 else "is"
    if apt:
        packages = " ".join(need.package for need in missing)
        how = f"run “sudo apt-get install --no-install-recommends {packages}” and try again"
    else:
        how = "install with the system's package manager and try again"
    return f"KintoHub needs {listed}, which {verb} not installed: {how}."
