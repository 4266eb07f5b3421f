"""The charts of a service's Overview, and the switch of the time that they show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from kintohub.accounts.http import AuthenticatedHttpRequest
from releases.metrics import history
from releases.metrics.history import RANGES, Range
from releases.metrics.spans import SAMPLE
from releases.models import Measurement
from releases.views.plot import Plot, Point, marks, plot
from services.access import get_service_for_user
from services.models import Service
from services.views.create_page import is_fragment

FRESH = 3  # spans after which the last figure is not "now" any more
REFRESH = {"1h": "10s", "24h": "60s", "7d": "300s"}

Value = Callable[[Measurement], float | None]


@dataclass(frozen=True)
class Kind:
    """What one chart draws, and how its figures are written."""

    title: str
    value: Value
    text: Callable[[float], str]
    tone: str = "accent"


@dataclass(frozen=True)
class Chart:
    """`now` and `highest` are texts, empty where nothing is known."""

    title: str
    tone: str
    plot: Plot
    now: str
    highest: str
    limit: str


def _per_minute(value: int | None, row: Measurement) -> float | None:
    return None if value is None or not row.looks else value * 60 / (row.looks * SAMPLE)


def _count(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _time(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


KINDS = (
    Kind("Processor, cores", lambda row: row.cpu, lambda value: f"{value:.2f}"),
    Kind("Memory of the fullest instance", lambda row: row.memory_mb, lambda value: f"{value:.0f} MB"),
    Kind("Requests per minute", lambda row: _per_minute(row.requests, row), _count),
    Kind("Errors per minute", lambda row: _per_minute(row.errors, row), _count, "bad"),
    Kind("Response time", lambda row: row.seconds, _time),
)
MEMORY = KINDS[1]


@require_GET
def charts(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """The part of the Overview that renews itself; opened as a page it is the Overview."""
    service = get_service_for_user(cast(AuthenticatedHttpRequest, request).user, code, name)
    shown = history.range_of(request.GET.get("range", ""))
    if not is_fragment(request):
        return redirect(f"{reverse('service', args=[code, name])}?range={shown.name}")
    context = {"service": service, "environment": service.environment, **charts_of(service, shown)}
    return render(request, "releases/_charts.html", context)


def charts_of(service: Service, shown: Range) -> dict[str, Any]:
    """Context of `releases/_charts.html`, beside service and environment. Two queries."""
    now = timezone.now()
    rows = history.measurements(service, shown, now)
    placed = [(number, _place(at, shown, now)) for number, at in history.went_live(service, shown, now)]
    return {
        "ranges": RANGES,
        "shown": shown,
        "refresh": REFRESH[shown.name],
        "charts": [_chart(kind, rows, shown, now) for kind in KINDS] if rows else [],
        "lines": [round(place * 100, 2) for _, place in placed],
        "marks": marks(placed),
    }


def _place(at: datetime, shown: Range, now: datetime) -> float:
    return 1 - (now - at) / shown.length


def _chart(kind: Kind, rows: list[Measurement], shown: Range, now: datetime) -> Chart:
    values = [(row.at, kind.value(row)) for row in rows]
    known = [value for _, value in values if value is not None]
    at, last = values[-1]
    is_fresh = last is not None and (now - at).total_seconds() <= FRESH * shown.width
    limit = max((row.memory_limit_mb or 0 for row in rows), default=0) if kind is MEMORY else 0
    points = [Point(_place(moment, shown, now), value) for moment, value in values]
    return Chart(
        title=kind.title,
        tone=kind.tone,
        plot=plot(points, shown.width / shown.length.total_seconds(), limit or None),
        now=kind.text(last) if is_fresh and last is not None else "",
        highest=kind.text(max(known)) if known else "",
        limit=kind.text(limit) if limit else "",
    )
