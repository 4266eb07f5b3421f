"""Visitors that count every request that got no complete answer."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.waiting import until


@dataclass
class Load:
    """What the visitors met: complete answers, and what went wrong with the others."""

    host: str
    port: int
    answered: int = 0
    lost: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def visit(self, path: str, method: str, keep: bool) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self._stop.wait(0.003):
            try:
                connection.request(method, path, headers={"Host": self.host})
                answer = connection.getresponse()
                answer.read()
                self._count("" if answer.status == 200 else f"{method} {path}: status {answer.status}")
            except (OSError, http.client.HTTPException) as error:
                self._count(f"{method} {path}: {error!r}")
                connection.close()
            if not keep:
                connection.close()
        connection.close()

    def wait_for(self, answers: int) -> None:
        """So many more of them than now."""
        enough = self.answered + answers
        until(lambda: self.answered >= enough)

    def _count(self, problem: str) -> None:
        with self._lock:
            if problem:
                self.lost.append(problem)
            else:
                self.answered += 1

    def stop(self) -> None:
        self._stop.set()


VISITORS = [
    ("/", "GET", True),
    ("/", "POST", True),
    ("/", "GET", False),
    ("/", "POST", False),
    ("/slow", "GET", True),
    ("/slow", "GET", False),
]


@contextmanager
def load(host: str, port: int) -> Iterator[Load]:
    """One visitor of each kind until the block ends; the last answers are waited for."""
    running = Load(host, port)
    threads = [threading.Thread(target=running.visit, args=visitor) for visitor in VISITORS]
    for thread in threads:
        thread.start()
    try:
        yield running
    finally:
        running.stop()
        for thread in threads:
            thread.join(60)
