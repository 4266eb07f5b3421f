"""One request to the engine and its answer, for an event loop: many at a time cost no thread each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from releases.engine.docker.errors import refusal, socket_errors

PIECE = 256 * 1024
HEAD = 16 * 1024
REFUSAL = 64 * 1024


class Dechunker:
    """Takes a chunked body (RFC 9112, 7.1) apart as it comes."""

    def __init__(self) -> None:
        self._rest = b""
        self._left = 0  # of the chunk that has begun, with its line end
        self.over = False

    def feed(self, data: bytes) -> bytes:
        """The content in it. Raises ValueError for what is not chunked."""
        data, at, found = self._rest + data, 0, []
        while not self.over:
            if not self._left:
                end = data.find(b"\r\n", at)
                if end < 0:
                    break
                size = int(data[at:end], 16)
                at, self._left, self.over = end + 2, size + 2, size == 0
                continue
            piece = data[at : at + self._left]
            if len(piece) < self._left:
                break
            found.append(piece[:-2])
            at += self._left
            self._left = 0
        self._rest = data[at:]
        return b"".join(found)


class Wire:
    """Made by `asked`. `pieces` may be read once."""

    def __init__(self, reader: asyncio.StreamReader, seconds: float | None) -> None:
        self._reader = reader
        self._seconds = seconds
        self._body = Dechunker()
        self._chunked = False
        self._length: int | None = None

    async def head(self) -> int:
        """The status. Raises Unavailable."""
        with socket_errors():
            try:
                async with asyncio.timeout(self._seconds):
                    head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
            except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
                raise ConnectionError("its answer has no head") from error
            status, *fields = head.split(b"\r\n")
            values = dict(field.split(b": ", 1) for field in fields if b": " in field)
            self._chunked = b"chunked" in values.get(b"transfer-encoding", b"")
            self._length = int(values[b"content-length"]) if b"content-length" in values else None
            return int(status.split()[1])

    async def pieces(self) -> AsyncIterator[bytes]:
        """The content as it arrives. Raises Unavailable when it is cut off, or when nothing comes in time."""
        while not self._is_over():
            with socket_errors():
                async with asyncio.timeout(self._seconds):
                    data = await self._reader.read(PIECE)
                if not data and (self._chunked or self._length is not None):
                    raise ConnectionError("it ended its answer early")
                if not data:
                    return
                content = self._taken(data)
            if content:
                yield content

    async def content(self) -> bytes:
        return b"".join([piece async for piece in self.pieces()])

    def _is_over(self) -> bool:
        return self._body.over if self._chunked else self._length is not None and self._length <= 0

    def _taken(self, data: bytes) -> bytes:
        if self._chunked:
            return self._body.feed(data)
        if self._length is not None:
            self._length -= len(data)
        return data


@asynccontextmanager
async def asked(socket_path: str, target: str, seconds: float | None) -> AsyncIterator[Wire]:
    """GET this; `seconds` bounds each wait for the engine, None those for content. Raises what its status means."""
    with socket_errors():
        async with asyncio.timeout(seconds or 60):
            reader, writer = await asyncio.open_unix_connection(socket_path, limit=max(PIECE, HEAD))
    try:
        writer.write(f"GET {target} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n".encode())
        wire = Wire(reader, seconds)
        status = await wire.head()
        if status >= 400:
            raise refusal(status, (await wire.content())[:REFUSAL])
        yield wire
    finally:
        writer.transport.abort()
