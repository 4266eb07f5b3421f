"""Names of branches and commits, checked before git sees them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

from services.repository.errors import Cause, RepositoryError

MAX_LENGTH = 244  # what a reference's file name can hold besides ".lock"
SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# The rules of git-check-ref-format(1), and no leading "-", which would be an option.
FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|^[-/.]|[/.]$")


def is_branch(name: str) -> bool:
    return bool(name) and len(name.encode(errors="replace")) <= MAX_LENGTH and not FORBIDDEN.search(name)


def check_branch(name: str) -> str:
    """The name as it is. Raises RepositoryError when git could have no branch of this name."""
    if not name:
        raise RepositoryError("Enter the name of a branch.", "branch")
    if not is_branch(name) or name == "HEAD":
        raise RepositoryError("This is not a name that a branch can have.", "branch")
    return name


def check_sha(sha: str) -> str:
    """A full commit id as it is. Raises RepositoryError."""
    if not SHA.fullmatch(sha):
        raise RepositoryError("A commit is named by its full id: 40 characters of 0-9 and a-f.", "branch")
    return sha


def missing_branch(name: str, existing: Iterable[str], default: str = "") -> RepositoryError:
    """The error for a branch that is not there, with the names it may have been meant to be, else the default's."""
    near = nearest(name, existing)
    error = f"The repository has no branch “{name}”.{did_you_mean(near)}"
    return RepositoryError(error, "branch", Cause.BRANCH, near=near or tuple(filter(None, [default])))


def nearest(name: str, existing: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Up to `count` similar names, the most similar first."""
    by_lower = {candidate.lower(): candidate for candidate in existing}
    close = difflib.get_close_matches(name.lower(), by_lower, n=count, cutoff=0.6)
    return tuple(by_lower[found] for found in close)


def did_you_mean(near: Sequence[str]) -> str:
    """The end of a message; empty when nothing is near."""
    names = " or ".join(f"“{name}”" for name in near)
    return f" Did you mean {names}?" if near else ""
