"""What visitors of services got, from two looks at counters of the proxy that go on over all releases of a slot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from releases.metrics.using import LONGEST
from releases.models import Release
from releases.proxy.base import Proxy, Served, Traffic


@dataclass(frozen=True)
class Visits:
    """Since the last look. `seconds` is the average time until an answer began, None without answers."""

    requests: int = 0
    errors: int = 0
    seconds: float | None = None

    def __add__(self, other: Visits) -> Visits:
        known = [each for each in (self, other) if each.seconds is not None]
        weight = sum(each.requests for each in known)
        total = sum(each.requests * (each.seconds or 0.0) for each in known)
        return Visits(self.requests + other.requests, self.errors + other.errors, total / weight if weight else None)


@dataclass(frozen=True)
class Held:
    """A release that has a slot, and the slot's counters when they were last looked at."""

    service: int
    slot: int
    traffic: Traffic


class Counter:
    """Keeps the last look. Times are seconds since 1970."""

    def __init__(self) -> None:
        self._looked: float | None = None
        self._run = ""
        self._before: dict[int, Held] = {}

    def look(self, proxy: Proxy, served: Mapping[int, Served], now: float) -> dict[int, Visits] | None:
        """By service. None when there is nothing to compare with. Raises ProxyError."""
        run = proxy.started()
        releases = list(Release.objects.exclude(slot=None).only("service_id", "slot", "counted_from"))
        held = {
            release.pk: Held(release.service_id, release.slot, served.get(release.slot, Served()).traffic)
            for release in releases
            if release.slot is not None
        }
        comparable = self._looked is not None and 0 < now - self._looked <= LONGEST
        found = self._compare(releases, held, served, run) if comparable else None
        self._looked, self._run, self._before = now, run, held
        return found

    def forget(self) -> None:
        """A look was missed: what came in between belongs to no span."""
        self._looked = None

    def _compare(
        self, releases: list[Release], held: Mapping[int, Held], served: Mapping[int, Served], run: str
    ) -> dict[int, Visits]:
        if run != self._run:
            self._before = {}
        visits: dict[int, Visits] = defaultdict(Visits)
        begun = {release.pk: _begun(release, run, held[release.pk].traffic) for release in releases}
        for pk, now in held.items():
            start = self._before[pk].traffic if pk in self._before else begun[pk]
            visits[now.service] += _between(start, now.traffic, served.get(now.slot, Served()).seconds)
        for gone, end in self._ended(held, begun, served):
            visits[gone.service] += _between(gone.traffic, end, None)
        return dict(visits)

    def _ended(
        self, held: Mapping[int, Held], begun: Mapping[int, Traffic], served: Mapping[int, Served]
    ) -> Iterator[tuple[Held, Traffic]]:
        """Releases that gave their slot back since the last look, and its counters then."""
        owners = {now.slot: pk for pk, now in held.items()}
        for pk, gone in self._before.items():
            if pk not in held:
                owner = owners.get(gone.slot)
                yield gone, served.get(gone.slot, Served()).traffic if owner is None else begun[owner]


def _begun(release: Release, run: str, now: Traffic) -> Traffic:
    """The slot's counters when the release got it; those of now as long as nobody has written them down."""
    start = release.counted_from
    if start is None:
        return now
    return Traffic(start["answers"], start["errors"]) if start["run"] == run else Traffic()


def _between(start: Traffic, end: Traffic, seconds: float | None) -> Visits:
    requests = max(0, end.answers - start.answers)
    return Visits(requests, max(0, end.errors - start.errors), seconds if requests else None)
