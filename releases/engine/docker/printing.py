"""Follows what an instance prints for as long as it exists, for an event loop that follows many.

As in `following`, only a read is complete. But here the follow mode is heard as well, so that a line is passed on at
once, and reads are seldom: they make sure every few seconds, and tell what the follow mode cannot. They are kept small:
as many of the log's last entries as will reach back to what is known.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from urllib.parse import urlencode

from releases.engine.base import EngineError, NotFound, Rejected, Stream
from releases.engine.docker.bell import Bell
from releases.engine.docker.frames import Entry, Frames, Position, Reading, Resume
from releases.engine.docker.hearing import Hearing
from releases.engine.docker.pace import Pace
from releases.engine.docker.wire import asked
from releases.engine.observing import Place, Printed

RING = 5.0  # seconds of silence after which it is read anyway: a rotation can leave the follow mode silent
SURE = 20.0  # seconds after which one that is heard is read, or so many entries: a rotation can leave some out
UNREAD = 1_000
LATER = 0.25  # seconds after which a read that makes sure is tried again when others are read
READ_SECONDS = 60.0
AWAY = 0.5  # seconds before an engine that does not answer is asked again
LEAST, MOST = 32, 2_000  # entries asked for, before all since the last known time are
BATCH = 1_000
_EVERY = {"stdout": 1, "stderr": 1, "timestamps": 1}


class Printing:
    """`target` is the address of the instance's log; `pace` is shared with others. One use."""

    def __init__(self, socket_path: str, target: str, after: Mapping[Stream, Place], pace: Pace) -> None:
        self._socket_path = socket_path
        self._target = target
        self._resume = Resume({stream: Position(place.time, place.nth) for stream, place in after.items()})
        self._hearing = Hearing(self._resume)
        self._bell = Bell(socket_path, self._address({"follow": 1, "tail": 0}))
        self._pace = pace
        self._ask_for = LEAST
        self._begun = self._heard_at = 0.0  # when the last read began, and when something was heard or read

    def ring(self) -> None:
        """There may be news: it started or ended."""
        self._bell.ring()

    async def batches(self) -> AsyncGenerator[list[Printed], None]:
        self._bell.hang()
        try:
            while True:
                begun = time.monotonic()
                try:
                    if self._must_read(begun):
                        async for batch in self._read_new():
                            yield batch
                except EngineError as error:
                    if _is_gone(error):
                        break
                    self._bell.doubt()
                    await asyncio.sleep(AWAY)
                    continue
                if not self._bell.is_doubtful and (heard := self._hear()):
                    yield heard
                await self._bell.wait(max(self._read_at() - time.monotonic(), LATER))
                if self._bell.is_doubtful:
                    await asyncio.sleep(self._pace.wait(self._begun, time.monotonic()))
            if rest := self._hearing.hear_out(await self._bell.rest()):
                yield rest
        finally:
            await self._bell.close()

    def _must_read(self, now: float) -> bool:
        """What only makes sure can wait for its turn."""
        return self._bell.is_doubtful or (now >= self._read_at() and self._pace.is_free(now))

    def _read_at(self) -> float:
        if self._hearing.unread > UNREAD:
            return 0.0
        return min(self._heard_at + RING, self._begun + SURE)

    def _hear(self) -> list[Printed]:
        frames = self._bell.heard()
        done, new = self._hearing.hear(frames)
        self._bell.drop(done)
        if done < len(frames):
            self._bell.doubt()
        if new:
            self._heard_at = time.monotonic()
        return new

    async def _read_new(self) -> AsyncGenerator[list[Printed], None]:
        """What came since the last read and was not heard; an empty batch when that is all of one that has ended."""
        self._begun, has_ended = time.monotonic(), self._bell.has_ended
        mark = self._bell.begin()
        self._ask_for = min(max(self._ask_for, LEAST + self._hearing.unread), MOST)
        last = await self._joining()
        self._resume.begin_pass()
        count = 0
        if last is not None:
            new = self._hearing.read(last)
            count = len(new)
            if new:
                yield new
        else:
            async for entries in self._read({"since": _since(self._resume.since)}):
                if new := self._hearing.read(entries):
                    count += len(new)
                    yield new
        self._ask_for = min(max(LEAST, 2 * count), MOST)
        self._hearing.pass_over(self._bell.done(mark))
        self._heard_at = self._begun
        if has_ended and self._bell.has_ended and not self._bell.is_doubtful:
            yield []

    async def _joining(self) -> list[Entry] | None:
        """The log's last entries, back to what is known; None where so few do not reach back."""
        while self._resume.begun:
            last = [entry async for entries in self._read({"tail": self._ask_for}) for entry in entries]
            if len(last) < self._ask_for or self._resume.joins(last):
                return last
            if self._ask_for >= MOST:
                return None
            self._ask_for = min(4 * self._ask_for, MOST)
        return None

    async def _read(self, parameters: dict[str, object]) -> AsyncGenerator[list[Entry], None]:
        frames, reading = Frames(), Reading()
        waiting: list[Entry] = []
        async with asked(self._socket_path, self._address(parameters), READ_SECONDS) as wire:
            async for piece in wire.pieces():
                waiting += reading.take(frames.feed(piece))
                if len(waiting) >= BATCH:
                    yield waiting
                    waiting = []
        if waiting:
            yield waiting

    def _address(self, parameters: dict[str, object]) -> str:
        return f"{self._target}?{urlencode(_EVERY | parameters)}"


def _is_gone(error: EngineError) -> bool:
    return isinstance(error, NotFound) or (isinstance(error, Rejected) and "marked for removal" in str(error))


def _since(time: int) -> str:
    return f"{time // 1_000_000_000}.{time % 1_000_000_000:09d}"
