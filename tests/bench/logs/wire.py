"""The least of a WebSocket client: 200 of it beside the server they measure must not be what is measured."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Wire(asyncio.Protocol):
    """`take` gets each text message. `gone` is set when the connection is lost, for whatever reason."""

    def __init__(self, request: bytes, take: Callable[[bytes], None]) -> None:
        self._request = request
        self._take = take
        self._buffer = bytearray()
        self.transport: asyncio.Transport | None = None
        self.opened = False
        self.gone = asyncio.Event()

    @classmethod
    async def connect(cls, address: str, cookie: str, take: Callable[[bytes], None]) -> Wire:
        """Raises OSError when nobody listens."""
        place = urlsplit(address)
        request = (
            f"GET {place.path}?{place.query} HTTP/1.1\r\nHost: {place.netloc}\r\nOrigin: http://{place.netloc}\r\n"
            f"Cookie: {cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        ).encode()
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(lambda: cls(request, take), "127.0.0.1", place.port)
        return wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def connection_lost(self, error: Exception | None) -> None:
        self.gone.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.opened:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self.cut()
                return
            self.opened, self._buffer = True, rest
        self._read()

    def _read(self) -> None:
        start = 0
        while frame := self._frame(start):
            code, begin, end = frame
            self._received(code, bytes(self._buffer[begin:end]))
            start = end
        del self._buffer[:start]

    def _frame(self, start: int) -> tuple[int, int, int] | None:
        """Kind, begin and end of the payload; None while it is not complete. A server never masks."""
        have = len(self._buffer) - start
        if have < 2:
            return None
        size, head = self._buffer[start + 1], 2
        if size >= 126:
            head = 4 if size == 126 else 10
            size = int.from_bytes(self._buffer[start + 2 : start + head], "big")
        if have < head + size:
            return None
        return self._buffer[start] & 15, start + head, start + head + size

    def _received(self, code: int, payload: bytes) -> None:
        if code == TEXT:
            self._take(payload)
        elif code == PING:
            self.send(payload, PONG)
        elif code == CLOSE and self.transport:
            self.send(payload, CLOSE)
            self.transport.close()

    def send(self, payload: bytes, code: int = TEXT) -> None:
        """At most 125 bytes, masked with zeroes as a client may."""
        if self.transport:
            self.transport.write(bytes([128 | code, 128 | len(payload), 0, 0, 0, 0]) + payload)

    def cut(self) -> None:
        """As a network does it: without a word."""
        if self.transport:
            self.transport.abort()
