"""What listens, read from the kernel's tables of this very process."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from releases.engine.base import Family, Listener
from releases.engine.listening import listeners, listens_on_loopback


@contextmanager
def listening(family: int, address: str) -> Iterator[int]:
    with socket.socket(family) as listener:
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, 0))
        listener.listen()
        yield int(listener.getsockname()[1])


@pytest.mark.parametrize(
    ("family", "address", "shown"),
    [
        (socket.AF_INET, "127.0.0.1", Family.IPV4),
        (socket.AF_INET, "0.0.0.0", Family.IPV4),  # noqa: S104
        (socket.AF_INET6, "::1", Family.IPV6),
        (socket.AF_INET6, "::", Family.IPV6),
    ],
)
def test_an_address_is_written_as_people_write_it(family: int, address: str, shown: Family) -> None:
    with listening(family, address) as port:
        found = [one for one in listeners(os.getpid()) if one.port == port]
    assert [(one.family, one.address) for one in found] == [(shown, address)]
    assert found[0].process


def test_a_unix_socket_is_told_by_its_path(tmp_path: Path) -> None:
    path = str(tmp_path / "web.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        assert path not in {one.address for one in listeners(os.getpid())}
        listener.listen()
        found = [one for one in listeners(os.getpid()) if one.address == path]
    assert [(one.family, one.port) for one in found] == [(Family.UNIX, 0)]


def test_a_connection_is_no_listener() -> None:
    with listening(socket.AF_INET, "127.0.0.1") as port, socket.create_connection(("127.0.0.1", port)) as client:
        own = client.getsockname()[1]
        assert own not in {one.port for one in listeners(os.getpid())}


def test_a_process_that_is_gone_listens_nowhere() -> None:
    assert listeners(2**30) == ()


def test_the_engines_name_server_is_left_out() -> None:
    with listening(socket.AF_INET, "127.0.0.11") as port:
        assert port not in {one.port for one in listeners(os.getpid())}


@pytest.mark.parametrize(
    ("address", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("0.0.0.0", False), ("::", False)],  # noqa: S104
)
def test_which_addresses_only_the_instance_reaches(address: str, loopback: bool) -> None:
    assert Listener(Family.IPV4, address, 80).is_loopback is loopback


def test_a_listener_on_localhost_is_seen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as near, socket.create_server(("", 0)) as far:
        assert listens_on_loopback(os.getpid(), near.getsockname()[1])
        assert not listens_on_loopback(os.getpid(), far.getsockname()[1])
    assert not listens_on_loopback(0, 80)


def test_a_listener_on_localhost_version_6_is_seen() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as near:
        assert listens_on_loopback(os.getpid(), near.getsockname()[1])
