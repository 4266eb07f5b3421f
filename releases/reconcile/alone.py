"""One run at a time, so that nothing is repaired twice over.

A file lock ends with its holder, however that ends; a row in the database would outlive a killed worker and hold the
repair up just when it is needed. Nothing depends on it but economy: each repair looks again before it does anything.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings


class Busy(Exception):
    """Another run is under way."""


@contextmanager
def alone() -> Iterator[None]:
    """Raises Busy."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(settings.DATA_DIR / "reconcile.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy("Another run of reconcile is under way.") from error
        yield
    finally:
        os.close(descriptor)
