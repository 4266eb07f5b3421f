"""One process of the host at a time: file locks, which the system releases when their holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from releases.baseimages.progress import say
from releases.engine.base import Cancel, Cancelled, Emit, Unavailable

PAUSE = 0.25
REMINDER = 15.0


def prepare(work: Path) -> None:
    """Make the directory of locks and temporary files. Raises Unavailable when it is another user's."""
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = work.lstat()
    if work.is_symlink() or status.st_uid != os.getuid():
        raise Unavailable(f"The directory {work} belongs to another user. Remove it and try again.")


@contextmanager
def only_one(work: Path, subject: str, emit: Emit, cancelled: Cancel, deadline: float) -> Iterator[int]:
    """Hold the lock of `subject`; gives its file descriptor, for a child that must keep it should we be killed.

    `deadline` on the monotonic clock. Raises Cancelled, Unavailable when the holder takes longer than that.
    """
    prepare(work)
    descriptor = os.open(work / f"{quote(subject, safe='')}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        _acquire(descriptor, subject, emit, cancelled, deadline)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()}".encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, subject: str, emit: Emit, cancelled: Cancel, deadline: float) -> None:
    reminder = 0.0
    while not _try(descriptor):
        now = time.monotonic()
        holder = os.pread(descriptor, 100, 0).decode(errors="replace") or "another process"
        if cancelled():
            raise Cancelled(f"Waiting for {subject} was cancelled.")
        if now > deadline:
            raise Unavailable(f"{subject} is still being prepared by {holder}. Try again when it is done.")
        if now > reminder:
            say(emit, f"{subject} is being prepared by {holder}; waiting for it.")
            reminder = now + REMINDER
        time.sleep(PAUSE)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
