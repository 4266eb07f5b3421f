"""Start: if there is room, the instances of the new release come up beside the old ones, on the same network."""

from __future__ import annotations

from releases import downtime, instances
from releases.engine.base import Rejected
from releases.models import Release, ResourceKind
from releases.stages.base import Context, StageFailed
from releases.stages.prober import Prober


def start(context: Context) -> None:
    release = context.release
    _say_downtime(context)
    network = context.engine.ensure_network(release.service.environment.code)
    count = context.settings.instances
    context.say(f"Starting {count} {'instance' if count == 1 else 'instances'} with {_limits_text(context)}.")
    for index in range(1, count + 1):
        context.lease.check()
        _start_instance(context, index, network)
    _watch_the_address(context)


def _watch_the_address(context: Context) -> None:
    """From before the switch on; a first release has no visitors yet whose requests could be lost."""
    live = Release.objects.live().filter(service=context.release.service).first()
    if live is not None:
        context.prober = Prober(context.proxy, context.release, live)
        context.prober.start()


def _say_downtime(context: Context) -> None:
    expected = downtime.expect(context.release.service, context.settings, context.engine)
    if not expected.fits:
        raise StageFailed(expected.why)
    context.say(str(expected))


def _start_instance(context: Context, index: int, network: str) -> None:
    release = context.release
    assert context.image is not None  # noqa: S101 - the stages before have run
    request = instances.request_of(release, index, network, context.image.digest)
    context.ledger.note(ResourceKind.INSTANCE, request.name)
    try:
        instances.start(context.engine, release, index, request)
    except Rejected as error:
        raise StageFailed(f"The instance could not be started: {error}") from error
    context.console.follow(request.name, f"{release.service.name}-{index}")


def _limits_text(context: Context) -> str:
    return f"{context.settings.memory_mb} MB memory and {context.settings.cpu:g} CPU each"
