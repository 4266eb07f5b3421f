"""Paths that people enter: always below the repository's root, or refused."""

from __future__ import annotations

import posixpath

from services.repository.errors import RepositoryError

MAX_LENGTH = 1000


def inside(text: str, field: str) -> str:
    """The path relative to the root without `.` parts; empty for the root itself. Raises RepositoryError."""
    text = text.strip()
    if len(text) > MAX_LENGTH:
        raise RepositoryError(f"The path is too long: at most {MAX_LENGTH} characters.", field)
    if not text.isprintable() or "\\" in text:
        raise RepositoryError("The path has a character that is not allowed. Separate folders with “/”.", field)
    if text.startswith("/") or ".." in text.split("/"):
        raise RepositoryError("The path must stay inside the repository: no “..”, no “/” at its beginning.", field)
    normal = posixpath.normpath(text) if text else "."
    return "" if normal == "." else normal
