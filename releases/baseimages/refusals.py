"""Registries that refused lately: asking one that is out of reach again can take a quarter of a minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SECONDS = 300.0


def registry_of(name: str) -> str:
    """The host part of an image name; empty for the engine's default registry."""
    first, slash, _ = name.partition("/")
    return first if slash and (set(first) & {".", ":"} or first == "localhost") else ""


class Refusals:
    """Remembers each for `SECONDS`. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}

    def add(self, image: str) -> None:
        with self._lock:
            self._until[registry_of(image)] = self._clock() + SECONDS

    def covers(self, image: str) -> bool:
        with self._lock:
            return self._clock() < self._until.get(registry_of(image), 0)
