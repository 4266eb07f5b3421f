"""One at a time of what must not be done twice over: a repair, the following of the engine.

A file lock ends with its holder, however that ends; a row in the database would outlive a killed process and hold the
next one up just when it is needed.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings


class Busy(Exception):
    """Another one is at work."""


@contextmanager
def alone(what: str) -> Iterator[None]:
    """`what` is a word for a file's name and for the error. Raises Busy."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(settings.DATA_DIR / f"{what}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(f"Another run of {what} is under way.") from error
        yield
    finally:
        os.close(descriptor)
