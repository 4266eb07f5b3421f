"""What a switch costs, and what another service notices of it, as the proxy gets more and more routes."""

from __future__ import annotations

import fcntl
import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from releases.proxy.base import Slot, Table
from releases.proxy.haproxy import HAProxy
from tests.bench.figures import median, milliseconds, percentile
from tests.bench.readme import table
from tests.proxy.apps import app

COUNTS = (10, 100, 1_000, 5_000)
RUNS, SWITCHES = 5, 100
SLOTS = (990, 991)
HOST = "bench-switch.localhost"
PAUSE = 0.005  # seconds between two switches, so that the other service's requests meet them one by one


@dataclass(frozen=True)
class Run:
    """Percentiles of one run, in seconds."""

    acknowledged: tuple[float, float]
    answered: tuple[float, float]
    quiet: float
    disturbed: float


def measure(proxy: HAProxy, data: Path, port: int, other: str) -> str:
    """A table of medians of RUNS runs for each count. Nothing of it is left in the proxy."""
    with _undisturbed(data), app("blue") as blue, app("green") as green:
        before = proxy.table()
        for slot, running in zip(SLOTS, (blue, green), strict=True):
            proxy.fill(Slot(slot, f"r{slot}", (running.target(),)))
        try:
            filled = proxy.table()
            rows = [_row(proxy, filled, count, port, other) for count in COUNTS]
        finally:
            proxy.restore(before)
    head = ("Routes", "Acknowledged p50 / p99", "New release answers p50 / p99", "Other service p99, quiet", "during")
    return table(head, rows)


@contextmanager
def _undisturbed(data: Path) -> Iterator[None]:
    """No reconcile meanwhile: it would remove hosts that no service has."""
    with (data / "reconcile.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _row(proxy: HAProxy, filled: Table, count: int, port: int, other: str) -> tuple[str, ...]:
    own = {HOST: SLOTS[0]}
    more = {f"bench-{number}.localhost": SLOTS[0] for number in range(count - len(filled.hosts) - len(own))}
    proxy.restore(replace(filled, hosts=filled.hosts | own | more))
    assert len(proxy.table().hosts) == count
    runs = [_run(proxy, port, other) for _ in range(RUNS)]
    print(f"{count} routes measured", flush=True)
    return (
        f"{count:,}",
        _pair([run.acknowledged for run in runs]),
        _pair([run.answered for run in runs]),
        milliseconds(median(run.quiet for run in runs)),
        milliseconds(median(run.disturbed for run in runs)),
    )


def _pair(values: list[tuple[float, float]]) -> str:
    return " / ".join(milliseconds(median(each[at] for each in values)) for at in (0, 1))


def _run(proxy: HAProxy, port: int, other: str) -> Run:
    with _visiting(port, other) as quiet:
        time.sleep(SWITCHES * PAUSE * 2)
    acknowledged, answered = [], []
    with _visiting(port, other) as disturbed:
        for number in range(SWITCHES):
            slot = SLOTS[(number + 1) % 2]
            began = time.perf_counter()
            proxy.point(HOST, slot)
            acknowledged.append(time.perf_counter() - began)
            while proxy.ask(HOST).release != f"r{slot}":
                assert time.perf_counter() - began < 5, "the new release does not answer"
            answered.append(time.perf_counter() - began)
            time.sleep(PAUSE)
    pairs = [(percentile(values, 50), percentile(values, 99)) for values in (acknowledged, answered)]
    return Run(*pairs, percentile(quiet, 99), percentile(disturbed, 99))


@contextmanager
def _visiting(port: int, host: str) -> Iterator[list[float]]:
    """The seconds of each request to the other service until the block ends."""
    times: list[float] = []
    over = threading.Event()

    def visit() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        while not over.is_set():
            began = time.perf_counter()
            connection.request("GET", "/", headers={"Host": host})
            assert connection.getresponse().read()
            times.append(time.perf_counter() - began)
        connection.close()

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        yield times
    finally:
        over.set()
        visitor.join(20)
