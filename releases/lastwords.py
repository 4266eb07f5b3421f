"""What an instance printed last can be read only while it is there: its removal waits until the agent has done so."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from releases.agent import presence
from releases.agent.console import out_at
from releases.engine.base import Engine, NotFound
from releases.models import LogStream, Release

logger = logging.getLogger(__name__)

PATIENCE = 10.0  # seconds; an agent that was killed is back, and has read on, in about five
SHORT = 2.0  # seconds; of an agent that is there it takes less than one
MISSED = 60.0  # seconds after which an agent that is away is not waited for
QUIET = 1.0  # seconds of waiting that need no word in the log
PAUSE = 0.05


class LastWords:
    """For all instances that one clean-up removes: `seconds` together. `say` is told why it takes longer."""

    def __init__(self, seconds: float, say: Callable[[str], object] = logger.info) -> None:
        self._seconds = seconds
        self._say = say
        self._left = seconds
        self._said = False

    def wait(self, engine: Engine, release: Release, name: str) -> None:
        """Of an instance that was stopped. Raises EngineError."""
        if not self._left or not presence.was_seen(MISSED):
            return
        try:
            instance = engine.inspect(name)
        except NotFound:
            return
        if instance.ended is None:
            return  # it never ran
        begun = time.monotonic()
        until = begun + self._left
        while not _is_known(release.service_id, instance.id, instance.ended):
            now = time.monotonic()
            if now >= until:
                self._say(f"What {name} printed last may be missing in the console: it was not read in time.")
                break
            self._explain(name, now - begun)
            time.sleep(PAUSE)
        self._left = max(until - time.monotonic(), 0.0)

    def _explain(self, name: str, waited: float) -> None:
        if waited >= QUIET and not self._said:
            self._said = True
            self._say(f"Waiting up to {self._seconds:.0f} s until the console has what {name} printed last.")


def _is_known(service_id: int, id: str, ended: float) -> bool:
    """Whether the console had all that the instance printed, after its last end."""
    cursor = LogStream.objects.filter(service_id=service_id).values_list("cursor", flat=True).first()
    return out_at(cursor or {}, id) >= ended * 1_000_000_000
