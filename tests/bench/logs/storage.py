"""What 100,000 lines cost in a database. `python -m tests.bench.logs.storage`, with the address in the environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

LINES, BATCH = 100_000, 500
WORDS = (
    "Collecting",
    "Using cached",
    "Downloading",
    "Building wheel for",
    "Requirement already satisfied:",
    "Compiling",
)
HEAD = ("database", "write 100,000 lines", "size", "read all", "search all")


def measure(database_url: str) -> list[str]:
    """The cells after the database's name."""
    variables = {**os.environ, "KINTOHUB_DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    line = [sys.executable, "-m", "tests.bench.logs.storage"]
    said = subprocess.run(line, env=variables, stdout=subprocess.PIPE, text=True, check=True, timeout=300).stdout
    cells: list[str] = json.loads(said.splitlines()[-1])
    return cells


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    stream, before = _new_stream(), _size()
    cells = [f"{_timed(lambda: _write(stream)):.2f} s", f"{(_size() - before) / 1e6:.1f} MB"]
    cells += [f"{_timed(lambda: _read(stream)):.2f} s", f"{_timed(lambda: _search(stream)):.2f} s"]
    print(json.dumps(cells))


def _new_stream() -> int:
    from releases.models import LogStream, Status
    from tests.factories import make_cast, make_release, make_service

    release = make_release(make_service(make_cast().environment, "stored"), Status.DEPLOYING)
    return LogStream.objects.create(release=release).pk


def _write(stream: int) -> None:
    """As the producer does: a chunk of 500 lines in a transaction of its own."""
    from releases.logs import store
    from releases.logs.lines import BUILD, Block, Line

    for first in range(1, LINES + 1, BATCH):
        lines = [Line(1_795_398_203_123 + each * 7, BUILD, _text(each)) for each in range(first, first + BATCH)]
        store.append(stream, Block.of(first, lines))


def _text(number: int) -> str:
    return (
        f"{WORDS[number % len(WORDS)]} package-{number * 7919 % 9973} (from -r requirements.txt (line {number % 211}))"
    )


def _read(stream: int) -> None:
    from releases.logs import reader

    seq = 0
    while blocks := reader.blocks_after(stream, seq, 5_000):
        seq = blocks[-1].last
    if seq != LINES:
        raise RuntimeError("Lines are missing.")


def _search(stream: int) -> None:
    from releases.logs.search import search

    if search(stream, "PACKAGE-7919 (").total == 0:
        raise RuntimeError("Nothing was found.")


def _size() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return Path(connection.settings_dict["NAME"]).stat().st_size
        cursor.execute("SELECT pg_total_relation_size('releases_logchunk')")
        return int(cursor.fetchone()[0])


def _timed(work: object) -> float:
    begun = time.monotonic()
    work()  # type: ignore[operator]
    return time.monotonic() - begun


if __name__ == "__main__":
    main()
