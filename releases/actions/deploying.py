"""The ways to deploy: something new, changed settings, new code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction

from kintohub.accounts.models import User
from releases.actions.queueing import RequestReused, commit_of, made_by, order_from, order_of, pinned, queue
from releases.models import Release, Status, Trigger
from services.actions import create_service, save_settings
from services.models import Environment, Service
from services.repository.commit import Commit
from services.settings import Credentials, ServiceSettings, Variable


@dataclass(frozen=True)
class Newest:
    """The newest commit of the branch of `base`, the release that was current when it was looked for."""

    base: Release | None
    commit: Commit


def create_and_deploy(
    user: User,
    environment: Environment,
    name: str,
    settings: ServiceSettings,
    variables: list[Variable],
    credentials: Credentials,
    request_id: UUID,
) -> Release:
    """Raises services.actions.NameTaken, Refused. The same request id gives the release it made the first time."""
    earlier = Release.objects.filter(request_id=request_id).select_related("service").first()
    if earlier is not None:
        if (earlier.requested_by, earlier.service.environment, earlier.service.name) != (user, environment, name):
            raise RequestReused
        return earlier
    with transaction.atomic():
        service = create_service(user, environment, name, settings, variables, credentials)
        return queue(service, user, order_of(service, Trigger.CREATE), request_id)


def trigger_deploy(
    user: User | None,
    service: Service,
    request_id: UUID,
    trigger: Trigger = Trigger.TRIGGER,
    newest: Newest | None = None,
) -> Release:
    """The newest commit of the branch, with the settings that are live. Raises Refused.

    Where it is not known already, or others' settings have become live since, the deploy looks for it when it starts.
    """
    live = current(service)
    order = order_from(live, trigger) if live else order_of(service, trigger)
    if newest and newest.base == live:
        order = replace(order, commit=pinned(newest.commit))
    return queue(service, user, order, request_id)


def deploy_edit(
    user: User,
    base: Release,
    settings: ServiceSettings,
    variables: list[Variable],
    credentials: Credentials,
    request_id: UUID,
) -> Release:
    """An edited copy of a release. New code is for Trigger Deploy: the commit stays, unless the branch changed."""
    service = base.service
    if earlier := made_by(request_id, service):
        return earlier
    changes = {"settings": settings, "variables": variables, "credentials": credentials}
    same_source = settings.branch == base.settings.branch and base.commit_sha
    order = order_from(base, Trigger.EDIT, commit=commit_of(base) if same_source else {}, **changes)
    with transaction.atomic():
        release = queue(service, user, order, request_id)
        save_settings(service, settings, variables, credentials)
        return release


def current(service: Service) -> Release | None:
    """The release whose settings count: the live one, else the suspended one, else the newest."""
    releases = Release.objects.filter(service=service)
    for status in (Status.LIVE, Status.SUSPENDED):
        found = releases.filter(status=status).order_by("-number").first()
        if found is not None:
            return found
    return releases.order_by("-number").first()
