"""Instances of live releases that do not run, or run at another address than the proxy was told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from releases import instances
from releases.engine.base import Engine, Instance, InstanceState, NotFound
from releases.ledger import Ledger
from releases.models import Release, ResourceKind
from releases.proxy.base import Proxy
from releases.reconcile import current
from releases.reconcile.finding import Finding

# The engine restarts by itself what it calls restarting; these two it leaves as they are.
ENDED = (InstanceState.EXITED, InstanceState.CREATED)


def missing(engine: Engine, proxy: Proxy, seen: Sequence[Instance], asked: datetime) -> Iterator[Finding]:
    """`seen` is what the engine had at the time `asked`; a release that is live only since then is left out."""
    by_name = {instance.name: instance for instance in seen}
    for release in current.live_releases().filter(live_at__lt=asked):
        known = {row.index: row.address for row in release.instances.filter(removed_at=None)}
        for index in range(1, release.settings.instances + 1):
            if problem := _problem(release, index, by_name, known):
                yield Finding(
                    subject=current.name(release),
                    problem=problem,
                    remedy="It was started again." if "address" not in problem else "It was written down.",
                    repair=partial(_repair, engine, proxy, release, index),
                )


def _problem(
    release: Release, index: int, by_name: Mapping[str, Instance], known: Mapping[int, str | None]
) -> str | None:
    instance = by_name.get(instances.name_of(release, index))
    label = f"Instance {index} of release #{release.number}"
    if instance is None:
        return f"{label} was gone."
    if instance.state in ENDED:
        return f"{label} had ended with exit code {instance.exit_code} and was not started again by the engine."
    if instance.address and instance.address != known.get(index):
        return f"{label} has a new address: {instance.address}."
    return None


def _repair(engine: Engine, proxy: Proxy, release: Release, index: int) -> bool:
    live = current.still_live(release)
    if live is None:
        return False
    found = _find(engine, instances.name_of(live, index))
    if found is None or found.state in ENDED:
        return _start(engine, proxy, live, index)
    return _note_address(live, index, found)


def _find(engine: Engine, name: str) -> Instance | None:
    try:
        return engine.inspect(name)
    except NotFound:
        return None


def _start(engine: Engine, proxy: Proxy, release: Release, index: int) -> bool:
    if release.artifact is None:
        return False
    network = engine.ensure_network(release.service.environment.code)
    request = instances.request_of(release, index, network, release.artifact.digest)
    ledger = Ledger(release, engine, proxy)
    ledger.note(ResourceKind.INSTANCE, request.name)
    started = instances.start(engine, release, index, request)
    if current.still_live(release):
        return True
    # Replaced in this moment: whoever retired it may have walked the ledger already.
    engine.remove(started.id)
    ledger.strike(ResourceKind.INSTANCE, request.name)
    instances.note_removed(release, request.name)
    return False


def _note_address(release: Release, index: int, found: Instance) -> bool:
    row = release.instances.filter(index=index, removed_at=None)
    if not found.address or row.filter(address=found.address).exists():
        return False
    if not row.update(address=found.address):
        instances.note_started(release, index, found.name, found.address)
    return True
