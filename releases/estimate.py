"""How long a release will take and wait, from what its service's own releases took before. None where nobody knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from statistics import median

from django.db.models import Exists, F, OuterRef, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from releases.models import Release, Stage, StageRun, StageStatus, Status
from releases.models.status import IN_WORK
from services.models import Gate, Region

SAMPLE = 5  # successful releases of a kind that the median is taken of
FURTHEST = 200  # places in the queue that are thought through
NOTHING = timedelta(0)
SECRET = ("frozen_variables", "frozen_credentials")  # costly to decrypt, and of no use here

Past = dict[tuple[int, bool], timedelta]


def estimate(release: Release) -> timedelta | None:
    """Until a queued release starts, or until one in work is live. None when it is unknown, and for all others."""
    if release.status == Status.QUEUED:
        return wait(release)
    return remaining(release) if release.status in IN_WORK else None


def expected(release: Release) -> timedelta | None:
    """The whole work on it, from its start to live: the median of its service's last ones of the same kind."""
    return _past([release.service_id]).get((release.service_id, _builds(release)))


def remaining(release: Release) -> timedelta | None:
    """Of a release in work; zero when it takes longer than usual already."""
    return _remaining(release, _past([release.service_id]), timezone.now())


def wait(release: Release) -> timedelta | None:
    """Of a queued release, by playing through what runs and what is ahead of it, slot by slot."""
    region = Region.objects.get(pk=release.region_id)
    if region.gate == Gate.FROZEN:
        return None
    ahead = _until(release, Release.objects.waiting(region).defer(*SECRET)[:FURTHEST])
    running = list(Release.objects.in_work().filter(region=region).defer(*SECRET))
    past = _past({other.service_id for other in (*ahead, *running)})
    now = timezone.now()
    left = {other.service_id: _remaining(other, past, now) for other in running}
    known = {service: length for service, length in left.items() if length is not None}
    lengths = [past.get((other.service_id, _builds(other))) for other in ahead[:-1]]
    if not ahead or len(known) < len(left) or None in lengths:
        return None
    queue = [Job(other.service_id, length or NOTHING) for other, length in zip(ahead, [*lengths, NOTHING], strict=True)]
    return _start_of_last(queue, known, region.slots)


@dataclass
class Job:
    service: int
    length: timedelta


def _until(release: Release, waiting: Iterable[Release]) -> list[Release]:
    """Those before it and itself; nothing when it is not among them."""
    found: list[Release] = []
    for other in waiting:
        found.append(other)
        if other == release:
            return found
    return []


def _start_of_last(queue: list[Job], running: dict[int, timedelta], slots: int) -> timedelta:
    """When the last of the queue starts: slots are taken in order, one release of a service at a time."""
    busy = dict(running)
    free = [*[NOTHING] * (slots - len(running)), *sorted(running.values())][-slots:]
    heapify(free)
    last = queue[-1]
    while queue:
        now = heappop(free)
        job = next((job for job in queue if busy.get(job.service, NOTHING) <= now), None)
        if job is None:
            heappush(free, min(until for until in busy.values() if until > now))
            continue
        if job is last:
            return now
        queue.remove(job)
        busy[job.service] = now + job.length
        heappush(free, now + job.length)
    return NOTHING


def _remaining(release: Release, past: Past, now: datetime) -> timedelta | None:
    length = past.get((release.service_id, _builds(release)))
    if length is None or release.started_at is None:
        return None
    return max(length - (now - release.started_at), NOTHING)


def _builds(release: Release) -> bool:
    """Whether an image has to be built, as far as can be known before: without a stored artifact it has."""
    if release.artifact_id is None:
        return True
    if release.status in IN_WORK:
        return release.stages.filter(stage=Stage.BUILD, status__in=(StageStatus.DONE, StageStatus.RUNNING)).exists()
    return Release.objects.filter(pk=release.pk, artifact__pruned_at__isnull=False).exists()


def _past(services: Collection[int]) -> Past:
    """The usual length by service and kind (True: with a build), of all these services in one query."""
    built = StageRun.objects.filter(release=OuterRef("pk"), stage=Stage.BUILD, status=StageStatus.DONE)
    succeeded = Release.objects.filter(service__in=services, live_at__isnull=False)
    place = Window(RowNumber(), partition_by=[F("service"), F("built")], order_by=F("number").desc())
    newest = succeeded.annotate(built=Exists(built)).annotate(place=place).filter(place__lte=SAMPLE)
    taken: dict[tuple[int, bool], list[float]] = defaultdict(list)
    for service, with_build, started, live in newest.values_list("service", "built", "started_at", "live_at"):
        if started and live:
            taken[service, bool(with_build)].append((live - started).total_seconds())
    return {kind: timedelta(seconds=median(lengths)) for kind, lengths in taken.items()}
