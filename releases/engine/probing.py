"""Asks an address once whether something serves there."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from pathlib import Path

from releases.engine.base import Probe

SECONDS = 2.0
MAX_LINE = 8192
_LISTEN = "0A"
_LOOPBACK_6 = "0" * 24 + "01000000"
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})\b")


def probe(address: str, port: int, path: str, host: str) -> Probe:
    """A TCP connection; with a `path`, also a GET for `host`, of whose answer only the first line is read."""
    deadline = time.monotonic() + SECONDS
    try:
        with socket.create_connection((address, port), timeout=SECONDS) as connection:
            return _ask(connection, path, host, deadline) if path else Probe(True, "the port accepts connections")
    except TimeoutError:
        return Probe(False, f"no answer within {SECONDS:g} seconds")
    except ConnectionRefusedError:
        return Probe(False, "the connection was refused")
    except OSError as error:
        return Probe(False, f"the connection failed: {error.strerror or error}")


def _ask(connection: socket.socket, path: str, host: str, deadline: float) -> Probe:
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: kintohub-check\r\nConnection: close\r\n\r\n"
    connection.sendall(request.encode())
    line = _first_line(connection, deadline)
    found = _STATUS.match(line)
    if not found:
        return Probe(False, "the answer is not HTTP" if line else "the connection was closed without an answer")
    status = int(found[1])
    return Probe(200 <= status < 400, f"the answer has status {status}")


def _first_line(connection: socket.socket, deadline: float) -> bytes:
    """Bounded in time and size, whatever the other side sends."""
    data = b""
    while b"\n" not in data and len(data) < MAX_LINE:
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        piece = connection.recv(MAX_LINE)
        if not piece:
            break
        data += piece
    return data.partition(b"\n")[0]


def listens_on_loopback(process: int, port: int) -> bool:
    """Whether something in the network of this process listens on the port at 127.0.0.0/8 or ::1."""
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            rows = [line.split() for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]]
            if any(row[3] == _LISTEN and _is_loopback(row[1], port) for row in rows):
                return True
    return False


def _is_loopback(local: str, port: int) -> bool:
    """`local` is address:port in hexadecimal, each group of four bytes backwards: 0100007F:1F90."""
    address, _, number = local.partition(":")
    return int(number, 16) == port and (address.endswith("7F") or address == _LOOPBACK_6)
