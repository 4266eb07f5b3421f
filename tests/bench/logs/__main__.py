"""Measures logs from print to browser and writes the results into the README. Takes about three minutes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import django

from kintohub.standalone import postgres
from kintohub.standalone.progress import Progress
from tests.bench import readme


def main() -> None:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread
    with tempfile.TemporaryDirectory(prefix="kintohub-bench-") as scratch:
        os.environ["KINTOHUB_DATABASE_URL"] = f"sqlite:///{scratch}/bench.sqlite3"
        django.setup()
        texts = {"storage": _storage(Path(scratch)), **_delivered()}
    readme.publish("bench-logs", _put_together(texts))


def _delivered() -> dict[str, str]:
    from tests.bench.logs import browser, delivery, resume
    from tests.bench.logs.place import place

    with place() as here:
        return {"delivery": delivery.table(here), "resume": resume.table(here), "browser": browser.table(here)}


def _storage(scratch: Path) -> str:
    from tests.bench.logs import storage

    with postgres.server(Progress()) as address:
        addresses = {"SQLite": f"sqlite:///{scratch}/stored.sqlite3", "PostgreSQL": address}
        rows = [[name, *storage.measure(where)] for name, where in addresses.items()]
    for row in rows:
        print(*row, flush=True)
    return readme.table(storage.HEAD, rows)


def _put_together(texts: dict[str, str]) -> str:
    return f"""\
From print to arrival at a viewer (one web process; the viewers run on the same machine; CPU in percent of a core,
"others" being all other programs and the kernel):

{texts["delivery"]}

Each viewer cut ten times without a word:

{texts["resume"]}

A finished log opened in Chromium:

{texts["browser"]}

At rest:

{texts["storage"]}
"""


if __name__ == "__main__":
    main()
