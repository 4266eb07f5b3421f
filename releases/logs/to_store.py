"""Carries the lines of logs to the database, where they stay."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence

from django.db import Error, connection

from releases.logs import store
from releases.logs.carrier import Carrier, Load
from releases.logs.lane import Lane
from releases.logs.lines import Mark

logger = logging.getLogger(__name__)

BEHIND_LINES = 5_000
BEHIND_CHARS = 4_000_000
LAST_TRY = 60.0  # seconds for which the end repeats what a failing database refuses


class StoreLoad(Load):
    """`wait`: seconds between two chunks. `marks` wait to be written down without a line."""

    def __init__(self, stream_id: int, last: int, wait: float) -> None:
        super().__init__(stream_id, Lane(last + 1, wait))
        self.marks: dict[str, Sequence[int]] = {}
        self.is_closed = False
        self.gives_up_at = math.inf

    @property
    def is_behind(self) -> bool:
        """More waits than memory should hold: a producer that can wait should."""
        return len(self.lane) > BEHIND_LINES or self.lane.chars > BEHIND_CHARS

    def due_in(self, now: float) -> float | None:
        if self.marks or self.is_closing:
            return self.lane.free_in(now)
        return self.lane.due_in(now)


class ToStore(Carrier[StoreLoad]):
    sink = "database"

    def note(self, load: StoreLoad, mark: Mark) -> None:
        """What waits goes at once, and then the mark, without a line."""
        with self._changed:
            load.marks[mark.output] = mark[1:]
            self._wake_if_due(load)

    def finish(self, load: StoreLoad, seconds: float) -> None:
        load.gives_up_at = min(load.gives_up_at, time.monotonic() + LAST_TRY)
        super().finish(load, seconds)

    def _carry(self, loads: list[StoreLoad]) -> None:
        for load in loads:
            try:
                self._write(load)
            except Error as error:
                connection.close()
                self._failed(load, error)
                if time.monotonic() > load.gives_up_at:
                    logger.error("The end of log stream %s could not be stored.", load.stream_id)
                    self._part(load)
        connection.close()  # it is held for nobody between two chunks

    def _write(self, load: StoreLoad) -> None:
        """The next lines; when there are none, what comes after them."""
        if block := self._block(load):
            store.append(load.stream_id, block)
            self._sent(load, block)
            return
        with self._changed:
            marks, load.marks = load.marks, {}
            is_end = load.is_closing and not marks and not load.lane
        try:
            if marks:
                store.note(load.stream_id, marks)
            elif is_end:
                store.close(load.stream_id)
        except Error:
            with self._changed:
                load.marks = marks | load.marks
            raise
        with self._changed:
            load.lane.worked()
        if is_end:
            load.is_closed = True
            self._part(load)

    def _disconnect(self) -> None:
        connection.close()
