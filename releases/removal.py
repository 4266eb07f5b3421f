"""Removes a service for good: instances, routes, artifacts, copy of the repository, network when last, rows."""

from __future__ import annotations

import logging

from django.db import transaction

from releases import platform
from releases.engine.base import EngineError
from releases.lastwords import LastWords
from releases.ledger import Ledger
from releases.mirrors import mirror_of
from releases.models import Artifact, Release
from releases.proxy.base import ProxyError
from services.models import Environment, Service, record

logger = logging.getLogger(__name__)


def remove_service(service: Service) -> bool:
    """False when something is left: a release still in work, or an engine that refuses. The next sweep tries again."""
    if Release.objects.in_work().filter(service=service).exists():
        return False
    try:
        _remove_outside(service)
    except (EngineError, ProxyError) as error:
        logger.warning("%s could not be removed yet: %s", service, error)
        return False
    environment, name = service.environment, str(service)
    _remove_rows(service)
    _remove_network(environment)
    record(None, "removed service", f"{environment}/{name}")
    return True


def _remove_outside(service: Service) -> None:
    """Raises EngineError, ProxyError."""
    engine, proxy = platform.engine(), platform.proxy()
    proxy.forget(service.host)
    standing = Release.objects.filter(service=service, resources__removed_at=None, resources__isnull=False)
    for release in standing.distinct():
        Ledger(release, engine, proxy).undo(words=LastWords(0))  # the console goes as well
    if standing.exists():
        raise EngineError("some of its instances are still there")
    for artifact in Artifact.objects.filter(service=service, pruned_at=None):
        engine.remove_image(artifact.name)
    mirror_of(service.pk).discard()


def _remove_rows(service: Service) -> None:
    """Releases first: they protect their artifacts."""
    with transaction.atomic():
        Release.objects.filter(service=service).delete()
        service.delete()


def _remove_network(environment: Environment) -> None:
    if environment.services.exists():
        return
    try:
        platform.engine().remove_network(environment.code)
    except EngineError as error:
        logger.warning("The network of %s could not be removed: %s", environment, error)
