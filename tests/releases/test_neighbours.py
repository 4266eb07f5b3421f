"""The name of a service inside its environment, from one release to the next."""

from __future__ import annotations

import pytest
from django.utils import timezone

from releases import neighbours
from releases.engine.base import EngineError, InstanceRequest
from releases.engine.base import Instance as Seen
from releases.models import Stage, Status
from services.models import Service
from tests.factories import make_service
from tests.releases.conftest import World

Calls = list[tuple[str, ...]]


@pytest.fixture
def calls(world: World, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What is done to instances and to the route, in order. Nobody waits for callers."""
    monkeypatch.setattr(neighbours, "LET_GO", 0)
    made: Calls = []
    start, stop, answer_to, point = (
        world.engine.start,
        world.engine.stop,
        world.engine.answer_to,
        world.proxy.point,
    )

    def started(request: InstanceRequest) -> Seen:
        made.append(("start", request.name[-3:], request.alias))
        return start(request)

    def stopped(name: str, grace: float) -> None:
        made.append(("stop", name[-3:]))
        stop(name, grace)

    def named(name: str, alias: str) -> bool:
        made.append(("name", name[-3:], alias))
        return answer_to(name, alias)

    def pointed(host: str, slot: int) -> None:
        made.append(("point",))
        point(host, slot)

    for call, heard in (("start", started), ("stop", stopped), ("answer_to", named)):
        monkeypatch.setattr(world.engine, call, heard)
    monkeypatch.setattr(world.proxy, "point", pointed)
    return made


def test_it_is_given_before_the_switch_and_taken_before_the_stop(world: World, calls: Calls) -> None:
    web = world.service.name
    make_service(world.service.environment)
    world.deploy()
    world.deploy()
    assert calls == [
        ("start", "1-1", ""),
        ("name", "1-1", web),
        ("point",),
        ("start", "2-1", ""),
        ("name", "2-1", web),
        ("point",),
        ("name", "1-1", ""),
        ("stop", "1-1"),
    ]


def test_where_nobody_calls_it_is_there_from_the_start(world: World, calls: Calls) -> None:
    web = world.service.name
    make_service()  # in another environment
    gone = make_service(world.service.environment)
    Service.objects.filter(pk=gone.pk).update(deleting_at=timezone.now())
    world.deploy()
    assert calls == [("start", "1-1", web), ("name", "1-1", web), ("point",)]


def test_one_that_does_not_prove_itself_never_has_it(world: World, calls: Calls) -> None:
    make_service(world.service.environment)
    world.deploy()
    del calls[:]
    world.proxy.fail("ask_slot")
    release = world.deploy()
    assert (release.status, release.failed_stage) == (Status.FAILED, Stage.SWITCH)
    assert ("name", "2-1", world.service.name) not in calls


def test_an_instance_that_cannot_change_its_name_is_stopped_all_the_same(world: World, calls: Calls) -> None:
    make_service(world.service.environment)
    world.deploy()
    world.engine.fail("answer_to", EngineError("The engine is on fire."), times=2)
    release = world.deploy()
    assert (release.status, release.failed_stage) == (Status.FAILED, Stage.SWITCH)
    assert "The engine is on fire." in release.reason
    assert calls[-1] == ("stop", "2-1")
    assert world.serving() == str(world.service.releases.get(number=1).pk)
