"""Carries the console output of a release's new instances into its log while the release is in work.

The agent reads the same output, for the console that is kept. The two do not share a reader. The agent listens to many
instances cheaply: it takes what they have printed every 0.15 seconds (`engine/docker/bell.py`), and later when much
comes at once. A release's log shows a line within a quarter of a second, and the diagnosis of a crash reads the last
words in the moment of the failure. And a deploy does not need the agent: it goes on, and is explained, while the agent
is down or behind.
"""

from __future__ import annotations

import logging
import threading
import time

from releases.engine.base import Engine, EngineError
from releases.logs.writer import ReleaseLog

logger = logging.getLogger(__name__)

LAST_WORDS = 2.0  # seconds for output that is still on its way when an instance has ended
QUIET = 0.5  # seconds without any: the engine starts a program that ends again and again, so following it has no end
LOOK = 0.02


class Console:
    """`follow` starts a thread per instance; `finish` lets what was printed arrive; `close` ends them all."""

    def __init__(self, engine: Engine, log: ReleaseLog) -> None:
        self._engine = engine
        self._log = log
        self._closed = threading.Event()
        self._threads: list[threading.Thread] = []
        self._heard = 0.0

    def follow(self, instance: str, shown_as: str) -> None:
        thread = threading.Thread(target=self._run, args=(instance, shown_as), name=f"console-{instance}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def finish(self) -> None:
        """Wait for the output of instances that have ended: until they are heard out, or are silent for a moment."""
        now = begun = time.monotonic()
        while any(thread.is_alive() for thread in self._threads):
            if now - begun >= LAST_WORDS or now - max(begun, self._heard) >= QUIET:
                return
            time.sleep(LOOK)
            now = time.monotonic()

    def close(self) -> None:
        self._closed.set()
        until = time.monotonic() + LAST_WORDS
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0))

    def _run(self, instance: str, shown_as: str) -> None:
        try:
            for piece in self._engine.output(instance, self._closed.is_set):
                self._heard = time.monotonic()
                self._log.feed(shown_as, piece.data, piece.time)
        except EngineError:
            logger.warning("The output of %s could not be followed to its end.", instance, exc_info=True)
