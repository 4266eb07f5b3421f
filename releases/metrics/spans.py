"""How long measurements are kept, in spans of which width. What a chart shows is one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SAMPLE = 10  # seconds


@dataclass(frozen=True)
class Kept:
    """Spans of `width` seconds, kept for `age`. One service has at most age / width of them."""

    width: int
    age: timedelta


KEPT = (
    Kept(SAMPLE, timedelta(hours=2)),
    Kept(60, timedelta(days=1, hours=1)),
    Kept(900, timedelta(days=7, hours=1)),
)


def floor(moment: datetime, width: int) -> datetime:
    """The beginning of the span that this moment is in."""
    seconds = int(moment.timestamp())
    return datetime.fromtimestamp(seconds - seconds % width, UTC)
