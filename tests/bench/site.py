"""The real stack with the application of the measurements, deployed through the product."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from releases.proxy.base import Target
from releases.proxy.haproxy import HAProxy
from tests.e2e.stack import Stack
from tests.faults.bench import NAME, Bench

APP = Path(__file__).parent / "traffic"
PYTHON = ".python-version"
DRAIN = 5  # seconds; the longest request of the application takes 3
GONE = 90.0  # seconds until nothing of the release before may be left
SETTINGS: dict[str, object] = {"instances": 2, "drain_seconds": DRAIN, "undo_window": 0, "settle_count": 1}


class Site(Bench):
    """One service that is switched, and the stack's example as the other one."""

    def files(self, build: float, start: float) -> dict[str, str]:
        """The first version ends in peace, every later one is gone at once when it gets SIGTERM."""
        return {
            PYTHON: "3.13\n",
            "requirements.txt": "",
            "run.py": (APP / "run.py").read_text(),
            "VERSION": self.answer,
            "EXIT": "at once" if self.pushed else "in peace",
        }

    @property
    def other(self) -> str:
        """The host of the example."""
        return str(self.ask("SELECT host FROM services_service WHERE name != ?", NAME)[0]["host"])

    @property
    def proxy(self) -> HAProxy:
        """The stack's own."""
        directory = self.stack.data / "proxy"
        return HAProxy(directory / "admin.sock", directory, self.stack.public_port, 1000)

    @property
    def target(self) -> Target:
        """An instance that serves now."""
        held = self.proxy.table()
        return next(slot.targets[0] for slot in held.slots if slot.number == held.hosts[self.host])

    def switch_over(self) -> None:
        """A deploy of a new commit, or the way back to the release before; whole, until the old release is gone."""
        before = self.newest()
        if before["trigger"] == "rollback" or not self.pushed:
            self.deploy()
        else:
            self.roll_back()
        after = self.settled()
        assert after["number"] == before["number"] + 1 and after["status"] == "live", after
        deadline = time.monotonic() + GONE
        while self.leftovers():
            assert time.monotonic() < deadline, f"still there: {self.leftovers()}"
            time.sleep(0.1)

    def roll_back(self) -> None:
        number = self.ask(
            "SELECT r.number FROM releases_release r JOIN services_service s ON s.id = r.service_id"
            " WHERE s.name = ? AND r.status = 'retired' ORDER BY r.number DESC LIMIT 1",
            NAME,
        )[0]["number"]
        done = self.stack.manage("rollback", f"production/{NAME}", str(number))
        assert done.returncode == 0, done.stderr

    def switched_at(self) -> list[float]:
        """When each release of the service went live, in seconds of the epoch, the first one left out."""
        rows = self.ask(
            "SELECT r.live_at FROM releases_release r JOIN services_service s ON s.id = r.service_id"
            " WHERE s.name = ? AND r.live_at IS NOT NULL ORDER BY r.number",
            NAME,
        )
        return [datetime.fromisoformat(row["live_at"]).replace(tzinfo=UTC).timestamp() for row in rows[1:]]


@contextmanager
def site(**settings: object) -> Iterator[Site]:
    """`settings` of the service that differ from SETTINGS."""
    stack = Stack(Path(tempfile.mkdtemp(prefix="kintohub-bench-")))
    try:
        print("Starting the stack", flush=True)
        stack.start()
        bench = Site(stack, stack.examples / NAME, settings={**SETTINGS, **settings})
        bench.create()
        yield bench
    finally:
        stack.stop()
        stack.engine.purge()
        shutil.rmtree(stack.data, ignore_errors=True)
