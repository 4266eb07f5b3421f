"""What the agent costs while it follows 50 instances that print 1,000 lines a second together, and what it loses.

`python -m tests.bench.consoles`. The agent is killed half way and begins again; every line of every instance is
numbered, and afterwards each must stand in its console exactly once.
"""

from __future__ import annotations

import os
import resource
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

INSTANCES, LINES_PER_SECOND, SECONDS, CUT = 50, 20, 30.0, 10.0
ALL = int(LINES_PER_SECOND * 3 * (CUT + SECONDS))  # they print to the end of the measurement
TEXT = "GET /orders/1234 200 12ms user=ada"
PAUSE = f"select(undef, undef, undef, {1 / LINES_PER_SECOND})"
PRINT = f"perl -e '$|=1; for my $n (1..{ALL}) {{ print qq($n {TEXT}\\n); {PAUSE} }}'; sleep 999"


def observe() -> None:
    """The agent alone in a process; it prints what it has used when it is told to stop."""
    import django

    django.setup()
    from releases.agent import following
    from releases.platform import engine

    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
    following.run(engine(), lambda: bool(stopped))
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{used / (time.monotonic() - begun) * 100:.1f} {after.ru_maxrss / 1024:.0f}", flush=True)


def measure() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from tests.servers import RedisServer

    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as place:
        server = RedisServer(Path(place))
        server.start()
        os.environ["KINTOHUB_REDIS_URL"] = server.url
        try:
            _measure()
        finally:
            server.stop()


def _measure() -> None:
    from releases.platform import engine
    from tests.engine.base_image import root_file_system

    image = f"kh-{os.environ['KINTOHUB_INSTALLATION_ID']}-bench:1"
    engine().import_image(image, lambda: iter([root_file_system()]), ["ENV PATH=/bin"], lambda: False, 60)
    agent = _start()
    try:
        services = [_instance(image, number) for number in range(INSTANCES)]
        time.sleep(CUT)
        agent.kill()
        agent.wait()
        agent = _start()
        time.sleep(SECONDS)
        agent.send_signal(signal.SIGTERM)
        print(f"CPU % of a core, memory in MB: {agent.communicate(timeout=60)[0].decode().strip()}")
        print(f"lines lost, repeated, kept: {_compare(services)}")
    finally:
        agent.kill()
        agent.wait()
        engine().purge()


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.bench.consoles", "observe"], stdout=subprocess.PIPE)


def _instance(image: str, number: int) -> int:
    """Of a service of its own."""
    from releases.engine.base import InstanceRequest, Labels, Limits
    from releases.platform import engine
    from tests.factories import make_release

    release = make_release()
    labels = Labels("bench", str(release.service_id), str(release.pk), "1")
    network = engine().ensure_network("bench")
    engine().start(InstanceRequest(f"b{number}", image, network, "web", Limits(32, 0.5), labels, command=PRINT))
    return release.service_id


def _compare(services: list[int]) -> tuple[int, int, int]:
    from releases.logs import reader
    from releases.logs.lines import PLATFORM
    from releases.models import LogStream

    lost = repeated = kept = 0
    for service in services:
        stream = LogStream.objects.get(service_id=service)
        lines = [line for _, line in reader.tail(stream.pk, 100_000) if line.source != PLATFORM]
        numbers = [int(line.text.split()[0]) for line in lines]
        kept += len(numbers)
        repeated += len(numbers) - len(set(numbers))
        lost += max(numbers, default=0) - len(set(numbers))
    return lost, repeated, kept


def _prepare() -> None:
    """An installation of its own, which both processes share."""
    from cryptography.fernet import Fernet

    os.environ.update(
        DJANGO_SETTINGS_MODULE="kintohub.settings",
        KINTOHUB_DATA=tempfile.mkdtemp(prefix="kintohub-consoles-"),
        KINTOHUB_SECRET_KEY=secrets.token_urlsafe(48),
        KINTOHUB_ENCRYPTION_KEYS=Fernet.generate_key().decode(),
        KINTOHUB_INSTALLATION_ID=secrets.token_hex(4),
        KINTOHUB_PROXY="memory",
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["observe"]:
        observe()
    else:
        _prepare()
        measure()
