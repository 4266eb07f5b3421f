"""Carries the lines of logs to the live window, and the progress that is being redrawn."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import redis

from releases.logs import showing, window
from releases.logs.carrier import Carrier, Load
from releases.logs.lane import Lane
from releases.logs.lines import Block
from releases.logs.showing import Showing, Write

logger = logging.getLogger(__name__)

WAIT = 0.1  # seconds between batches of a log; measured: cost follows batches, not lines
KEEPS = 5_000  # lines that wait for a Redis that is down; viewers then read the database

Redrawn = Callable[[], list[tuple[str, str]]]


class WindowLoad(Load):
    """`redrawn` gives source and text of the progress lines as of now. The end is told when `is_stored` says so."""

    def __init__(self, stream_id: int, last: int, redrawn: Redrawn, is_stored: Callable[[], bool]) -> None:
        super().__init__(stream_id, Lane(last + 1, WAIT, KEEPS))
        self.showing = Showing(stream_id)
        self.redrawn = redrawn
        self.is_stored = is_stored
        self.in_window = last
        self.is_redrawn = False
        self.redraw_at = 0.0

    def due_in(self, now: float) -> float | None:
        """Lines first: progress comes after everything that was printed before it. The end is tried once, at once."""
        if self.is_closing:
            return 0.0
        due = self.lane.due_in(now)
        if due is None and self.is_redrawn:
            return max(self.redraw_at - now, self.lane.free_in(now), 0.0)
        return due


class Parcel(NamedTuple):
    """A write, and the lines that have arrived with it."""

    load: WindowLoad
    write: Write
    block: Block | None = None


class ToWindow(Carrier[WindowLoad]):
    """In one round trip for all logs: with many that print, such a trip costs far more than what it brings."""

    sink = "live window"

    def __init__(self) -> None:
        super().__init__()
        self._client = window.connect()

    def redraw(self, load: WindowLoad) -> None:
        """A progress line may have changed."""
        with self._changed:
            load.is_redrawn = True
            self._wake_if_due(load)

    def _carry(self, loads: list[WindowLoad]) -> None:
        parcels = [parcel for load in loads if (parcel := self._next(load))]
        if not parcels:
            return
        refusals: Sequence[redis.RedisError | None]
        try:
            refusals = showing.write(self._client, [(parcel.load.showing, parcel.write) for parcel in parcels])
        except redis.RedisError as error:
            refusals = [error] * len(parcels)
        for parcel, refusal in zip(parcels, refusals, strict=True):
            if refusal is None:
                self._arrived(parcel)
            else:
                self._refused(parcel, refusal)

    def _next(self, load: WindowLoad) -> Parcel | None:
        """What goes next of this load; `redrawn` is asked without the lock, as it takes one that others hold here."""
        if block := self._block(load):
            return Parcel(load, load.showing.lines(block), block)
        with self._changed:
            is_redrawn, load.is_redrawn = load.is_redrawn, False
            load.redraw_at = time.monotonic() + WAIT
            is_end = load.is_closing and not load.lane
        if is_redrawn and (progress := load.showing.progress(load.in_window, load.redrawn())):
            return Parcel(load, progress)
        if is_end and load.is_stored():
            return Parcel(load, load.showing.end(load.in_window))
        if is_end:
            self._part(load)
        return None

    def _arrived(self, parcel: Parcel) -> None:
        load = parcel.load
        if parcel.block:
            load.in_window = parcel.block.last
            self._sent(load, parcel.block)
            return
        with self._changed:
            load.lane.worked()
        if parcel.write.is_end:
            self._part(load)

    def _refused(self, parcel: Parcel, error: redis.RedisError) -> None:
        load = parcel.load
        self._failed(load, error)
        if load.is_closing:
            logger.warning("The end of log stream %s could not be announced: %s", load.stream_id, error)
            self._part(load)
        elif parcel.block is None:
            self.redraw(load)

    def _disconnect(self) -> None:
        self._client.close()
