"""A viewer as a browser is one: it acknowledges, comes back after a cut, and looks at every line number."""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass, field

import websockets.asyncio.client
from websockets.exceptions import ConnectionClosed, InvalidHandshake

CHUNK = re.compile(r'\{"t": "c", "f": (\d+), "n": (\d+), "b": "(\d+)\\t')
ACK_LINES = 1_000
PARTS = 5  # points of a frame at which its lines' delays are taken; lines come evenly within a frame


@dataclass
class Viewer:
    """`delays` are pairs of seconds from print to arrival, and how many lines that stands for."""

    address: str
    cookie: str
    last: int = 0
    lost: int = 0
    repeated: int = 0
    cuts: int = 0
    over: bool = False
    delays: list[tuple[float, float]] = field(default_factory=list)
    connection: websockets.asyncio.client.ClientConnection | None = None

    async def watch(self) -> None:
        """Until the log has ended."""
        while not self.over:
            try:
                await self._connected()
            except (OSError, ConnectionClosed, InvalidHandshake, TimeoutError):
                await asyncio.sleep(0.2)

    async def cut(self) -> None:
        """As a network does it: without a word to the server."""
        if self.connection:
            self.cuts += 1
            self.connection.transport.abort()

    async def _connected(self) -> None:
        headers = {"Cookie": self.cookie, "Origin": self.address.replace("ws", "http", 1).split("/ws/")[0]}
        address = f"{self.address}?since={self.last}"
        async with websockets.asyncio.client.connect(
            address, additional_headers=headers, proxy=None, compression=None, max_size=None, open_timeout=20
        ) as self.connection:
            acknowledged = self.last
            async for message in self.connection:
                self._take(str(message))
                if self.last - acknowledged >= ACK_LINES:
                    acknowledged = self.last
                    await self.connection.send(json.dumps({"t": "ack", "s": acknowledged}))

    def _take(self, message: str) -> None:
        if match := CHUNK.match(message):
            first, count = int(match[1]), int(match[2])
            self.lost += max(0, first - self.last - 1)
            self.repeated += max(0, self.last + 1 - first)
            self.last = max(self.last, first + count - 1)
            self._time(int(match[3]), message, count)
        elif message.startswith('{"t": "gap"'):
            self.lost += 1
        elif message.startswith('{"t": "end"'):
            self.over = True

    def _time(self, first_ms: int, message: str, count: int) -> None:
        now = time.time()
        at = message.rfind("\\n")
        last_ms = int(message[at + 2 : at + 15]) if at > 0 else first_ms
        for part in range(PARTS):
            printed = first_ms + (last_ms - first_ms) * part / (PARTS - 1)
            self.delays.append((now - printed / 1000, count / PARTS))
