"""A look at a repository before anything is deployed: its branches, and what its newest commit looks like."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from services.repository import git, remote
from services.repository.address import Address, Policy
from services.repository.commit import Commit
from services.repository.credentials import Credentials
from services.repository.detection import Detection, detect
from services.repository.files import Files
from services.repository.mirror import Limits, Mirror
from services.repository.refs import missing_branch
from services.repository.remote import RemoteHeads
from services.repository.tree import Tree

# A look never throws a copy away that has grown too large: a build may be about to read it.
LIMITS = Limits(transfer=200 * 1024 * 1024, files=1024 * 1024 * 1024, disk=sys.maxsize)

KEPT = 8
KEPT_SECONDS = 600.0


@dataclass(frozen=True)
class Code:
    """A commit: all files below the subfolder, and the text of the telling ones."""

    commit: Commit
    tree: Tree
    files: Files


@dataclass(frozen=True)
class Seen:
    """A branch and its newest commit."""

    heads: RemoteHeads
    branch: str
    code: Code


@dataclass(frozen=True)
class Inspection:
    """`branch` is the one that was looked at: the asked one, or the default."""

    heads: RemoteHeads
    branch: str
    commit: Commit
    detection: Detection
    warnings: tuple[str, ...] = ()


class _Memory:
    """What was fetched lately in this process: Connect and the Deploy after it look at the same commit."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, str], tuple[float, Code]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[str, str, str]) -> Code | None:
        with self._lock:
            at, found = self._kept.get(key, (0.0, None))
        return found if time.monotonic() - at < KEPT_SECONDS else None

    def put(self, key: tuple[str, str, str], code: Code) -> None:
        with self._lock:
            self._kept[key] = (time.monotonic(), code)
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


_memory = _Memory()


def look(
    address: Address,
    credentials: Credentials,
    policy: Policy,
    branch: str = "",
    subfolder: str = "",
    *,
    seconds: float = 10.0,
    cancelled: git.Cancel = lambda: False,
) -> Seen:
    """The remote is always asked, with these credentials; what it has is fetched only when it is not known already.

    Fetches into a place that is gone afterwards. Raises RepositoryError, whose `field` says what to correct.
    """
    deadline = time.monotonic() + seconds
    heads = remote.branches(address, credentials, policy, seconds=seconds, cancelled=cancelled)
    branch = branch or heads.default_branch
    key = (address.url, heads.branches.get(branch, ""), subfolder)
    if known := _memory.get(key):
        return Seen(heads, branch, known)
    if heads.complete and branch not in heads.branches:
        raise missing_branch(branch, heads.branches)
    with tempfile.TemporaryDirectory(prefix="kintohub-inspect-", ignore_cleanup_errors=True) as directory:
        left = max(1.0, deadline - time.monotonic())
        place = Path(directory) / "mirror"
        code = look_into(place, address, credentials, policy, branch, subfolder, seconds=left, cancelled=cancelled)
    _memory.put((address.url, code.commit.sha, subfolder), code)
    return Seen(heads, branch, code)


def look_into(
    place: Path,
    address: Address,
    credentials: Credentials,
    policy: Policy,
    branch: str,
    subfolder: str = "",
    *,
    seconds: float = 10.0,
    cancelled: git.Cancel = lambda: False,
) -> Code:
    """The newest commit of the branch, in one contact. `place` is the copy that it is fetched into and stays in.

    Raises RepositoryError, whose `field` says what to correct.
    """
    mirror = Mirror(place, LIMITS)
    commit = mirror.fetch(address, credentials, policy, branch, seconds=seconds, cancelled=cancelled)
    tree = mirror.tree(commit.sha, subfolder)
    return Code(commit, tree, mirror.files(tree))


def inspect_repository(
    address: Address,
    credentials: Credentials,
    policy: Policy,
    branch: str = "",
    subfolder: str = "",
    *,
    seconds: float = 10.0,
    cancelled: git.Cancel = lambda: False,
) -> Inspection:
    """One contact, for the form. Raises RepositoryError, whose `field` says what to correct."""
    seen = look(address, credentials, policy, branch, subfolder, seconds=seconds, cancelled=cancelled)
    code = seen.code
    return Inspection(seen.heads, seen.branch, code.commit, detect(code.files), code.tree.warnings)
