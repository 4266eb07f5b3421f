"""Makes longer spans of shorter ones, and drops what is too old. Safe to run twice; a gap stays a gap."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import transaction
from django.db.models import Max

from releases.metrics.spans import KEPT, Kept, floor
from releases.models import Measurement

MOST = 20_000  # rows that one run reads or removes; the next goes on


def roll(now: datetime, most: int = MOST) -> None:
    """One short transaction for each width; `most` rows of it at a time."""
    for shorter, longer in pairwise(KEPT):
        with transaction.atomic():
            _combine(shorter, longer, now, most)
    for kept in KEPT:
        old = Measurement.objects.filter(width=kept.width, at__lt=now - kept.age).order_by("at")
        Measurement.objects.filter(pk__in=old.values("pk")[:most]).delete()


def _combine(shorter: Kept, longer: Kept, now: datetime, most: int) -> None:
    """From where the last run ended to the last span that is over."""
    last = Measurement.objects.filter(width=longer.width).aggregate(last=Max("at"))["last"]
    rows = Measurement.objects.filter(width=shorter.width, at__lt=floor(now, longer.width))
    if last is not None:
        rows = rows.filter(at__gte=last + timedelta(seconds=longer.width))
    spans: dict[tuple[datetime, int], list[Measurement]] = defaultdict(list)
    for row in rows.order_by("at")[:most]:
        spans[floor(row.at, longer.width), row.service_id].append(row)
    if sum(map(len, spans.values())) == most:  # the last span may be incomplete: the next run makes it
        newest = max(at for at, _ in spans)
        spans = defaultdict(list, {key: rows for key, rows in spans.items() if key[0] < newest})
    made = [combined(rows, longer.width, at) for (at, _), rows in spans.items()]
    Measurement.objects.bulk_create(made, batch_size=500, ignore_conflicts=True)


def combined(rows: list[Measurement], width: int, at: datetime) -> Measurement:
    """One span of the shorter ones in it, all of one service."""
    return Measurement(
        service_id=rows[0].service_id,
        width=width,
        at=at,
        cpu=_average([row.cpu for row in rows]),
        memory_mb=max((row.memory_mb for row in rows if row.memory_mb is not None), default=None),
        memory_limit_mb=max((row.memory_limit_mb for row in rows if row.memory_limit_mb is not None), default=None),
        restarts=sum(row.restarts for row in rows),
        looks=sum(row.looks for row in rows),
        requests=_sum([row.requests for row in rows]),
        errors=_sum([row.errors for row in rows]),
        seconds=_weighted(rows),
    )


def _average(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _sum(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _weighted(rows: list[Measurement]) -> float | None:
    known = [(row.requests or 0, row.seconds) for row in rows if row.seconds is not None]
    weight = sum(requests for requests, _ in known)
    return sum(requests * seconds for requests, seconds in known) / weight if weight else None
