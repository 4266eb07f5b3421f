"""How a release is caught in each of its stages: made to last where that can be, else met on the way."""

from __future__ import annotations

import fcntl
import http.client
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.faults.bench import Bench

HOLD = 4.0  # seconds that a held stage lasts after the fault began


@contextmanager
def queued(bench: Bench) -> Iterator[None]:
    with bench.gate("frozen"):
        bench.deploy()
        yield
        time.sleep(HOLD)


@contextmanager
def pull(bench: Bench) -> Iterator[None]:
    """Somebody else holds the lock of the service's copy of the repository."""
    service = bench.newest()["service_id"]
    handle = os.open(bench.stack.data / "repositories" / f"{service}.git.lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        bench.deploy()
        bench.wait_for("pull")
        yield
        time.sleep(HOLD)
    finally:
        os.close(handle)


@contextmanager
def build(bench: Bench) -> Iterator[None]:
    bench.deploy(build=10)
    bench.wait_for("build")
    time.sleep(1.5)
    yield


@contextmanager
def start(bench: Bench) -> Iterator[None]:
    """It passes at once: what does not meet it in time meets a check that cannot pass yet."""
    bench.deploy(start=5)
    bench.wait_for("start")
    yield


@contextmanager
def check(bench: Bench) -> Iterator[None]:
    bench.deploy(start=5)
    bench.wait_for("check")
    time.sleep(0.5)
    yield


@contextmanager
def retire(bench: Bench) -> Iterator[None]:
    """A visitor's connection to the old release stays open: the drain waits for it."""
    connection = http.client.HTTPConnection("127.0.0.1", bench.stack.public_port, timeout=60)
    connection.connect()
    try:
        connection.putrequest("GET", "/", skip_host=True)
        connection.putheader("Host", bench.host)
        connection.putheader("Content-Length", "10")
        connection.endheaders(b"12345")  # half of what was announced
        bench.deploy()
        bench.wait_for("retire")
        yield
        time.sleep(HOLD)
    finally:
        connection.close()


def _passing(stage: str) -> Callable[[Bench], object]:
    @contextmanager
    def met(bench: Bench) -> Iterator[None]:
        bench.deploy()
        bench.wait_for(stage)
        yield

    return met


STAGES: dict[str, Callable[[Bench], object]] = {
    "queued": queued,
    "pull": pull,
    "build": build,
    "store": _passing("store"),
    "start": start,
    "check": check,
    "switch": _passing("switch"),
    "retire": retire,
}
