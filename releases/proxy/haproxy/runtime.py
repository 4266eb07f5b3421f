"""HAProxy's admin socket: one command, one answer."""

from __future__ import annotations

import csv
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from releases.proxy.base import ProxyRejected, ProxyUnavailable
from releases.proxy.haproxy import config


@dataclass(frozen=True)
class Server:
    """A server as the process has it now. `ready`: it was put there to take requests, healthy or not."""

    backend: str
    name: str
    address: str
    port: int
    ready: bool


class Runtime:
    def __init__(self, path: Path, timeout: float = 5.0) -> None:
        """`timeout` in seconds bounds a whole command: connecting, sending and the last byte of the answer."""
        self.path = path
        self.timeout = timeout

    def ask(self, command: str, most: int = 64_000_000) -> str:
        """Send one command and return its answer, or about the first `most` bytes of it. Raises ProxyUnavailable."""
        deadline = time.monotonic() + self.timeout
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(self.timeout)
                connection.connect(str(self.path))
                connection.sendall(command.encode() + b"\n")
                return b"".join(_until_end(connection, deadline, most)).decode(errors="replace")
        except OSError as error:
            raise ProxyUnavailable(f"HAProxy does not answer at its admin socket: {error}") from error

    def order(self, command: str, *answers: str) -> None:
        """Send a command that answers like one of these, or with nothing. Anything else raises ProxyRejected."""
        said = self.ask(command).strip()
        if said and not said.startswith(answers):
            raise ProxyRejected(f"HAProxy refused: {said}")

    def servers(self, backend: str = "") -> list[Server]:
        """The servers of one slot, or of all slots."""
        found = parse_servers(self.ask(f"show servers state {backend}"))
        return [server for server in found if config.is_slot(server.backend)]

    def entries(self, name: str) -> dict[str, str]:
        """The pairs of a map."""
        return parse_map(self.ask(f"show map {name}"))

    def count(self, backend: str, *fields: str) -> dict[str, int]:
        """These fields of `show stat` for a whole backend."""
        return parse_counts(self.ask(f"show stat {backend} 2 -1"), fields)

    def rows(self) -> list[dict[str, str]]:
        """`show stat` for every slot and its servers."""
        return [row for row in parse_rows(self.ask("show stat -1 6 -1")) if config.is_slot(row["pxname"])]

    def info(self) -> dict[str, str]:
        """What the process says of itself."""
        return dict(line.partition(": ")[::2] for line in self.ask("show info").splitlines())


def _until_end(connection: socket.socket, deadline: float, most: int) -> Iterator[bytes]:
    while most > 0 and (chunk := connection.recv(65536)):
        yield chunk
        most -= len(chunk)
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        connection.settimeout(left)


def parse_servers(text: str) -> list[Server]:
    """The servers of `show servers state`, format version 1 (HAProxy's management guide, section 9.3)."""
    lines = text.strip().splitlines()
    if not lines or lines[0] != "1":
        raise ProxyRejected(f"HAProxy refused: {text.strip()[:200]}")
    names = lines[1].lstrip("# ").split()
    return [_server(dict(zip(names, line.split(), strict=False))) for line in lines[2:] if line and line[0] != "#"]


def _server(row: dict[str, str]) -> Server:
    ready = row["srv_admin_state"] == "0"
    return Server(row["be_name"], row["srv_name"], row["srv_addr"], int(row["srv_port"]), ready)


def parse_map(text: str) -> dict[str, str]:
    """The pairs of `show map`: lines of reference, key, value. The first of two equal keys counts, as in HAProxy."""
    pairs: dict[str, str] = {}
    for line in text.splitlines():
        parts = line.split()
        if len(parts) == 3 and parts[0].startswith("0x"):
            pairs.setdefault(parts[1], parts[2])
        elif parts:
            raise ProxyRejected(f"HAProxy refused: {line[:200]}")
    return pairs


def parse_rows(text: str) -> list[dict[str, str]]:
    """The lines of `show stat`, by the names of their columns (HAProxy's management guide, section 9.1)."""
    rows = list(csv.DictReader(text.lstrip("# ").splitlines()))
    if not rows or "scur" not in rows[0]:
        raise ProxyRejected(f"HAProxy refused: {text.strip()[:200]}")
    return rows


def parse_counts(text: str, fields: Iterable[str]) -> dict[str, int]:
    row = parse_rows(text)[0]
    return {field: int(row[field] or 0) for field in fields}
