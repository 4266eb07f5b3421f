"""What instances use, from two looks at counters that only grow."""

from __future__ import annotations

from dataclasses import dataclass

from releases.engine.base import Usage

LONGEST = 30.0  # seconds between two looks that are still worth comparing


@dataclass(frozen=True)
class Used:
    """`cpu` in cores since the last look, None when that is unknown; `restarts` since then."""

    usage: Usage
    cpu: float | None
    restarts: int


class Meter:
    """Keeps the last look. Times are seconds since 1970."""

    def __init__(self) -> None:
        self._looked: float | None = None
        self._before: dict[str, Usage] = {}

    def look(self, usages: list[Usage], now: float) -> list[Used]:
        if self._looked is not None and not 0 < now - self._looked <= LONGEST:
            self._looked = None
        found = [Used(usage, self._cpu(usage, now), self._restarts(usage)) for usage in usages]
        self._looked, self._before = now, {usage.instance.id: usage for usage in usages}
        return found

    def _cpu(self, usage: Usage, now: float) -> float | None:
        """One that was started since the last look has used all its time since then."""
        if self._looked is None or usage.cpu_seconds is None:
            return None
        before = self._before.get(usage.instance.id)
        if before and before.started == usage.started and before.cpu_seconds is not None:
            return max(0.0, usage.cpu_seconds - before.cpu_seconds) / (now - self._looked)
        return usage.cpu_seconds / (now - self._looked) if usage.started >= self._looked else None

    def _restarts(self, usage: Usage) -> int:
        if self._looked is None:
            return 0
        before = self._before.get(usage.instance.id)
        return max(0, usage.instance.restarts - (before.instance.restarts if before else 0))
