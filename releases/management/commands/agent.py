"""`manage.py agent`: what observes the engine and the proxy. `make run` runs it; it changes neither."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand

from releases import platform
from releases.agent import following
from releases.metrics import sampler

Stopping = Callable[[], bool]
LOOK = 0.5  # seconds; a signal that comes just before a wait does not interrupt it, and is heard only after it


def sample(stopping: Stopping) -> None:
    sampler.run(platform.engine(), platform.proxy(), stopping)


def follow(stopping: Stopping) -> None:
    following.run(platform.engine(), stopping)


# Each runs in a thread of its own until `stopping`, which it asks several times a second.
PARTS: tuple[Callable[[Stopping], None], ...] = (sample, follow)


class Command(BaseCommand):
    help = (
        "Observe the services: what they print and use, and what their visitors get. "
        "It reports only; deploys do not need it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        parts = [threading.Thread(target=part, args=[stop.is_set]) for part in PARTS]
        for thread in parts:
            thread.start()
        for thread in parts:
            while thread.is_alive():
                thread.join(LOOK)
