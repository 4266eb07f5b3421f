"""What is broken. Every fault returns when it is done, not when it is healed."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import redis

from kintohub.standalone import engine as docker_engine
from kintohub.standalone.progress import Progress
from tests.faults.bench import NAME, Bench

LOCKED = 20.0  # seconds
ENGINE_PID = Path("/var/run/docker.pid")


def kill(bench: Bench, words: str) -> None:
    numbers = [number for number, line in bench.stack.processes().items() if words in line]
    assert numbers, f"no process has {words!r} in its command line"
    for number in numbers:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


def kill_worker(bench: Bench) -> None:
    kill(bench, " kintohub.worker ")


def kill_web(bench: Bench) -> None:
    kill(bench, " kintohub.webserver ")


def kill_beat(bench: Bench) -> None:
    kill(bench, " kintohub.beat ")


def kill_proxy(bench: Bench) -> None:
    kill(bench, "haproxy -db")


def wipe_redis(bench: Bench) -> None:
    """FLUSHALL, then a kill: neither hints nor the live window survive."""
    address = next(
        line.partition("=")[2].strip("'\"")
        for line in (bench.stack.data / "secrets.env").read_text().splitlines()
        if line.startswith("KINTOHUB_REDIS_URL=")
    )
    with redis.Redis.from_url(address) as client:
        client.flushall()
        os.kill(client.info("server")["process_id"], signal.SIGKILL)


def lock_database(bench: Bench) -> None:
    """Nobody can write for 20 s. Returns at once; the lock goes by itself."""

    def hold() -> None:
        with closing(sqlite3.connect(bench.database, timeout=30, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(LOCKED)
            connection.execute("ROLLBACK")

    threading.Thread(target=hold, name="lock").start()


def restart_engine(bench: Bench) -> None:
    """The containers live on; for some seconds nobody can speak to the engine."""
    number = int(ENGINE_PID.read_text())
    os.kill(number, signal.SIGTERM)
    deadline = time.monotonic() + 60
    while Path(f"/proc/{number}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    docker_engine.ensure(os.environ, bench.stack.data / "logs" / "dockerd.log", Progress())


def abort(bench: Bench) -> None:
    """Not a fault, but held to the same table. Refused after the switch, where the release is live."""
    bench.stack.manage("abort", f"production/{NAME}")


FAULTS: dict[str, Callable[[Bench], None]] = {
    "kill worker": kill_worker,
    "kill web": kill_web,
    "kill beat": kill_beat,
    "wipe Redis": wipe_redis,
    "restart dockerd": restart_engine,
    "kill proxy": kill_proxy,
    "lock database": lock_database,
    "abort": abort,
}
