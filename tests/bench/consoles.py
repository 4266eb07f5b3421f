"""`make bench-consoles`: what the agent costs while instances print, how soon a browser shows it, and what is lost.

Each instance prints 20 numbered lines a second, and each console is watched. The agent is killed on the way and begins
again; afterwards every line must stand in its console exactly once.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import django

from tests.bench.logs.processes import cpu_seconds, memory_mb

if TYPE_CHECKING:
    from releases.engine.docker import DockerEngine
    from tests.bench.logs.place import Place
    from tests.bench.logs.viewer import Viewer

INSTANCES = (1, 50)
LINES_PER_SECOND, SECONDS, CUT, SETTLE = 20, 30.0, 10.0, 8.0
ALL = int(LINES_PER_SECOND * 3 * (CUT + SECONDS))  # they print to the end of the measurement
TEXT = "GET /orders/1234 200 12ms user=ada"
PAUSE = f"select(undef, undef, undef, {1 / LINES_PER_SECOND})"
PRINT = f"perl -e '$|=1; for my $n (1..{ALL}) {{ print qq($n {TEXT}\\n); {PAUSE} }}'; sleep 999"
HEAD = ("instances", "lines/s", "p50", "p99", "lost", "repeated", "CPU agent", "memory")


def observe() -> None:
    """The agent's consoles alone in a process, until it is told to stop."""
    django.setup()
    from releases.agent import following
    from releases.platform import engine

    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    following.run(engine(), lambda: bool(stopped))


def measure() -> None:
    django.setup()
    from tests.bench import readme
    from tests.bench.logs.place import place

    with place() as here:
        os.environ["KINTOHUB_REDIS_URL"] = here.redis.url
        rows = [_row(here, count) for count in INSTANCES]
    text = f"""{readme.table(HEAD, rows)}

From print to arrival at a viewer, of which each console has one. CPU in percent of a core, and memory in MB. The agent
began {SETTLE:.0f} s before, while all instances printed: the one before it was killed {CUT:.0f} s after their start."""
    readme.publish("bench-consoles", text)


def _row(place: Place, count: int) -> Sequence[object]:
    from releases.engine.docker import DockerEngine
    from tests.engine.base_image import root_file_system

    engine = DockerEngine(os.environ["KINTOHUB_INSTALLATION_ID"])
    image = f"kh-{os.environ['KINTOHUB_INSTALLATION_ID']}-bench:1"
    engine.import_image(image, lambda: iter([root_file_system()]), ["ENV PATH=/bin"], lambda: False, 60)
    agent = _start()
    try:
        services = [_instance(place, engine, image, f"b{count}-{number}") for number in range(count)]
        with _watched(place, services) as viewers:
            time.sleep(CUT)
            agent.kill()
            agent.wait()
            agent = _start()
            time.sleep(SETTLE)
            for viewer in viewers:
                viewer.delays.clear()
            cpu = _cpu(agent.pid)
            delays = [delay for viewer in viewers for delay in viewer.delays]
        memory = memory_mb(agent.pid)
        agent.terminate()
        agent.wait(60)
        row = (count, f"{count * LINES_PER_SECOND:,}", *_shown(delays), *_compare(services), f"{cpu:.1%}", memory)
        print(*row, flush=True)
        return row
    finally:
        agent.kill()
        agent.wait()
        engine.purge()


def _cpu(process: int) -> float:
    """In cores, while lines come."""
    begun, before = time.monotonic(), cpu_seconds(process)
    time.sleep(SECONDS - SETTLE)
    return (cpu_seconds(process) - before) / (time.monotonic() - begun)


def _start() -> subprocess.Popen[bytes]:
    own = {**os.environ, "DJANGO_SETTINGS_MODULE": "kintohub.background", "KINTOHUB_ENGINE": "docker"}
    return subprocess.Popen([sys.executable, "-m", "tests.bench.consoles", "observe"], env=own)


def _instance(place: Place, engine: DockerEngine, image: str, name: str) -> int:
    """Of a service of its own."""
    from releases.engine.base import InstanceRequest, Labels, Limits
    from tests.factories import make_release, make_service

    release = make_release(make_service(place.cast.environment, name))
    labels = Labels("bench", str(release.service_id), str(release.pk), "1")
    network = engine.ensure_network("bench")
    engine.start(InstanceRequest(name, image, network, "web", Limits(32, 0.5), labels, command=PRINT))
    return release.service_id


@contextmanager
def _watched(place: Place, services: list[int]) -> Iterator[list[Viewer]]:
    """Each console by a viewer, in a thread for all."""
    from tests.bench.logs.viewer import Viewer

    address = f"ws://localhost:{place.web.port}/ws/services"
    viewers = [Viewer(f"{address}/{service}/console", place.cookie) for service in services]
    over = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_watch(viewers, over)))
    thread.start()
    try:
        yield viewers
    finally:
        over.set()
        thread.join()


async def _watch(viewers: list[Viewer], over: threading.Event) -> None:
    watching = [asyncio.create_task(viewer.watch()) for viewer in viewers]
    while not over.is_set():
        await asyncio.sleep(0.1)
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)


def _shown(delays: list[tuple[float, float]]) -> tuple[str, str]:
    from tests.bench import figures
    from tests.bench.logs.delivery import weighted

    return figures.milliseconds(weighted(delays, 50)), figures.milliseconds(weighted(delays, 99))


def _compare(services: list[int]) -> tuple[int, int]:
    """How many lines are missing before the last one of their instance, and how many stand there again."""
    from releases.logs import reader
    from releases.logs.lines import PLATFORM
    from releases.models import LogStream

    lost = repeated = 0
    for service in services:
        stream = LogStream.objects.get(service_id=service)
        lines = [line for _, line in reader.tail(stream.pk, 100_000) if line.source != PLATFORM]
        numbers = [int(line.text.split()[0]) for line in lines]
        assert numbers, f"the console of service {service} is empty"
        repeated += len(numbers) - len(set(numbers))
        lost += max(numbers) - len(set(numbers))
    return lost, repeated


if __name__ == "__main__":
    if sys.argv[1:] == ["observe"]:
        observe()
    else:
        measure()
