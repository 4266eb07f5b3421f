"""A visitor's connection that knows exactly what became of each request: HTTP/1.1 over asyncio, as small as that."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Iterable
from dataclasses import dataclass

ANSWER_SECONDS = 20.0


class Lost(Exception):
    """A request got no complete answer; the text is the kind of loss."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def keeps(self) -> bool:
        return self.headers.get("connection", "").lower() != "close"


class Connection:
    """One TCP connection to the public port. Requests of one host follow each other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._used = False

    @classmethod
    async def open(cls, address: str, port: int) -> Connection:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return cls(*await asyncio.open_connection(address, port))
        except ConnectionRefusedError:
            raise Lost("connection refused") from None
        except (OSError, TimeoutError):
            raise Lost("no connection") from None

    async def usable(self) -> bool:
        """Whether the other side has not closed it: every client looks before it sends on an old connection."""
        await asyncio.sleep(0)
        return not self.reader.at_eof() and not self.writer.is_closing()

    def close(self) -> None:
        self.writer.close()

    async def ask(
        self, host: str, path: str, method: str = "GET", pieces: Iterable[bytes] = (), pause: float = 0
    ) -> Answer:
        """One request, its body in pieces with pauses, and the whole answer. Raises Lost."""
        parts = list(pieces)
        length = [f"Content-Length: {sum(map(len, parts))}"] if method == "POST" else []
        async with Watched(self):
            self.writer.write(head(method, path, host, *length))
            for part in parts:
                self.writer.write(part)
                await self.writer.drain()
                await asyncio.sleep(pause)
            status, headers = await self.begin()
            body = await self._body(headers)
        self._used = True
        return Answer(status, headers, body)

    async def begin(self) -> tuple[int, dict[str, str]]:
        """Status and headers of an answer. Raises Lost when nothing comes."""
        try:
            text = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError as error:
            kind = "reused" if self._used else "new"
            raise Lost("truncated" if error.partial else f"EOF on a {kind} connection") from None
        first, *lines = text.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}
        return int(first.split()[1]), headers

    async def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return await self.reader.readexactly(int(headers.get("content-length", 0)))
        parts = []
        while part := await self.chunk():
            parts.append(part)
        return b"".join(parts)

    async def chunk(self) -> bytes:
        size = int(await self.reader.readuntil(b"\r\n"), 16)
        return (await self.reader.readexactly(size + 2))[:-2]

    async def upgrade(self, host: str, path: str) -> None:
        """Make it a WebSocket. Raises Lost."""
        key = base64.b64encode(os.urandom(16)).decode()
        headers = (
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
        )
        async with Watched(self):
            self.writer.write(head("GET", path, host, *headers))
            status, _ = await self.begin()
        if status != 101:
            raise Lost(f"status {status}")

    async def say(self, text: bytes) -> None:
        """One masked text frame of at most 125 bytes."""
        mask = os.urandom(4)
        data = bytes(byte ^ mask[at % 4] for at, byte in enumerate(text))
        self.writer.write(bytes([0x81, 0x80 | len(data)]) + mask + data)
        await self.writer.drain()

    async def hear(self) -> bytes | None:
        """The next text frame; None when the other side closes with one."""
        first, length = await self.reader.readexactly(2)
        data = await self.reader.readexactly(length)
        return None if first & 0x0F == 0x08 else data


class Watched:
    """Gives what can go wrong between request and answer its name."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._limit = asyncio.timeout(ANSWER_SECONDS)

    async def __aenter__(self) -> None:
        await self._limit.__aenter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            await self._limit.__aexit__(kind, error, trace)  # type: ignore[arg-type]
        except TimeoutError:
            raise Lost("no answer in time") from None
        match error:
            case asyncio.IncompleteReadError():
                raise Lost("truncated") from None
            case ConnectionError():
                raise Lost("reset") from None


def head(method: str, path: str, host: str, *headers: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode()
