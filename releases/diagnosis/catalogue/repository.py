"""Causes in the repository, and in the settings that say where in it things are."""

from __future__ import annotations

import posixpath

from releases.diagnosis.cause import Cause, Finding, cause, high, medium
from releases.diagnosis.facts import Facts, Kind
from releases.diagnosis.shortcut import EDIT_ACCESS, EDIT_SUBFOLDER, RETRY, Shortcut, deploy, edit
from services.repository.errors import Cause as Said

MAX_PROPOSED = 3


def _is(facts: Facts, *codes: Said, field: str = "") -> bool:
    failure = facts.failure
    same_field = not field or failure.field == field
    return failure.kind is Kind.REPOSITORY and failure.code in codes and same_field


@cause(
    "branch-missing",
    "The branch does not exist",
    looks_at="What the repository answers, and the names of its branches.",
    offers="Deploys the branch with the nearest name, or the default branch.",
)
def branch_missing(facts: Facts) -> Finding | None:
    if not _is(facts, Said.BRANCH):
        return None
    near = [deploy(f"Use branch {name}", branch=name) for name in facts.failure.near[:MAX_PROPOSED]]
    return high(
        facts.failure.reason,
        *facts.said,
        shortcuts=(*near, edit("Edit the branch", "branch", next(iter(facts.failure.near), ""))),
    )


@cause(
    "subfolder-missing",
    "The subfolder does not exist",
    looks_at="The folders of the commit.",
    offers="Deploys from the folder with the nearest name.",
)
def subfolder_missing(facts: Facts) -> Finding | None:
    if not _is(facts, Said.NOT_FOUND, field="subfolder"):
        return None
    near = [deploy(f"Use subfolder {name}", subfolder=name) for name in facts.failure.near[:MAX_PROPOSED]]
    return high(facts.failure.reason, *facts.said, shortcuts=(*near, EDIT_SUBFOLDER))


@cause(
    "dockerfile-missing",
    "The Dockerfile does not exist, or is spelt in another way",
    looks_at="The files of the commit.",
    offers="Deploys with a Dockerfile that is there.",
)
def dockerfile_missing(facts: Facts) -> Finding | None:
    if not _is(facts, Said.NOT_FOUND, field="dockerfile"):
        return None
    return high(
        facts.failure.reason,
        *facts.said,
        shortcuts=(
            *(_use_dockerfile(path) for path in _dockerfiles(facts)),
            edit("Edit the Dockerfile's path", "dockerfile"),
        ),
    )


def _dockerfiles(facts: Facts) -> list[str]:
    """Below the subfolder; those named so come before those that are only spelt alike."""
    start = "" if facts.settings.subfolder == "." else facts.settings.subfolder + "/"
    below = sorted(path.removeprefix(start) for path in facts.files if path.startswith(start))
    named = [path for path in below if posixpath.basename(path).lower().startswith("dockerfile")]
    by_depth = sorted(named, key=lambda path: (path.count("/"), path))
    return list(dict.fromkeys([*by_depth, *facts.failure.near]))[:MAX_PROPOSED]


def _use_dockerfile(path: str) -> Shortcut:
    return deploy(f"Use Dockerfile at {path}", dockerfile=path)


@cause(
    "repository-not-found",
    "There is no repository at this address",
    looks_at="What the repository's host answers.",
    offers="Opens the access of the repository; retries.",
)
def not_found(facts: Facts) -> Finding | None:
    if not _is(facts, Said.NOT_FOUND, field="repository_url"):
        return None
    return high(facts.failure.reason, *facts.said, shortcuts=(EDIT_ACCESS, RETRY))


@cause(
    "authentication-refused",
    "The repository's host refuses the access",
    looks_at="What the repository's host answers to the stored token or key, or to none.",
    offers="Opens the access of the repository, where another token or key can be entered.",
)
def refused(facts: Facts) -> Finding | None:
    if not _is(facts, Said.REFUSED):
        return None
    return high(facts.failure.reason, *facts.said, shortcuts=(EDIT_ACCESS, RETRY))


@cause(
    "host-not-resolvable",
    "The repository's host does not exist or does not answer",
    looks_at="What git says about the connection.",
    offers="Retries.",
)
def host(facts: Facts) -> Finding | None:
    if not _is(facts, Said.HOST):
        return None
    return high(facts.failure.reason, *facts.said, shortcuts=(RETRY, EDIT_ACCESS))


@cause(
    "repository-too-large",
    "The repository is too large, or its transfer too slow",
    looks_at="The limits of size and time of a transfer.",
    offers="Retries where it was too slow.",
)
def too_large_or_slow(facts: Facts) -> Finding | None:
    if not _is(facts, Said.TOO_LARGE, Said.TOO_SLOW):
        return None
    slow = facts.failure.code == Said.TOO_SLOW
    return high(facts.failure.reason, *facts.said, shortcuts=(RETRY if slow else EDIT_ACCESS,))


@cause(
    "repository-empty",
    "The repository is empty",
    looks_at="The branches of the repository: there is none.",
    offers="Retries, after a first push.",
)
def empty(facts: Facts) -> Finding | None:
    return high(facts.failure.reason, *facts.said, shortcuts=(RETRY,)) if _is(facts, Said.EMPTY) else None


@cause(
    "repository-other",
    "The repository cannot be used as it is",
    looks_at="Everything else that git or the files of the commit tell: a damaged object, a link in place of a file.",
    offers="Opens the field that it is about; retries where that may help.",
)
def other(facts: Facts) -> Finding | None:
    if facts.failure.kind is not Kind.REPOSITORY:
        return None
    retry = (RETRY,) if facts.failure.retryable else ()
    return medium(facts.failure.reason, *facts.said, shortcuts=(*retry, edit("Edit the field", facts.failure.field)))


CAUSES: tuple[Cause, ...] = (
    branch_missing,
    subfolder_missing,
    dockerfile_missing,
    not_found,
    refused,
    host,
    too_large_or_slow,
    empty,
    other,
)
