"""Reconcile on a real engine: what was killed by hand or restarted elsewhere serves again, what is nobody's goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from releases import instances, platform
from releases.engine.base import InstanceState, Labels
from releases.engine.registry import engine_for
from releases.ledger import Ledger
from releases.models import Artifact, Release, ResourceKind, Status
from releases.proxy.memory import MemoryProxy
from releases.reconcile import Outcome, reconcile
from tests.engine.rigs import DockerRig
from tests.factories import make_release, make_service
from tests.waiting import until

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rig(docker_rig: DockerRig, settings: Any, tmp_path: Any) -> Iterator[DockerRig]:
    settings.ENGINE, settings.INSTALLATION_ID, settings.DATA_DIR = "docker", docker_rig.installation, tmp_path
    engine_for.cache_clear()
    platform.proxy.cache_clear()
    yield docker_rig
    engine_for.cache_clear()


@pytest.fixture
def live(rig: DockerRig) -> Release:
    """A release with two instances that answer, behind a proxy in memory."""
    image = rig.build("app:1")
    service = make_service(port=8000, instances=2, start_command="exec serve 200 0,0,0,0", memory_mb=64)
    artifact = Artifact.objects.create(
        service=service, name=image.name, digest=image.digest, size=image.size, commit_sha="1", build_key="1"
    )
    release = make_release(service, Status.LIVE, artifact=artifact)
    ledger = Ledger(release, rig.engine, platform.proxy())
    network = rig.engine.ensure_network(service.environment.code)
    for index in (1, 2):
        request = instances.request_of(release, index, network, image.digest)
        ledger.note(ResourceKind.INSTANCE, request.name)
        instances.start(rig.engine, release, index, request)
    slot = ledger.take_slot()
    platform.proxy().fill(instances.slot_of(release, slot))
    platform.proxy().point(service.host, slot)
    return release


def proxied() -> list[str]:
    proxy = platform.proxy()
    assert isinstance(proxy, MemoryProxy)
    return [target.address for slot in proxy.table().slots for target in slot.targets]


def answers(rig: DockerRig, release: Release) -> list[bool]:
    names = [instances.name_of(release, index) for index in (1, 2)]
    return [rig.engine.probe(name, 8000, "", release.service.host).ok for name in names]


def test_nothing_is_touched_where_all_runs(rig: DockerRig, live: Release) -> None:
    until(lambda: all(answers(rig, live)))
    before = {instance.id for instance in rig.engine.instances()}
    assert reconcile(apply=True) == []
    assert {instance.id for instance in rig.engine.instances()} == before


def test_killed_and_removed_instances_run_again_and_the_orphan_is_gone(rig: DockerRig, live: Release) -> None:
    killed, removed = (instances.name_of(live, index) for index in (1, 2))
    rig.engine.stop(killed, 0)  # to the engine it is what an operator wanted, and stays
    assert rig.engine.inspect(killed).state is InstanceState.EXITED
    rig.engine.remove(removed)
    rig.start("orphan", rig.base, command="exec sleep 100", labels=Labels(release="999999"))
    begun = time.monotonic()
    found = reconcile(apply=True)
    assert time.monotonic() - begun < 60
    assert [finding.outcome for finding in found if finding.subject != "engine"] == [Outcome.REPAIRED] * len(found)
    assert {instance.name for instance in rig.engine.instances()} == {killed, removed}
    assert answers(rig, live) == [True, True]
    assert sorted(proxied()) == sorted(instance.address for instance in rig.engine.instances())
    assert reconcile(apply=True) == []


def test_an_instance_that_came_back_at_another_address_is_found_by_the_proxy(rig: DockerRig, live: Release) -> None:
    """As after a restart of an engine that gives addresses out anew."""
    addresses = [rig.engine.inspect(instances.name_of(live, index)).address for index in (1, 2)]
    for row, other in zip(live.instances.all(), addresses[::-1], strict=True):
        live.instances.filter(pk=row.pk).update(address=other)
    assert live.slot is not None
    platform.proxy().fill(instances.slot_of(live, live.slot))
    assert proxied() == addresses[::-1]
    reconcile(apply=True)
    assert proxied() == addresses
    assert reconcile(apply=True) == []
