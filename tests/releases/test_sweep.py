"""What nobody holds is ended, what nobody needs is removed, who waits is woken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from releases import pipeline, sweep
from releases.lease import LEASE
from releases.ledger import Ledger
from releases.models import Release, Resource, ResourceKind, Stage, StageRun, StageStatus, Status
from releases.proxy.base import Slot, Target
from tests.releases.conftest import World

LONG_AGO = LEASE + timedelta(seconds=5)


def lose(release: Release, **fields: object) -> None:
    """As if its worker had died a while ago."""
    Release.objects.filter(pk=release.pk).update(heartbeat_at=timezone.now() - LONG_AGO, **fields)


def test_a_release_whose_worker_died_fails_and_leaves_nothing(world: World) -> None:
    first = world.deploy()
    second = world.queue()
    claimed = world.claim()
    network = world.engine.ensure_network("x")
    live = world.engine.request_of(world.instances()[0])
    world.engine.start(replace(live, name="left-over", network=network))
    Resource.objects.create(release=claimed, kind=ResourceKind.INSTANCE, name="left-over")
    StageRun.objects.create(release=claimed, stage=Stage.CHECK, started_at=timezone.now())
    lose(claimed)
    assert sweep.end_lost("sweeper") == [second]
    second.refresh_from_db()
    assert (second.status, second.failed_stage, second.reason) == (Status.FAILED, Stage.CHECK, pipeline.LOST_REASON)
    assert second.diagnosis.cause == "interrupted"
    assert second.stages.get().status == StageStatus.FAILED
    assert "left-over" not in world.instances()
    assert world.proxy.ask(world.service.host).release == str(first.pk)


def test_a_release_in_work_with_a_fresh_heartbeat_is_left_alone(world: World) -> None:
    release = world.queue()
    world.claim()
    assert sweep.end_lost("sweeper") == []
    release.refresh_from_db()
    assert release.status == Status.DEPLOYING


def test_a_lost_release_that_was_to_be_aborted_is_aborted(world: World) -> None:
    release = world.queue()
    lose(world.claim(), abort_requested_at=timezone.now(), status=Status.ABORTING)
    sweep.end_lost("sweeper")
    release.refresh_from_db()
    assert release.status == Status.ABORTED


def test_traffic_that_went_to_a_lost_release_goes_back_to_the_live_one(world: World) -> None:
    """The worker died between the switch and the database."""
    first = world.deploy()
    second = world.queue()
    claimed = world.claim()
    slot = Ledger(claimed, world.engine, world.proxy).take_slot()
    world.proxy.fill(Slot(slot, str(second.pk), (Target("i1", "10.9.9.9", 3000),)))
    world.proxy.point(world.service.host, slot)
    lose(claimed)
    sweep.end_lost("sweeper")
    assert world.proxy.ask(world.service.host).release == str(first.pk)
    assert slot not in {filled.number for filled in world.proxy.table().slots}
    assert Release.objects.get(pk=second.pk).slot is None


def test_what_an_interrupted_clean_up_left_is_removed(world: World) -> None:
    release = world.deploy()
    Release.objects.filter(pk=release.pk).update(status=Status.FAILED, finished_at=timezone.now() - LONG_AGO)
    assert sweep.remove_left_behind() == 0  # its worker still has it
    Release.objects.update(heartbeat_at=timezone.now() - LONG_AGO)
    assert sweep.remove_left_behind() > 0
    assert world.instances() == []
    assert not release.resources.standing().exists()


def test_nothing_of_a_live_release_is_removed(world: World) -> None:
    release = world.deploy()
    Release.objects.filter(pk=release.pk).update(finished_at=timezone.now() - LONG_AGO)
    assert sweep.remove_left_behind() == 0
    assert len(world.instances()) == 1


def test_a_drain_that_was_cut_off_is_finished_when_its_worker_is_gone(world: World) -> None:
    first = world.deploy()
    Resource.objects.filter(release=first).update(removed_at=None)
    Release.objects.filter(pk=first.pk).update(status=Status.RETIRED, retired_at=timezone.now() - LONG_AGO)
    assert sweep.remove_left_behind() == 0
    Release.objects.update(heartbeat_at=timezone.now() - LONG_AGO)
    assert sweep.remove_left_behind() > 0
    assert world.instances() == []


def test_what_runs_on_a_release_whose_worker_died_in_the_drain_keeps_its_time(world: World) -> None:
    first = world.deploy()
    assert first.slot is not None
    world.proxy.forget(world.service.host)
    world.proxy.connect(first.slot, requests=1)
    first.frozen["drain_seconds"] = 600
    retired = {"status": Status.RETIRED, "retired_at": timezone.now() - LONG_AGO}
    Release.objects.update(heartbeat_at=timezone.now() - LONG_AGO, frozen=first.frozen, **retired)
    assert sweep.remove_left_behind() == 0
    world.proxy.connect(first.slot, requests=-1)
    assert sweep.remove_left_behind() > 0
    assert world.instances() == []


def test_regions_with_queued_releases_are_woken(world: World) -> None:
    assert sweep.regions_with_work() == []
    world.queue()
    assert sweep.regions_with_work() == [world.service.environment.region_id]
