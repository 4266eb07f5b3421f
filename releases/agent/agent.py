"""Follows all instances of the installation, and writes the consoles of their services.

Nothing else reads output for the consoles. The log of a release in work has a reader of its own for its new instances;
`releases/stages/console.py` says why.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Coroutine
from typing import Any

from channels.db import database_sync_to_async
from django.db import Error, IntegrityError

from releases.agent import origins
from releases.agent.console import ConsoleLog
from releases.agent.followed import Followed
from releases.agent.origins import Origin
from releases.engine.base import Stream
from releases.engine.observing import Event, Happening, Observer, Place
from releases.logs.flusher import Carriers

logger = logging.getLogger(__name__)

LAST_WORDS = 0.6  # seconds in which output that was printed before an event is read
DATABASE_AWAY = 1.0
BEHIND_PAUSE = 0.1
OVERLAP = 60_000_000_000  # ns of events that are asked for again: each console knows which of them it has

_origin_of = database_sync_to_async(origins.origin_of, thread_sensitive=False)
_console_of = database_sync_to_async(origins.console_of, thread_sensitive=False)
_last_event = database_sync_to_async(origins.last_event, thread_sensitive=False)
_open = database_sync_to_async(ConsoleLog, thread_sensitive=False)


class Agent:
    """One use. `run` never ends by itself; cancelled, it writes down what it has and ends."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._followed: dict[str, Followed] = {}
        self._consoles: dict[int, ConsoleLog] = {}
        self._carriers = Carriers()
        self._opening: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        begun = time.time_ns()
        last = await _last_event()
        try:
            async with contextlib.aclosing(self._observer.events(last - OVERLAP if last else begun)) as events:
                async for event in events:
                    await self._take(event)
        finally:
            await self._end()

    async def _take(self, event: Event) -> None:
        followed = self._followed.get(event.id)
        if followed is None and event.happening is not Happening.REMOVED:
            followed = await self._meet(event)
        if followed and followed.happened(event):
            self._start(self._tell(followed))

    async def _meet(self, event: Event) -> Followed | None:
        """An instance that is new here; one that is gone already has its events told all the same."""
        while True:
            try:
                origin = await _origin_of(event.labels)
                console = await self._console(origin) if origin else None
                break
            except IntegrityError:  # the service was deleted meanwhile
                return None
            except Error as error:
                logger.warning("The database does not answer: %s", error)
                await asyncio.sleep(DATABASE_AWAY)
        if origin is None or console is None:
            return None
        followed = self._followed[event.id] = Followed(event.id, origin, console)
        after = console.begin(event.id, origin.source, origin.secrets)
        self._start(self._follow(followed, after))
        return followed

    async def _console(self, origin: Origin) -> ConsoleLog:
        async with self._opening[origin.service]:
            if origin.service not in self._consoles:
                self._consoles[origin.service] = await _open(await _console_of(origin.service), self._carriers)
            return self._consoles[origin.service]

    async def _follow(self, followed: Followed, after: dict[Stream, Place]) -> None:
        async with contextlib.aclosing(self._observer.output(followed.id, after)) as batches:
            async for batch in batches:
                if batch:
                    followed.printed(batch)
                else:
                    followed.read_out()
                while followed.console.is_behind:
                    await asyncio.sleep(BEHIND_PAUSE)
        await asyncio.sleep(LAST_WORDS)
        followed.tell(time.time_ns())
        await self._part(followed)

    async def _part(self, followed: Followed) -> None:
        """The instance is gone. The console of a service without any is closed."""
        service = followed.origin.service
        async with self._opening[service]:
            self._followed.pop(followed.id, None)
            if followed.console.end(followed.id):
                del self._consoles[service]
                await asyncio.to_thread(followed.console.close)

    async def _tell(self, followed: Followed) -> None:
        until = time.time_ns()
        await asyncio.sleep(LAST_WORDS)
        followed.tell(until)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(asyncio.to_thread(console.close) for console in self._consoles.values()))
        self._consoles.clear()


async def _guarded(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        logger.exception("An instance could not be followed further.")
