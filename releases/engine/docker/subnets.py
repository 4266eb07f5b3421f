"""Finds address ranges for new networks that nothing on this machine uses yet."""

from __future__ import annotations

import hashlib
import ipaddress
import socket
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

# Docker's own default pools are few and collide with other software, so ours are elsewhere and cut small.
# The second and third serve hosts whose own routes cover the first (a VPN that claims all of 10.0.0.0/8).
POOLS = tuple(ipaddress.IPv4Network(pool) for pool in ("10.200.0.0/13", "172.24.0.0/14", "192.168.128.0/17"))
SIZE = 24
ROUTES = Path("/proc/net/route")


def free_subnets(name: str, used: Iterable[ipaddress.IPv4Network]) -> Iterator[ipaddress.IPv4Network]:
    """Every free subnet once, starting at a place that depends on `name`, so that two makers seldom meet."""
    taken = list(used)
    start = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest())
    for pool in POOLS:
        subnets = list(pool.subnets(new_prefix=SIZE))
        for offset in range(len(subnets)):
            candidate = subnets[(start + offset) % len(subnets)]
            if not any(candidate.overlaps(network) for network in taken):
                yield candidate


def routed(table: Path = ROUTES) -> list[ipaddress.IPv4Network]:
    """The networks the host has routes to, the default route excepted. Empty where there is no such table."""
    try:
        rows = [line.split() for line in table.read_text().splitlines()[1:]]
    except OSError:
        return []
    networks = [ipaddress.IPv4Network((_address(row[1]), _address(row[7])), strict=False) for row in rows]
    return [network for network in networks if network.prefixlen > 0]


def _address(field: str) -> str:
    return socket.inet_ntoa(struct.pack("=L", int(field, 16)))
