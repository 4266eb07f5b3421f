"""Instances of a release: what the engine is asked for, the rows that tell which run, their place in the proxy."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from releases.engine.base import Engine, InstanceRequest, Labels, Limits
from releases.engine.base import Instance as Started
from releases.models import Instance, Release
from releases.proxy.base import Slot, Target


def name_of(release: Release, index: int) -> str:
    service = release.service
    return f"{service.environment.code}-{service.name}-{release.number}-{index}"


def request_of(release: Release, index: int, network: str, image: str) -> InstanceRequest:
    """A pure translation of the frozen settings. `PORT` always follows the port of the Build Settings."""
    service, settings = release.service, release.settings
    variables = {row.key: row.value for row in release.variables}
    return InstanceRequest(
        name=name_of(release, index),
        image=image,
        network=network,
        alias=service.name,
        limits=Limits(memory_mb=settings.memory_mb, cpu=settings.cpu),
        labels=Labels(
            environment=service.environment.code,
            service=str(service.pk),
            release=str(release.pk),
            instance=str(index),
        ),
        command=settings.start_command,
        environment={**variables, "PORT": str(settings.port)},
    )


def start(engine: Engine, release: Release, index: int, request: InstanceRequest) -> Started:
    """On the engine and in the rows. The caller has written it into the ledger. Raises EngineError."""
    started = engine.start(request)
    note_started(release, index, request.name, started.address)
    return started


def note_started(release: Release, index: int, name: str, address: str) -> None:
    """A row for each time it ran: an earlier one of this index ends now, and its usage stays true."""
    now = timezone.now()
    with transaction.atomic():
        release.instances.filter(index=index, removed_at=None).update(removed_at=now)
        Instance.objects.create(release=release, index=index, name=name, address=address or None, started_at=now)


def slot_of(release: Release, number: int) -> Slot:
    """What the proxy should hold for the release: its instances that have an address, by name."""
    port = release.settings.port
    running = release.instances.filter(removed_at=None)
    targets = (Target(f"i{instance.index}", instance.address, port) for instance in running if instance.address)
    return Slot(number, str(release.pk), tuple(sorted(targets, key=lambda target: target.name)))


def note_removed(release: Release, name: str) -> None:
    release.instances.filter(name=name, removed_at=None).update(removed_at=timezone.now())
