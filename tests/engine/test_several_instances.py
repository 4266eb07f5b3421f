"""Several instances of a release on a real engine: all have to pass, and one that dies later comes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from releases import instances, pipeline, platform, queue
from releases.engine.base import InstanceState
from releases.engine.registry import engine_for
from releases.logs import reader
from releases.models import Artifact, LogStream, Release, Stage, Status
from releases.proxy.memory import MemoryProxy
from releases.reconcile import reconcile
from tests.engine.rigs import DockerRig
from tests.factories import make_release, make_service
from tests.waiting import until

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]

SERVE = "exec serve 200 0,0,0,0 well"
# One of two neighbouring addresses is even.
EVERY_OTHER = 'case "$(getent hosts $HOSTNAME)" in *[02468]\\ *) exec serve 200 0,0,0,0;; esac; exec sleep 1000'


@pytest.fixture
def rig(docker_rig: DockerRig, settings: Any, tmp_path: Any) -> Iterator[DockerRig]:
    settings.ENGINE, settings.INSTALLATION_ID, settings.DATA_DIR = "docker", docker_rig.installation, tmp_path
    engine_for.cache_clear()
    platform.proxy.cache_clear()
    yield docker_rig
    engine_for.cache_clear()


def deploy(rig: DockerRig, command: str, **settings: Any) -> Release:
    """Of an image that is stored already; carried out to its end."""
    image = rig.build("app:1")
    made = {"port": 8000, "start_command": command, "memory_mb": 64, "deploy_timeout": 60, "undo_window": 0, **settings}
    service = make_service(**made)
    artifact = Artifact.objects.create(
        service=service, name=image.name, digest=image.digest, size=image.size, commit_sha="1" * 40
    )
    release = make_release(service, Status.QUEUED, artifact=artifact, commit_sha="1" * 40)
    LogStream.objects.create(release=release)
    claimed = queue.claim(service.environment.region, "worker")
    assert claimed is not None
    pipeline.run(claimed, when_live=lambda: None)
    release.refresh_from_db()
    return release


def test_all_have_to_pass(rig: DockerRig) -> None:
    release = deploy(rig, EVERY_OTHER, instances=2, deploy_timeout=10)
    assert (release.status, release.failed_stage) == (Status.FAILED, Stage.CHECK)
    assert "did not answer on port 8000 within 10 seconds: the connection was refused" in release.reason
    assert "is ready" in reader.text_after(release.log.pk, 0)[0]
    assert rig.engine.instances() == []


def test_one_that_dies_later_is_started_again_at_its_place(rig: DockerRig) -> None:
    release = deploy(rig, SERVE, instances=2, health_path="/up")
    assert (release.reason, release.status) == ("", Status.LIVE)
    proxy = platform.proxy()
    assert isinstance(proxy, MemoryProxy)
    [slot] = proxy.table().slots
    names = [instances.name_of(release, index) for index in (1, 2)]
    before = [rig.engine.inspect(name).address for name in names]
    assert sorted(target.address for target in slot.targets) == sorted(before)
    rig.crash(names[0])
    until(lambda: rig.engine.inspect(names[0]).restarts == 1)
    until(lambda: rig.engine.probe(names[0], 8000, "/up", "web").ok)
    assert rig.engine.inspect(names[0]).state is InstanceState.RUNNING
    assert [rig.engine.inspect(name).address for name in names] == before
    assert rig.engine.inspect(names[1]).restarts == 0
    assert reconcile(apply=True) == []


def test_one_that_crashes_while_it_settles_fails_the_release(rig: DockerRig) -> None:
    """It opens its port, answers a few times, and ends."""
    command = "serve 200 0,0,0,0 well 20; exit 9"
    release = deploy(rig, command, instances=2, settle_count=50, health_path="/")
    assert (release.status, release.failed_stage) == (Status.FAILED, Stage.CHECK)
    assert "ended with exit code 9 after it had answered on port 8000" in release.reason
    assert rig.engine.instances() == []


# It ends at its first start, as one does that looks for its database in vain.
ONCE_IN_VAIN = "if mkdir /tmp/seen; then exit 7; fi; exec serve 204 0,0,0,0"


def test_a_slow_starter_gets_its_grace(rig: DockerRig) -> None:
    release = deploy(rig, ONCE_IN_VAIN, start_grace=15, health_path="/up", health_status="204")
    assert (release.reason, release.status) == ("", Status.LIVE)
    log = reader.text_after(release.log.pk, 0)[0]
    assert "ended and was started again, within its grace." in log
    assert "the answer has status 204" in log


def test_without_grace_it_has_to_stay(rig: DockerRig) -> None:
    release = deploy(rig, ONCE_IN_VAIN, health_path="/up", health_status="204")
    # It may answer between its second start and the look that finds out about the first.
    assert "ended with exit code 7" in release.reason
    assert rig.engine.instances() == []
