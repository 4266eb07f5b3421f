"""The write side of services: one function per verb a user knows."""

from __future__ import annotations

from dataclasses import asdict

from django.conf import settings as django_settings
from django.db import IntegrityError, transaction

from kintohub.accounts.models import User
from services.models import BuildSettings, Environment, EnvironmentVariable, Membership, Region, Role, Service, record
from services.models.environment import new_code
from services.settings import Credentials, ServiceSettings, Variable

SETTINGS = (
    "repository_url",
    "branch",
    "memory_mb",
    "cpu",
    "instances",
    "health_path",
    "health_status",
    "deploy_timeout",
    "start_grace",
    "settle_count",
    "drain_seconds",
    "undo_window",
)


class NameTaken(Exception):
    """The environment has a service of this name already."""


def create_environment(user: User, name: str, region: Region) -> Environment:
    """The user becomes its owner."""
    for _ in range(20):
        try:
            with transaction.atomic():
                environment = Environment.objects.create(name=name, region=region, code=new_code())
                Membership.objects.create(environment=environment, user=user, role=Role.OWNER)
                return environment
        except IntegrityError:
            continue  # the code is taken: 20 of 16.7 million in a row would need a full house
    raise RuntimeError("No free environment code was found.")


def create_service(
    user: User | None,
    environment: Environment,
    name: str,
    settings: ServiceSettings,
    variables: list[Variable],
    credentials: Credentials,
) -> Service:
    """Raises NameTaken. Nothing is deployed yet."""
    try:
        with transaction.atomic():
            service = Service(environment=environment, name=name, created_by=user)
            service.host = f"{name}-{environment.code}.{django_settings.BASE_DOMAIN}"
            _assign(service, settings, credentials)
            service.save()
            _save_build_settings(BuildSettings(service=service), settings)
            _save_variables(service, variables)
            return service
    except IntegrityError as error:
        raise NameTaken(name) from error


def save_settings(
    service: Service, settings: ServiceSettings, variables: list[Variable], credentials: Credentials
) -> None:
    """What the service should be from now on. Its name, host and environment never change."""
    with transaction.atomic():
        _assign(service, settings, credentials)
        service.save(update_fields=[*SETTINGS, "credentials"])
        _save_build_settings(service.build, settings)
        service.variables.all().delete()
        _save_variables(service, variables)


def save_deploy_settings(user: User, service: Service, queue_policy: str, keep_artifacts: int) -> bool:
    """How deploys follow each other and how many builds are kept. False when it was so already."""
    wanted = {"queue_policy": queue_policy, "keep_artifacts": keep_artifacts}
    if all(getattr(service, name) == value for name, value in wanted.items()):
        return False
    for name, value in wanted.items():
        setattr(service, name, value)
    with transaction.atomic():
        service.save(update_fields=[*wanted])
        text = f"Queue: {queue_policy}. Builds to keep: {keep_artifacts}."
        record(user, "change settings", f"{service.environment}/{service}", text)
    return True


def _assign(service: Service, settings: ServiceSettings, credentials: Credentials) -> None:
    for field in SETTINGS:
        setattr(service, field, getattr(settings, field))
    service.credentials = asdict(credentials)


def _save_build_settings(build: BuildSettings, settings: ServiceSettings) -> None:
    for field in ("language", "version", "dockerfile", "build_command", "start_command", "subfolder", "port"):
        setattr(build, field, getattr(settings, field))
    build.save()


def _save_variables(service: Service, variables: list[Variable]) -> None:
    EnvironmentVariable.objects.bulk_create(EnvironmentVariable(service=service, **asdict(row)) for row in variables)
