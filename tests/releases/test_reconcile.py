"""Database, engine and proxy are compared, what differs is repaired, and deploys are not disturbed."""

from __future__ import annotations

import fcntl
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from releases import actions, lastwords, platform, sweep
from releases.agent import presence
from releases.engine.base import EngineError, InstanceState
from releases.lease import LEASE
from releases.ledger import Ledger
from releases.models import Artifact, Instance, Release, Resource, ResourceKind, Status
from releases.proxy.base import Slot, Target
from releases.reconcile import Busy, Outcome, reconcile
from services.models import AuditEvent, Service
from tests.factories import make_user
from tests.releases.conftest import World


def events() -> list[str]:
    return [event.text for event in AuditEvent.objects.filter(verb="reconcile").order_by("pk")]


def add_orphan(world: World, name: str = "orphan", **labels: str) -> None:
    like = world.engine.request_of(world.instances()[0])
    world.engine.start(replace(like, name=name, labels=replace(like.labels, **labels)))


def test_nothing_is_found_where_everything_fits(world: World) -> None:
    world.deploy()
    world.commit()
    world.deploy()
    before = world.proxy.table()
    assert reconcile(apply=True) == []
    assert world.proxy.table() == before
    assert events() == []


@pytest.mark.parametrize("label", ["123456789", "", "nonsense", "9" * 30])
def test_an_instance_of_no_release_is_removed(world: World, label: str) -> None:
    world.deploy()
    running = world.instances()
    add_orphan(world, release=label)
    [finding] = reconcile(apply=True)
    assert finding.outcome is Outcome.REPAIRED
    assert world.instances() == running
    assert events() == ["It runs on the engine, but no release needs it. It was stopped and removed."]


def test_an_instance_too_many_of_a_live_release_is_removed(world: World) -> None:
    world.deploy()
    running = world.instances()
    add_orphan(world)
    reconcile(apply=True)
    assert world.instances() == running


def test_the_console_has_the_last_words_of_what_is_removed(
    world: World, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    presence.show()
    world.deploy()
    add_orphan(world)
    orphan = world.engine.inspect("orphan")
    asked: list[tuple[int, InstanceState]] = []

    def is_known(service: int, id: str, ended: float) -> bool:
        assert id == orphan.id
        asked.append((service, world.engine.inspect(id).state))
        return len(asked) == 2

    monkeypatch.setattr(lastwords, "_is_known", is_known)
    reconcile(apply=True)
    assert asked == [(world.service.pk, InstanceState.EXITED)] * 2
    assert len(world.instances()) == 1


def test_a_dry_run_changes_nothing(world: World) -> None:
    release = world.deploy()
    add_orphan(world, release="123456789")
    world.engine.remove(release.instances.get().name)
    world.proxy.forget(world.service.host)
    found = reconcile(apply=False)
    assert [finding.outcome for finding in found] == [Outcome.FOUND] * 3
    assert world.instances() == ["orphan"]
    assert world.serving() is None
    assert events() == []


@pytest.mark.parametrize("status", [Status.DEPLOYING, Status.ABORTING])
def test_what_a_release_in_work_has_made_is_left_to_it(world: World, status: Status) -> None:
    world.deploy()
    release = world.queue()
    claimed = world.claim()
    Release.objects.filter(pk=release.pk).update(status=status)
    add_orphan(world, "half-made", release=str(release.pk))
    slot = Ledger(claimed, world.engine, world.proxy).take_slot()
    world.proxy.fill(Slot(slot, str(release.pk), (Target("i1", "10.9.9.9", 3000),)))
    world.proxy.point(world.service.host, slot)
    assert reconcile(apply=True) == []
    assert "half-made" in world.instances()
    assert world.serving() == str(release.pk)


def test_a_release_that_is_being_drained_is_left_until_nobody_can_be_draining_it(world: World) -> None:
    first = world.deploy()
    name = first.instances.get().name
    world.commit()
    world.deploy()
    add_orphan(world, name, release=str(first.pk))
    assert reconcile(apply=True) == []
    long_ago = timezone.now() - LEASE - timedelta(seconds=1)
    Release.objects.filter(pk=first.pk).update(retired_at=long_ago)
    assert reconcile(apply=True) == []
    Release.objects.update(heartbeat_at=long_ago)
    assert [finding.outcome for finding in reconcile(apply=True)] == [Outcome.REPAIRED]
    assert name not in world.instances()


def test_what_the_ledger_holds_is_left_to_the_sweep(world: World) -> None:
    release = world.deploy()
    long_ago = timezone.now() - timedelta(hours=1)
    over = {"status": Status.FAILED, "finished_at": long_ago, "heartbeat_at": long_ago}
    Release.objects.filter(pk=release.pk).update(**over)
    reconcile(apply=True)
    assert len(world.instances()) == 1
    sweep.remove_left_behind()
    assert world.instances() == []


def test_the_sweep_removes_what_a_suspended_release_left_when_it_was_retired_by_a_resume(world: World) -> None:
    release = world.deploy()
    Release.objects.filter(pk=release.pk).update(status=Status.RETIRED, retired_at=None)
    assert sweep.remove_left_behind() > 0
    assert world.instances() == []


def test_an_orphan_that_got_a_release_in_the_meantime_stays(world: World) -> None:
    release = world.deploy()
    long_ago = timezone.now() - timedelta(hours=1)
    over = {"status": Status.FAILED, "finished_at": long_ago, "heartbeat_at": long_ago}
    Release.objects.filter(pk=release.pk).update(**over)
    Resource.objects.all().delete()
    [orphan] = [finding for finding in reconcile(apply=False) if finding.subject.startswith("instance ")]
    Release.objects.filter(pk=release.pk).update(status=Status.LIVE)
    orphan.carry_out()
    assert orphan.outcome is Outcome.GONE
    assert len(world.instances()) == 1


def test_a_missing_instance_is_started_again_as_it_was(world: World) -> None:
    world.service = world.make_service(instances=2, memory_mb=96)
    release = world.deploy()
    lost = release.instances.get(index=2)
    before = world.engine.request_of(lost.name)
    world.engine.remove(lost.name)
    gone, *_ = reconcile(apply=True)
    assert gone.problem == "Instance 2 of release #1 was gone."
    assert world.engine.request_of(lost.name) == before
    assert len(world.instances()) == 2
    assert world.serving() == str(release.pk)
    assert reconcile(apply=True) == []


def test_an_instance_that_ended_and_is_not_restarted_by_the_engine_is_started_again(world: World) -> None:
    release = world.deploy()
    name = release.instances.get().name
    world.engine.crash(name, 3)
    ended, *_ = reconcile(apply=True)
    assert "ended with exit code 3" in ended.problem
    assert world.engine.inspect(name).state is InstanceState.RUNNING
    assert world.serving() == str(release.pk)


def test_each_time_an_instance_ran_has_a_row(world: World) -> None:
    release = world.deploy()
    world.engine.remove(release.instances.get().name)
    reconcile(apply=True)
    first, second = release.instances.order_by("pk")
    assert first.removed_at is not None and second.removed_at is None
    assert (first.index, first.name) == (second.index, second.name)
    assert first.removed_at <= second.started_at


def test_a_new_address_reaches_the_proxy(world: World) -> None:
    """As after a restart of an engine that gives addresses out anew: the instance runs, but elsewhere."""
    release = world.deploy()
    Instance.objects.filter(release=release).update(address="10.1.2.3")
    reconcile(apply=True)
    [address] = [instance.address for instance in world.engine.instances()]
    assert release.instances.get().address == address
    [slot] = world.proxy.table().slots
    assert [target.address for target in slot.targets] == [address]


def test_the_network_is_made_again(world: World) -> None:
    release = world.deploy()
    world.engine.remove(release.instances.get().name)
    world.engine.remove_network(world.service.environment.code)
    reconcile(apply=True)
    assert len(world.instances()) == 1


def test_a_release_whose_image_is_gone_is_named_and_the_rest_is_repaired(world: World) -> None:
    release = world.deploy()
    assert release.artifact is not None
    world.engine.remove(release.instances.get().name)
    world.engine.remove_image(release.artifact.name)
    failed, artifact = reconcile(apply=True)
    assert failed.outcome is Outcome.FAILED
    assert "no image" in failed.problem
    assert artifact.outcome is Outcome.REPAIRED
    release.artifact.refresh_from_db()
    assert release.artifact.pruned_at is not None
    assert len(events()) == 1


def test_a_release_that_was_replaced_while_its_instance_started_keeps_none(world: World) -> None:
    release = world.deploy()
    name = release.instances.get().name
    world.engine.remove(name)

    def replaced(*_: Any) -> Any:
        Release.objects.filter(pk=release.pk).update(status=Status.RETIRED, retired_at=timezone.now())
        return network(world.service.environment.code)

    network = world.engine.ensure_network
    [finding] = [found for found in reconcile(apply=False) if "gone" in found.problem]
    world.engine.ensure_network = replaced  # type: ignore[method-assign]
    finding.carry_out()
    assert finding.outcome is Outcome.GONE
    assert world.instances() == []
    assert not release.instances.filter(removed_at=None).exists()
    assert not release.resources.standing().filter(kind=ResourceKind.INSTANCE).exists()


def test_nothing_is_started_for_a_service_that_is_being_deleted(world: World) -> None:
    release = world.deploy()
    Service.objects.update(deleting_at=timezone.now())
    world.engine.remove(release.instances.get().name)
    reconcile(apply=True)
    assert world.instances() == []


def test_an_engine_that_does_not_answer_leaves_the_proxy_to_be_repaired(world: World) -> None:
    release = world.deploy()
    add_orphan(world, release="123456789")
    world.proxy.forget(world.service.host)
    world.engine.fail("instances")
    silent, repaired = reconcile(apply=True)
    assert (silent.subject, silent.outcome) == ("engine", Outcome.FOUND)
    assert "does not answer" in silent.problem
    assert repaired.outcome is Outcome.REPAIRED
    assert "orphan" in world.instances()
    assert world.serving() == str(release.pk)
    reconcile(apply=True)
    assert "orphan" not in world.instances()


def test_a_proxy_that_does_not_answer_is_repaired_by_the_next_run(world: World) -> None:
    release = world.deploy()
    world.proxy.forget(world.service.host)
    world.proxy.fail("table")
    [silent] = reconcile(apply=True)
    assert silent.subject == "proxy"
    reconcile(apply=True)
    assert world.serving() == str(release.pk)


def test_a_repair_that_fails_does_not_keep_the_others_from_theirs(world: World) -> None:
    world.deploy()
    add_orphan(world, "one", release="123456789")
    add_orphan(world, "two", release="123456789")
    world.engine.fail("remove", EngineError("It is stuck."))
    assert sorted(finding.outcome for finding in reconcile(apply=True)) == [Outcome.FAILED, Outcome.REPAIRED]
    reconcile(apply=True)
    assert len(world.instances()) == 1


def test_an_artifact_whose_image_is_gone_counts_as_pruned(world: World) -> None:
    release = world.deploy()
    assert release.artifact is not None
    world.engine.remove_image(release.artifact.name)
    reconcile(apply=True)
    assert Artifact.objects.get().pruned_at is not None


def test_ledger_rows_and_instances_that_stand_for_nothing_are_struck_off(world: World) -> None:
    release = world.deploy()
    world.engine.remove(world.instances()[0])
    long_ago = timezone.now() - timedelta(hours=1)
    over = {"status": Status.ABORTED, "finished_at": long_ago, "heartbeat_at": long_ago}
    Release.objects.filter(pk=release.pk).update(slot=None, **over)
    Instance.objects.create(release=release, index=2, name="forgotten", started_at=long_ago)
    reconcile(apply=True)
    assert not release.resources.standing().exists()
    assert not release.instances.filter(removed_at=None).exists()


def test_a_slot_that_was_given_back_before_is_not_emptied_for_its_new_owner(world: World) -> None:
    """A clean-up was interrupted between the row of the release and the row of the ledger."""
    release = world.deploy()
    failed = world.queue()
    Release.objects.filter(pk=failed.pk).update(status=Status.FAILED)
    Resource.objects.create(release=failed, kind=ResourceKind.SLOT, name=str(release.slot))
    failed.refresh_from_db()
    Ledger(failed, world.engine, world.proxy).undo()
    assert world.serving() == str(release.pk)
    assert not failed.resources.standing().exists()


def test_one_run_at_a_time(world: World, settings: Any) -> None:
    world.deploy()
    path = Path(settings.DATA_DIR) / "reconcile.lock"
    with path.open("w") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(Busy):
            reconcile(apply=True)
    assert reconcile(apply=True) == []


def test_a_suspended_service_is_not_brought_back(world: World) -> None:
    world.deploy()
    actions.suspend(make_user(), world.service)
    sweep.remove_left_behind()
    assert reconcile(apply=True) == []
    assert world.instances() == []
    assert platform.proxy().table().hosts == {}
