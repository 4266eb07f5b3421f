"""A thread that carries a log's lines to one sink: a sink that is slow or fails holds no other one up."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from typing import ClassVar

from releases.logs.lane import Lane
from releases.logs.lines import Block, Line

logger = logging.getLogger(__name__)

IDLE = 5.0


class Carrier:
    """What is added arrives in order and once, however often the sink fails. Begins with `start`.

    A subclass says how the sink is called in the operator's log, with what it fails, and how it is fed.
    """

    sink: ClassVar[str]
    failures: ClassVar[tuple[type[Exception], ...]]

    def __init__(self, stream_id: int, lane: Lane) -> None:
        self._stream_id = stream_id
        self._lane = lane
        self._changed = threading.Condition()
        self._wakes_at = 0.0
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name=f"log-{stream_id}-{type(self).__name__}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def add(self, lines: Iterable[Line]) -> None:
        with self._changed:
            self._lane.add(lines)
            self._wake_if_due()

    def finish(self, seconds: float) -> None:
        """Send what is left, then end. Waits for that, at most so long; may be called again."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join(timeout=seconds)

    def _send(self, block: Block) -> None:
        """Raises one of `failures`; the block is then sent again. A block that arrived before changes nothing."""
        raise NotImplementedError

    def _rest(self) -> None:
        """Nothing is due now."""

    def _end(self) -> None:
        """No line will be added any more; some may still wait."""
        raise NotImplementedError

    def _disconnect(self) -> None:
        raise NotImplementedError

    def _due_in(self, now: float) -> float | None:
        """Seconds until there is something to do; None when there is nothing."""
        return self._lane.due_in(now)

    def _wake_if_due(self) -> None:
        """With `_changed` held. The thread is not woken for what it will see in time by itself."""
        now = time.monotonic()
        due = self._due_in(now)
        if due is not None and now + due < self._wakes_at:
            self._changed.notify()

    def _run(self) -> None:
        try:
            while self._wait():
                while self._lane.due_in(time.monotonic()) == 0 and self._send_next():
                    pass
                self._rest()
            self._end()
        except Exception:
            logger.exception("Log stream %s ended early in the %s.", self._stream_id, self.sink)
        finally:
            self._disconnect()

    def _wait(self) -> bool:
        """Until something is due. False when it is time to end."""
        with self._changed:
            if not self._is_closing:
                now = time.monotonic()
                due = self._due_in(now)
                pause = IDLE if due is None else due
                self._wakes_at = now + pause
                self._changed.wait(pause)
                self._wakes_at = 0.0
            return not self._is_closing

    def _send_next(self) -> bool:
        with self._changed:
            block = self._lane.next_block()
        try:
            self._send(block)
        except self.failures as error:
            self._failed(error)
            return False
        with self._changed:
            self._lane.sent(block, time.monotonic())
        return True

    def _failed(self, error: Exception) -> None:
        if not self._lane.failing:
            logger.warning("The %s does not take log stream %s now: %s", self.sink, self._stream_id, error)
        with self._changed:
            self._lane.failed(time.monotonic())
