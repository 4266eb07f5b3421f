"""Servers that tests start for themselves. Use: `from tests.servers import redis_url  # noqa: F401` in a conftest."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from kintohub.standalone import redis as standalone_redis

START_SECONDS = 20.0
STOP_SECONDS = 10.0


class RedisServer:
    """A private Redis. `stop()` and `start()` any number of times: the address stays, what it held is lost."""

    def __init__(self, directory: Path) -> None:
        self.url = standalone_redis.url("")
        self.configuration = standalone_redis.write_configuration(directory, self.url)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self.process
        return self.process.pid

    def start(self) -> None:
        line = [standalone_redis.server(), str(self.configuration)]
        self.process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("The private Redis server did not start.")
            time.sleep(0.02)

    def answers(self) -> bool:
        with redis.Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The session's server, for tests that stop and start it."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> Iterator[str]:
    """The address of a running, empty Redis."""
    with redis.Redis.from_url(redis_server.url, socket_timeout=5) as client:
        client.flushall()
    yield redis_server.url
