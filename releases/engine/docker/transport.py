"""How the Docker engine is reached: by the SDK, or by sockets of our own for what it cannot do.

The SDK can neither be cut off from another thread while it waits, nor bound the reading of a stream in time, nor set
every parameter.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from docker import APIClient

from releases.engine.base import NotFound, Rejected
from releases.engine.docker.clients import Clients
from releases.engine.docker.errors import sdk_errors
from releases.engine.docker.exchange import Exchange

DEFAULT_URL = "unix:///var/run/docker.sock"
TESTED_VERSION = "1.41"
SECONDS = 60


class Transport:
    """Calls of several threads share nothing but the negotiated API version."""

    def __init__(self, base_url: str | None = None) -> None:
        self.socket_path = _socket_path(base_url or os.environ.get("DOCKER_HOST") or DEFAULT_URL)
        self._clients = Clients(self.socket_path)
        self._version = ""

    def negotiate(self) -> dict[str, Any]:
        """What the engine says about itself. From then on the tested API version is spoken, or its oldest if newer."""
        with sdk_errors():
            description: dict[str, Any] = self._clients.get(TESTED_VERSION, 10).version(api_version=False)
        self._version = max(TESTED_VERSION, description.get("MinAPIVersion") or "0", key=_numbers)
        return description

    @contextmanager
    def sdk(self, seconds: int = SECONDS) -> Iterator[APIClient]:
        """The SDK, for one call, whose errors become ours. `seconds` bounds each wait for data."""
        version = self._spoken()
        with sdk_errors():
            yield self._clients.get(version, seconds)

    def send(
        self,
        method: str,
        path: str,
        params: Mapping[str, object] | None = None,
        body: object = None,
        seconds: float = SECONDS,
    ) -> None:
        """A request that the SDK has no method or no parameter for, and whose answer is only its status."""
        target = self.target(path, params)
        with self.open(seconds) as exchange:
            exchange.request(method, target, b"" if body is None else json.dumps(body).encode())

    def exists(self, path: str, params: Mapping[str, object] | None = None) -> bool:
        try:
            self.send("HEAD", path, params)
        except NotFound:
            return False
        return True

    def open(self, seconds: float | None) -> Exchange:
        return Exchange(self.socket_path, seconds)

    def target(self, path: str, params: Mapping[str, object] | None = None) -> str:
        """The versioned request target; booleans, mappings and lists in `params` are written as the API wants them."""
        query = urlencode({key: _text(value) for key, value in (params or {}).items()})
        return f"/v{self._spoken()}{path}" + (f"?{query}" if query else "")

    def _spoken(self) -> str:
        if not self._version:
            self.negotiate()
        return self._version


def _socket_path(url: str) -> str:
    scheme, _, path = url.partition("://")
    if scheme != "unix" or not path:
        raise Rejected(f"The Docker engine's address must look like {DEFAULT_URL}, not {url}.")
    return path


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return json.dumps(value) if isinstance(value, dict | list) else str(value)
