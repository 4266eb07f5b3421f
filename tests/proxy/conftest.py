"""A private HAProxy for each test that asks for one, and the proxies the contract is about."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from releases.proxy.base import Proxy, ProxyUnavailable
from releases.proxy.haproxy import Files, HAProxy, Parameters
from releases.proxy.memory import MemoryProxy
from tests.proxy.apps import App, app

SLOTS = 50


@dataclass
class Running:
    """HAProxy with its files, and the process once it is started."""

    parameters: Parameters
    files: Files
    process: subprocess.Popen[bytes] | None = None

    @property
    def proxy(self) -> HAProxy:
        return HAProxy(self.parameters.socket, self.files.directory, self.parameters.public_port, self.parameters.slots)

    def start(self) -> None:
        command = ["haproxy", "-db", "-q", "-f", str(self.files.configuration)]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                self.proxy.ping()
                return
            except ProxyUnavailable:
                time.sleep(0.02)
        raise AssertionError("HAProxy did not start")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(10)

    def get(self, host: str, path: str = "/", method: str = "GET", **headers: str) -> tuple[int, str, dict[str, str]]:
        """Status, body and headers (lower case) of one request of a visitor."""
        connection = http.client.HTTPConnection("127.0.0.1", self.parameters.public_port, timeout=60)
        try:
            connection.request(method, path, headers={"Host": host, **headers})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), {key.lower(): value for key, value in answer.getheaders()}
        finally:
            connection.close()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def prepare(directory: Path, slots: int, socket_directory: Path, **limits: int) -> Running:
    directory.mkdir(exist_ok=True)
    files = Files(directory)
    user = "haproxy" if os.geteuid() == 0 else ""
    parameters = Parameters(socket_directory / "s", free_port(), slots, files.token(), user, **limits)
    files.write(parameters)
    return Running(parameters, files)


@pytest.fixture
def limits() -> dict[str, int]:
    """Parameters that a file of tests wants to differ."""
    return {}


@pytest.fixture
def haproxy(tmp_path: Path, limits: dict[str, int]) -> Iterator[Running]:
    with tempfile.TemporaryDirectory(prefix="kh", dir="/tmp") as short:
        running = prepare(tmp_path / "a proxy", SLOTS, Path(short), **limits)
        running.start()
        yield running
        running.kill()


@pytest.fixture(params=["memory", pytest.param("haproxy", marks=pytest.mark.proxy)])
def proxy(request: pytest.FixtureRequest) -> Proxy:
    """Each implementation in turn."""
    if request.param == "memory":
        return MemoryProxy(SLOTS)
    running: Running = request.getfixturevalue("haproxy")
    return running.proxy


@pytest.fixture
def restart(request: pytest.FixtureRequest, proxy: Proxy) -> Callable[[], None]:
    """Kills the proxy and starts it again."""
    if isinstance(proxy, MemoryProxy):
        return proxy.restart
    running: Running = request.getfixturevalue("haproxy")

    def again() -> None:
        running.kill()
        running.start()

    return again


@pytest.fixture
def blue() -> Iterator[App]:
    with app("blue") as running:
        yield running


@pytest.fixture
def green() -> Iterator[App]:
    with app("green") as running:
        yield running
