"""What ran, for how long and with how much memory, by release; and how much of it ran beside the release that served.

Time counts from the start of an instance to its removal, clipped to the month; memory is what the release reserved.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from releases.models import Instance, Status
from releases.models.release import Release
from services.models import Environment

NOTHING = timedelta(0)


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month in UTC."""

    first: date

    @classmethod
    def now(cls) -> Month:
        return cls(timezone.now().astimezone(UTC).date().replace(day=1))

    @property
    def start(self) -> datetime:
        return datetime(self.first.year, self.first.month, 1, tzinfo=UTC)

    @property
    def following(self) -> Month:
        return Month((self.first + timedelta(days=31)).replace(day=1))

    @property
    def preceding(self) -> Month:
        return Month((self.first - timedelta(days=1)).replace(day=1))

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True)
class Amount:
    """`running` and `overlap` add up over instances; `memory` in MB-seconds (MiB, as in the settings)."""

    running: timedelta = NOTHING
    memory: float = 0.0
    overlap: timedelta = NOTHING

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.running + other.running, self.memory + other.memory, self.overlap + other.overlap)

    @property
    def gigabyte_hours(self) -> float:
        return self.memory / 1024 / 3600


@dataclass(frozen=True)
class Line:
    """One release's usage in the month."""

    service: str
    number: int
    status: Status
    memory_mb: int
    amount: Amount


@dataclass(frozen=True)
class Span:
    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return max(self.end - self.start, NOTHING)

    def within(self, other: Span) -> Span:
        return Span(max(self.start, other.start), min(self.end, other.end))


@dataclass(frozen=True)
class Ran:
    """A release and the times its instances ran in the month."""

    pk: int
    service: str
    number: int
    status: Status
    memory_mb: int
    served: Span | None
    spans: tuple[Span, ...]


def lines(environment: Environment, month: Month) -> list[Line]:
    """By service, the newest release first. Two queries, however much there is."""
    now = timezone.now()
    whole = Span(month.start, min(month.following.start, now))
    ran = _ran(_rows(environment, whole), now)
    found = []
    for service, releases in groupby(ran, key=lambda each: each.service):
        group = list(releases)
        timeline = Timeline(group)
        found += [_line(service, release, timeline, whole) for release in group]
    return found


def by_service(lines: Iterable[Line]) -> dict[str, Amount]:
    totals: dict[str, Amount] = defaultdict(Amount)
    for line in lines:
        totals[line.service] += line.amount
    return dict(totals)


def total(lines: Iterable[Line]) -> Amount:
    return sum((line.amount for line in lines), Amount())


class Timeline:
    """Which release of a service served when. One at a time, so they can be looked up in order."""

    def __init__(self, releases: Iterable[Ran]) -> None:
        served = [(release.served, release.pk) for release in releases if release.served]
        self._served = sorted(served, key=lambda each: each[0].start)
        self._starts = [span.start for span, _ in self._served]

    def beside(self, pk: int, span: Span) -> timedelta:
        """How much of the span another release than this one was serving."""
        first = max(bisect_right(self._starts, span.start) - 1, 0)
        last = bisect_right(self._starts, span.end)
        others = (served for served, owner in self._served[first:last] if owner != pk)
        return sum((span.within(served).length for served in others), NOTHING)


def _line(service: str, release: Ran, timeline: Timeline, whole: Span) -> Line:
    clipped = [span.within(whole) for span in release.spans]
    running = sum((span.length for span in clipped), NOTHING)
    overlap = sum((timeline.beside(release.pk, span) for span in clipped), NOTHING)
    amount = Amount(running, running.total_seconds() * release.memory_mb, overlap)
    return Line(service, release.number, release.status, release.memory_mb, amount)


def _rows(environment: Environment, whole: Span) -> QuerySet[Instance]:
    inside = Instance.objects.filter(release__service__environment=environment, started_at__lt=whole.end)
    return inside.filter(Q(removed_at=None) | Q(removed_at__gt=whole.start))


def _ran(rows: QuerySet[Instance], now: datetime) -> list[Ran]:
    spans: dict[int, list[Span]] = defaultdict(list)
    for release, started, removed in rows.order_by("pk").values_list("release", "started_at", "removed_at"):
        spans[release].append(Span(started, removed or now))
    releases = Release.objects.filter(pk__in=rows.order_by().values("release")).annotate(
        service_name=F("service__name"), memory=F("frozen__memory_mb")
    )
    fields = ("pk", "service_name", "number", "status", "memory", "live_at", "retired_at")
    return [
        Ran(pk, service, number, Status(status), memory, _served(live, retired, spans[pk]), tuple(spans[pk]))
        for pk, service, number, status, memory, live, retired in releases.order_by(
            "service_name", "-number"
        ).values_list(*fields)
    ]


def _served(live: datetime | None, retired: datetime | None, spans: list[Span]) -> Span | None:
    """One that was suspended served until its instances were removed."""
    if live is None:
        return None
    return Span(live, retired or max(span.end for span in spans))
