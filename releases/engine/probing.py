"""Asks an address once whether something serves there."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Callable, Container

from releases.engine.base import SUCCESS, Probe

SECONDS = 2.0
BODY_SECONDS = 0.1  # more for the beginning of the body, once the status is known
MAX_ANSWER = 8192
HEAD = 80
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})\b")
_END = b"\r\n\r\n"
_CHUNKED = re.compile(rb"(?im)^transfer-encoding:.*\bchunked\b")


def probe(address: str, port: int, path: str, host: str, expected: Container[int] = SUCCESS) -> Probe:
    """A TCP connection; with a `path`, also a GET for `host`, of whose answer only the beginning is read."""
    begun = time.monotonic()
    try:
        with socket.create_connection((address, port), timeout=SECONDS) as connection:
            if not path:
                return Probe(True, "the port accepts connections", time.monotonic() - begun)
            return _ask(connection, path, host, expected, begun)
    except TimeoutError:
        text = f"no answer within {SECONDS:g} seconds"
    except ConnectionRefusedError:
        text = "the connection was refused"
    except OSError as error:
        text = f"the connection failed: {error.strerror or error}"
    return Probe(False, text, time.monotonic() - begun)


def _ask(connection: socket.socket, path: str, host: str, expected: Container[int], begun: float) -> Probe:
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: kintohub-check\r\nConnection: close\r\n\r\n"
    connection.sendall(request.encode())
    answer = _read(connection, b"", lambda data: b"\n" in data, begun + SECONDS)
    seconds = time.monotonic() - begun
    found = _STATUS.match(answer)
    if not found:
        text = "the answer is not HTTP" if answer else "the connection was closed without an answer"
        return Probe(False, text, seconds, head=_readable(answer))
    status = int(found[1])
    head = _readable(_beginning_of_body(connection, answer))
    return Probe(status in expected, f"the answer has status {status}", seconds, status, head)


def _beginning_of_body(connection: socket.socket, answer: bytes) -> bytes:
    """What of it comes at once; the answer counts without it."""
    with contextlib.suppress(OSError):
        deadline = time.monotonic() + BODY_SECONDS
        answer = _read(connection, answer, lambda data: len(data.partition(_END)[2]) >= HEAD, deadline)
    header, _, body = answer.partition(_END)
    return body.partition(b"\r\n")[2] if _CHUNKED.search(header) else body


def _read(connection: socket.socket, data: bytes, enough: Callable[[bytes], bool], deadline: float) -> bytes:
    """Bounded in time and size, whatever the other side sends. Raises TimeoutError."""
    while not enough(data) and len(data) < MAX_ANSWER:
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        piece = connection.recv(MAX_ANSWER)
        if not piece:
            break
        data += piece
    return data


def _readable(data: bytes) -> str:
    text = " ".join(data[: 4 * HEAD].decode(errors="replace").split())
    return "".join(character for character in text if character.isprintable())[:HEAD]
