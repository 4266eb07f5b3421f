"""A thread that carries lines to one sink, for one log or many: a sink that is slow or fails holds no other up."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from typing import ClassVar, Generic, TypeVar

from releases.logs.lane import Lane
from releases.logs.lines import Block, Line

logger = logging.getLogger(__name__)

IDLE = 5.0


class Load:
    """What one log has for a sink. Its carrier's lock is held by whoever uses it, but for `over`."""

    def __init__(self, stream_id: int, lane: Lane) -> None:
        self.stream_id = stream_id
        self.lane = lane
        self.is_closing = False
        self.over = threading.Event()

    def due_in(self, now: float) -> float | None:
        """Seconds until there is something to do; None when there is nothing."""
        raise NotImplementedError


Some = TypeVar("Some", bound=Load)


class Carrier(Generic[Some]):
    """What is added to a load arrives in order and once, however often the sink fails.

    The thread runs while there are loads. A subclass says how the sink is called in the operator's log, and how it is
    fed.
    """

    sink: ClassVar[str]

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._loads: list[Some] = []
        self._wakes_at = 0.0
        self._runs = False

    def take(self, load: Some) -> None:
        """Carry what is in it, and what is added from now on, until it is finished."""
        with self._changed:
            self._loads.append(load)
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._run, name=f"logs-to-{self.sink}", daemon=True).start()
            self._wake_if_due(load)

    def add(self, load: Some, lines: Iterable[Line]) -> None:
        with self._changed:
            load.lane.add(lines)
            self._wake_if_due(load)

    def finish(self, load: Some, seconds: float) -> None:
        """Send what is left, then no more. Waits for that, at most so long; may be called again."""
        with self._changed:
            load.is_closing = True
            self._wake_if_due(load)
        load.over.wait(seconds)

    def _carry(self, loads: list[Some]) -> None:
        """Something of each is due. What fails is tried again: a block that arrived before changes nothing."""
        raise NotImplementedError

    def _disconnect(self) -> None:
        """There are no loads at present."""
        raise NotImplementedError

    def _wake_if_due(self, load: Some) -> None:
        """With `_changed` held. The thread is not woken for what it will see in time by itself."""
        now = time.monotonic()
        due = load.due_in(now)
        if due is not None and now + due < self._wakes_at:
            self._changed.notify()

    def _run(self) -> None:
        while due := self._due():
            self._carry_on(due)

    def _carry_on(self, loads: list[Some]) -> None:
        """Whatever is wrong with one load, the others arrive."""
        try:
            self._carry(loads)
        except Exception:
            if len(loads) == 1:
                logger.exception("Log stream %s ended early in the %s.", loads[0].stream_id, self.sink)
                self._part(loads[0])
                return
            for load in loads:
                self._carry_on([load])

    def _due(self) -> list[Some]:
        """Those of which something is due, as soon as there are any; none when there are no loads any more."""
        with self._changed:
            while self._loads:
                now = time.monotonic()
                waits = [(load.due_in(now), load) for load in self._loads]
                if due := [load for wait, load in waits if wait == 0]:
                    return due
                pause = min((wait for wait, _ in waits if wait is not None), default=IDLE)
                self._wakes_at = now + pause
                self._changed.wait(pause)
                self._wakes_at = 0.0
            self._runs = False
            return []

    def _block(self, load: Some) -> Block | None:
        """The next lines; None when nothing waits."""
        with self._changed:
            return load.lane.next_block() if load.lane else None

    def _sent(self, load: Some, block: Block) -> None:
        with self._changed:
            load.lane.sent(block, time.monotonic())

    def _failed(self, load: Some, error: Exception) -> None:
        if not load.lane.failing:
            logger.warning("The %s does not take log stream %s now: %s", self.sink, load.stream_id, error)
        with self._changed:
            load.lane.failed(time.monotonic())

    def _part(self, load: Some) -> None:
        """Nothing more is carried for it. With the last one goes the connection, before anybody hears of the end."""
        with self._changed:
            self._loads = [each for each in self._loads if each is not load]
            is_last = not self._loads
        if is_last:
            self._disconnect()
        load.over.set()
