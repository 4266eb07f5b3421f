"""Starts, lists, stops and removes instances: containers with this installation's label."""

from __future__ import annotations

import contextlib
import math
import re
import time
from collections.abc import Container
from dataclasses import replace
from typing import Any

from releases.engine.base import (
    EngineError,
    Instance,
    InstanceRequest,
    Labels,
    Listener,
    NotFound,
    Probe,
    Rejected,
    Unavailable,
)
from releases.engine.docker.addresses import Addresses, past_events
from releases.engine.docker.containers import creation, instance, program
from releases.engine.docker.images import Images
from releases.engine.docker.names import Names
from releases.engine.docker.networks import Networks
from releases.engine.docker.recent import Recent
from releases.engine.docker.transport import Transport
from releases.engine.listening import listeners, listens_on_loopback
from releases.engine.probing import probe

REMOVE_SECONDS = 30.0
ADDRESS_ATTEMPTS = 20
_TAKEN = "address already in use"
_ID = re.compile(r"[0-9a-f]{12,64}")


class Instances:
    def __init__(self, transport: Transport, names: Names, networks: Networks, images: Images) -> None:
        self._transport = transport
        self._names = names
        self._networks = networks
        self._images = images
        self._addresses = Addresses(transport, names)
        self._recent = Recent(self._details)

    def start(self, request: InstanceRequest) -> Instance:
        network = self._networks.details(request.network)
        if not self._images.find(request.image):
            raise NotFound(f"There is no image {request.image}.")
        self.remove(request.name)
        for attempt in range(ADDRESS_ATTEMPTS):
            try:
                return self._start(request, self._addresses.choose(network, attempt))
            except Rejected as error:
                if _TAKEN not in str(error).lower():
                    raise
        raise Unavailable(f"The instance {request.name} found no address that others did not take first.")

    def _start(self, request: InstanceRequest, address: str) -> Instance:
        container = self._create(request, address)
        try:
            self._require_program(container)
            with self._transport.sdk() as docker:
                docker.start(container)
            return instance(self._details(container), self._names)
        except BaseException as error:
            with contextlib.suppress(EngineError):
                self._delete(container)
            if isinstance(error, NotFound):  # somebody removed it, or its image's program is missing
                raise Rejected(f"The instance {request.name} could not be started: {error}") from error
            raise

    def inspect(self, name: str) -> Instance:
        seen = instance(self._details(name), self._names)
        if seen.restarts and seen.exit_code is None:
            return replace(seen, exit_code=self._last_exit_code(seen.id))
        return seen

    def probe(self, name: str, port: int, path: str, host: str, expected: Container[int]) -> Probe:
        details = self._recent.get(name)
        address = instance(details, self._names).address
        if not address:
            return Probe(False, "it is not running")
        result = probe(address, port, path, host, expected)
        if not result.ok and listens_on_loopback(details["State"]["Pid"], port):
            return replace(result, text="it listens on localhost only, where nothing outside can reach it: use 0.0.0.0")
        return result

    def listeners(self, name: str) -> tuple[Listener, ...]:
        process = self._details(name)["State"]["Pid"]
        return listeners(process) if process else ()

    def all(self, labels: Labels | None = None) -> list[Instance]:
        found = []
        with self._transport.sdk() as docker:
            rows = docker.containers(all=True, filters=self._names.filters(labels))
        for row in rows:
            with contextlib.suppress(NotFound):  # removed since the list was made
                found.append(self.inspect(row["Id"]))
        return found

    def stop(self, name: str, grace: float) -> None:
        seconds = max(0, math.ceil(grace))
        with contextlib.suppress(NotFound):
            container = self._details(name)["Id"]
            with self._transport.sdk() as docker:  # which adds the grace to its own limit
                docker.stop(container, timeout=seconds)

    def remove(self, name: str) -> None:
        with contextlib.suppress(NotFound):
            self._delete(self._details(name)["Id"])

    def _details(self, name: str) -> dict[str, Any]:
        """By instance name, else by container id; another installation's is as if it were not there."""
        for candidate in [self._names.container(name), *([name] if _ID.fullmatch(name) else [])]:
            with contextlib.suppress(NotFound):
                with self._transport.sdk() as docker:
                    found: dict[str, Any] = docker.inspect_container(candidate)
                if self._names.owns(found["Config"].get("Labels")):
                    return found
        raise NotFound(f"There is no instance {name} in this installation.")

    def _last_exit_code(self, container: str) -> int | None:
        """From the events that the engine still has; a restarted container no longer knows it itself."""
        events = past_events(self._transport, {"container": [container], "event": ["die"]})
        codes = [event["Actor"]["Attributes"].get("exitCode") for event in events]
        return int(codes[-1]) if codes and codes[-1] else None

    def _create(self, request: InstanceRequest, address: str) -> str:
        body = creation(request, self._names, address)
        with self._transport.sdk() as docker:
            created = docker.create_container_from_config(  # type: ignore[no-untyped-call]
                body, self._names.container(request.name)
            )
        return str(created["Id"])

    def _require_program(self, container: str) -> None:
        """The init process would start anyway and then fail inside; this way the reason is known before."""
        details = self._details(container)
        name, places = program(details)
        if not any(self._transport.exists(f"/containers/{container}/archive", {"path": place}) for place in places):
            raise Rejected(f"The image has no program {name}, which the start command needs. Set one that exists.")

    def _delete(self, container: str) -> None:
        """Ends when it is gone, also when somebody else's removal is already under way."""
        deadline = time.monotonic() + REMOVE_SECONDS
        while time.monotonic() < deadline:
            try:
                with self._transport.sdk() as docker:
                    docker.remove_container(container, force=True, v=True)
            except NotFound:
                return
            except Rejected as error:
                if "already in progress" not in str(error):
                    raise
            time.sleep(0.05)
        raise Unavailable("The Docker engine did not remove a container in time.")
