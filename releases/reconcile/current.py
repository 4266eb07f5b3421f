"""What the database says at this moment. Repairs ask it again right before they act, and after."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from releases.lease import LEASE
from releases.models import Release, Status
from releases.models.release import ReleaseQuerySet
from releases.models.status import IN_WORK
from releases.sweep import holders
from services.models import Service


def live_releases() -> ReleaseQuerySet:
    """Those that have to serve: not of services that are being deleted."""
    serving = Release.objects.live().filter(service__deleting_at=None)
    return serving.select_related("service__environment", "artifact").defer("frozen_variables", "frozen_credentials")


def still_live(release: Release) -> Release | None:
    return live_releases().filter(pk=release.pk).first()


def switching(service: Service) -> Release | None:
    """A release in work that has taken its slot: from here on its worker alone moves the service's route."""
    return Release.objects.in_work().filter(service=service, slot__isnull=False).first()


def holder(service: Service) -> Release | None:
    """The release that the service's route belongs to."""
    return switching(service) or live_releases().filter(service=service).first()


def is_over(release: Release, now: datetime | None = None) -> bool:
    """Nobody works on it any more: not its worker, and not the one that drains it."""
    if release.status in (*IN_WORK, Status.LIVE):
        return False
    now = now or timezone.now()
    if release.heartbeat_at is not None and release.heartbeat_at >= now - LEASE:
        return False
    ended = release.finished_at
    if release.status == Status.RETIRED:
        ended = release.retired_at
        if holders(now).filter(service=release.service).exists():
            return False
    return ended is None or ended < now - LEASE


def name(release: Release) -> str:
    return f"{release.service.environment}/{release.service}"
