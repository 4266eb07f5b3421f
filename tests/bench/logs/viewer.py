"""A viewer as a browser is one: it acknowledges, comes back after a cut, and looks at every line number."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from dataclasses import dataclass, field

from tests.bench.logs.wire import Wire

CHUNK = re.compile(rb'\{"t": "c", "f": (\d+), "n": (\d+), "b": "(\d+)\\t')
ACK_LINES, ACK_SECONDS = 2_500, 1.0  # as static/js/log-socket.js
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
    greeted: bool = False
    over: bool = False
    delays: list[tuple[float, float]] = field(default_factory=list)
    wire: Wire | None = None
    acknowledged: int = 0
    told_at: float = 0.0

    async def watch(self) -> None:
        """Until the log has ended."""
        while not self.over:
            with contextlib.suppress(OSError):
                self.acknowledged, self.told_at = self.last, time.monotonic()
                self.wire = await Wire.connect(f"{self.address}?since={self.last}", self.cookie, self._take)
                await self.wire.gone.wait()
            if not self.over:
                await asyncio.sleep(0.2)

    def cut(self) -> None:
        if self.wire and self.wire.opened and not self.wire.gone.is_set():
            self.cuts += 1
            self.wire.cut()

    def _acknowledge(self) -> None:
        now = time.monotonic()
        if self.wire and (self.last - self.acknowledged >= ACK_LINES or now - self.told_at > ACK_SECONDS):
            self.acknowledged, self.told_at = self.last, now
            self.wire.send(json.dumps({"t": "ack", "s": self.last}).encode())

    def _take(self, message: bytes) -> None:
        if match := CHUNK.match(message):
            first, count = int(match[1]), int(match[2])
            self.lost += max(0, first - self.last - 1)
            self.repeated += max(0, self.last + 1 - first)
            self.last = max(self.last, first + count - 1)
            self._time(int(match[3]), message, count)
            self._acknowledge()
        elif message.startswith(b'{"t": "hello"'):
            self.greeted = True
        elif message.startswith(b'{"t": "gap"'):
            self.lost += 1
        elif message.startswith(b'{"t": "end"'):
            self.over = True

    def _time(self, first_ms: int, message: bytes, count: int) -> None:
        now = time.time()
        at = message.rfind(b"\\n")
        last_ms = int(message[at + 2 : at + 15]) if at > 0 else first_ms
        for part in range(PARTS):
            printed = first_ms + (last_ms - first_ms) * part / (PARTS - 1)
            self.delays.append((now - printed / 1000, count / PARTS))
