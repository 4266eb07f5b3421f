"""What is said of a deploy's downtime before it, and what happens without memory for two releases at once."""

from __future__ import annotations

from typing import Any

import pytest

from releases import downtime
from releases.engine.memory import MemoryEngine
from releases.models import Release, Stage, Status
from tests.factories import make_release, make_service, make_settings
from tests.releases.conftest import World


@pytest.fixture
def engine(db: None, settings: Any) -> MemoryEngine:
    settings.MEMORY_FLOOR_MB = 100
    return MemoryEngine("aaaaaaaa")


def test_a_release_that_serves_makes_a_deploy_go_without(engine: MemoryEngine) -> None:
    live = make_release()
    expected = downtime.expect(live.service, make_settings(), engine)
    assert (expected.is_expected, expected.fits) == (False, True)
    assert str(expected) == "This deploy has no downtime. Release #1 serves until the new one answers."


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (Status.FAILED, "It is the first one"),
        (Status.QUEUED, "It is the first one"),
        (Status.SUSPENDED, "The service is suspended"),
        (Status.RETIRED, "Nothing serves now"),
    ],
)
def test_where_nothing_serves_there_is_downtime_and_its_reason(engine: MemoryEngine, status: Status, why: str) -> None:
    release = make_release(status=status)
    expected = downtime.expect(release.service, make_settings(), engine)
    assert expected.is_expected and expected.fits
    assert expected.why.startswith(why)


def test_a_service_that_does_not_exist_yet_has_its_first_deploy(engine: MemoryEngine) -> None:
    make_release()
    assert downtime.expect(None, make_settings(), engine).why.startswith("It is the first one")


def test_without_memory_for_two_nothing_is_started_and_the_numbers_are_named(engine: MemoryEngine) -> None:
    service = make_release().service
    size = make_settings(instances=2, memory_mb=512)
    engine.memory_free_mb = 1124
    assert downtime.expect(service, size, engine).fits
    engine.memory_free_mb = 1123
    expected = downtime.expect(service, size, engine)
    assert not expected.fits and not expected.is_expected
    assert str(expected) == (
        "This deploy will fail before anything is started. Not enough memory: it needs 2 × 512 MB = 1024 MB beside "
        "release #1, and the machine has 1123 MB free, of which 100 MB have to stay free. Release #1 goes on serving."
    )
    first = downtime.expect(make_service(), make_settings(memory_mb=2048), engine)
    assert first.why == (
        "Not enough memory: it needs 2048 MB, and the machine has 1123 MB free, of which 100 MB have to stay free."
    )


def test_memory_is_short_below_the_floor(engine: MemoryEngine) -> None:
    engine.memory_free_mb = 300
    assert [downtime.memory_is_short(engine, extra) for extra in (0, 200, 201)] == [False, False, True]
    engine.memory_free_mb = 99
    assert downtime.memory_is_short(engine)


def failed_for_memory(world: World) -> Release:
    world.engine.memory_free_mb = 200
    release = world.deploy()
    assert (release.status, release.failed_stage) == (Status.FAILED, Stage.START)
    assert release.reason.startswith("Not enough memory: it needs 256 MB")
    return release


def test_the_release_that_serves_goes_on_when_there_is_no_room(world: World) -> None:
    live = world.deploy()
    before = world.instances()
    release = failed_for_memory(world)
    live.refresh_from_db()
    assert (live.status, world.instances(), release.instances.count()) == (Status.LIVE, before, 0)
    assert world.proxy.ask(world.service.host).release == str(live.pk)
    assert "Release #1 still serves." in world.log(release)
    world.engine.memory_free_mb = 1000
    assert world.deploy().status == Status.LIVE


def test_the_log_says_beforehand_whether_there_is_downtime(world: World) -> None:
    first, second = world.deploy(), world.deploy()
    assert "This deploy has downtime. It is the first one" in world.log(first)
    assert "This deploy has no downtime. Release #1 serves until the new one answers." in world.log(second)
