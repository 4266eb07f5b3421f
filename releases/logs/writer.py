"""Writes the log of one release. Nothing that goes wrong here fails or delays the release."""

from __future__ import annotations

import threading
import time as clock
from collections import deque
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from releases.logs.flusher import Carriers, Flusher
from releases.logs.intake import Intake
from releases.logs.joining import continue_after
from releases.logs.lines import STAGE, Line
from releases.logs.mask import Mask
from releases.models import LogStream, Stage

RECENT = 300  # lines of each source that are kept in memory


class ReleaseLog:
    """The one producer of a stream, usable from any thread. Continues where an earlier producer ended.

    `secrets` never reach Redis, the database or a browser. What comes after `close` is dropped.
    """

    def __init__(self, stream: LogStream, secrets: Iterable[str]) -> None:
        self._mask = Mask(secrets)
        self._intake = Intake(self._mask)
        self._lock = threading.Lock()
        self._closed = False
        self._last = continue_after(stream.pk)
        self._recent: dict[str, deque[tuple[int, Line]]] = {}
        self._flusher = Flusher(stream.pk, Carriers(), self._last, self._redrawn)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def say(self, text: str) -> None:
        """A line of the platform, in plain English."""
        with self._lock:
            if not self._closed:
                self._add(self._intake.platform(text, clock.time()))

    def section(self, stage: Stage) -> None:
        """What follows belongs to this stage; the output of a build before it is over."""
        with self._lock:
            now = clock.time()
            if not self._closed:
                self._add([*self._intake.end_build(now), Line(int(now * 1000), STAGE, stage.value)])

    def feed(self, source: str, data: bytes, time: float) -> None:
        """A piece of raw output of "build", "build-error" or an instance (by name); `time` in seconds since 1970."""
        with self._lock:
            if not self._closed:
                self._add(self._intake.feed(source, data, time), may_be_redrawn=b"\r" in data)

    def recent(self) -> list[tuple[int, Line]]:
        """The last lines of each source with their numbers, in order; also those that are not stored yet."""
        with self._lock:
            return sorted(numbered for lines in self._recent.values() for numbered in lines)

    def masked(self, text: str) -> str:
        """The text as it would stand in the log."""
        return self._mask.apply(text)

    def close(self) -> None:
        """Returns when everything is written, or when the database has failed for a minute. May be called twice."""
        with self._lock:
            if not self._closed:
                self._add(self._intake.end(clock.time()))
                self._closed = True
        self._flusher.close()

    def _add(self, lines: list[Line], *, may_be_redrawn: bool = False) -> None:
        """The flusher numbers lines in the order they come in, and so does this."""
        for line in lines:
            self._last += 1
            self._recent.setdefault(line.source, deque(maxlen=RECENT)).append((self._last, line))
        self._flusher.add(lines, may_be_redrawn=may_be_redrawn)

    def _redrawn(self) -> list[tuple[str, str]]:
        with self._lock:
            return list(self._intake.progress())
