"""What follows the switch: the drain, the way back that stays open for a while, and the proof."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from releases import actions, pipeline
from releases.models import Proof, Release, Stage, StageRun, StageStatus, Status
from releases.proxy.base import Answer, Slot, Traffic
from releases.stages.lookout import clearly_worse
from tests import waiting
from tests.factories import make_user
from tests.releases.conftest import World

WAIT = 100.0  # seconds; a bound for a hang, also where the clock goes faster
until = partial(waiting.until, seconds=WAIT)


class Deploy:
    """A deploy in a thread of its own, as a worker's."""

    def __init__(self, world: World, **settings: object) -> None:
        self._world = world
        if settings:
            type(world.service).objects.filter(pk=world.service.pk).update(**settings)
        world.commit(f"Change {time.monotonic()}")
        self.release = world.queue()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        from django.db import connection

        pipeline.run(self._world.claim(), lambda: None)
        connection.close()

    def __enter__(self) -> Deploy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(WAIT)
        assert not self._thread.is_alive()

    def fresh(self) -> Release:
        self.release.refresh_from_db()
        return self.release

    def until_offered(self) -> Release:
        until(lambda: self.fresh().undo_until is not None)
        return self.release

    def end_window(self) -> None:
        """As the next release of the service does."""
        self._world.queue().transition(Status.QUEUED, Status.DEPLOYING)


def test_what_is_open_on_the_old_release_may_finish_and_is_shown_meanwhile(world: World) -> None:
    first = world.deploy()
    assert first.slot is not None
    world.proxy.connect(first.slot, requests=1, long=2)
    with Deploy(world, drain_seconds=600) as deploy:
        until(lambda: deploy.fresh().status == Status.LIVE)
        run = StageRun.objects.filter(release=deploy.release, stage=Stage.RETIRE)
        until(lambda: "1 request and 2 long connections" in "".join(run.values_list("note", flat=True)))
        assert len(world.instances()) == 2
        world.proxy.connect(first.slot, requests=-1, long=-2)
    assert len(world.instances()) == 1


def test_what_is_still_open_at_the_limit_is_closed_one_after_the_other(world: World, hurry: Callable[[], None]) -> None:
    first = world.deploy()
    assert first.slot is not None
    world.proxy.connect(first.slot, requests=0, long=20)
    hurry()
    with Deploy(world, drain_seconds=0) as deploy:
        pass
    assert "20 long connections of release #1 are closed at the limit" in world.log(deploy.release)
    assert world.instances() and first.pk and len(world.instances()) == 1


def test_the_old_release_runs_on_for_a_while_and_undo_goes_back_to_it(world: World) -> None:
    first = world.deploy()
    user = make_user("ada")
    with Deploy(world, undo_window=600) as deploy:
        second = deploy.until_offered()
        assert world.serving() == str(second.pk)
        assert len(world.instances()) == 2
        assert actions.may_undo(second)
        actions.undo(user, second)
        actions.undo(user, second)
    first.refresh_from_db()
    deploy.fresh()
    assert (first.status, first.retired_at) == (Status.LIVE, None)
    assert (second.status, second.reason) == (Status.FAILED, "ada went back to release #1.")
    assert second.taken_back_at is not None
    assert second.served_meanwhile == first
    assert world.serving() == str(first.pk)
    assert [name.split("-")[-2] for name in world.instances()] == ["1"]
    assert dict(second.stages.values_list("stage", "status"))[Stage.RETIRE] == StageStatus.FAILED


def test_after_the_window_undo_is_not_offered(world: World, hurry: Callable[[], None]) -> None:
    world.deploy()
    hurry()
    with Deploy(world, undo_window=1) as deploy:
        pass
    second = deploy.fresh()
    assert (second.status, second.undo_until) == (Status.LIVE, None)
    assert len(world.instances()) == 1
    with pytest.raises(actions.TooLate, match="Use Rollback"):
        actions.undo(make_user(), second)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An instance that ended may stay down for as long as a test takes to start it again."""
    monkeypatch.setattr("releases.stages.lookout.LOOP_ENDED", 3600.0)


@pytest.mark.usefixtures("patient")
def test_a_new_release_that_crashes_again_and_again_is_taken_back(world: World, hurry: Callable[[], None]) -> None:
    first = world.deploy()
    with Deploy(world, undo_window=600) as deploy:
        second = deploy.until_offered()
        name = second.instances.get().name
        for _ in range(2):
            world.engine.crash(name, 3)
            world.engine.restart(name)
        hurry()
    assert deploy.fresh().status == Status.FAILED
    assert "again and again after the switch" in second.reason
    assert second.diagnosis.cause == "crash-loop"
    assert world.serving() == str(first.pk)


def test_a_new_release_that_ends_and_stays_down_is_taken_back(world: World, hurry: Callable[[], None]) -> None:
    first = world.deploy()
    with Deploy(world, undo_window=600) as deploy:
        world.engine.crash(deploy.until_offered().instances.get().name, 3)
        hurry()
    assert "ended after the switch, with exit code 3, and did not come back" in deploy.fresh().reason
    assert world.serving() == str(first.pk)


@pytest.mark.usefixtures("patient")
def test_errors_while_an_instance_is_down_are_told_with_its_end(world: World, hurry: Callable[[], None]) -> None:
    first = world.deploy()
    with Deploy(world, undo_window=600) as deploy:
        second = deploy.until_offered()
        assert second.slot is not None
        name = second.instances.get().name
        world.engine.crash(name, 3)
        world.engine.restart(name)
        world.proxy.serve(second.slot, answers=100, errors=60)
        hurry()
    assert f"{name} ended after the switch, with exit code 3. 60 of its 1" in deploy.fresh().reason
    assert deploy.release.diagnosis.cause == "crash-loop"
    assert world.serving() == str(first.pk)


def test_a_new_release_with_many_server_errors_is_taken_back(world: World, hurry: Callable[[], None]) -> None:
    first = world.deploy()
    assert first.slot is not None
    world.proxy.serve(first.slot, answers=1000, errors=1)
    with Deploy(world, undo_window=600) as deploy:
        second = deploy.until_offered()
        assert second.slot is not None
        world.proxy.serve(second.slot, answers=100, errors=60)
        hurry()
    assert "server errors (5xx)" in deploy.fresh().reason
    assert "of release #1 it were 1 of 10" in deploy.release.reason
    assert deploy.release.diagnosis.cause == "errors-after-switch"
    assert world.serving() == str(first.pk)


@pytest.mark.parametrize(
    ("before", "now", "worse"),
    [
        (Traffic(100, 0), Traffic(100, 20), True),
        (Traffic(0, 0), Traffic(20, 10), True),
        (Traffic(100, 0), Traffic(19, 19), False),
        (Traffic(100, 0), Traffic(1000, 9), False),
        (Traffic(100, 0), Traffic(1000, 90), False),
        (Traffic(100, 40), Traffic(100, 60), False),
        (Traffic(100, 100), Traffic(100, 100), False),
    ],
)
def test_a_rise_must_be_clear(before: Traffic, now: Traffic, worse: bool) -> None:
    assert clearly_worse(before, now) is worse


def test_the_window_ends_when_the_next_release_of_the_service_begins(world: World, hurry: Callable[[], None]) -> None:
    world.deploy()
    with Deploy(world, undo_window=600) as deploy:
        deploy.until_offered()
        deploy.end_window()
        hurry()
    assert "another release takes its turn" in world.log(deploy.release)
    assert len(world.instances()) == 1


@pytest.fixture
def asked(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Answer]:
    """What the public address answered."""
    answers: list[Answer] = []
    ask = world.proxy.ask

    def asking(host: str, path: str = "/") -> Answer:
        answers.append(ask(host, path))
        return answers[-1]

    monkeypatch.setattr(world.proxy, "ask", asking)
    return answers


def test_the_proof_counts_what_visitors_would_have_met(
    world: World, asked: list[Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.deploy()
    asked.clear()
    fill = world.proxy.fill

    def filling(slot: Slot) -> None:
        until(lambda: asked)
        fill(slot)

    monkeypatch.setattr(world.proxy, "fill", filling)
    with Deploy(world, undo_window=600, settle_count=3) as deploy:
        second = str(deploy.until_offered().pk)
        until(lambda: sum(answer.release == second for answer in asked) >= 10)
        deploy.end_window()
    proof = Proof.objects.get(release=deploy.release)
    assert (proof.previous, proof.failed, proof.errors) == (first.number, 0, 0)
    assert proof.finished_at is not None and proof.requests > 10
    old, new, failed = (sum(counts) for counts in zip(*proof.slices, strict=True))
    assert old >= 1 and new >= 10 and failed == 0
    assert old + new == proof.requests
    assert proof.first_new_ms is not None


def test_a_switch_that_loses_requests_shows_in_the_proof(world: World, asked: list[Answer]) -> None:
    world.deploy()
    with Deploy(world, undo_window=600, settle_count=3) as deploy:
        deploy.until_offered()
        world.proxy.silent.add(world.service.host)
        until(lambda: sum(bool(answer.problem) for answer in asked) >= 3)
        time.sleep(0.4)  # the gap that is measured below
        world.proxy.silent.clear()
        deploy.end_window()
    proof = Proof.objects.get(release=deploy.release)
    assert proof.failed >= 3
    assert proof.longest_gap_ms >= 300
    assert proof.problems


def test_a_first_release_has_no_proof(world: World) -> None:
    assert not Proof.objects.filter(release=world.deploy()).exists()


def test_others_are_told_when_the_release_is_live_not_when_the_old_one_is_gone(world: World) -> None:
    told: list[str] = []
    world.queue()
    first = world.claim()
    pipeline.run(first, lambda: told.append(Release.objects.get(pk=first.pk).status))
    assert told == [Status.LIVE]


def test_without_memory_to_spare_the_old_release_is_not_kept(
    world: World, settings: Any, hurry: Callable[[], None]
) -> None:
    world.deploy()
    with Deploy(world, undo_window=600) as deploy:
        deploy.until_offered()
        settings.MEMORY_FLOOR_MB = 10**9
        hurry()
    assert "#1 is not kept for Undo: memory is short" in world.log(deploy.release)
    assert deploy.fresh().status == Status.LIVE
    assert len(world.instances()) == 1
