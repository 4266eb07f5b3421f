"""The load checker itself: it counts what is lost, and counts nothing where nothing is."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from releases.proxy.base import Slot, Target
from tests.bench.visitors import WEB_SOCKETS, Load, Tally, visiting
from tests.proxy.conftest import Running, free_port, haproxy, limits  # noqa: F401 - fixtures

pytestmark = pytest.mark.proxy

APP = Path(__file__).parent / "traffic"
HOST, OTHER = "shop-1a2b3c.localhost", "other-1a2b3c.localhost"


@contextmanager
def running(directory: Path, version: str) -> Iterator[tuple[Target, subprocess.Popen[bytes]]]:
    """The application of the measurements as a process, exiting at once on SIGTERM."""
    shutil.copytree(APP, directory / version)
    for name, text in {"VERSION": version, "EXIT": "at once"}.items():
        (directory / version / name).write_text(text)
    port = free_port()
    environment = {**os.environ, "PORT": str(port)}
    with subprocess.Popen([sys.executable, directory / version / "run.py"], env=environment) as process:
        try:
            _wait_for(port)
            yield Target(version, "127.0.0.1", port), process
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise AssertionError("the application did not start")


def two(haproxy: Running, blue: Target, green: Target) -> Load:  # noqa: F811 - the fixture
    proxy = haproxy.proxy
    for number, target in enumerate((blue, green)):
        proxy.fill(Slot(number, f"r{number}", (target,)))
    proxy.point(HOST, 0)
    proxy.point(OTHER, 1)
    return Load(haproxy.parameters.public_port, HOST, OTHER)


def test_a_drained_switch_loses_nothing(haproxy: Running, tmp_path: Path) -> None:  # noqa: F811
    proxy = haproxy.proxy
    with running(tmp_path, "blue") as (blue, process), running(tmp_path, "green") as (green, _):
        with visiting(two(haproxy, blue, green)) as tally:
            time.sleep(1)
            proxy.point(HOST, 1)
            time.sleep(4)
            assert proxy.open(0).requests == 0
            assert proxy.open(0).long == WEB_SOCKETS
            assert (tally.lost, tally.dropped) == ({}, [])
            while proxy.close(0, 3):
                time.sleep(0.05)
            time.sleep(0.3)
            assert len(tally.dropped) == WEB_SOCKETS
            process.send_signal(signal.SIGTERM)
            time.sleep(1)
        assert tally.lost == {}
        assert_everybody_came(tally)


def assert_everybody_came(tally: Tally) -> None:
    kinds = ("slow", "download", "upload", "events", "POST", "new connection", "idle keep-alive", "tight keep-alive")
    assert all(tally.sent[kind] for kind in (*kinds, "other service"))
    assert tally.sockets == 2 * WEB_SOCKETS and tally.echoes > WEB_SOCKETS
    assert len(tally.fast) > 100 and len(tally.others) > 50


def test_what_an_instance_that_is_gone_at_once_had_open_is_counted(haproxy: Running, tmp_path: Path) -> None:  # noqa: F811
    with running(tmp_path, "blue") as (blue, process), running(tmp_path, "green") as (green, _):
        with visiting(two(haproxy, blue, green)) as tally:
            time.sleep(1.5)
            haproxy.proxy.point(HOST, 1)
            process.send_signal(signal.SIGTERM)
            time.sleep(2)
        lost = {name.partition(":")[0] for name in tally.lost}
        assert {"slow", "download", "upload", "events"} <= lost
        assert "download: truncated" in tally.lost
        assert len(tally.dropped) == WEB_SOCKETS
        assert not any(name.startswith("other service") for name in tally.lost)
