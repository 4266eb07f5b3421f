"""The bridge networks: one per environment for instances, one per installation for builds."""

from __future__ import annotations

import contextlib
import ipaddress
from itertools import islice
from typing import Any

from docker.types import IPAMConfig, IPAMPool

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

    def details(self, name: str) -> dict[str, Any]:
        """All the engine knows about a network of this installation. Raises NotFound."""
        if found := self._find(name):
            return found
        raise NotFound(f"There is no network {name} in this installation.")

    def remove(self, name: str) -> None:
        if not self._find(name):
            return
        with contextlib.suppress(NotFound), self._transport.sdk() as docker:
            docker.remove_network(name)

    def all(self) -> list[str]:
        with self._transport.sdk() as docker:
            return [network["Name"] for network in docker.networks(filters=self._names.filters())]

    def _find(self, name: str) -> dict[str, Any] | None:
        try:
            with self._transport.sdk() as docker:
                found: dict[str, Any] = docker.inspect_network(name)
        except NotFound:
            return None
        return found if found["Name"] == name and self._names.owns(found.get("Labels")) else None

    def _ensure(self, name: str, labels: Labels, talking: bool) -> str:
        if self._find(name):
            return name
        refused: EngineError = Rejected("no address range is free")
        for subnet in islice(free_subnets(name, [*self._used(), *routed()]), ATTEMPTS):
            try:
                self._create(name, subnet, labels, talking)
                return name
            except Rejected as error:  # somebody was faster: with this very network, or with this range
                refused = error
            if self._find(name):
                return name
        raise Rejected(f"The network {name} cannot be made: {refused}")

    def _create(self, name: str, subnet: ipaddress.IPv4Network, labels: Labels, talking: bool) -> None:
        """The engine refuses a second bridge with the same interface name, which makes creation by name exclusive."""
        with self._transport.sdk() as docker:
            docker.create_network(
                name,
                driver="bridge",
                check_duplicate=True,
                labels=self._names.labels(labels),
                ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=str(subnet))]),
                options={
                    "com.docker.network.bridge.name": bridge_interface(name),
                    "com.docker.network.bridge.enable_icc": str(talking).lower(),
                },
            )

    def _used(self) -> list[ipaddress.IPv4Network]:
        with self._transport.sdk() as docker:
            addressing = [network.get("IPAM") or {} for network in docker.networks()]
        ranges = [entry.get("Subnet") for address in addressing for entry in address.get("Config") or []]
        subnets = [ipaddress.ip_network(text, strict=False) for text in ranges if text]
        return [subnet for subnet in subnets if isinstance(subnet, ipaddress.IPv4Network)]
