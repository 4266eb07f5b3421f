"""Follows one log from a cursor to its end: from the database, then from the live window, each line exactly once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple

from channels.db import database_sync_to_async

from releases.logs import reader
from releases.logs.hub import COUNT, Feed, Hub
from releases.logs.reader import State
from releases.logs.window import Closed, Entry, Lines, Progress, frame_of

LOOK = 5.0  # seconds between two looks at the database while the live window works
LOOK_WITHOUT_WINDOW = 1.0
READ_LINES = 5_000
HOLE_SECONDS = 10.0  # a hole that stays open for so long will not be filled: the store is at most seconds behind
HOLE_PAUSE = 0.3

# Django's own bridge is one thread for all sockets of a process; these run in the loop's small pool of threads.
_state_of = database_sync_to_async(reader.state_of, thread_sensitive=False)
_console_of = database_sync_to_async(reader.console_of, thread_sensitive=False)


def stored_after(stream_id: int, seq: int) -> list[Lines]:
    """As entries, so that the message of each is made once for all who are sent it."""
    return [Lines("", block) for block in reader.blocks_after(stream_id, seq, READ_LINES)]


_stored_after = database_sync_to_async(stored_after, thread_sensitive=False)


class Look(NamedTuple):
    """How a log is asked for its state."""

    read: Callable[[int], Awaitable[State]]
    id: int


def log_of_release(release_id: int) -> Look:
    return Look(_state_of, release_id)


def console_of_service(service_id: int) -> Look:
    return Look(_console_of, service_id)


@dataclass(frozen=True)
class Sent:
    """Lines `first` to `last`, ready to send."""

    first: int
    last: int
    frame: str


@dataclass(frozen=True)
class Lost:
    first: int
    last: int


@dataclass(frozen=True)
class Over:
    state: State


News = Sent | Lost | Progress | Over


class Follower:
    """`look` asks how the log is; `last` is the last line the viewer has. `news()` ends after `Over`, and only then."""

    def __init__(self, hub: Hub, look: Look, last: int) -> None:
        self._hub = hub
        self._look = look
        self._hole_since: float | None = None
        self.last = last

    async def news(self) -> AsyncGenerator[News, None]:
        """Raises ObjectDoesNotExist when the release or the service is deleted."""
        while (state := await self._state()).stream is None:
            if state.over:
                yield Over(state)
                return
            await asyncio.sleep(LOOK_WITHOUT_WINDOW)
        async with self._hub.watch(state.stream) as feed:
            while True:
                async for item in self._catch_up(state.stream):
                    yield item
                state = await self._state()
                if state.over and self.last >= state.last:
                    yield Over(state)
                    return
                if state.over and (lost := self._hole(state.last + 1)):
                    yield lost
                elif self._hole_since is not None:
                    await asyncio.sleep(HOLE_PAUSE)
                else:
                    for progress in await self._hub.shared.ask(self._hub.redrawn, state.stream):
                        yield progress
                    async for item in self._live(feed):
                        yield item

    async def _state(self) -> State:
        return await self._hub.shared.ask(*self._look)

    async def _catch_up(self, stream_id: int) -> AsyncGenerator[News, None]:
        """Everything stored, then what only the window has."""
        while stored := await self._hub.shared.ask(_stored_after, stream_id, self.last):
            for lines in stored:
                if item := self._next(lines):
                    yield item
            if self._hole_since is not None:
                return
        while entries := await self._hub.shared.ask(self._hub.after, stream_id, self.last):
            for entry in entries:
                if isinstance(entry, Lines) and (item := self._next(entry)):
                    yield item
            if len(entries) < COUNT or self._hole_since is not None:
                return

    async def _live(self, feed: Feed) -> AsyncGenerator[News, None]:
        """What the hub brings, until something asks for a look at the database."""
        while True:
            entries = await feed.take(LOOK if self._hub.answers else LOOK_WITHOUT_WINDOW)
            for entry in entries:
                if isinstance(entry, Closed):
                    return
                if item := self._of(entry):
                    yield item
            if not entries or feed.overflowed or self._hole_since is not None:
                feed.overflowed = False
                return

    def _of(self, entry: Entry) -> News | None:
        if isinstance(entry, Lines):
            return self._next(entry)
        return entry if isinstance(entry, Progress) else None

    def _next(self, lines: Lines) -> News | None:
        """What the viewer gets of these lines. Beyond a hole nothing, until the hole is filled or given up."""
        block = lines.block
        if block.last <= self.last:
            return None
        if block.first > self.last + 1 and (lost := self._hole(block.first)):
            return lost
        if block.first > self.last + 1:
            return None
        self._hole_since = None
        rest = block.after(self.last)
        self.last = block.last
        return Sent(rest.first, rest.last, lines.frame if rest is block else frame_of(rest))

    def _hole(self, first: int) -> Lost | None:
        now = time.monotonic()
        self._hole_since = self._hole_since or now
        if now - self._hole_since < HOLE_SECONDS:
            return None
        lost = Lost(self.last + 1, first - 1)
        self.last, self._hole_since = first - 1, None
        return lost
