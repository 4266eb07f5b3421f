"""Calls to the Docker engine's HTTP API. No SDK: every socket is ours, with a time limit and a way to end it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from releases.engine.base import NotFound, Rejected
from releases.engine.docker.errors import socket_errors
from releases.engine.docker.exchange import Exchange

DEFAULT_URL = "unix:///var/run/docker.sock"
TESTED_VERSION = "1.41"
SECONDS = 60.0


class Transport:
    """One connection per call: calls of several threads share nothing but the negotiated API version."""

    def __init__(self, base_url: str | None = None) -> None:
        self._socket_path = _socket_path(base_url or os.environ.get("DOCKER_HOST") or DEFAULT_URL)
        self._version = ""

    def negotiate(self) -> dict[str, Any]:
        """What the engine says about itself. From then on the tested API version is spoken, or its oldest if newer."""
        with self.open(10) as exchange:
            exchange.request("GET", "/version")
            description: dict[str, Any] = _decoded(exchange)
        self._version = max(TESTED_VERSION, description.get("MinAPIVersion") or "0", key=_numbers)
        return description

    def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, object] | None = None,
        body: object = None,
        seconds: float = SECONDS,
    ) -> Any:
        """One request; returns the answer's JSON, None when it is empty. `seconds` bounds each wait for data."""
        target = self.target(path, params)
        with self.open(seconds) as exchange:
            exchange.request(method, target, b"" if body is None else json.dumps(body).encode())
            return _decoded(exchange)

    def exists(self, path: str, params: Mapping[str, object] | None = None) -> bool:
        target = self.target(path, params)
        with self.open(SECONDS) as exchange:
            try:
                exchange.request("HEAD", target)
            except NotFound:
                return False
        return True

    def open(self, seconds: float | None) -> Exchange:
        return Exchange(self._socket_path, seconds)

    def target(self, path: str, params: Mapping[str, object] | None = None) -> str:
        """The versioned request target; booleans, mappings and lists in `params` are written as the API wants them."""
        if not self._version:
            self.negotiate()
        query = urlencode({key: _text(value) for key, value in (params or {}).items()})
        return f"/v{self._version}{path}" + (f"?{query}" if query else "")


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


def _decoded(exchange: Exchange) -> Any:
    content = b"".join(exchange.chunks())
    with socket_errors():
        return json.loads(content) if content.strip() else None
