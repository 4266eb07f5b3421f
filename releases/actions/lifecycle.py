"""Suspend, resume, restart and delete a service."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from kintohub.accounts.models import User
from releases.actions.queueing import Refused, commit_of, logger, order_from, queue
from releases.actions.returning import TooLate, abort
from releases.models import Release, Status, Trigger
from releases.tasks import remove_service, sweep
from services.models import Service, record


def suspend(user: User, service: Service) -> None:
    """The live release stops serving; resume brings it back. Raises Refused while a release is in work."""
    with transaction.atomic():
        Service.objects.select_for_update().get(pk=service.pk)
        live = Release.objects.live().filter(service=service).first()
        if live is None:
            raise Refused("Nothing of this service is live.")
        if Release.objects.unfinished().filter(service=service).exists():
            raise Refused("A release of this service is being deployed. Wait for it, or abort it first.")
        live.transition(Status.LIVE, Status.SUSPENDED)
        record(user, "suspend", f"{service.environment}/{service}", f"Release #{live.number}.")
        transaction.on_commit(_sweep_now)


def resume(user: User, service: Service, request_id: UUID) -> Release:
    """A new release from the suspended one. Raises Refused when there is none."""
    suspended = Release.objects.filter(service=service, status=Status.SUSPENDED).order_by("-number").first()
    if suspended is None:
        raise Refused("This service is not suspended.")
    return _again(user, suspended, Trigger.RESUME, request_id)


def restart(user: User, service: Service, request_id: UUID) -> Release:
    """The live release once more, as a rolling update: new instances first. Raises Refused when nothing is live."""
    live = Release.objects.live().filter(service=service).first()
    if live is None:
        raise Refused("Nothing of this service is live.")
    return _again(user, live, Trigger.RESTART, request_id)


def _again(user: User, release: Release, trigger: Trigger, request_id: UUID) -> Release:
    order = order_from(release, trigger, commit=commit_of(release), artifact=release.artifact)
    return queue(release.service, user, order, request_id)


def delete(user: User, service: Service) -> None:
    """The service disappears from the pages at once; the worker removes all it has made. Cannot be undone."""
    with transaction.atomic():
        changed = Service.objects.filter(pk=service.pk, deleting_at=None).update(deleting_at=timezone.now())
        if not changed:
            return
        record(user, "delete service", f"{service.environment}/{service}", service.repository_url)
        for release in Release.objects.unfinished().filter(service=service):
            _abort_if_possible(release)
        transaction.on_commit(lambda: _remove_now(service.pk))


def _abort_if_possible(release: Release) -> None:
    try:
        abort(release)
    except TooLate:
        logger.info("%s ended before it could be aborted.", release)


def _sweep_now() -> None:
    try:
        sweep.delay()
    except OperationalError:
        logger.warning("The worker could not be told to remove instances; the next sweep does.")


def _remove_now(service_id: int) -> None:
    try:
        remove_service.delay(service_id)
    except OperationalError:
        logger.warning("The worker could not be told to remove a service; the next sweep does.")
