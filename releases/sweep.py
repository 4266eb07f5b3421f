"""Makes lost messages and dead workers harmless: end what nobody holds, remove what nobody needs, wake who waits."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from releases import platform
from releases.diagnosis.failure import failure_of
from releases.diagnosis.gather import Case
from releases.diagnosis.record import diagnose
from releases.lease import LEASE
from releases.ledger import Ledger
from releases.logs.writer import ReleaseLog
from releases.models import LogStream, Release, ResourceKind, StageRun, StageStatus, Status
from releases.models.release import ReleaseQuerySet
from releases.pipeline import LOST_REASON, end_aborted, end_failed, note_who_serves
from releases.proxy.base import ProxyError
from releases.stages.retire import GRACE
from services.models import Region

logger = logging.getLogger(__name__)

BATCH = 20


def end_lost(worker: str) -> list[Release]:
    """End the releases in work whose lease ran out: clean up, then Failed or Aborted. Returns them."""
    cutoff = timezone.now() - LEASE
    ended = []
    for release in _lost(cutoff).select_related("service__environment")[:BATCH]:
        if _take_over(release, worker, cutoff):
            _end(release)
            ended.append(release)
    return ended


def _lost(cutoff: datetime) -> ReleaseQuerySet:
    """In work, and nobody has renewed the lease since."""
    return Release.objects.in_work().filter(Q(heartbeat_at__lt=cutoff) | Q(heartbeat_at=None))


def _take_over(release: Release, worker: str, cutoff: datetime) -> bool:
    """One of several sweeps gets it: the lease is taken with the condition that nobody has renewed it."""
    still_lost = _lost(cutoff).filter(pk=release.pk)
    return bool(still_lost.update(worker=worker, heartbeat_at=timezone.now()))


def _end(release: Release) -> None:
    stage = _last_stage(release)
    log = ReleaseLog(LogStream.objects.get(release=release), [])
    try:
        log.say("The process that carried out this deploy has ended. Removing what it had made.")
        for name in Ledger(release, platform.engine(), platform.proxy()).undo():
            log.say(f"Removed: {name}.")
        _finish(release, stage, log)
        note_who_serves(release)
        log.say(f"The release is {release.get_status_display()}.")
    finally:
        log.close()


def _last_stage(release: Release) -> str:
    run = StageRun.objects.filter(release=release).last()
    if run is None:
        return ""
    StageRun.objects.filter(pk=run.pk, status=StageStatus.RUNNING).update(
        status=StageStatus.FAILED, finished_at=timezone.now()
    )
    return run.stage


def _finish(release: Release, stage: str, log: ReleaseLog) -> None:
    if release.abort_requested_at is not None or release.status == Status.ABORTING:
        end_aborted(release)
    else:
        diagnose(Case(release, stage, failure_of(None, LOST_REASON), platform.engine(), log))
        end_failed(release, stage, LOST_REASON)


def holders(now: datetime) -> ReleaseQuerySet:
    """Releases that a worker holds: it also drains the one that its own has replaced, as long as it lives."""
    return Release.objects.filter(heartbeat_at__gte=now - LEASE)


def remove_left_behind() -> int:
    """Undo what stands of releases that are over: interrupted clean-ups and drains. Returns how many things went."""
    now = timezone.now()
    over = Q(status__in=(Status.FAILED, Status.ABORTED), finished_at__lt=now - LEASE)
    over &= ~Q(heartbeat_at__gte=now - LEASE)
    held = holders(now).values("service")
    drained = Q(status=Status.RETIRED, retired_at__lt=now - LEASE) & ~Q(service__in=held)
    # One that is retired without a time was suspended before, when its instances stopped serving.
    drained |= Q(status=Status.SUSPENDED) | Q(status=Status.RETIRED, retired_at=None)
    stands = Q(resources__removed_at=None, resources__kind__in=ResourceKind.values)
    left = Release.objects.filter(over | drained).filter(stands).select_related("service").distinct()[:BATCH]
    return sum(len(_undo(release)) for release in left if not _still_drains(release, now))


def _undo(release: Release) -> list[str]:
    return Ledger(release, platform.engine(), platform.proxy()).undo(GRACE)


def _still_drains(release: Release, now: datetime) -> bool:
    """Its worker died during the drain: what runs on it keeps the time that it was promised."""
    if release.retired_at is None or release.slot is None:
        return False
    if now > release.retired_at + timedelta(seconds=release.settings.drain_seconds):
        return False
    try:
        return platform.proxy().open(release.slot).total > 0
    except ProxyError:
        return False


def regions_with_work() -> list[int]:
    """Regions where something waits."""
    return list(Region.objects.filter(releases__status=Status.QUEUED).distinct().values_list("pk", flat=True))
