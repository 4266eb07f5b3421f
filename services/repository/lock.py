"""A lock between processes that ends with its holder, however the holder ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.repository.errors import Cancelled, Cause, RepositoryError
from services.repository.git import Cancel

SECONDS = 60.0
POLL = 0.05
ALONE, TOGETHER = fcntl.LOCK_EX, fcntl.LOCK_SH


@contextmanager
def locked(path: Path, kind: int, cancelled: Cancel = lambda: False, seconds: float = SECONDS) -> Iterator[None]:
    """Hold the lock file. Raises RepositoryError when others hold it for longer than `seconds`, and Cancelled."""
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + seconds
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _try(descriptor, kind):
            if cancelled():
                raise Cancelled
            if time.monotonic() > deadline:
                raise RepositoryError(
                    "Another deploy is fetching this repository. Try again.", cause=Cause.BUSY, retryable=True
                )
            time.sleep(POLL)
        yield
    finally:
        os.close(descriptor)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
