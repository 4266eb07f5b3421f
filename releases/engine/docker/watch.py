"""Ends a call from outside when its caller cancels it or its time is over."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from enum import Enum
from types import TracebackType
from typing import Self

from releases.engine.base import Cancel, EngineError
from releases.engine.docker.exchange import Exchange
from releases.engine.docker.transport import Transport

INTERVAL = 0.1
SPARE_SECONDS = 30  # of a socket's own limit: the watch, which knows why, ends every wait first


class Verdict(Enum):
    CANCELLED = "cancelled"
    LATE = "late"
    BROKEN = "broken"  # asking the caller failed; `Watch.error` says how


class Watch:
    """Asks `cancelled` every 100 ms in a thread of its own, because the calling one waits in a read or write.

    The first reason to stop is kept as `verdict`, and `abort` is called once.
    """

    def __init__(self, cancelled: Cancel, abort: Callable[[], None], seconds: float | None = None) -> None:
        self.verdict: Verdict | None = None
        self.error: Exception | None = None
        self._cancelled = cancelled
        self._abort = abort
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            self.verdict = self._judge()
            if self.verdict:
                with contextlib.suppress(EngineError):
                    self._abort()
                return
            self._over.wait(INTERVAL)

    def _judge(self) -> Verdict | None:
        try:
            if self._cancelled():
                return Verdict.CANCELLED
        except Exception as error:
            self.error = error
            return Verdict.BROKEN
        late = self._deadline is not None and time.monotonic() > self._deadline
        return Verdict.LATE if late else None


@contextlib.contextmanager
def watched(transport: Transport, cancelled: Cancel, seconds: float) -> Iterator[tuple[Exchange, Watch]]:
    """One exchange with the engine, which ends when its caller cancels it or `seconds` are over."""
    with transport.open(seconds + SPARE_SECONDS) as exchange, Watch(cancelled, exchange.abort, seconds) as watch:
        yield exchange, watch
