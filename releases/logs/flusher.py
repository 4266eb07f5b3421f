"""The thread that carries a log's lines to the live window and to the database, each at its own pace."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import redis
from django.db import Error, connection

from releases.logs import store
from releases.logs.lane import Lane
from releases.logs.lines import Line
from releases.logs.window import Window

logger = logging.getLogger(__name__)

WINDOW_WAIT = 0.1  # seconds between batches; measured: cost follows batches, not lines
STORE_WAIT = 2.0
WINDOW_KEEPS = 5_000  # lines that wait for a Redis that is down; viewers then read the database
BEHIND_LINES = 5_000
BEHIND_CHARS = 4_000_000
IDLE = 5.0
LAST_TRY = 60.0  # seconds for which closing repeats what a failing database refuses
JOIN = LAST_TRY + 40.0  # SQLite waits up to 30 s for its lock

Redrawn = Callable[[], list[tuple[str, str]]]


class Flusher:
    """`last` is the last line of the stream so far; `redrawn` gives source and text of the progress lines as of now.

    `store_wait`: seconds between two chunks in the database.
    """

    def __init__(
        self, stream_id: int, window: Window, last: int, redrawn: Redrawn = list, store_wait: float = STORE_WAIT
    ) -> None:
        self._stream_id = stream_id
        self._window = window
        self._redrawn = redrawn
        self._to_window = Lane(last + 1, WINDOW_WAIT, WINDOW_KEEPS)
        self._to_store = Lane(last + 1, store_wait)
        self._in_window = last
        self._shown: dict[str, str] = {}
        self._is_redrawn = False
        self._redraw_at = 0.0
        self._close_by: float | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=f"log-{stream_id}", daemon=True)
        self._thread.start()

    def add(self, lines: list[Line], *, may_be_redrawn: bool = False) -> None:
        with self._changed:
            self._to_window.add(lines)
            self._to_store.add(lines)
            self._is_redrawn |= may_be_redrawn
            self._changed.notify()

    @property
    def is_behind(self) -> bool:
        """More waits for the database than memory should hold: a producer that can wait should."""
        return len(self._to_store) > BEHIND_LINES or self._to_store.chars > BEHIND_CHARS

    def close(self) -> None:
        """Returns when everything is written, or when the database has failed for a minute."""
        with self._changed:
            self._close_by = self._close_by or time.monotonic() + LAST_TRY
            self._changed.notify()
        self._thread.join(timeout=JOIN)

    def _run(self) -> None:
        try:
            while self._wait():
                self._feed_window()
                self._feed_store()
            self._finish()
        except Exception:
            logger.exception("Log stream %s ended early.", self._stream_id)
        finally:
            self._window.disconnect()
            connection.close()

    def _wait(self) -> bool:
        """Until something is due. False when it is time to finish."""
        with self._changed:
            if self._close_by is None:
                self._changed.wait(self._pause())
            return self._close_by is None

    def _pause(self) -> float:
        now = time.monotonic()
        waits = [self._to_window.due_in(now), self._to_store.due_in(now)]
        if self._is_redrawn:
            waits.append(max(self._redraw_at - now, 0.0))
        return min((wait for wait in waits if wait is not None), default=IDLE)

    def _feed_window(self) -> None:
        while self._to_window.due_in(time.monotonic()) == 0:
            if not self._send_to_window():
                return
        if self._is_redrawn and not self._to_window and time.monotonic() >= self._redraw_at:
            self._show_progress()

    def _send_to_window(self) -> bool:
        with self._changed:
            block = self._to_window.next_block()
        try:
            self._window.add(block)
        except redis.RedisError as error:
            self._failed(self._to_window, "live window", error)
            return False
        self._in_window = block.last
        with self._changed:
            self._to_window.sent(block, time.monotonic())
        return True

    def _show_progress(self) -> None:
        self._is_redrawn = False
        self._redraw_at = time.monotonic() + WINDOW_WAIT
        try:
            for source, text in self._redrawn():
                if self._shown.get(source) != text:
                    self._shown[source] = text
                    self._window.show_progress(self._in_window, source, text)
        except redis.RedisError:
            return  # the next frame comes soon

    def _feed_store(self) -> None:
        """Between two chunks no connection is held: there are as many of these threads as consoles."""
        if self._to_store.due_in(time.monotonic()) != 0:
            return
        while self._to_store.due_in(time.monotonic()) == 0:
            if not self._send_to_store():
                return
        connection.close()

    def _send_to_store(self) -> bool:
        with self._changed:
            block = self._to_store.next_block()
        try:
            store.append(self._stream_id, block)
        except Error as error:
            connection.close()
            self._failed(self._to_store, "database", error)
            return False
        with self._changed:
            self._to_store.sent(block, time.monotonic())
        return True

    def _failed(self, lane: Lane, sink: str, error: Exception) -> None:
        if not lane.failing:
            logger.warning("The %s does not take log stream %s now: %s", sink, self._stream_id, error)
        with self._changed:
            lane.failed(time.monotonic())

    def _finish(self) -> None:
        while self._to_window and self._send_to_window():
            pass
        while self._to_store:
            if self._send_to_store():
                continue
            if time.monotonic() > (self._close_by or 0.0):
                logger.error("The end of log stream %s could not be stored.", self._stream_id)
                return
            time.sleep(self._to_store.due_in(time.monotonic()) or 0)
        self._tell_the_end()

    def _tell_the_end(self) -> None:
        """The database first: who hears of it from the window finds it true there."""
        try:
            store.close(self._stream_id)
            if not self._to_window:
                self._window.close(self._in_window)
        except (Error, redis.RedisError) as error:
            logger.warning("The end of log stream %s could not be announced: %s", self._stream_id, error)
