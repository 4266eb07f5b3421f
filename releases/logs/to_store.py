"""Carries a log's lines to the database, where they stay."""

from __future__ import annotations

import logging
import time

from django.db import Error, connection

from releases.logs import store
from releases.logs.carrier import Carrier
from releases.logs.lane import Lane
from releases.logs.lines import Block

logger = logging.getLogger(__name__)

BEHIND_LINES = 5_000
BEHIND_CHARS = 4_000_000
LAST_TRY = 60.0  # seconds for which the end repeats what a failing database refuses


class ToStore(Carrier):
    """`wait`: seconds between two chunks."""

    sink = "database"
    failures = (Error,)

    def __init__(self, stream_id: int, last: int, wait: float) -> None:
        super().__init__(stream_id, Lane(last + 1, wait))
        self.is_closed = False

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

    def _rest(self) -> None:
        """Between two chunks no connection is held: there are as many of these threads as consoles."""
        connection.close()

    def _end(self) -> None:
        until = time.monotonic() + LAST_TRY
        while self._lane:
            if self._send_next():
                continue
            if time.monotonic() > until:
                logger.error("The end of log stream %s could not be stored.", self._stream_id)
                return
            time.sleep(self._lane.due_in(time.monotonic()) or 0)
        self._close()

    def _close(self) -> None:
        try:
            store.close(self._stream_id)
            self.is_closed = True
        except Error as error:
            logger.warning("The end of log stream %s could not be written down: %s", self._stream_id, error)

    def _disconnect(self) -> None:
        connection.close()
