"""The deploy queue of a region: the release rows are the queue, and claiming is one short transaction."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from releases.models import Release, Status
from services.models import Gate, Region


def claim(region: Region, worker: str) -> Release | None:
    """Take the next release to deploy, or None when nothing may start now.

    Locking the region's row lets one claimer in at a time (SQLite does it with BEGIN IMMEDIATE), so the slots are never
    exceeded and no release is taken twice.
    """
    with transaction.atomic():
        locked = Region.objects.select_for_update().get(pk=region.pk)
        if locked.gate == Gate.FROZEN:
            return None
        if Release.objects.in_work().filter(region=locked).count() >= locked.slots:
            return None
        release = Release.objects.claimable(locked).first()
        if release is not None:
            now = timezone.now()
            release.transition(Status.QUEUED, Status.DEPLOYING, worker=worker, started_at=now, heartbeat_at=now)
        return release


def position(release: Release) -> int:
    """Its place among the waiting, 1 for the next. 0 when it does not wait."""
    waiting = list(Release.objects.waiting(release.region).values_list("pk", flat=True)[:1000])
    return waiting.index(release.pk) + 1 if release.pk in waiting else 0


def waits_for(release: Release) -> str:
    """Why a queued release has not started, in a sentence."""
    if release.region.gate == Gate.FROZEN:
        return f"An operator has frozen {release.region}: {release.region.gate_reason or 'no reason was given'}."
    busy = Release.objects.in_work().filter(region=release.region)
    own = busy.filter(service=release.service).first()
    if own is not None:
        return f"Release #{own.number} of this service is being deployed; they go one after the other."
    used, slots = busy.count(), release.region.slots
    if used >= slots:
        return f"All {slots} deploy slots of {release.region} are busy; {_ahead(release)}."
    return "It starts within seconds."


def _ahead(release: Release) -> str:
    ahead = max(position(release) - 1, 0)
    return (
        "this release is next" if ahead == 0 else f"{ahead} {'release waits' if ahead == 1 else 'releases wait'} ahead"
    )
