"""The write side of releases: one function per verb a user knows. Each returns the new release, queued."""

from __future__ import annotations

import logging
from dataclasses import asdict
from uuid import UUID

from django.db import transaction
from kombu.exceptions import OperationalError

from kintohub.accounts.models import Plan, User
from releases.models import LogStream, Release, Trigger
from releases.tasks import work
from services.actions import create_service
from services.models import Environment, Service
from services.settings import Credentials, ServiceSettings, Variable

logger = logging.getLogger(__name__)


class RequestReused(Exception):
    """The request id belongs to a release of another service."""


def create_and_deploy(
    user: User,
    environment: Environment,
    name: str,
    settings: ServiceSettings,
    variables: list[Variable],
    credentials: Credentials,
    request_id: UUID,
) -> Release:
    """Raises services.actions.NameTaken. The same request id gives the release it made the first time."""
    earlier = Release.objects.filter(request_id=request_id, requested_by=user, service__environment=environment).first()
    if earlier is not None:
        return earlier
    with transaction.atomic():
        service = create_service(user, environment, name, settings, variables, credentials)
        return _queue(service, user, Trigger.CREATE, request_id)


def trigger_deploy(user: User, service: Service, request_id: UUID) -> Release:
    """Deploy the newest commit of the branch with the service's settings. Raises RequestReused."""
    return deploy(service, Trigger.TRIGGER, user=user, request_id=request_id)


def deploy(service: Service, trigger: Trigger, *, user: User | None, request_id: UUID) -> Release:
    """Queue a release of the service as its settings are now. Raises RequestReused."""
    with transaction.atomic():
        locked = Service.objects.select_for_update().get(pk=service.pk)
        earlier = Release.objects.filter(request_id=request_id).first()
        if earlier is None:
            return _queue(locked, user, trigger, request_id)
    if earlier.service_id != service.pk:
        raise RequestReused
    return earlier


def _queue(service: Service, user: User | None, trigger: Trigger, request_id: UUID) -> Release:
    service.last_release_number += 1
    service.save(update_fields=["last_release_number"])
    region = service.environment.region
    release = Release.objects.create(
        service=service,
        region=region,
        number=service.last_release_number,
        trigger=trigger,
        requested_by=user,
        request_id=request_id,
        plan_rank=_plan(user, service).rank,
        frozen=service.frozen_settings().as_json(),
        frozen_variables=[asdict(row) for row in service.frozen_variables()],
        frozen_credentials=asdict(service.frozen_credentials()),
    )
    LogStream.objects.create(release=release)
    transaction.on_commit(lambda: wake(region.pk))
    return release


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
