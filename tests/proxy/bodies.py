"""An application that reads chunked bodies, and the visitor's side of one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import takewhile
from typing import BinaryIO

from releases.proxy.base import Target

BEGIN = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-KintoHub-Limit: 1\r\n\r\n"
END = b"0\r\n\r\n"


@dataclass
class Reader:
    """Answers at once and says of each piece that it came; at the path /late it says nothing.

    `heads` are those of the requests in lower case; `bodies` their sizes, and whether each came whole.
    """

    port: int
    heads: list[str] = field(default_factory=list)
    bodies: list[tuple[int, bool]] = field(default_factory=list)
    read: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def target(self) -> Target:
        return Target("i1", "127.0.0.1", self.port)

    def next_body(self) -> tuple[int, bool]:
        """The next one that ended, whole or not."""
        assert self.read.acquire(timeout=60)
        return self.bodies.pop(0)

    def serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream, suppress(OSError):
            lines = list(takewhile(lambda line: line != b"\r\n", stream))
            if not lines:
                return  # the proxy only looked whether somebody listens
            head = b"".join(lines).decode().lower()
            self.heads.append(head)
            self.bodies.append(self._body(head, stream, connection))
            self.read.release()

    def _body(self, head: str, stream: BinaryIO, connection: socket.socket) -> tuple[int, bool]:
        if "transfer-encoding: chunked" not in head:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            return 0, True
        if " /late " in head:
            return self._pieces(stream, b"", connection)
        connection.sendall(BEGIN)
        size, whole = self._pieces(stream, b"1\r\n.\r\n", connection)
        if whole:
            connection.sendall(END)
        return size, whole

    def _pieces(self, stream: BinaryIO, word: bytes, connection: socket.socket) -> tuple[int, bool]:
        """Says this word for each piece that comes."""
        size = 0
        with suppress(OSError, ValueError):
            while length := int(stream.readline(), 16):
                size += len(stream.read(length))
                stream.readline()
                connection.sendall(word)
            return size, stream.readline() == b"\r\n"
        return size, False


@contextmanager
def reader() -> Iterator[Reader]:
    listener = socket.create_server(("127.0.0.1", 0))
    running = Reader(listener.getsockname()[1])

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=running.serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield running
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def head(host: str, method: str = "POST", path: str = "/", lines: tuple[str, ...] = ()) -> bytes:
    fields = (f"Host: {host}", "Transfer-Encoding: chunked", "Connection: close", *lines)
    return "\r\n".join((f"{method} {path} HTTP/1.1", *fields, "", "")).encode()


def piece(size: int) -> bytes:
    return b"%x\r\n%s\r\n" % (size, b"x" * size)
