"""What listens in the network of a process, as the kernel tells it: no program of the image is needed for it."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

from releases.engine.base import Family, Listener

MAX_LISTENERS = 1024
MAX_PROCESSES = 4096
PROC = Path("/proc")
_LISTEN = "0A"  # TCP_LISTEN in the kernel's include/net/tcp_states.h
_ACCEPTS = 0x10000  # __SO_ACCEPTCON of a Unix socket, include/linux/net.h
_NAME_SERVER = "127.0.0.11"  # the engine's own, in every network of its making
_SOCKET = re.compile(r"socket:\[(\d+)\]")

_Found = tuple[str, Listener]  # with the socket's inode


def listeners(process: int) -> tuple[Listener, ...]:
    """Of the network that this process is in, with the names of the programs beside it which hold them.

    Empty when the process is gone. A program's name stays empty where this user may not look.
    """
    found = [*_internet(process, "tcp", Family.IPV4), *_internet(process, "tcp6", Family.IPV6), *_unix(process)]
    names = _holders(process, {inode for inode, _ in found}) if found else {}
    named = [Listener(one.family, one.address, one.port, names.get(inode, "")) for inode, one in found]
    return tuple(dict.fromkeys(named))[:MAX_LISTENERS]


def listens_on_loopback(process: int, port: int) -> bool:
    """Whether something in the network of this process listens on the port at 127.0.0.0/8 or ::1. No name is sought:
    a check asks this many times in a second.
    """
    found = [*_internet(process, "tcp", Family.IPV4), *_internet(process, "tcp6", Family.IPV6)]
    return any(one.is_loopback and one.port == port for _, one in found)


def _internet(process: int, table: str, family: Family) -> Iterator[_Found]:
    for row in _rows(process, table):
        if len(row) > 9 and row[3] == _LISTEN:
            address, _, port = row[1].partition(":")
            listener = Listener(family, _address(address), int(port, 16))
            if listener.address != _NAME_SERVER:
                yield row[9], listener


def _unix(process: int) -> Iterator[_Found]:
    for row in _rows(process, "unix"):
        if len(row) > 7 and int(row[3], 16) & _ACCEPTS:
            yield row[6], Listener(Family.UNIX, row[7], 0)


def _rows(process: int, table: str) -> list[list[str]]:
    with contextlib.suppress(OSError):
        text = (PROC / str(process) / "net" / table).read_text(errors="replace")
        return [line.split() for line in text.splitlines()[1:]]
    return []


def _address(digits: str) -> str:
    """The kernel prints each group of four bytes as a number of the machine, so backwards on those we run on."""
    groups = [bytes.fromhex(digits[at : at + 8])[::-1] for at in range(0, len(digits), 8)]
    packed = b"".join(groups)
    name = socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)
    mapped = ipaddress.ip_address(name)
    return str(getattr(mapped, "ipv4_mapped", None) or name)


def _holders(process: int, inodes: set[str]) -> dict[str, str]:
    """Program names by socket, of the processes in the same space of process ids: those of one container."""
    space, names = _space(str(process)), dict[str, str]()
    for other in [name for name in os.listdir(PROC) if name.isdigit()][:MAX_PROCESSES]:
        if space and _space(other) == space:
            for inode in _sockets_of(other) & inodes:
                names.setdefault(inode, _program(other))
    return names


def _space(process: str) -> str:
    with contextlib.suppress(OSError):
        return os.readlink(PROC / process / "ns" / "pid")
    return ""


def _sockets_of(process: str) -> set[str]:
    found = set()
    with contextlib.suppress(OSError):
        for entry in os.scandir(PROC / process / "fd"):
            with contextlib.suppress(OSError):
                if match := _SOCKET.fullmatch(os.readlink(entry.path)):
                    found.add(match[1])
    return found


def _program(process: str) -> str:
    with contextlib.suppress(OSError):
        name = (PROC / process / "comm").read_text(errors="replace").strip()
        # NodeJS calls its main thread by a name that tells nobody anything.
        return os.path.basename(os.readlink(PROC / process / "exe")) if name == "MainThread" else name
    return ""
