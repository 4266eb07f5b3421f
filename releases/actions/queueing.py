"""Puts a release into the queue: the one place where release rows are made."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from kintohub.accounts.models import Plan, User
from releases.models import Artifact, LogStream, Release, Status, Trigger
from releases.tasks import work
from services.models import Gate, QueuePolicy, Service
from services.repository.commit import Commit
from services.settings import Credentials, ServiceSettings, Variable

logger = logging.getLogger(__name__)


class Refused(Exception):
    """The deploy was not accepted; the text says why, for the user."""


class RequestReused(Refused):
    """The request id belongs to another release than the one it is used for."""

    def __init__(self) -> None:
        super().__init__("This page is out of date. Reload it and try again.")


@dataclass(frozen=True)
class Order:
    """What a new release freezes. With a `commit` it deploys that one, else the newest of the branch."""

    trigger: Trigger
    settings: ServiceSettings
    variables: list[Variable]
    credentials: Credentials
    based_on: Release | None = None
    commit: dict[str, str] = field(default_factory=dict)
    artifact: Artifact | None = None


def order_of(service: Service, trigger: Trigger) -> Order:
    """The service as its settings are now."""
    return Order(trigger, service.frozen_settings(), service.frozen_variables(), service.frozen_credentials())


def order_from(release: Release, trigger: Trigger, **changes: Any) -> Order:
    """A copy of a release's settings."""
    given = {"settings": release.settings, "variables": release.variables, "credentials": release.credentials}
    return Order(trigger=trigger, based_on=release, **{**given, **changes})


def commit_of(release: Release) -> dict[str, str]:
    """What pins a new release to the commit of an old one."""
    return {name: getattr(release, name) for name in ("commit_sha", "commit_subject", "commit_author")}


def pinned(commit: Commit) -> dict[str, str]:
    """What pins a new release to a commit that was fetched."""
    return {"commit_sha": commit.sha, "commit_subject": commit.subject, "commit_author": commit.author}


def made_by(request_id: UUID, service: Service) -> Release | None:
    """What this request has made already. Raises RequestReused when that is another service's."""
    earlier = Release.objects.filter(request_id=request_id).first()
    if earlier is not None and earlier.service_id != service.pk:
        raise RequestReused
    return earlier


def queue(service: Service, user: User | None, order: Order, request_id: UUID) -> Release:
    """The same request id gives the release it made the first time. Raises Refused."""
    with transaction.atomic():
        locked = (
            Service.objects.select_for_update(of=("self",)).select_related("environment__region").get(pk=service.pk)
        )
        if earlier := made_by(request_id, service):
            return earlier
        _check(locked)
        return _create(locked, user, order, request_id)


def _check(service: Service) -> None:
    region = service.environment.region
    if service.deleting_at is not None:
        raise Refused("The service is being deleted.")
    if region.gate == Gate.DRAINING:
        reason = region.gate_reason or "no reason was given"
        raise Refused(f"An operator is draining {region}, which takes no new deploys: {reason}.")


def _create(service: Service, user: User | None, order: Order, request_id: UUID) -> Release:
    service.last_release_number += 1
    service.save(update_fields=["last_release_number"])
    region = service.environment.region
    release = Release.objects.create(
        service=service,
        region=region,
        number=service.last_release_number,
        trigger=order.trigger,
        requested_by=user,
        request_id=request_id,
        plan_rank=_plan(user, service).rank,
        based_on=order.based_on,
        artifact=order.artifact,
        frozen=order.settings.as_json(),
        frozen_variables=[asdict(row) for row in order.variables],
        frozen_credentials=asdict(order.credentials),
        **order.commit,
    )
    LogStream.objects.create(release=release)
    if service.queue_policy == QueuePolicy.NEWEST:
        _supersede(release)
    transaction.on_commit(lambda: wake(region.pk))
    return release


def _supersede(release: Release) -> None:
    """Older releases of the service that still wait end here; one that was claimed in this moment goes on."""
    older = Release.objects.filter(service=release.service, status=Status.QUEUED, number__lt=release.number)
    older.update(status=Status.SUPERSEDED, superseded_by=release, finished_at=timezone.now())


def _plan(user: User | None, service: Service) -> Plan:
    """The plan of who asked; a command of the operator counts as its service's creator."""
    payer = user or service.created_by
    return Plan(payer.plan) if payer else Plan.FREE


def wake(region_id: int) -> None:
    """Tell the worker. Without a broker the release waits for the next sweep, which is all that is lost."""
    try:
        work.delay(region_id)
    except OperationalError:
        logger.warning("The worker could not be told about new work; the sweep will.")
