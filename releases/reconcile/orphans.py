"""Instances on the engine that no release has a right to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from releases.engine.base import Engine, Instance
from releases.instances import name_of
from releases.lastwords import PATIENCE, LastWords
from releases.models import Release, Resource, ResourceKind, Status
from releases.models.status import IN_WORK
from releases.reconcile.current import is_over
from releases.reconcile.finding import Finding
from releases.stages.retire import GRACE


def orphans(engine: Engine, seen: Sequence[Instance]) -> Iterator[Finding]:
    """`seen` was asked of the engine before: all in it was written into the ledger before it was made."""
    releases = _releases({instance.labels.release for instance in seen})
    words = LastWords(PATIENCE)
    for instance in seen:
        if not _belongs(releases.get(instance.labels.release), instance):
            yield Finding(
                subject=f"instance {instance.name}",
                problem="It runs on the engine, but no release needs it.",
                remedy="It was stopped and removed.",
                repair=partial(_remove, engine, instance, words),
            )


def _releases(labels: set[str]) -> dict[str, Release]:
    numbers = {int(label) for label in labels if label.isdecimal() and len(label) < 19}
    releases = Release.objects.select_related("service__environment")
    return {str(pk): release for pk, release in releases.in_bulk(numbers).items()}


def _belongs(release: Release | None, instance: Instance) -> bool:
    if release is None:
        return False
    if release.status in IN_WORK or not is_over(release):
        return release.status != Status.LIVE or _is_one_of(release, instance)
    standing = Resource.objects.standing().filter(release=release, kind=ResourceKind.INSTANCE, name=instance.name)
    return standing.exists()  # the ledger's own: the sweep removes it, with its log and its receipt


def _is_one_of(release: Release, instance: Instance) -> bool:
    return instance.name in {name_of(release, index + 1) for index in range(release.settings.instances)}


def _remove(engine: Engine, instance: Instance, words: LastWords) -> bool:
    """By id: another instance may have the name by now."""
    label = instance.labels.release
    release = _releases({label}).get(label)
    if _belongs(release, instance):
        return False
    engine.stop(instance.id, GRACE)
    if release:
        words.wait(engine, release, instance.id)
    engine.remove(instance.id)
    return True
