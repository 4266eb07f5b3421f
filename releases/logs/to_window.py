"""Carries a log's lines to the live window, and the progress that is being redrawn."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import redis

from releases.logs.carrier import Carrier
from releases.logs.lane import Lane
from releases.logs.lines import Block
from releases.logs.window import Window

logger = logging.getLogger(__name__)

WAIT = 0.1  # seconds between batches; measured: cost follows batches, not lines
KEEPS = 5_000  # lines that wait for a Redis that is down; viewers then read the database

Redrawn = Callable[[], list[tuple[str, str]]]


class ToWindow(Carrier):
    """`redrawn` gives source and text of the progress lines as of now. The end is told when `is_stored` says so."""

    sink = "live window"
    failures = (redis.RedisError,)

    def __init__(
        self, stream_id: int, window: Window, last: int, redrawn: Redrawn, is_stored: Callable[[], bool]
    ) -> None:
        super().__init__(stream_id, Lane(last + 1, WAIT, KEEPS))
        self._window = window
        self._redrawn = redrawn
        self._is_stored = is_stored
        self._in_window = last
        self._is_redrawn = False
        self._redraw_at = 0.0

    def redraw(self) -> None:
        """A progress line may have changed."""
        with self._changed:
            self._is_redrawn = True
            self._wake_if_due()

    def _due_in(self, now: float) -> float | None:
        """Lines first: progress comes after everything that was printed before it."""
        due = super()._due_in(now)
        return max(self._redraw_at - now, 0.0) if due is None and self._is_redrawn else due

    def _send(self, block: Block) -> None:
        self._window.add(block)
        self._in_window = block.last

    def _rest(self) -> None:
        with self._changed:
            if not self._is_redrawn or self._lane or time.monotonic() < self._redraw_at:
                return
            self._is_redrawn = False
        self._redraw_at = time.monotonic() + WAIT
        try:
            self._show_progress()
        except redis.RedisError:
            return  # the next frame comes soon

    def _show_progress(self) -> None:
        for source, text in self._redrawn():
            if not self._window.is_shown(source, text):
                self._window.show_progress(self._in_window, source, text)

    def _end(self) -> None:
        while self._lane and self._send_next():
            pass
        if self._lane or not self._is_stored():
            return
        try:
            self._window.close(self._in_window)
        except redis.RedisError as error:
            logger.warning("The end of log stream %s could not be announced: %s", self._stream_id, error)

    def _disconnect(self) -> None:
        self._window.disconnect()
