"""The file tree of a small Debian system, set up so that its package tools reach what the host's reach."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from releases.baseimages.command import run, tar
from releases.baseimages.host import Host
from releases.baseimages.mirror import Mirror
from releases.baseimages.network import answers
from releases.engine.base import Cancel

REMOVALS = 10
SCRIPTS = Path("/usr/share/debootstrap/scripts")
LEFT_OUT = ("./var/cache/apt/archives/*.deb", "./var/lib/apt/lists/*", "./var/log/*.log", "./etc/hostname")
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")

# Debian's testing suite is signed for some days only, and the mirror of a closed network may be older; the signature
# itself still counts.
APT = """Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
APT::Keep-Downloaded-Packages "false";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
"""
# As in the official images: no documentation, no waiting for the disk, no services started by an installation.
DPKG = """force-unsafe-io
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-include=/usr/share/doc/*/copyright
"""
NO_SERVICES = "#!/bin/sh\nexit 101\n"


@dataclass(frozen=True)
class Plan:
    """A tree to make. `deadline` on the monotonic clock; `lock` a descriptor that child processes hold on to."""

    suite: str
    target: Path
    host: Host
    mirror: Mirror
    feed: Callable[[bytes], None]
    cancelled: Cancel
    deadline: float
    lock: int


Bootstrap = Callable[[Plan], None]


def debootstrap(plan: Plan) -> None:
    """Install the suite from its mirror. Raises Cancelled, CommandFailed, Unavailable when late."""
    script = SCRIPTS / plan.suite
    options = ("--variant=minbase", "--force-check-gpg", "--include=ca-certificates")
    command = ["debootstrap", *options, plan.suite, str(plan.target), plan.mirror.packages]
    # An older debootstrap does not know the names of newer suites, which are all installed alike.
    command.append(str(script if script.exists() else SCRIPTS / "sid"))
    _run(plan, command)
    furnish(plan.target, plan.suite, plan.host, plan.mirror)
    _run(plan, ["chroot", str(plan.target), "update-ca-certificates"])


def _run(plan: Plan, command: list[str]) -> None:
    run(command, plan.feed, plan.cancelled, plan.deadline, plan.host.proxies, [plan.lock])


def furnish(target: Path, suite: str, host: Host, mirror: Mirror) -> None:
    """Write the settings of the package tools."""
    _write(target / "etc/apt/sources.list", _sources(suite, mirror))
    _write(target / "etc/apt/apt.conf.d/80-stand-in", APT)
    _write(target / "etc/dpkg/dpkg.cfg.d/80-stand-in", DPKG)
    _write(target / "usr/sbin/policy-rc.d", NO_SERVICES, 0o755)
    for number, certificate in enumerate(host.certificates):
        _write(target / f"usr/local/share/ca-certificates/host-{number:03}.crt", certificate + "\n")
    if host.pip:
        _write(target / "etc/pip.conf", "[global]\n" + "".join(f"{key} = {value}\n" for key, value in host.pip.items()))
    if host.npm_registry:
        _write(target / "etc/npmrc", f"registry={host.npm_registry}\n")


def image_changes(suite: str) -> list[str]:
    """What turns the tree into an image, as Dockerfile instructions."""
    variables = " ".join(f"{name}={CERTIFICATES}" for name in VARIABLES)
    return ['CMD ["bash"]', f"ENV {variables}", f"LABEL kintohub.standin={suite}"]


def packed(target: Path) -> Callable[[], Iterator[bytes]]:
    return lambda: tar(target, LEFT_OUT)


@contextmanager
def directory(work: Path, suite: str) -> Iterator[Path]:
    """A new directory that is removed afterwards, with those of killed processes; the caller holds the suite's lock."""
    prefix = f"tree-{suite}-"
    for leftover in work.glob(prefix + "*"):
        _remove(leftover)
    target = Path(mkdtemp(prefix=prefix, dir=work))
    try:
        target.chmod(0o755)  # becomes the image's root directory
        yield target
    finally:
        _remove(target)


def _remove(directory: Path) -> None:
    """Programs that were killed a moment ago may still be writing; what is left after a second goes the next time."""
    for _ in range(REMOVALS):
        shutil.rmtree(directory, ignore_errors=True)
        if not directory.exists():
            return
        time.sleep(0.1)


def _sources(suite: str, mirror: Mirror) -> str:
    """The suite with its updates, as far as the mirror has them: a rolling suite has none."""
    wanted = [(mirror.packages, f"{suite}-updates"), (mirror.security, f"{suite}-security")]
    extra = [(uri, name) for uri, name in wanted if uri and answers(f"{uri}/dists/{name}/InRelease")]
    return "".join(f"deb {uri} {name} main\n" for uri, name in [(mirror.packages, suite), *extra])


def _write(file: Path, content: str, mode: int = 0o644) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    file.chmod(mode)
