"""Listens to what an instance prints: the engine's follow mode, which is quick but leaves things out at rotations.

That happens to a listener who is behind. So it rings and keeps what it hears, and says when a read must tell the rest:
after each connection, and when much came at once.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from itertools import islice

from releases.engine.base import EngineError
from releases.engine.docker.frames import Frame, Frames
from releases.engine.docker.wire import asked

KEPT = 512 * 1024  # bytes
# Frames, or bytes, in one HUSH. The socket takes 278 short lines (Linux 6.18), or some 90 KB of long ones, before the
# engine has to wait, and falls behind.
MUCH, MUCH_BYTES = 100, 64 * 1024
PAUSE = 0.5  # seconds before an engine that is away is asked again
# Seconds in which further lines do not ring again: they wait in the socket, and are taken together. All bells keep the
# same time: what many have heard then goes on in one write, which halves the cost (`make bench-consoles`).
HUSH = 0.15
LAST_WORDS = 2.0  # seconds for what is still on its way when the instance has been removed
REST = 5.0  # seconds until a log that has ended is looked at again, unless somebody rings before


class Bell:
    """Runs from `hang` to `close`. `is_doubtful`: it may have missed something, which a read has to tell.

    `has_ended`: the engine had nothing more to tell, because the instance does not run.
    """

    def __init__(self, socket_path: str, target: str) -> None:
        self._socket_path = socket_path
        self._target = target
        self._rung = asyncio.Event()
        self._again = asyncio.Event()
        self._over = asyncio.Event()
        self.has_ended = False
        self._kept: deque[Frame] = deque()
        self._first = 0  # number of the first one that is kept
        self._size = 0
        self._task: asyncio.Task[None] | None = None
        self._is_behind = False
        self.is_doubtful = True

    def hang(self) -> None:
        self._task = asyncio.create_task(self._listen(), name="bell")

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def ring(self) -> None:
        """It started or ended: there may be news, also of a log that had ended before."""
        self.doubt()
        self._again.set()

    def doubt(self) -> None:
        self.is_doubtful = True
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Until it rings, or for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return

    def heard(self) -> list[Frame]:
        """What is kept; `drop` forgets it."""
        self._rung.clear()
        return list(self._kept)

    def begin(self) -> int:
        """Before a read, which will bring what is kept now. Returns a mark for `done`."""
        self._rung.clear()
        self.is_doubtful = False
        return self._first + len(self._kept)

    def done(self, mark: int) -> list[Frame]:
        """After the read: what it has brought is not kept any longer. Returns it."""
        brought = list(islice(self._kept, max(mark - self._first, 0)))
        self.drop(len(brought))
        return brought

    def drop(self, count: int) -> None:
        """The oldest of what is kept."""
        for _ in range(count):
            self._first += 1
            self._size -= len(self._kept.popleft()[1])

    async def rest(self) -> list[Frame]:
        """What no read has brought, of an instance that is removed."""
        try:
            async with asyncio.timeout(LAST_WORDS):
                await self._over.wait()
        except TimeoutError:
            pass
        return list(self._kept)

    async def _listen(self) -> None:
        while True:
            self._again.clear()
            try:
                self._over.clear()
                self.has_ended = False
                async with asked(self._socket_path, self._target, None) as wire:
                    self.doubt()  # what came while nobody listened
                    frames = Frames()
                    async for piece in wire.pieces():
                        self._keep(frames.feed(piece), len(piece))
                        await asyncio.sleep(HUSH - time.monotonic() % HUSH)
                self.has_ended, pause = True, REST
            except EngineError:
                pause = PAUSE
            self._over.set()
            self.doubt()
            try:
                async with asyncio.timeout(pause):
                    await self._again.wait()
            except TimeoutError:
                continue

    def _keep(self, frames: list[Frame], size: int) -> None:
        for frame in frames:
            self._kept.append(frame)
            self._size += len(frame[1])
        was_behind, self._is_behind = self._is_behind, len(frames) > MUCH or size > MUCH_BYTES
        # What comes next may begin after a hole as well: it is what the engine tells when it need not wait any longer.
        self.is_doubtful |= self._is_behind or was_behind or self._size > KEPT
        while self._size > KEPT:
            self.drop(1)
        self._rung.set()
