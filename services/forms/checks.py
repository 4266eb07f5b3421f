"""Checks that several fields share."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ValidationError

from services.repository.errors import RepositoryError
from services.repository.paths import inside


def one_line(value: str) -> None:
    """A command is one line of a script: a line break in it would start another."""
    if not value.isprintable():
        raise ValidationError("This must be one line without control characters.")


def path_inside(value: str, field: str) -> str:
    """A path below the repository's root; `.` is the root itself. Raises ValidationError."""
    return said_by_repository(lambda: inside(value, field)) or "."


def said_by_repository(check: Callable[[], str]) -> str:
    """The result of a check, with its complaint as a form's."""
    try:
        return check()
    except RepositoryError as error:
        raise ValidationError(error.message) from error
