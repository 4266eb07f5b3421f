"""Start: the instances of the new release come up beside the old ones, on the environment's network."""

from __future__ import annotations

from django.utils import timezone

from releases.engine.base import InstanceRequest, Labels, Limits, Rejected
from releases.models import Instance, ResourceKind
from releases.stages.base import Context, StageFailed


def start(context: Context) -> None:
    release = context.release
    network = context.engine.ensure_network(release.service.environment.code)
    count = context.settings.instances
    context.say(f"Starting {count} {'instance' if count == 1 else 'instances'} with {_limits_text(context)}.")
    for index in range(1, count + 1):
        context.lease.check()
        _start_instance(context, index, network)


def _start_instance(context: Context, index: int, network: str) -> None:
    release = context.release
    request = _request(context, index, network)
    context.ledger.note(ResourceKind.INSTANCE, request.name)
    try:
        instance = context.engine.start(request)
    except Rejected as error:
        raise StageFailed(f"The instance could not be started: {error}") from error
    Instance.objects.update_or_create(
        release=release,
        index=index,
        defaults={"name": request.name, "address": instance.address or None, "started_at": timezone.now()},
    )
    context.console.follow(request.name, f"{release.service.name}-{index}")


def _request(context: Context, index: int, network: str) -> InstanceRequest:
    """A pure translation of the frozen settings. `PORT` always follows the port of the Build Settings."""
    release, settings = context.release, context.settings
    service = release.service
    assert context.image is not None  # noqa: S101 - the stages before have run
    variables = {row.key: row.value for row in release.variables}
    return InstanceRequest(
        name=f"{service.environment.code}-{service.name}-{release.number}-{index}",
        image=context.image.digest,
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


def _limits_text(context: Context) -> str:
    return f"{context.settings.memory_mb} MB memory and {context.settings.cpu:g} CPU each"
