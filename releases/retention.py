"""Which artifacts are kept for coming back to, and the removal of the others, so that the disk does not fill up.

Kept are the newest of each service, by the newest release that used them, and every one that is pinned, live, or wanted
by a release that is not finished. Where one was removed, the page says that a rollback builds it again. With them goes
what builds have left that were cut off.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from releases.engine.base import Engine, EngineError
from releases.models import Artifact, Release, Resource, ResourceKind, Status
from releases.models.status import UNFINISHED
from services.models import Service, record

logger = logging.getLogger(__name__)

SERVICES = 20  # pruned in one run
ARTIFACTS = 10  # of one service in one run
SETTLED = timedelta(minutes=10)  # a new artifact without a release is about to get one
CUT_OFF = timedelta(hours=1)  # a build is over by then (`stages.build`): a step without a name belongs to none
MB = 1_000_000


class DiskFull(Exception):
    """Less is free than a build may start with. The text says how much."""


def make_room(engine: Engine, building: Release) -> None:
    """Before a build: below the floor, prune now what may go anyway. Raises DiskFull, EngineError."""
    floor = settings.DISK_FLOOR_MB
    if engine.capacity().disk_free_mb >= floor:
        return
    freed = prune(engine, building)
    free = engine.capacity().disk_free_mb
    if free < floor:
        raise DiskFull(
            f"The disk of the engine has {free} MB free, and a build needs at least {floor} MB. Old artifacts were "
            f"looked at ({freed / MB:.0f} MB went). Ask the operator for space, or to keep fewer artifacts."
        )


def prune(engine: Engine, building: Release | None = None) -> int:
    """Remove what need not be kept, of a few services; returns the bytes of the images. The next run goes on.

    `building` is a release in work that has decided to build: its service may be pruned in spite of it.
    """
    freed = 0
    for service in _services(building):
        try:
            freed += _prune(engine, service, building)
        except EngineError as error:
            logger.warning("Artifacts of %s could not be removed yet: %s", service, error)
    _remove_steps(engine, building)
    return freed


def _remove_steps(engine: Engine, building: Release | None) -> None:
    """Of builds that were cut off, as by a killed worker. Not while another build may go on from one of them."""
    if any(release != building for release in Release.objects.in_work()):
        return
    try:
        gone = engine.remove_nameless((timezone.now() - CUT_OFF).timestamp())
    except EngineError as error:
        logger.warning("What cut-off builds have left could not be removed yet: %s", error)
        return
    if gone:
        record(None, "prune", "builds", f"Removed what {gone} cut-off build{'' if gone == 1 else 's'} had left.")


def _services(building: Release | None) -> Iterator[Service]:
    """Those with artifacts that may go, as many as one run takes."""
    unpinned = Count("artifacts", filter=Q(artifacts__pruned_at=None, artifacts__is_pinned=False))
    holding = (
        Service.objects.filter(deleting_at=None).annotate(unpinned=unpinned).filter(unpinned__gt=F("keep_artifacts"))
    )
    found = 0
    for service in holding.select_related("environment").order_by("pk"):
        if found < SERVICES and _prunable(service, building):
            found += 1
            yield service


def _prune(engine: Engine, service: Service, building: Release | None) -> int:
    chosen = _choose(service, building)
    gone = [artifact for artifact in chosen if _remove(engine, artifact)]
    if gone:
        total = sum(artifact.size for artifact in gone)
        names = ", ".join(artifact.name for artifact in gone)
        text = f"Removed {names}: {total / MB:.0f} MB, of which layers that other images share stay."
        record(None, "prune", f"{service.environment}/{service}", text)
    return sum(artifact.size for artifact in gone)


def _choose(service: Service, building: Release | None) -> list[Artifact]:
    """Marked as pruned and written into the ledger in one step, before anything is removed.

    Queueing locks the same row: a rollback is queued either before, and keeps its artifact, or after, and builds.
    """
    with transaction.atomic():
        locked = Service.objects.select_for_update(of=("self",)).get(pk=service.pk)
        chosen = _prunable(locked, building)
        for artifact in chosen:
            _write_down(artifact)
        Artifact.objects.filter(pk__in=[artifact.pk for artifact in chosen]).update(pruned_at=timezone.now())
        return chosen


def _write_down(artifact: Artifact) -> None:
    """In the ledger of the release that made it, so that the sweep finishes what a crash interrupts."""
    if maker := artifact.releases.order_by("number").first():
        Resource.objects.update_or_create(
            release=maker, kind=ResourceKind.IMAGE, name=artifact.name, defaults={"removed_at": None}
        )


def _remove(engine: Engine, artifact: Artifact) -> bool:
    engine.remove_image(artifact.name)
    if engine.find_image(artifact.name):
        return False
    rows = Resource.objects.filter(kind=ResourceKind.IMAGE, name=artifact.name, removed_at=None)
    rows.update(removed_at=timezone.now())
    return True


def _prunable(service: Service, building: Release | None) -> list[Artifact]:
    """The oldest first. None while another release of the service is in work: it may be about to reuse one."""
    in_work = Release.objects.in_work().filter(service=service)
    if any(release != building for release in in_work):
        return []
    stored = Artifact.objects.filter(service=service, pruned_at=None).annotate(newest=Max("releases__number"))
    by_age = stored.filter(newest__isnull=False, is_pinned=False).order_by("-newest", "-pk")
    kept = list(by_age.values_list("pk", flat=True)[: service.keep_artifacts])
    unused = Q(newest=None, created_at__lt=timezone.now() - SETTLED)
    free = stored.filter(Q(newest__isnull=False) | unused, is_pinned=False).exclude(pk__in=kept)
    return list(free.exclude(Exists(_needing())).order_by("newest", "pk")[:ARTIFACTS])


def _needing() -> QuerySet[Release]:
    """Releases that need the artifact: that serve, will be deployed, or still have something standing."""
    unfinished = Q(status__in=(*UNFINISHED, Status.LIVE, Status.SUSPENDED))
    stands = Q(resources__isnull=False, resources__removed_at=None)
    return Release.objects.filter(unfinished | stands, artifact=OuterRef("pk"))
