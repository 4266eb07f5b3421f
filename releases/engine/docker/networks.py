"""The bridge networks: one per environment for instances, one per installation for builds."""

from __future__ import annotations

import ipaddress
from itertools import islice
from typing import Any
from urllib.parse import quote

from releases.engine.base import EngineError, Labels, NotFound, Rejected
from releases.engine.docker.names import Names, bridge_interface
from releases.engine.docker.subnets import free_subnets, routed
from releases.engine.docker.transport import Transport

ATTEMPTS = 20


class Networks:
    def __init__(self, transport: Transport, names: Names) -> None:
        self._transport = transport
        self._names = names

    def ensure(self, environment: str) -> str:
        return self._ensure(self._names.network(environment), Labels(environment=environment), talking=True)

    def ensure_for_builds(self) -> str:
        """Builds of different owners run on it side by side, so they cannot reach each other."""
        return self._ensure(self._names.build_network, Labels(), talking=False)

    def require(self, name: str) -> None:
        """Raises NotFound unless this installation has a network of this name."""
        if not self._exists(name):
            raise NotFound(f"There is no network {name} in this installation.")

    def remove(self, name: str) -> None:
        if not self._exists(name):
            return
        try:
            self._transport.call("DELETE", f"/networks/{quote(name, safe='')}")
        except NotFound:
            return

    def all(self) -> list[str]:
        found = self._transport.call("GET", "/networks", {"filters": self._names.filters()})
        return [network["Name"] for network in found]

    def _exists(self, name: str) -> bool:
        try:
            found = self._transport.call("GET", f"/networks/{quote(name, safe='')}")
        except NotFound:
            return False
        return bool(found["Name"] == name and self._names.owns(found.get("Labels")))

    def _ensure(self, name: str, labels: Labels, talking: bool) -> str:
        if self._exists(name):
            return name
        refused: EngineError = Rejected("no address range is free")
        for subnet in islice(free_subnets(name, [*self._used(), *routed()]), ATTEMPTS):
            request = _request(name, subnet, self._names.labels(labels), talking)
            try:
                self._transport.call("POST", "/networks/create", body=request)
                return name
            except Rejected as error:  # somebody was faster: with this very network, or with this range
                refused = error
            if self._exists(name):
                return name
        raise Rejected(f"The network {name} cannot be made: {refused}")

    def _used(self) -> list[ipaddress.IPv4Network]:
        addressing = [network.get("IPAM") or {} for network in self._transport.call("GET", "/networks")]
        ranges = [entry.get("Subnet") for address in addressing for entry in address.get("Config") or []]
        subnets = [ipaddress.ip_network(text, strict=False) for text in ranges if text]
        return [subnet for subnet in subnets if isinstance(subnet, ipaddress.IPv4Network)]


def _request(name: str, subnet: ipaddress.IPv4Network, labels: dict[str, str], talking: bool) -> dict[str, Any]:
    """The engine refuses a second bridge with the same interface name, which makes creation by name exclusive."""
    return {
        "Name": name,
        "Driver": "bridge",
        "CheckDuplicate": True,
        "Labels": labels,
        "IPAM": {"Config": [{"Subnet": str(subnet)}]},
        "Options": {
            "com.docker.network.bridge.name": bridge_interface(name),
            "com.docker.network.bridge.enable_icc": str(talking).lower(),
        },
    }
