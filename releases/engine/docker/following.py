"""Follows an instance's output over rotations, restarts and interruptions; each byte once."""

from __future__ import annotations

import time
from collections.abc import Iterator

from releases.engine.base import Cancel, NotFound, Output, Unavailable
from releases.engine.docker.frames import Entry, Resume, entries
from releases.engine.docker.transport import Transport
from releases.engine.docker.watch import Watch

NANOSECONDS = 1_000_000_000
PAUSE = 0.1
PATIENCE = 60.0  # an engine that is away longer than this is an error


class Follower:
    """One use per call. `container` is an id, so that a replaced instance of the same name is not mistaken for it."""

    def __init__(self, transport: Transport, container: str, cancelled: Cancel, since: float) -> None:
        self._transport = transport
        self._container = container
        self._cancelled = cancelled
        self._since = since
        self._resume = Resume()

    def outputs(self) -> Iterator[Output]:
        """Ends when nothing more can come: the container is over, and a pass that began after that was empty."""
        unanswered = time.monotonic() + PATIENCE
        while not self._cancelled():
            try:
                running, found = self._is_running(), False
                for entry in self._pass():
                    found, unanswered = True, time.monotonic() + PATIENCE
                    yield _output(entry)
                if not running and not found:
                    return
                unanswered = time.monotonic() + PATIENCE
            except NotFound:
                return
            except Unavailable:
                if time.monotonic() > unanswered:
                    raise
            time.sleep(PAUSE)

    def _is_running(self) -> bool:
        state = self._transport.call("GET", f"/containers/{self._container}/json")["State"]
        return bool(state["Running"] or state["Restarting"])

    def _pass(self) -> Iterator[Entry]:
        """The new entries of one request, which the engine may end at any time."""
        self._resume.begin_pass()
        target = self._transport.target(f"/containers/{self._container}/logs", self._parameters())
        with self._transport.open(None) as exchange, Watch(self._cancelled, exchange.abort) as watch:
            try:
                exchange.request("GET", target)
                for entry in entries(exchange.chunks()):
                    if watch.verdict:
                        break
                    if entry.time / NANOSECONDS > self._since and self._resume.accept(entry):
                        yield entry
            except Unavailable:
                if not watch.verdict:
                    raise
        if watch.error:
            raise watch.error

    def _parameters(self) -> dict[str, object]:
        since = max(self._resume.since, int(self._since * NANOSECONDS) - 1000)
        return {
            "follow": True,
            "stdout": True,
            "stderr": True,
            "timestamps": True,
            "since": f"{since // NANOSECONDS}.{since % NANOSECONDS:09d}",
        }


def _output(entry: Entry) -> Output:
    return Output(entry.stream, entry.data, entry.time / NANOSECONDS)
