"""What a switch costs as routes and slots grow. Run: python -m tests.proxy.measure"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from releases.proxy.base import Slot, Table
from releases.proxy.haproxy import changes
from tests.proxy.apps import App, app
from tests.proxy.conftest import Running, prepare

HOST = "host-0.localhost"


def milliseconds(times: list[float]) -> str:
    ordered = sorted(times)
    return f"{statistics.median(ordered) * 1000:.2f} median, {ordered[-1] * 1000:.2f} max ms"


def timed(call: object, *arguments: object) -> float:
    began = time.perf_counter()
    call(*arguments)  # type: ignore[operator]
    return time.perf_counter() - began


def resident_mb(running: Running) -> float:
    assert running.process
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def measure_switch(running: Running, blue: App, green: App, hosts: int) -> None:
    proxy = running.proxy
    table = Table(
        (Slot(0, "r0", (blue.target(),)), Slot(1, "r1", (green.target(),))),
        {f"host-{number}.localhost": 0 for number in range(hosts)},
    )
    restored = timed(proxy.restore, table)
    bare, whole, answered = [], [], []
    for number in range(1, 51):
        bare.append(timed(changes.point, proxy._runtime, HOST, number % 2))
        whole.append(timed(proxy.point, HOST, (number + 1) % 2))
        began = time.perf_counter()
        assert proxy.ask(HOST).release == f"r{(number + 1) % 2}"
        answered.append(time.perf_counter() - began)
    print(f"{hosts} hosts: restored in {restored * 1000:.0f} ms, {resident_mb(running):.0f} MB")
    print(f"  command acknowledged {milliseconds(bare)}; point() with its file {milliseconds(whole)}")
    print(f"  ask() {milliseconds(answered)}")


def measure_pool(slots: int) -> None:
    with tempfile.TemporaryDirectory(prefix="kh", dir="/tmp") as short, app("blue") as blue, app("green") as green:
        running = prepare(Path(short) / "proxy", slots, Path(short))
        command = ["haproxy", "-c", "-f", str(running.files.configuration)]
        checks = [timed(subprocess.check_output, command) for _ in range(5)]
        print(f"\n{slots} slots: configuration check {milliseconds(checks)}")
        running.start()
        try:
            print(f"  resident {resident_mb(running):.0f} MB")
            fills = [timed(running.proxy.fill, Slot(number, "r", (blue.target(),))) for number in range(2, 52)]
            empties = [timed(running.proxy.empty, number) for number in range(2, 52)]
            print(f"  fill() {milliseconds(fills)}; empty() {milliseconds(empties)}")
            for hosts in (10, 100, 1000, 5000):
                measure_switch(running, blue, green, hosts)
        finally:
            running.kill()


if __name__ == "__main__":
    for pool in (1000, 5000):
        measure_pool(pool)
