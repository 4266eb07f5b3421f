"""Rows about things that are gone: artifacts without their image, ledger rows and instances that stand for nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial

from django.utils import timezone

from releases.engine.base import Engine, Instance
from releases.instances import note_removed
from releases.models import Artifact, Release, Resource, ResourceKind
from releases.models import Instance as Row
from releases.models.status import IN_WORK, Status
from releases.reconcile import current
from releases.reconcile.finding import Finding

BATCH = 50  # artifacts, and rows of each kind, looked at in one run: each costs a question to the engine
TURN = 30.0  # seconds between two runs


def leftovers(engine: Engine, seen: Sequence[Instance]) -> Iterator[Finding]:
    """`seen` is what the engine had before the rows are read."""
    names = {instance.name for instance in seen}
    yield from _lost_artifacts(engine)
    yield from _empty_ledger_rows(engine, names)
    yield from _ended_instances(names)


def _lost_artifacts(engine: Engine) -> Iterator[Finding]:
    """A different part of them with every turn."""
    artifacts = Artifact.objects.filter(pruned_at=None).select_related("service__environment").order_by("pk")
    parts = max(-(-artifacts.count() // BATCH), 1)
    first = int(time.time() / TURN) % parts * BATCH
    for artifact in artifacts[first : first + BATCH]:
        if not _stored(engine, artifact):
            yield Finding(
                subject=f"{artifact.service.environment}/{artifact.service}",
                problem=f"The image of artifact {artifact.name} is gone from the engine.",
                remedy="It counts as pruned.",
                repair=partial(_mark_pruned, engine, artifact),
            )


def _stored(engine: Engine, artifact: Artifact) -> bool:
    image = engine.find_image(artifact.name)
    return image is not None and image.digest == artifact.digest


def _mark_pruned(engine: Engine, artifact: Artifact) -> bool:
    if _stored(engine, artifact):
        return False
    return bool(Artifact.objects.filter(pk=artifact.pk, pruned_at=None).update(pruned_at=timezone.now()))


def _over() -> list[Release]:
    """Releases that nobody works on any more, and that still have something in the ledger."""
    standing = Release.objects.exclude(status__in=(*IN_WORK, Status.LIVE, Status.QUEUED))
    standing = standing.filter(resources__removed_at=None, resources__isnull=False)
    return [
        release for release in standing.select_related("service__environment").distinct() if current.is_over(release)
    ]


def _empty_ledger_rows(engine: Engine, names: set[str]) -> Iterator[Finding]:
    for row in Resource.objects.standing().filter(release__in=_over()).select_related("release")[:BATCH]:
        if not _exists(engine, row, names):
            yield Finding(
                subject=str(row.release),
                problem=f"Its {row} stood in the ledger, but is gone.",
                remedy="It was struck off.",
                repair=partial(_strike, row),
            )


def _exists(engine: Engine, row: Resource, names: set[str]) -> bool:
    match ResourceKind(row.kind):
        case ResourceKind.INSTANCE:
            return row.name in names
        case ResourceKind.IMAGE:
            return engine.find_image(row.name) is not None
        case ResourceKind.SLOT:
            return row.release.slot == int(row.name)


def _strike(row: Resource) -> bool:
    if row.kind == ResourceKind.INSTANCE:
        note_removed(row.release, row.name)
    return bool(Resource.objects.filter(pk=row.pk, removed_at=None).update(removed_at=timezone.now()))


def _ended_instances(names: set[str]) -> Iterator[Finding]:
    """They would count as usage for ever."""
    over = Row.objects.filter(removed_at=None).exclude(release__status__in=(*IN_WORK, Status.LIVE))
    over = over.exclude(name__in=Resource.objects.standing().filter(kind=ResourceKind.INSTANCE).values("name"))
    for row in over.select_related("release__service")[:BATCH]:
        if row.name not in names and current.is_over(row.release):
            yield Finding(
                subject=str(row.release),
                problem=f"Its instance {row.name} counted as running, but is gone.",
                remedy="Its end was written down.",
                repair=partial(_end, row),
            )


def _end(row: Row) -> bool:
    return bool(Row.objects.filter(pk=row.pk, removed_at=None).update(removed_at=timezone.now()))
