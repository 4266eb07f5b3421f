"""One reader of the live windows per web process: it hands new entries to every viewer in the process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections import deque
from collections.abc import AsyncIterator
from typing import Any
from weakref import WeakKeyDictionary

import redis
from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from releases.logs import window
from releases.logs.sharing import Sharing
from releases.logs.window import Entry, Progress

logger = logging.getLogger(__name__)

BLOCK_MS = 5_000
COUNT = 100
TRIES = 50  # of ending a reader, a tenth of a second each
PAUSE = 0.2  # seconds before a Redis that failed is asked again
FEED_CHARS = 2_000_000  # what waits for one slow viewer; beyond it the viewer reads the database again
_FAILURES = (redis.RedisError, OSError, TimeoutError)


class Feed:
    """What came for one viewer and was not taken yet."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()
        self._size = 0
        self._news = asyncio.Event()
        self.overflowed = False

    def put(self, entry: Entry) -> None:
        if self._size + entry.size > FEED_CHARS:
            self._entries.clear()
            self._size, self.overflowed = 0, True
        else:
            self._entries.append(entry)
            self._size += entry.size
        self._news.set()

    async def take(self, seconds: float) -> list[Entry]:
        """All that waits, at the latest after `seconds` (then maybe nothing)."""
        # Never `asyncio.wait_for`: it makes a task each time, and before Python 3.12 it can swallow a cancellation.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        self._news.clear()
        entries = list(self._entries)
        self._entries.clear()
        self._size = 0
        return entries


class Hub:
    """Belongs to one event loop. It reads only while somebody watches."""

    def __init__(self) -> None:
        self._feeds: dict[str, set[Feed]] = {}
        self._cursors: dict[str, str] = {}
        self._wake_key = f"kintohub:{settings.INSTALLATION_ID}:wake:{uuid.uuid4().hex}"
        self._reader: asyncio.Task[None] | None = None
        self._redis: Redis = Redis.from_url(
            settings.REDIS_URL,
            decode_responses=True,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=1.0,
            socket_timeout=2 * BLOCK_MS / 1000,  # must exceed the blocking read
        )
        self.answers = False
        self.shared = Sharing()

    @contextlib.asynccontextmanager
    async def watch(self, stream_id: int) -> AsyncIterator[Feed]:
        """What is written to the stream's window from now on; what was there before is `after`'s business."""
        key, feed = window.key(stream_id), Feed()
        try:
            await self._add(key, feed)
            yield feed
        finally:
            await self._remove(key, feed)

    async def after(self, stream_id: int, seq: int) -> list[Entry]:
        """The window's next COUNT entries after line `seq`; nothing when Redis does not answer."""
        try:
            rows = await self._redis.xrange(window.key(stream_id), min=f"({seq}-{window.LAST_ID}", count=COUNT)
        except _FAILURES:
            return []
        return window.entries(rows)

    async def redrawn(self, stream_id: int) -> list[Progress]:
        """The progress lines as of now, the newest last; nothing when Redis does not answer."""
        try:
            return window.redrawn_of(await self._redis.get(window.redrawn_key(stream_id)))
        except _FAILURES:
            return []

    async def _add(self, key: str, feed: Feed) -> None:
        newest = "" if key in self._cursors else await self.shared.ask(self._newest, key)
        is_new = key not in self._cursors
        self._cursors.setdefault(key, newest)
        self._feeds.setdefault(key, set()).add(feed)
        if self._reader is None:
            self._reader = asyncio.create_task(self._read(), name="log hub")
        elif is_new:
            await self._wake()

    async def _remove(self, key: str, feed: Feed) -> None:
        feeds = self._feeds.get(key, set())
        feeds.discard(feed)
        if not feeds:
            self._feeds.pop(key, None)
            self._cursors.pop(key, None)
        if not self._feeds and self._reader:
            reader, self._reader = self._reader, None
            await _end(reader)
            if self._reader is None:
                await self._redis.aclose()

    async def _newest(self, key: str) -> str:
        """From there on the reader reads. A Redis that is down has everything still to come."""
        try:
            rows = await self._redis.xrevrange(key, count=1)
        except _FAILURES:
            return "0-0"
        self.answers = True
        return str(rows[0][0]) if rows else "0-0"

    async def _wake(self) -> None:
        """End the running read, which does not know the new stream yet.

        The key is read from its beginning, never from `$`: an entry that comes before the read is parked is not missed.
        """
        with contextlib.suppress(*_FAILURES):
            await self._redis.xadd(self._wake_key, {"w": "1"}, maxlen=1, approximate=False)
            await self._redis.expire(self._wake_key, 600)

    async def _read(self) -> None:
        woken = "0-0"
        while self._reader is asyncio.current_task():
            try:
                cursors: dict[Any, Any] = {**self._cursors, self._wake_key: woken}
                answer: Any = await self._redis.xread(cursors, count=COUNT, block=BLOCK_MS)
                self.answers = True
            except _FAILURES:
                self.answers = False
                await asyncio.sleep(PAUSE)
                continue
            for key, rows in answer or ():
                if key == self._wake_key:
                    woken = rows[-1][0]
                else:
                    self._deliver(key, rows)

    def _deliver(self, key: str, rows: Any) -> None:
        for entry in window.merged(window.entries(rows)):
            for feed in self._feeds.get(key, ()):
                feed.put(entry)
            if key in self._cursors:
                self._cursors[key] = entry.id


async def _end(reader: asyncio.Task[None]) -> None:
    """Before Python 3.12 a read that has just begun swallows its cancellation (`asyncio.wait_for`)."""
    for _ in range(TRIES):
        reader.cancel()
        ended, _ = await asyncio.wait({reader}, timeout=0.1)
        if ended:
            return
    logger.warning("A reader of live logs did not end.")


_hubs: WeakKeyDictionary[Any, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
