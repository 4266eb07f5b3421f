"""Visitors of every kind, for as long as a measurement takes. Each request without a complete answer is counted."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from tests.bench.http1 import Answer, Connection, Lost

EVENTS_HEARD = 15  # of a stream of events, before its visitor goes and comes again
UPLOAD = [b"x" * 4096] * 20
ECHO_EVERY = 0.2  # seconds
WEB_SOCKETS = 10


@dataclass(frozen=True)
class Dropped:
    """A WebSocket that ended while its visitor wanted it: when it began and when it ended, in seconds of the epoch."""

    began: float
    ended: float


@dataclass
class Tally:
    """`fast` holds when quick requests were answered, `others` when and in which time the other service answered."""

    sent: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    fast: list[float] = field(default_factory=list)
    others: list[tuple[float, float]] = field(default_factory=list)
    sockets: int = 0
    echoes: int = 0
    dropped: list[Dropped] = field(default_factory=list)


class Load:
    """The visitors of `host`, and one of `other`, another service behind the same proxy."""

    def __init__(self, port: int, host: str, other: str, address: str = "127.0.0.1") -> None:
        self.address, self.port, self.host, self.other = address, port, host, other
        self.tally = Tally()
        self._over = False

    def stop(self) -> None:
        self._over = True

    async def run(self) -> None:
        visits = [
            *[self.keep_alive("keep-alive", 0.02) for _ in range(2)],
            self.keep_alive("tight keep-alive", 0.002),
            *[self.keep_alive("idle keep-alive", 0.7 + 0.4 * number) for number in range(4)],
            *[self.new_connections(0.02) for _ in range(2)],
            *[self.keep_alive("POST", 0.03, method="POST") for _ in range(2)],
            *[self.keep_alive("slow", 0.05, "/slow") for _ in range(3)],
            *[self.keep_alive("download", 0.1, path) for path in ("/download", "/chunked") * 2],
            *[self.keep_alive("upload", 0.1, "/upload", "POST") for _ in range(2)],
            *[self.events() for _ in range(3)],
            *[self.web_socket() for _ in range(WEB_SOCKETS)],
            self.neighbour(),
        ]
        async with asyncio.TaskGroup() as group:
            for visit in visits:
                group.create_task(visit)
        await asyncio.sleep(0.1)  # for the last connections to be closed

    async def keep_alive(self, kind: str, pause: float, path: str = "/", method: str = "GET") -> None:
        connection: Connection | None = None
        pieces, slowly = (UPLOAD, 0.1) if path == "/upload" else ([b"body"] if method == "POST" else [], 0.0)
        while not self._over:
            connection = await self._counted(
                kind, connection, lambda on: on.ask(self.host, path, method, pieces, slowly)
            )
            await asyncio.sleep(pause)
        _closed(connection)

    async def new_connections(self, pause: float) -> None:
        while not self._over:
            connection = await self._counted("new connection", None, lambda on: on.ask(self.host, "/"))
            _closed(connection)
            await asyncio.sleep(pause)

    async def _counted(
        self, kind: str, connection: Connection | None, ask: Callable[[Connection], Awaitable[Answer]]
    ) -> Connection | None:
        """One request on the connection, or on a new one. The connection that the next request may use."""
        self.tally.sent[kind] += 1
        try:
            if connection and not await connection.usable():
                _closed(connection)
                connection = None
            connection = connection or await Connection.open(self.address, self.port)
            answer = await ask(connection)
            if answer.status != 200:
                raise Lost(f"status {answer.status}")
        except Lost as lost:
            self.tally.lost[f"{kind}: {lost}"] += 1
            _closed(connection)
            return None
        if kind in ("keep-alive", "tight keep-alive", "new connection"):
            self.tally.fast.append(time.time())
        if answer.keeps:
            return connection
        _closed(connection)
        return None

    async def events(self) -> None:
        """A stream that has no end: it is lost when it ends before its visitor goes."""
        while not self._over:
            self.tally.sent["events"] += 1
            try:
                connection = await Connection.open(self.address, self.port)
                with closing(connection):
                    await self._hear_events(connection)
            except (Lost, asyncio.IncompleteReadError, ConnectionError, TimeoutError) as error:
                what = str(error) if isinstance(error, Lost) else "truncated"
                self.tally.lost[f"events: {what}"] += 1
                await asyncio.sleep(0.1)

    async def _hear_events(self, connection: Connection) -> None:
        connection.writer.write(
            f"GET /events HTTP/1.1\r\nHost: {self.host}\r\nAccept: text/event-stream\r\n\r\n".encode()
        )
        async with asyncio.timeout(20):
            status, _ = await connection.begin()
            if status != 200:
                raise Lost(f"status {status}")
            for _ in range(EVENTS_HEARD):
                if not await connection.chunk():
                    raise Lost("ended")

    async def web_socket(self) -> None:
        """Open for as long as it is let, and opened again when it is not."""
        while not self._over:
            self.tally.sent["WebSocket"] += 1
            try:
                connection = await Connection.open(self.address, self.port)
                with closing(connection):
                    await connection.upgrade(self.host, "/socket")
                    await self._hold(connection)
            except Lost as lost:
                self.tally.lost[f"WebSocket: {lost}"] += 1
                await asyncio.sleep(0.1)

    async def _hold(self, connection: Connection) -> None:
        self.tally.sockets += 1
        began = time.time()
        if not await self._echo(connection):
            self.tally.dropped.append(Dropped(began, time.time()))

    async def _echo(self, connection: Connection) -> bool:
        """False when it ended before we did."""
        try:
            async with asyncio.timeout(20):
                await connection.hear()
            while not self._over:
                async with asyncio.timeout(20):
                    await connection.say(b"hello")
                    if await connection.hear() != b"hello":
                        return False
                self.tally.echoes += 1
                await asyncio.sleep(ECHO_EVERY)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            return False
        return True

    async def neighbour(self) -> None:
        connection: Connection | None = None
        while not self._over:
            began = time.perf_counter()
            connection = await self._counted("other service", connection, lambda on: on.ask(self.other, "/"))
            self.tally.others.append((time.time(), time.perf_counter() - began))
            await asyncio.sleep(0.01)
        _closed(connection)


def _closed(connection: Connection | None) -> None:
    if connection:
        connection.close()


@contextmanager
def visiting(load: Load) -> Iterator[Tally]:
    """The load in a thread of its own until the block ends; what is under way then is waited for."""
    thread = threading.Thread(target=lambda: asyncio.run(load.run()))
    thread.start()
    try:
        yield load.tally
    finally:
        load.stop()
        thread.join(60)
