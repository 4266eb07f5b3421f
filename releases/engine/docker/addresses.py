"""Chooses the address that an instance keeps for its life.

The engine would give a free one at every start, so that after a crash or a restart of its own two instances could have
swapped theirs, and visitors of one service would reach the other.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from releases.engine.base import Rejected
from releases.engine.docker.events import json_lines
from releases.engine.docker.names import ADDRESS, Names
from releases.engine.docker.transport import SECONDS, Transport

SPREAD = 16


class Addresses:
    """What is taken and what was used lately is asked of the engine, so that all processes see the same."""

    def __init__(self, transport: Transport, names: Names) -> None:
        self._transport = transport
        self._names = names

    def choose(self, network: dict[str, Any], attempt: int) -> str:
        """A free one of the network. Only starting claims it: after a collision others go further, each its own way."""
        taken = self._taken(network["Name"])
        free = free_addresses(_subnet(network), taken, [*taken, *self._recent()])
        if not free:
            raise Rejected(f"All addresses of the network {network['Name']} are in use.")
        return str(free[secrets.randbelow(SPREAD * attempt + 1) % len(free)])

    def _taken(self, network: str) -> list[IPv4Address]:
        """Of all containers in the network, stopped ones too, the oldest first."""
        with self._transport.sdk() as docker:
            rows = docker.containers(all=True, filters={"network": [network]})
        endpoints = [row["NetworkSettings"]["Networks"].get(network) or {} for row in reversed(rows)]
        wanted = [(endpoint.get("IPAMConfig") or {}).get("IPv4Address") for endpoint in endpoints]
        return _addresses([*wanted, *(endpoint.get("IPAddress") for endpoint in endpoints)])

    def _recent(self) -> list[IPv4Address]:
        """Given and returned lately, the latest last: the engine remembers its last 256 events."""
        filters = {"type": ["container"], "event": ["create", "destroy"], **self._names.filters()}
        events = past_events(self._transport, filters)
        return _addresses([event["Actor"]["Attributes"].get(ADDRESS) for event in events])


def free_addresses(
    subnet: IPv4Network, taken: Sequence[IPv4Address], recent: Sequence[IPv4Address]
) -> list[IPv4Address]:
    """Best first: round and round, and those used lately last, so that a stale route does not meet a newcomer."""
    after = int(recent[-1]) if recent else int(subnet.network_address)
    order = {address: number for number, address in enumerate(recent)}
    _gateway, *hosts = subnet.hosts()
    return sorted(
        set(hosts) - set(taken),
        key=lambda address: (order.get(address, -1), (int(address) - after) % subnet.num_addresses),
    )


def past_events(transport: Transport, filters: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Those that the engine still has, the oldest first. The SDK would wait for them without a time limit."""
    target = transport.target("/events", {"since": 0, "until": f"{time.time():.9f}", "filters": filters})
    with transport.open(SECONDS) as exchange:
        exchange.request("GET", target)
        return list(json_lines(exchange.chunks()))


def _subnet(network: dict[str, Any]) -> IPv4Network:
    return IPv4Network(network["IPAM"]["Config"][0]["Subnet"])


def _addresses(texts: Sequence[str | None]) -> list[IPv4Address]:
    return [IPv4Address(text) for text in texts if text]
