"""Ports that cannot be had are told with the setting that changes them."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from kintohub.standalone import ports
from kintohub.standalone.stop import Stop


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_names_the_setting(taken: int) -> None:
    with pytest.raises(Stop) as stop:
        ports.require("127.0.0.1", taken, "KINTOHUB_PORT")
    assert str(stop.value) == (
        f"Port {taken} is taken by another program: stop that one, or choose another port with KINTOHUB_PORT."
    )


def test_a_port_taken_on_one_address_is_taken_for_all(taken: int) -> None:
    assert not ports.free("", taken)


def test_a_free_port_passes() -> None:
    ports.require("127.0.0.1", ports.any_free(), "KINTOHUB_PORT")


def test_an_address_of_another_machine_names_the_setting() -> None:
    with pytest.raises(Stop, match="KINTOHUB_BIND"):
        ports.require("192.0.2.1", 8000, "KINTOHUB_PORT")
