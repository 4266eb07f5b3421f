"""Measurements of a service over one of the times that a page can show, and the releases that went live in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from releases.metrics.spans import KEPT
from releases.models import Measurement, Release
from services.models import Service

MOST_RELEASES = 200


@dataclass(frozen=True)
class Range:
    """`name` is how addresses call it; it is drawn from spans of `width` seconds."""

    name: str
    label: str
    length: timedelta
    width: int


HOUR, DAY, WEEK = RANGES = (
    Range("1h", "1 hour", timedelta(hours=1), KEPT[0].width),
    Range("24h", "24 hours", timedelta(hours=24), KEPT[1].width),
    Range("7d", "7 days", timedelta(days=7), KEPT[2].width),
)


def range_of(name: str) -> Range:
    """The hour, unless another one is named."""
    return next((each for each in RANGES if each.name == name), HOUR)


def measurements(service: Service, shown: Range, now: datetime) -> list[Measurement]:
    """The oldest first; one query for all charts."""
    rows = Measurement.objects.filter(service=service, width=shown.width, at__gt=now - shown.length, at__lte=now)
    return list(rows.order_by("at"))


def went_live(service: Service, shown: Range, now: datetime) -> list[tuple[int, datetime]]:
    """Number and time, the oldest first."""
    releases = Release.objects.filter(service=service, live_at__gt=now - shown.length, live_at__lte=now)
    rows = releases.order_by("-live_at").values_list("number", "live_at")[:MOST_RELEASES]
    return [(number, at) for number, at in reversed(rows) if at is not None]
