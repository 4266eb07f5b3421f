"""One request and its answer on a socket that we own, so that another thread can end it."""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from releases.engine.base import Unavailable
from releases.engine.docker.errors import refusal, socket_errors

PIECE = 64 * 1024
CONNECT_SECONDS = 5.0


class Exchange:
    """Connects at once. `seconds` bounds each wait for the engine; None leaves that to whoever calls `abort`."""

    def __init__(self, socket_path: str, seconds: float | None) -> None:
        self._socket = connected(socket_path)
        self._socket.settimeout(seconds)
        self._connection = http.client.HTTPConnection("localhost")
        self._connection.sock = self._socket
        self._response: http.client.HTTPResponse | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._response:
            self._response.close()
        self._connection.close()
        self._socket.close()

    def abort(self) -> None:
        """From any thread: every read and write on this exchange ends now. Closing instead would leave them waiting."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def hang_up(self) -> None:
        """From any thread: tells the engine to stop, while what it still says can be read."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def limit(self, seconds: float) -> None:
        """Bound each further wait for the engine."""
        with contextlib.suppress(OSError):
            self._socket.settimeout(seconds)

    def request(
        self, method: str, target: str, body: bytes | Iterable[bytes] = b"", content_type: str = "application/json"
    ) -> None:
        """Send; an iterable body goes out piece by piece. Raises what the engine's status means."""
        with socket_errors():
            self._connection.putrequest(method, target)
            self._connection.putheader("Content-Type", content_type)
            if isinstance(body, bytes):
                self._connection.putheader("Content-Length", str(len(body)))
                self._connection.endheaders(body)
            else:
                self._connection.putheader("Transfer-Encoding", "chunked")
                self._connection.endheaders()
        if not isinstance(body, bytes):
            self._upload(body)
        self._receive()

    def chunks(self) -> Iterator[bytes]:
        """The answer's content as it arrives, until the engine ends it. Raises Unavailable when it is cut off."""
        assert self._response is not None  # noqa: S101 (only after `request`)
        while True:
            with socket_errors():
                piece = self._response.read1(PIECE)
            if not piece:
                return
            yield piece

    def _upload(self, body: Iterable[bytes]) -> None:
        """An engine that refuses early stops reading: then its answer counts, not the broken pipe."""
        for piece in body:
            if piece and not self._sent(b"%x\r\n%b\r\n" % (len(piece), piece)):
                return
        self._sent(b"0\r\n\r\n")

    def _sent(self, data: bytes) -> bool:
        try:
            with socket_errors():
                self._connection.send(data)
        except Unavailable as error:
            if isinstance(error.__cause__, BrokenPipeError | ConnectionResetError):
                return False
            raise
        return True

    def _receive(self) -> None:
        with socket_errors():
            self._response = self._connection.getresponse()
            if self._response.status >= 400:
                raise refusal(self._response.status, self._response.read(PIECE))


def connected(socket_path: str) -> socket.socket:
    """Raises Unavailable, and leaves nothing open then."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with socket_errors():
            connection.settimeout(CONNECT_SECONDS)
            connection.connect(socket_path)
    except Unavailable:
        connection.close()
        raise
    return connection
