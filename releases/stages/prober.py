"""Asks the public address about twenty times a second while one release replaces another, and keeps what it met."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import DatabaseError, connection
from django.utils import timezone

from releases.models import Proof, Release
from releases.proxy.base import Answer, Proxy, ProxyError
from releases.stages.tally import Tally

logger = logging.getLogger(__name__)

PAUSE = 0.05  # seconds between two requests
AT_ONCE = 8  # requests under way; a service that answers slowly is asked less often
SAVE_EVERY = 2.0  # seconds


class Prober:
    """`start`, then `switched` when the route has moved, then `close`. Without a switch nothing is kept.

    It watches; it never fails a release.
    """

    def __init__(self, proxy: Proxy, release: Release, previous: Release) -> None:
        self._ask: Callable[[], Answer] = lambda: proxy.ask(release.service.host, release.settings.health_path or "/")
        self._release = release
        self._previous = previous
        self._started_at = timezone.now()
        self._switched_at: datetime | None = None
        self._tally = Tally(time.monotonic(), str(release.pk))
        self._lock = threading.Lock()
        self._free = threading.Semaphore(AT_ONCE)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"prober-{release.pk}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def switched(self) -> None:
        """Called right before the route moves: the time to the first answer includes the move itself."""
        with self._lock:
            self._tally.switched = time.monotonic()
            self._switched_at = timezone.now()

    def close(self) -> None:
        """Returns when the last request has ended and the result is kept; the proxy's own limit bounds it."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="probe") as pool:
                self._probe(pool)
            self._save(finished_at=timezone.now())
        finally:
            connection.close()

    def _probe(self, pool: ThreadPoolExecutor) -> None:
        due = time.monotonic() + SAVE_EVERY
        while not self._ended.wait(PAUSE):
            if self._free.acquire(blocking=False):
                pool.submit(self._one)
            if time.monotonic() >= due:
                self._save()
                due = time.monotonic() + SAVE_EVERY

    def _one(self) -> None:
        try:
            answer = self._ask()
        except ProxyError as error:
            answer = Answer(None, None, 0.0, str(error))
        finally:
            self._free.release()
        with self._lock:
            self._tally.add(answer, time.monotonic())

    def _save(self, finished_at: datetime | None = None) -> None:
        if self._switched_at is None:
            return
        try:
            Proof.objects.update_or_create(release=self._release, defaults=self._fields(finished_at))
        except DatabaseError:
            logger.warning("The proof of %s could not be kept yet.", self._release, exc_info=True)

    def _fields(self, finished_at: datetime | None) -> dict[str, object]:
        with self._lock:
            tally = self._tally
            tally.end(time.monotonic())
            return {
                "previous": self._previous.number,
                "started_at": self._started_at,
                "switched_at": self._switched_at,
                "finished_at": finished_at,
                "requests": tally.requests,
                "failed": tally.failed,
                "errors": tally.errors,
                "first_new_ms": _ms(tally.first_new),
                "longest_gap_ms": _ms(tally.longest_gap),
                "slice_ms": _ms(tally.width),
                "slices": [list(counts) for counts in tally.slices],
                "problems": list(tally.problems),
            }


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(timedelta(seconds=seconds) / timedelta(milliseconds=1))
