"""The address and configuration of our own Redis."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from kintohub.standalone import redis
from tests.servers import RedisServer, redis_server, redis_url

__all__ = ["redis_server", "redis_url"]


def test_a_new_address_is_on_loopback_and_has_a_password() -> None:
    match = redis.URL.fullmatch(redis.url(""))
    assert match
    assert len(match["password"]) >= 32


def test_the_address_is_kept_while_its_port_is_free() -> None:
    address = redis.url("")
    assert redis.url(address) == address


def test_a_taken_port_is_changed_and_the_password_kept() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        moved = redis.URL.fullmatch(redis.url(f"redis://:secret@127.0.0.1:{port}/0"))
    assert moved
    assert moved["password"] == "secret"
    assert int(moved["port"]) != port


def test_the_password_is_in_a_file_of_its_owner_only(tmp_path: Path) -> None:
    file = redis.write_configuration(tmp_path / "redis", "redis://:secret@127.0.0.1:7001/0")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "bind 127.0.0.1\nport 7001\nrequirepass secret\n" in file.read_text()


@pytest.mark.redis
def test_the_server_wants_the_password_and_keeps_nothing(redis_server: RedisServer, redis_url: str) -> None:
    with Redis.from_url(redis_url, socket_timeout=5) as client:
        client.set("key", "value")
        redis_server.stop()
        redis_server.start()
        assert client.get("key") is None
    without = redis_url.replace(f":{redis.URL.fullmatch(redis_url)['password']}@", "")
    with Redis.from_url(without, socket_timeout=5) as stranger, pytest.raises(AuthenticationError):
        stranger.ping()
