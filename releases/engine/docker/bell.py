"""Rings when an instance prints: the engine's follow mode, which is quick but leaves things out at rotations.

What it brings is kept until a read has brought it too, because it is all that is left when the instance is removed.
"""

from __future__ import annotations

import asyncio
from collections import deque

from releases.engine.base import EngineError, Stream
from releases.engine.docker.frames import Frames
from releases.engine.docker.wire import asked

KEPT = 512 * 1024  # bytes
PAUSE = 0.5  # seconds before an engine that is away is asked again
HUSH = 0.2  # seconds in which further lines do not ring again: they wait in the socket, and are taken together
LAST_WORDS = 2.0  # seconds for what is still on its way when the instance has been removed
REST = 5.0  # seconds until a log that has ended is looked at again, unless somebody rings before

Frame = tuple[Stream, bytes]


class Bell:
    """Runs from `hang` to `close`."""

    def __init__(self, socket_path: str, target: str) -> None:
        self._socket_path = socket_path
        self._target = target
        self._rung = asyncio.Event()
        self._again = asyncio.Event()
        self._over = asyncio.Event()
        self._kept: deque[Frame] = deque()
        self._size = 0
        self._task: asyncio.Task[None] | None = None

    def hang(self) -> None:
        self._task = asyncio.create_task(self._listen(), name="bell")

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def ring(self) -> None:
        """Also has a log that had ended listened to again."""
        self._rung.set()
        self._again.set()

    async def wait(self, seconds: float) -> None:
        """Until it rings, or for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return

    def begin(self) -> int:
        """Before a read: what is kept now the read will bring. The count is for `done`."""
        self._rung.clear()
        return len(self._kept)

    def done(self, count: int) -> None:
        for _ in range(min(count, len(self._kept))):
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
                async with asked(self._socket_path, self._target, None) as wire:
                    self._rung.set()  # what came while nobody listened
                    frames = Frames()
                    async for piece in wire.pieces():
                        self._keep(frames.feed(piece))
                        self._rung.set()
                        await asyncio.sleep(HUSH)
                pause = REST
            except EngineError:
                pause = PAUSE
            self._over.set()
            self._rung.set()
            try:
                async with asyncio.timeout(pause):
                    await self._again.wait()
            except TimeoutError:
                continue

    def _keep(self, frames: list[Frame]) -> None:
        for frame in frames:
            self._kept.append(frame)
            self._size += len(frame[1])
        while self._size > KEPT:
            self._size -= len(self._kept.popleft()[1])
