"""Carries a log's lines to the database, where they stay."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from django.db import Error, connection

from releases.logs import store
from releases.logs.carrier import Carrier
from releases.logs.lane import Lane
from releases.logs.lines import Block, Mark

logger = logging.getLogger(__name__)

BEHIND_LINES = 5_000
BEHIND_CHARS = 4_000_000
NOTE_AGAIN = 1.0  # seconds after a mark could not be written
LAST_TRY = 60.0  # seconds for which the end repeats what a failing database refuses


class ToStore(Carrier):
    """`wait`: seconds between two chunks."""

    sink = "database"
    failures = (Error,)

    def __init__(self, stream_id: int, last: int, wait: float) -> None:
        super().__init__(stream_id, Lane(last + 1, wait))
        self.is_closed = False
        self._marks: dict[str, Sequence[int]] = {}
        self._note_at = 0.0

    def note(self, mark: Mark) -> None:
        """What waits goes at once, and then the mark, without a line."""
        with self._changed:
            self._marks[mark.output] = mark[1:]
            self._lane.hurry()
            self._wake_if_due()

    @property
    def is_behind(self) -> bool:
        """More waits than memory should hold: a producer that can wait should."""
        return len(self._lane) > BEHIND_LINES or self._lane.chars > BEHIND_CHARS

    def _send(self, block: Block) -> None:
        try:
            store.append(self._stream_id, block)
        except Error:
            connection.close()
            raise

    def _due_in(self, now: float) -> float | None:
        due = super()._due_in(now)
        return max(self._note_at - now, 0.0) if due is None and self._marks else due

    def _rest(self) -> None:
        """Between two chunks no connection is held: there are as many of these threads as consoles."""
        self._write_marks()
        connection.close()

    def _write_marks(self) -> None:
        with self._changed:
            if self._lane or not self._marks:
                return
            marks, self._marks = self._marks, {}
        try:
            store.note(self._stream_id, marks)
        except Error as error:
            logger.warning("A mark of log stream %s could not be written yet: %s", self._stream_id, error)
            with self._changed:
                self._marks = marks | self._marks
                self._note_at = time.monotonic() + NOTE_AGAIN

    def _end(self) -> None:
        until = time.monotonic() + LAST_TRY
        while self._lane:
            if self._send_next():
                continue
            if time.monotonic() > until:
                logger.error("The end of log stream %s could not be stored.", self._stream_id)
                return
            time.sleep(self._lane.due_in(time.monotonic()) or 0)
        self._write_marks()
        self._close()

    def _close(self) -> None:
        try:
            store.close(self._stream_id)
            self.is_closed = True
        except Error as error:
            logger.warning("The end of log stream %s could not be written down: %s", self._stream_id, error)

    def _disconnect(self) -> None:
        connection.close()
