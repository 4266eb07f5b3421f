"""What work with a repository can end in, in words for the person who entered it."""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    """Why it failed; a diagnosis can be hung on it."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    HOST = "host"
    EMPTY = "empty"
    BRANCH = "branch"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    BUSY = "busy"
    OTHER = "other"


class RepositoryError(Exception):
    """`field` names the form field the message belongs to. `retryable`: the same call may succeed a little later.

    `near` are values of the field that exist and that may have been meant, the likeliest first.
    """

    def __init__(
        self,
        message: str,
        field: str = "repository_url",
        cause: Cause = Cause.INVALID,
        *,
        retryable: bool = False,
        near: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.cause = cause
        self.retryable = retryable
        self.near = near


class Cancelled(Exception):
    """The caller's `cancelled` turned true; the processes that were started are gone."""
