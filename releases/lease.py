"""A claim is a lease: a thread keeps its heartbeat and watches for a wish to stop, so no wait asks the database."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from enum import StrEnum
from types import TracebackType
from typing import Self

from django.db import DatabaseError, connection
from django.utils import timezone

from releases.models import Release

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)  # design/architecture: a worker that dies loses its lease within 30 s
HEARTBEAT = 5.0  # seconds
LOOK = 0.25  # seconds between two looks at the abort flag

_shutdown = threading.Event()


class Stop(StrEnum):
    """Why the work on a release has to end before its end."""

    ABORT = "abort"
    LOST = "lost"
    SHUTDOWN = "shutdown"


class Stopped(Exception):
    """Raised between steps when somebody wants the work to end."""

    def __init__(self, why: Stop) -> None:
        super().__init__(why.value)
        self.why = why


def shut_down() -> None:
    """The worker is about to end: every lease in this process turns to SHUTDOWN."""
    _shutdown.set()


def is_shutting_down() -> bool:
    return _shutdown.is_set()


class Lease:
    """`with Lease(release) as lease:` holds it; `lease.stopping()` may be called from any thread, at any rate."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._worker = release.worker
        self._ended = threading.Event()
        self._why: Stop | None = None
        self._thread = threading.Thread(target=self._run, name=f"lease-{release.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(timeout=10)

    def stopping(self) -> bool:
        return self._why is not None

    def stopped(self) -> Stopped:
        """The exception for a wait that ended because of `stopping()`."""
        return Stopped(self._why or Stop.LOST)

    def check(self) -> None:
        """Raises Stopped when the work has to end."""
        if self.stopping():
            raise self.stopped()

    def _run(self) -> None:
        try:
            self._watch()
        finally:
            connection.close()

    def _watch(self) -> None:
        beaten = 0.0
        held_until = time.monotonic() + LEASE.total_seconds()
        while not self._ended.wait(LOOK):
            try:
                if time.monotonic() - beaten >= HEARTBEAT:
                    self._beat()
                    beaten = time.monotonic()
                    held_until = beaten + LEASE.total_seconds()
                self._look()
            except DatabaseError:
                logger.warning("The lease of release %s could not be renewed yet.", self._release.pk, exc_info=True)
                if time.monotonic() > held_until:
                    self._why = Stop.LOST

    def _beat(self) -> None:
        mine = Release.objects.filter(pk=self._release.pk, worker=self._worker)
        if not mine.update(heartbeat_at=timezone.now()):
            self._why = Stop.LOST

    def _look(self) -> None:
        if self._why is None and _shutdown.is_set():
            self._why = Stop.SHUTDOWN
        if self._why is None and Release.objects.filter(pk=self._release.pk, abort_requested_at__isnull=False).exists():
            self._why = Stop.ABORT
