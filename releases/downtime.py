"""Whether a deploy goes without downtime, and why: said on the form before it, and in the log when it starts.

A deploy is a rolling update: the release that serves is only touched when the new one provably answers (spec, "How Does
Deploy Work?"). So for a while there have to be two, and without memory for both nothing is started at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from releases.engine.base import Engine
from releases.models import Release, Status
from services.models import Service


class Size(Protocol):
    """Of a coming release; `ServiceSettings` has it."""

    @property
    def instances(self) -> int: ...

    @property
    def memory_mb(self) -> int:
        """Of each instance, in MiB."""


@dataclass(frozen=True)
class Downtime:
    """`why` is one sentence. What does not `fit` fails before anything is started, and what serves goes on."""

    is_expected: bool
    why: str
    fits: bool = True

    @property
    def title(self) -> str:
        if not self.fits:
            return "This deploy will fail before anything is started."
        return "This deploy has downtime." if self.is_expected else "This deploy has no downtime."

    def __str__(self) -> str:
        return f"{self.title} {self.why}"


def expect(service: Service | None, size: Size, engine: Engine) -> Downtime:
    """Of the next deploy of this service; None is one that does not exist yet. Raises EngineError."""
    live = Release.objects.live().filter(service=service).first() if service else None
    needed = size.instances * size.memory_mb
    free = engine.capacity().memory_free_mb
    if _is_short(free, needed):
        return Downtime(live is None, _no_room(size, live, free), fits=False)
    if live is not None:
        return Downtime(False, f"Release #{live.number} serves until the new one answers.")
    return Downtime(True, _nothing_serves(service))


def memory_is_short(engine: Engine, extra_mb: int = 0) -> bool:
    """Whether less than the floor would be free now on the engine's machine with `extra_mb` MiB more in use.

    Raises EngineError.
    """
    return _is_short(engine.capacity().memory_free_mb, extra_mb)


def _is_short(free: int, extra: int) -> bool:
    return free - extra < settings.MEMORY_FLOOR_MB


def _nothing_serves(service: Service | None) -> str:
    releases = Release.objects.filter(service=service)
    if service and releases.filter(status=Status.SUSPENDED).exists():
        return "The service is suspended: its address answers again when the new release is live."
    if service and releases.filter(live_at__isnull=False).exists():
        return "Nothing serves now: the address answers when the new release is live."
    return "It is the first one: the address answers when it is live."


def _no_room(size: Size, live: Release | None, free: int) -> str:
    needed = f"{size.instances} × {size.memory_mb} MB" if size.instances > 1 else f"{size.memory_mb} MB"
    total = f"{needed} = {size.instances * size.memory_mb} MB" if size.instances > 1 else needed
    beside = f" beside release #{live.number}" if live else ""
    floor = f", of which {settings.MEMORY_FLOOR_MB} MB have to stay free" if settings.MEMORY_FLOOR_MB else ""
    after = f" Release #{live.number} goes on serving." if live else ""
    return f"Not enough memory: it needs {total}{beside}, and the machine has {free} MB free{floor}.{after}"
