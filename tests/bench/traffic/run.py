"""What the measurements deploy: one endpoint for each kind of traffic that a switch could break. Python alone.

VERSION in the environment is what it answers; with EXIT=at-once it is gone the moment it gets SIGTERM, without it it
finishes what is running and says goodbye to WebSockets.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).parent
VERSION = (HERE / "VERSION").read_text().strip()
AT_ONCE = (HERE / "EXIT").read_text().strip() == "at once"
WEBSOCKET = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
SLOW = 2.0  # seconds
PIECES, PIECE, PAUSE = 25, b"x" * 4096, 0.1  # of a download: 100 KB in 2.5 s
EVENTS = 0.2  # seconds between two

stopping = asyncio.Event()
running: set[asyncio.StreamWriter] = set()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        while not stopping.is_set():
            head = await reader.readuntil(b"\r\n\r\n")
            running.add(writer)
            await answer(head.decode("latin-1"), reader, writer)
            running.discard(writer)
    running.discard(writer)
    writer.close()


async def answer(head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    line, *lines = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in lines)}
    path = line.split()[1]
    received = await body(headers, reader)
    match path:
        case "/slow":
            await asyncio.sleep(SLOW)
            await whole(writer, VERSION)
        case "/download":
            writer.write(start(f"Content-Length: {PIECES * len(PIECE)}"))
            await stream(writer, pieces(), chunked=False)
        case "/chunked":
            writer.write(start("Transfer-Encoding: chunked"))
            await stream(writer, pieces(), chunked=True)
        case "/events":
            writer.write(start("Transfer-Encoding: chunked", "Content-Type: text/event-stream"))
            await stream(writer, events(), chunked=True)
        case "/socket":
            await web_socket(headers["sec-websocket-key"], reader, writer)
        case "/upload":
            await whole(writer, str(received))
        case _:
            await whole(writer, VERSION)


async def body(headers: dict[str, str], reader: asyncio.StreamReader) -> int:
    """Read it as it comes; its length."""
    left = length = int(headers.get("content-length", 0))
    while left:
        data = await reader.read(left)
        if not data:
            raise ConnectionError("The body breaks off.")
        left -= len(data)
    return length


def start(*headers: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", f"X-Version: {VERSION}", *headers, "", ""]).encode()


async def whole(writer: asyncio.StreamWriter, text: str) -> None:
    writer.write(start(f"Content-Length: {len(text)}") + text.encode())
    await writer.drain()


async def pieces() -> AsyncIterator[bytes]:
    for _ in range(PIECES):
        yield PIECE
        await asyncio.sleep(PAUSE)


async def events() -> AsyncIterator[bytes]:
    while True:
        yield f"data: {VERSION}\n\n".encode()
        await asyncio.sleep(EVENTS)


async def stream(writer: asyncio.StreamWriter, parts: AsyncIterator[bytes], chunked: bool) -> None:
    async for part in parts:
        writer.write(b"%x\r\n%b\r\n" % (len(part), part) if chunked else part)
        await writer.drain()
    if chunked:
        writer.write(b"0\r\n\r\n")


async def web_socket(key: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say the version, then echo text of at most 125 bytes until one side closes."""
    accept = base64.b64encode(hashlib.sha1(key.encode() + WEBSOCKET).digest()).decode()  # noqa: S324 - as in the RFC
    headers = ("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade")
    writer.write("\r\n".join([*headers, f"Sec-WebSocket-Accept: {accept}", "", ""]).encode())
    writer.write(bytes([0x81, len(VERSION)]) + VERSION.encode())
    while True:
        first, second = await reader.readexactly(2)
        mask = await reader.readexactly(4)
        data = await reader.readexactly(second & 0x7F)
        if first & 0x0F == 0x08:
            raise ConnectionError("The visitor closed.")
        writer.write(bytes([0x81, len(data)]) + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)))
        await writer.drain()


async def main() -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, lambda: os._exit(0) if AT_ONCE else stopping.set())
    server = await asyncio.start_server(serve, "0.0.0.0", int(os.environ["PORT"]), backlog=512)  # noqa: S104 - in a container
    print(f"Version {VERSION} is ready", flush=True)
    await stopping.wait()
    server.close()
    for _ in range(50):
        if running:
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(main())
