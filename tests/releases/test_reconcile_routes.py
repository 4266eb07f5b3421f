"""Routes and slots of the proxy are compared with the database, after a restart of the proxy too."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone

from releases import tasks
from releases.alone import alone
from releases.models import Instance, Release, Status
from releases.proxy.base import Slot, Table, Target
from releases.reconcile import Outcome, Watch, reconcile
from releases.reconcile.routes import routes
from services.models import AuditEvent
from tests.releases.conftest import World

STRANGER = Slot(40, "999999", (Target("i1", "10.9.9.9", 3000),))


def test_a_proxy_that_knows_nothing_is_told_everything(world: World) -> None:
    release = world.deploy()
    world.proxy.restore(Table())
    found = reconcile(apply=True)
    assert [finding.outcome for finding in found] == [Outcome.REPAIRED]
    assert world.serving() == str(release.pk)
    assert AuditEvent.objects.get(verb="reconcile").text == (
        "The proxy did not hold the instances of release #1. It was put right."
    )


def test_a_route_that_leads_to_a_stranger_is_put_right(world: World) -> None:
    release = world.deploy()
    assert release.slot is not None
    world.proxy.restore(Table((replace(STRANGER, number=release.slot),), {world.service.host: release.slot}))
    reconcile(apply=True)
    assert world.serving() == str(release.pk)


def test_routes_and_slots_of_nothing_are_removed(world: World) -> None:
    release = world.deploy()
    world.proxy.fill(STRANGER)
    world.proxy.point("gone.localhost", STRANGER.number)
    reconcile(apply=True)
    assert set(world.proxy.table().hosts) == {world.service.host}
    assert [slot.release for slot in world.proxy.table().slots] == [str(release.pk)]


def test_a_route_that_was_switched_while_it_was_looked_at_stays_switched(world: World) -> None:
    """The repair was decided on an older look at the proxy."""
    world.deploy()
    world.proxy.forget(world.service.host)
    [finding] = routes(world.engine, world.proxy)
    world.commit()
    second = world.deploy()
    finding.carry_out()
    assert finding.outcome is Outcome.GONE
    assert world.serving() == str(second.pk)


def test_a_switch_in_the_moment_of_the_repair_wins(world: World) -> None:
    """The worker takes its slot, switches, and frees the old slot, between our look and our writing."""
    first = world.deploy()
    world.proxy.forget(world.service.host)
    [finding] = routes(world.engine, world.proxy)
    fill = world.proxy.fill
    seconds: list[Release] = []

    def late(slot: Slot) -> None:
        world.proxy.fill = fill  # type: ignore[method-assign]
        world.commit()
        seconds.append(world.deploy())
        fill(slot)

    world.proxy.fill = late  # type: ignore[method-assign]
    finding.carry_out()
    [second] = seconds
    assert second.status == Status.LIVE
    assert world.serving() == str(second.pk)
    assert [slot.release for slot in world.proxy.table().slots] == [str(second.pk)]
    first.refresh_from_db()
    assert first.status == Status.RETIRED


def test_a_slot_that_was_given_away_in_the_moment_of_its_emptying_is_filled_again(world: World) -> None:
    world.deploy()
    world.proxy.fill(STRANGER)
    [finding] = routes(world.engine, world.proxy)
    other = world.make_service()
    empty = world.proxy.empty

    def late(number: int) -> None:
        world.proxy.empty = empty  # type: ignore[method-assign]
        release = world.queue(other)
        Release.objects.filter(pk=release.pk).update(status=Status.DEPLOYING, slot=number)
        Instance.objects.create(release=release, index=1, name="n", address="10.5.5.5", started_at=timezone.now())
        empty(number)

    world.proxy.empty = late  # type: ignore[method-assign]
    finding.carry_out()
    held = {slot.number: slot for slot in world.proxy.table().slots}
    assert held[STRANGER.number].targets[0].address == "10.5.5.5"


def test_routes_are_compared_once_after_each_restart_of_the_proxy(world: World) -> None:
    release, watch = world.deploy(), Watch()
    assert watch.look() == []
    world.proxy.forget(world.service.host)
    assert watch.look() == [] and world.serving() is None
    world.proxy.restart()
    assert [finding.outcome for finding in watch.look()] == [Outcome.REPAIRED]
    assert world.serving() == str(release.pk)
    world.proxy.forget(world.service.host)
    assert watch.look() == []


@pytest.mark.parametrize("call", ["started", "table"])
def test_a_restart_is_not_forgotten_while_the_proxy_is_silent(world: World, call: str) -> None:
    release, watch = world.deploy(), Watch()
    watch.look()
    world.proxy.forget(world.service.host)
    world.proxy.restart()
    world.proxy.fail(call)
    assert watch.look() == [] and world.serving() is None
    watch.look()
    assert world.serving() == str(release.pk)


def test_a_restart_is_not_forgotten_while_another_run_is_under_way(world: World) -> None:
    release, watch = world.deploy(), Watch()
    world.proxy.forget(world.service.host)
    with alone("reconcile"):
        assert watch.look() == [] and world.serving() is None
    watch.look()
    assert world.serving() == str(release.pk)


def test_the_sweep_looks_for_a_restart(world: World) -> None:
    release = world.deploy()
    tasks.sweep()
    world.proxy.forget(world.service.host)
    world.proxy.restart()
    tasks.sweep()
    assert world.serving() == str(release.pk)
