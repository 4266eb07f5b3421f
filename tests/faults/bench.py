"""A running installation with one service, and what a fault's cell needs to know about it."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.apps import python_app, server
from tests.e2e.stack import Stack
from tests.repository.repositories import commit, make_repository

NAME = "harbour"
SLOW = """\
import time

time.sleep({seconds})
"""
CREATE = """\
from pathlib import Path
from uuid import uuid4
from dataclasses import replace
from kintohub.accounts.models import User
from releases.actions import create_and_deploy
from releases.management.commands.first_run import example_settings
from services.models import Environment
from services.settings import Credentials
settings = replace(example_settings(), repository_url={url!r}, **{settings!r})
environment = Environment.objects.get()
create_and_deploy(User.objects.get(), environment, {name!r}, settings, [], Credentials(), uuid4())
"""


@dataclass
class Bench:
    """`deploy` pushes a commit that builds and starts as slowly as asked, and queues it."""

    stack: Stack
    repository: Path
    host: str = ""
    answer: str = "version 0"
    pushed: int = 0
    slowness: float = 1.0  # how many times longer than asked a release takes to build and to start
    settings: dict[str, object] = field(
        default_factory=lambda: {
            "build_command": "python build.py",
            "instances": 2,
            "deploy_timeout": 60,
            "undo_window": 2,
        }
    )

    def files(self, build: float, start: float) -> dict[str, str]:
        run = server(self.answer, at_start=f"import time; time.sleep({start})")
        # It sleeps before it listens: the server's socket is made after the pause.
        before, socket, after = run.partition("server = Server(")
        paused = f"{before}import time\ntime.sleep({start})\n{socket}{after}" if start else run
        return {**python_app(paused), "build.py": SLOW.format(seconds=build)}

    def create(self) -> None:
        make_repository(self.repository, self.files(0, 0), self.answer)
        made = self.stack.manage(
            "shell", "-c", CREATE.format(url=f"file://{self.repository}", name=NAME, settings=self.settings)
        )
        assert made.returncode == 0, made.stderr
        assert self.settled()["status"] == "live", self.newest()
        self.host = str(self.ask("SELECT host FROM services_service WHERE name = ?", NAME)[0]["host"])

    def deploy(self, build: float = 0, start: float = 0) -> None:
        self.pushed += 1
        before, self.answer = self.answer, f"version {self.pushed}"
        commit(self.repository, self.files(build * self.slowness, start * self.slowness), f"{before} to {self.answer}")
        done = self.stack.manage("deploy", f"production/{NAME}")
        assert done.returncode == 0, done.stderr

    def newest(self) -> dict[str, Any]:
        return self.ask(
            "SELECT r.* FROM releases_release r JOIN services_service s ON s.id = r.service_id"
            " WHERE s.name = ? ORDER BY r.number DESC LIMIT 1",
            NAME,
        )[0]

    def stage(self) -> str:
        """The stage the newest release has reached; `queued` before the first."""
        rows = self.ask("SELECT stage FROM releases_stagerun WHERE release_id = ? ORDER BY id", self.newest()["id"])
        return str(rows[-1]["stage"]) if rows else "queued"

    def settled(self, seconds: float = 120) -> dict[str, Any]:
        """The newest release once it is finished. Raises AssertionError at the limit."""
        deadline = time.monotonic() + seconds
        while (release := self.newest())["status"] in ("queued", "deploying", "aborting"):
            assert time.monotonic() < deadline, f"still {release['status']} at {self.stage()}"
            time.sleep(0.05)
        return release

    def wait_for(self, stage: str) -> None:
        """Returns when the newest release has reached this stage or a later one."""
        order = ["queued", "pull", "build", "store", "start", "check", "switch", "retire"]
        deadline = time.monotonic() + 60
        while order.index(self.stage()) < order.index(stage):
            assert time.monotonic() < deadline, f"{stage} was not reached: {self.newest()}"
            time.sleep(0.002)

    def leftovers(self) -> list[str]:
        """Instances on the engine that no live release of any service has."""
        live = {str(row["id"]) for row in self.ask("SELECT id FROM releases_release WHERE status = 'live'")}
        return [each.name for each in self.stack.engine.instances() if each.labels.release not in live]

    def ask(self, question: str, *values: object) -> list[dict[str, Any]]:
        """Rows straight from the database: it can be asked while everything else is down."""
        for _ in range(200):
            try:
                with closing(sqlite3.connect(self.database, timeout=30)) as connection:
                    connection.row_factory = sqlite3.Row
                    return [dict(row) for row in connection.execute(question, values)]
            except sqlite3.OperationalError:
                time.sleep(0.2)
        raise AssertionError(f"The database does not answer: {json.dumps(question)}")

    @property
    def database(self) -> Path:
        return self.stack.data / "kintohub.sqlite3"

    @contextmanager
    def gate(self, state: str) -> Iterator[None]:
        self._set_gate(state)
        try:
            yield
        finally:
            self._set_gate("open")

    def _set_gate(self, state: str) -> None:
        with closing(sqlite3.connect(self.database, timeout=60)) as connection, connection:
            connection.execute("UPDATE services_region SET gate = ?", (state,))
