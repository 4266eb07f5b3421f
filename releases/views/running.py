"""The instances of a live release, with how they are and what they use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from releases.models import Instance, InstanceUsage, Release

STALE = timedelta(seconds=60)
FULL = 90  # percent of the memory limit
WORDS = {
    "running": ("Running", "circle-check", "ok"),
    "restarting": ("Restarting", "rotate-cw", "bad"),
    "exited": ("Ended", "circle-x", "bad"),
    "created": ("Starting", "circle-dashed", "work"),
}
UNKNOWN = ("Not measured yet", "circle-dashed", "calm")
DEAF = ("Not answering", "triangle-alert", "warn")


@dataclass(frozen=True)
class Running:
    """`usage` is None while the last look is too old to believe. `cores` is the limit of one instance."""

    instance: Instance
    usage: InstanceUsage | None
    cores: float

    @property
    def health(self) -> tuple[str, str, str]:
        """Word, icon and tone. An instance that runs and fails the proxy's checks does not answer."""
        if self.usage is None:
            return UNKNOWN
        if self.usage.state == "running" and self.usage.answering is False:
            return DEAF
        return WORDS.get(self.usage.state, UNKNOWN)

    @property
    def cpu_percent(self) -> int:
        return _percent(self.usage.cpu if self.usage else None, self.cores)

    @property
    def memory_percent(self) -> int:
        return _percent(self.usage.memory_mb, self.usage.memory_limit_mb) if self.usage else 0

    @property
    def memory_tone(self) -> str:
        return "bad" if self.memory_percent >= FULL else "accent"


def running_of(live: Release | None) -> list[Running]:
    """Two queries; none without a live release."""
    if live is None:
        return []
    instances = list(Instance.objects.filter(release=live, removed_at=None))
    looks = InstanceUsage.objects.filter(
        name__in=[instance.name for instance in instances], measured_at__gt=timezone.now() - STALE
    )
    usage = {look.name: look for look in looks}
    return [Running(instance, usage.get(instance.name), live.settings.cpu) for instance in instances]


def _percent(value: float | None, limit: float) -> int:
    return min(100, round(100 * value / limit)) if value is not None and limit else 0
