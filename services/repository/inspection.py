"""One contact with a repository, for the form: its branches, and what its newest commit looks like."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from services.repository import git, remote
from services.repository.address import Address, Policy
from services.repository.commit import Commit
from services.repository.credentials import Credentials
from services.repository.detection import Detection, detect
from services.repository.mirror import Limits, Mirror
from services.repository.remote import RemoteHeads

LIMITS = Limits(transfer=200 * 1024 * 1024, files=1024 * 1024 * 1024)


@dataclass(frozen=True)
class Inspection:
    """`branch` is the one that was looked at: the asked one, or the default."""

    heads: RemoteHeads
    branch: str
    commit: Commit
    detection: Detection
    warnings: tuple[str, ...] = ()


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
    """Fetches into a place that is gone afterwards. Raises RepositoryError, whose `field` says what to correct."""
    deadline = time.monotonic() + seconds
    heads = remote.branches(address, credentials, policy, seconds=seconds, cancelled=cancelled)
    branch = branch or heads.default_branch
    with tempfile.TemporaryDirectory(prefix="kintohub-inspect-", ignore_cleanup_errors=True) as directory:
        mirror = Mirror(Path(directory) / "mirror", LIMITS)
        left = max(1.0, deadline - time.monotonic())
        commit = mirror.fetch(address, credentials, policy, branch, seconds=left, cancelled=cancelled)
        tree = mirror.tree(commit.sha, subfolder)
        return Inspection(heads, branch, commit, detect(mirror.files(tree)), tree.warnings)
