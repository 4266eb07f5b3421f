"""What the page tells of a release that waits or is in work: its place, why it waits, how long it usually takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from releases import estimate, queue
from releases.models import Release, Status


@dataclass(frozen=True)
class Waiting:
    """`place` is 1 for the next and 0 for one that was taken in this moment; `starts` is empty when unknown."""

    place: int
    reason: str
    starts: str

    @property
    def ordinal(self) -> str:
        return ordinal(self.place)


def waiting(release: Release) -> Waiting | None:
    if release.status != Status.QUEUED:
        return None
    return Waiting(queue.position(release), queue.waits_for(release), about(estimate.estimate(release)))


def usual_time(release: Release) -> str:
    """Of a release in work, from its start to live; empty when unknown."""
    return about(estimate.expected(release)) if release.status == Status.DEPLOYING else ""


def ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def about(length: timedelta | None) -> str:
    """Rounded up, no more exact than an estimate is: `10 s`, `2 min`, `1.5 h`. Empty for nothing and for unknown."""
    seconds = length.total_seconds() if length else 0
    if seconds <= 0:
        return ""
    if seconds <= 55:
        return f"{ceil(seconds / 5) * 5} s"
    if seconds <= 55 * 60:
        return f"{ceil(seconds / 60)} min"
    return f"{ceil(seconds / 1800) / 2:g} h"
