"""Which engines there are."""

from __future__ import annotations

from functools import cache

from releases.engine.base import Engine
from releases.engine.docker import DockerEngine
from releases.engine.memory import MemoryEngine


@cache
def engine_for(kind: str, installation: str) -> Engine:
    """The engine of this kind for this installation, one object per process."""
    if kind == "memory":
        return MemoryEngine.for_installation(installation)
    if kind == "docker":
        return DockerEngine(installation)
    raise ValueError(f"There is no engine called {kind!r}: choose docker or memory.")
