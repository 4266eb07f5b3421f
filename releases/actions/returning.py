"""The ways back: roll back to a release that was live, abort one that is not live yet."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kintohub.accounts.models import User
from releases.actions.deploying import current
from releases.actions.queueing import Order, Refused, commit_of, made_by, order_from, queue
from releases.lease import LEASE
from releases.models import Release, Status, Trigger
from releases.models.release import ReleaseQuerySet, WrongStatus
from services.actions import save_settings
from services.models import Service, record
from services.settings import ServiceSettings

# What went into the image: a rollback takes the image, so these are always the released ones.
BUILD_FIELDS = ("repository_url", "branch", "subfolder", "language", "version", "dockerfile", "build_command")


class Configuration(StrEnum):
    """With which settings and variables a release comes back."""

    AS_RELEASED = "as-released"
    CURRENT = "current"


class TooLate(Refused):
    """The release has been switched to, or is over."""


def may_roll_back_to(release: Release) -> bool:
    return release.status == Status.RETIRED and release.live_at is not None


def rollback(user: User | None, release: Release, configuration: Configuration, request_id: UUID) -> Release:
    """The same code again, without a build while its artifact is there. Holds automatic deploys. Raises Refused."""
    if not may_roll_back_to(release):
        raise Refused("Only a release that was live before can be rolled back to.")
    service = release.service
    if earlier := made_by(request_id, service):
        return earlier
    with transaction.atomic():
        made = queue(service, user, rollback_order(release, configuration), request_id)
        save_settings(service, made.settings, made.variables, made.credentials)
        Service.objects.filter(pk=service.pk).update(automatic_deploys_held=True)
        return made


def rollback_order(release: Release, configuration: Configuration) -> Order:
    """What a rollback would freeze; also what its preview shows."""
    now = current(release.service)
    pinned = {"commit": commit_of(release), "artifact": release.artifact}
    credentials = now.credentials if now else release.credentials
    order = order_from(release, Trigger.ROLLBACK, credentials=credentials, **pinned)
    if configuration is Configuration.AS_RELEASED or now is None:
        return order
    return replace(order, settings=_merged(release.settings, now.settings), variables=now.variables)


def _merged(released: ServiceSettings, now: ServiceSettings) -> ServiceSettings:
    return replace(now, **{name: getattr(released, name) for name in BUILD_FIELDS})


def resume_automatic_deploys(service: Service) -> None:
    Service.objects.filter(pk=service.pk).update(automatic_deploys_held=False)


def abort(release: Release) -> None:
    """Aborted at once when it still waited; else Aborting, and the worker cleans up. Raises TooLate."""
    now = timezone.now()
    try:
        release.transition(Status.QUEUED, Status.ABORTED, abort_requested_at=now, finished_at=now)
    except WrongStatus:
        try:
            release.transition(Status.DEPLOYING, Status.ABORTING, abort_requested_at=now)
        except WrongStatus as error:
            release.refresh_from_db()
            if release.status not in (Status.ABORTING, Status.ABORTED):
                raise TooLate(_too_late(release)) from error


def may_undo(release: Release) -> bool:
    """While the release before it still runs, and the worker that looks after both is there."""
    return _undoable(release).filter(undo_requested_at=None).exists()


def undo(user: User | None, release: Release) -> None:
    """Go back to the release before, which still runs: the worker moves the route. A second call changes nothing.

    Raises TooLate.
    """
    if (
        _undoable(release)
        .filter(undo_requested_at=None)
        .update(undo_requested_at=timezone.now(), undo_requested_by=user)
    ):
        service = release.service
        record(user, "undo", f"{service.environment}/{service}", f"Release #{release.number}.")
        return
    release.refresh_from_db()
    if release.undo_requested_at is None:
        raise TooLate("The release before this one does not run any more. Use Rollback to go back.")


def _undoable(release: Release) -> ReleaseQuerySet:
    now = timezone.now()
    return Release.objects.live().filter(pk=release.pk, undo_until__gt=now, heartbeat_at__gte=now - LEASE)


def _too_late(release: Release) -> str:
    if _undoable(release).exists():
        return f"Release #{release.number} is live already. Use Undo to go back at once."
    if release.status in (Status.LIVE, Status.RETIRED):
        return f"Release #{release.number} is live already. Use Rollback to go back."
    return f"Release #{release.number} is over: {release.get_status_display()}."
