"""How long a line takes from print to browser, and what that costs, for viewers who are there when the log begins."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, Sequence

from tests.bench import figures, readme
from tests.bench.logs import producer
from tests.bench.logs.place import Place
from tests.bench.logs.processes import cpu_seconds, machine_seconds, wait_until_quiet
from tests.bench.logs.viewer import Viewer

VIEWERS = (1, 20, 100, 200)
RATES = (200, 5_000)
SECONDS = 5.0
MEASURED = ("producer", "redis", "web", "viewers")
HEAD = ("viewers", "lines/s", "p50", "p99", "lost", "repeated", *(f"CPU {name}" for name in (*MEASURED, "others")))


def table(place: Place) -> str:
    return readme.table(HEAD, _rows(place))


def _rows(place: Place) -> Iterator[Sequence[object]]:
    for rate in RATES:
        for count in VIEWERS:
            row = _row(place, count, rate)
            print(*row, flush=True)
            yield row


def _row(place: Place, count: int, rate: int) -> Sequence[object]:
    release = place.new_release(f"log-{count}-{rate}")
    viewers = [Viewer(place.socket_of(release), place.cookie) for _ in range(count)]
    processes = {"redis": place.redis.pid, "web": place.web.pid, "viewers": os.getpid()}
    wait_until_quiet()
    total, shares = asyncio.run(_measure(viewers, release.pk, rate, processes))
    delays = [delay for viewer in viewers for delay in viewer.delays]
    return (
        count,
        f"{rate:,}",
        figures.milliseconds(weighted(delays, 50)),
        figures.milliseconds(weighted(delays, 99)),
        sum(viewer.lost + max(0, total - viewer.last) for viewer in viewers),
        sum(viewer.repeated for viewer in viewers),
        *(f"{shares[name]:.0%}" for name in MEASURED),
        f"{shares['machine'] - sum(shares[name] for name in MEASURED):.0%}",
    )


async def _measure(
    viewers: list[Viewer], release_id: int, rate: int, processes: dict[str, int]
) -> tuple[int, dict[str, float]]:
    """How many lines there were, and what each process used."""
    watching = [asyncio.create_task(viewer.watch()) for viewer in viewers]
    while not all(viewer.greeted for viewer in viewers):
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    process = await asyncio.to_thread(producer.start, release_id, rate, SECONDS)
    while not viewers[-1].last:
        await asyncio.sleep(0.01)
    shares = await _cpu_shares({**processes, "producer": process.pid})
    total = await asyncio.to_thread(producer.end, process)
    await asyncio.wait_for(asyncio.gather(*watching), 60)
    return total, shares


async def _cpu_shares(processes: dict[str, int]) -> dict[str, float]:
    """Of one core, while lines come."""
    before, begun = _used(processes), time.monotonic()
    await asyncio.sleep(SECONDS - 1)
    passed, after = time.monotonic() - begun, _used(processes)
    return {name: (after[name] - before[name]) / passed for name in after}


def _used(processes: dict[str, int]) -> dict[str, float]:
    return {"machine": machine_seconds(), **{name: cpu_seconds(pid) for name, pid in processes.items()}}


def weighted(delays: list[tuple[float, float]], percent: float) -> float:
    """The delay that so many percent of the lines do not exceed."""
    ordered = sorted(delays)
    wanted = sum(weight for _, weight in ordered) * percent / 100
    for delay, weight in ordered:
        wanted -= weight
        if wanted <= 0:
            return delay
    return ordered[-1][0]
