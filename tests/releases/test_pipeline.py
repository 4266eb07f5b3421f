"""The whole story of a release, on an engine and a proxy in memory."""

from __future__ import annotations

import threading
import time

import pytest
from django.utils import timezone

from releases import lease, pipeline
from releases.engine.base import EngineError
from releases.engine.memory import Behaviour
from releases.ledger import Ledger
from releases.models import Artifact, Release, ResourceKind, Stage, StageStatus, Status
from releases.proxy.base import Answer, ProxyError
from services.models import Service
from services.settings import Variable
from tests.factories import make_service
from tests.releases.conftest import World
from tests.waiting import until

BUILT = "kh-*"


def stages(release: Release) -> dict[str, str]:
    return dict(release.stages.values_list("stage", "status"))


def standing(release: Release) -> list[str]:
    return [row.kind for row in release.resources.standing()]


def test_a_first_deploy_goes_live(world: World) -> None:
    release = world.deploy()
    assert (release.reason, release.status) == ("", Status.LIVE)
    assert stages(release) == dict.fromkeys(Stage.values, StageStatus.DONE)
    assert world.proxy.ask(world.service.host).release == str(release.pk)
    assert world.instances() == [f"{world.service.environment.code}-{world.service.name}-1-1"]
    assert release.commit_subject == "Add web"
    assert release.artifact is not None and release.artifact.commit_sha == release.commit_sha


def test_the_next_release_replaces_the_first(world: World) -> None:
    first = world.deploy()
    world.commit("Say more")
    second = world.deploy()
    first.refresh_from_db()
    assert (first.status, second.status) == (Status.RETIRED, Status.LIVE)
    assert second.commit_subject == "Say more"
    assert world.proxy.ask(world.service.host).release == str(second.pk)
    assert [name.split("-")[-2] for name in world.instances()] == ["2"]
    assert standing(first) == []


def test_all_instances_are_started_and_get_traffic(world: World) -> None:
    world.service = world.make_service(instances=3)
    release = world.deploy()
    assert len(world.instances()) == 3
    slot = next(slot for slot in world.proxy.table().slots if slot.number == release.slot)
    assert len(slot.targets) == 3


def test_an_equal_build_is_reused(world: World) -> None:
    first = world.deploy()
    second = world.deploy()
    assert second.artifact == first.artifact
    assert Artifact.objects.count() == 1
    assert stages(second)[Stage.BUILD] == stages(second)[Stage.STORE] == StageStatus.REUSED
    assert "is reused" in world.log(second)


def test_an_artifact_that_is_gone_from_the_engine_is_built_again(world: World) -> None:
    first = world.deploy()
    assert first.artifact is not None
    world.engine.remove_image(first.artifact.name)
    second = world.deploy()
    assert second.status == Status.LIVE
    assert stages(second)[Stage.BUILD] == StageStatus.DONE


def test_the_new_settings_reach_the_instance(world: World) -> None:
    world.service = make_service(
        repository_url=f"file://{world.repository}",
        port=4321,
        variables=[Variable("GREETING", "hi"), Variable("PORT", "1")],
    )
    release = world.deploy()
    assert release.status == Status.LIVE
    request = world.engine.request_of(world.instances()[0])
    assert request.environment == {"GREETING": "hi", "PORT": "4321"}
    assert request.alias == world.service.name


@pytest.mark.parametrize(
    ("call", "stage"),
    [("build", Stage.BUILD), ("ensure_network", Stage.START), ("start", Stage.START), ("probe", Stage.CHECK)],
)
def test_an_engine_that_fails_leaves_the_old_release_serving(world: World, call: str, stage: Stage) -> None:
    first = world.deploy()
    world.commit()
    world.engine.fail(call, EngineError("The engine is on fire."))
    second = world.deploy()
    first.refresh_from_db()
    assert (second.status, second.failed_stage) == (Status.FAILED, stage)
    assert "The engine is on fire." in second.reason
    assert first.status == Status.LIVE
    assert world.proxy.ask(world.service.host).release == str(first.pk)
    assert len(world.instances()) == 1
    assert standing(second) == []
    assert f"Release #{first.number} still serves." in world.log(second)


@pytest.mark.parametrize("call", ["fill", "point"])
def test_a_proxy_that_fails_leaves_the_old_release_serving(world: World, call: str) -> None:
    first = world.deploy()
    world.proxy.fail(call, ProxyError("The proxy has gone for a walk."))
    second = world.deploy()
    assert (second.status, second.failed_stage) == (Status.FAILED, Stage.SWITCH)
    assert world.proxy.ask(world.service.host).release == str(first.pk)
    assert len(world.instances()) == 1
    assert standing(second) == []


def test_a_proxy_that_is_being_restarted_is_waited_for(world: World) -> None:
    world.deploy()
    for call in ("fill", "point"):
        world.proxy.fail(call, times=2)
    second = world.deploy()
    assert second.status == Status.LIVE
    assert world.proxy.ask(world.service.host).release == str(second.pk)


def test_instances_that_may_still_get_visitors_are_not_taken_away(world: World) -> None:
    """As long as the route cannot be taken from a release, its instances stay."""
    release = world.deploy()
    ledger = Ledger(release, world.engine, world.proxy)
    world.proxy.fail("table")
    assert ledger.undo() == []
    assert len(world.instances()) == 1
    assert len(ledger.undo()) == 2


def test_instances_use_up_their_grace_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.service = world.make_service(instances=3)
    release = world.deploy()
    stop, all_of_them = world.engine.stop, threading.Barrier(3, timeout=60)

    def stop_slowly(name: str, grace: float) -> None:
        all_of_them.wait()
        stop(name, grace)

    monkeypatch.setattr(world.engine, "stop", stop_slowly)
    assert len(Ledger(release, world.engine, world.proxy).undo()) == 4
    assert world.instances() == standing(release) == []


def test_an_instance_that_cannot_be_stopped_stays_written_down(world: World) -> None:
    world.service = world.make_service(instances=3)
    release = world.deploy()
    ledger = Ledger(release, world.engine, world.proxy)
    world.engine.fail("stop", EngineError("The engine is on fire."))
    assert len(ledger.undo()) == 3
    assert len(world.instances()) == len(standing(release)) == 1
    assert len(ledger.undo()) == 1
    assert world.instances() == []


def test_a_route_that_does_not_answer_from_the_new_release_is_switched_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.deploy()
    slot = Release.objects.get(pk=first.pk).slot
    monkeypatch.setattr("releases.stages.switch.VERIFY", 0.3)
    world.proxy.silent.add(world.service.host)
    second = world.deploy()
    world.proxy.silent.clear()
    assert (second.status, second.failed_stage) == (Status.FAILED, Stage.SWITCH)
    assert "did not answer from the new release" in second.reason
    assert world.proxy.table().hosts[world.service.host] == slot
    assert world.proxy.ask(world.service.host).release == str(first.pk)


def test_visitors_stay_with_the_old_release_while_the_new_one_only_accepts_connections(world: World) -> None:
    first = world.deploy()
    world.proxy.fail("point")  # it would fail the release if it were asked to move the route
    world.proxy.mute.add(1)
    Service.objects.filter(pk=world.service.pk).update(deploy_timeout=1)
    second = world.deploy()
    assert (second.status, second.failed_stage) == (Status.FAILED, Stage.SWITCH)
    assert "did not answer GET / through the proxy within 1 seconds" in second.reason
    assert world.proxy.ask(world.service.host).release == str(first.pk)


def test_a_failed_build_names_the_reason_and_keeps_no_image(world: World) -> None:
    world.engine.behave(BUILT, Behaviour(build_lines=("Step 3/4 : RUN make", "no rule"), build_exit_code=2))
    release = world.deploy()
    assert (release.status, release.failed_stage) == (Status.FAILED, Stage.BUILD)
    assert release.reason.startswith("The build failed: ")
    assert standing(release) == []
    assert "No release of this service serves yet." in world.log(release)


def test_an_instance_that_ends_at_once_fails_the_check(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("releases.stages.console.QUIET", 60.0)
    monkeypatch.setattr("releases.stages.console.LAST_WORDS", 60.0)
    world.engine.behave(BUILT, Behaviour(lines=("Traceback: boom",), exit_code=1, listens=False))
    release = world.deploy()
    assert (release.status, release.failed_stage) == (Status.FAILED, Stage.CHECK)
    assert "ended with exit code 1 before it answered on port 3000" in release.reason
    assert "Traceback: boom" in world.log(release)
    assert world.instances() == []


def test_an_instance_that_never_listens_fails_at_the_limit(world: World) -> None:
    world.service = world.make_service(deploy_timeout=1)
    world.engine.behave(BUILT, Behaviour(listens=False))
    release = world.deploy()
    assert (release.status, release.failed_stage) == (Status.FAILED, Stage.CHECK)
    assert "did not answer on port 3000 within 1 seconds" in release.reason


def test_a_missing_branch_is_a_clear_failure(world: World) -> None:
    world.service = world.make_service(branch="mian")
    release = world.deploy()
    assert (release.status, release.failed_stage) == (Status.FAILED, Stage.PULL)
    assert "mian" in release.reason and "main" in release.reason


def test_an_unforeseen_fault_is_the_platforms_and_has_an_id(world: World) -> None:
    world.service = world.make_service(language="klingon")
    release = world.deploy()
    assert release.status == Status.FAILED
    assert "A fault of the platform" in release.reason
    assert "klingon" not in release.reason


def test_secrets_are_masked_in_the_log(world: World) -> None:
    world.service = make_service(
        repository_url=f"file://{world.repository}", variables=[Variable("TOKEN", "sesame-open-now")]
    )
    world.engine.behave(BUILT, Behaviour(lines=("my token is sesame-open-now",)))
    log = world.log(world.deploy())
    assert "my token is" in log
    assert "sesame" not in log


def in_background(world: World) -> threading.Thread:
    from django.db import connection

    claimed = world.claim()

    def run() -> None:
        try:
            pipeline.run(claimed, lambda: None)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def wait_for(release: Release, stage: Stage) -> None:
    until(lambda: release.stages.filter(stage=stage).exists())


@pytest.mark.parametrize("stage", [Stage.BUILD, Stage.CHECK])
def test_the_abort_flag_ends_a_running_stage_and_leaves_nothing(world: World, stage: Stage) -> None:
    first = world.deploy()
    world.commit()
    world.engine.behave(BUILT, Behaviour(build_seconds=20 if stage is Stage.BUILD else 0, listens=False))
    second = world.queue()
    thread = in_background(world)
    wait_for(second, stage)
    Release.objects.filter(pk=second.pk).update(abort_requested_at=timezone.now())
    thread.join(timeout=60)
    assert not thread.is_alive()
    second.refresh_from_db()
    assert second.status == Status.ABORTED
    assert stages(second)[stage] == StageStatus.ABORTED
    assert standing(second) == []
    assert len(world.instances()) == 1
    assert world.proxy.ask(world.service.host).release == str(first.pk)


def test_an_abort_does_not_wait_for_an_answer_that_does_not_come(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = world.deploy()
    asked, answered = threading.Event(), threading.Event()

    def ask_slot(*_: object) -> Answer:
        asked.set()
        answered.wait(120)
        return Answer(None, None, 120.0)

    monkeypatch.setattr(world.proxy, "ask_slot", ask_slot)
    second = world.queue()
    thread = in_background(world)
    assert asked.wait(60)
    Release.objects.filter(pk=second.pk).update(abort_requested_at=timezone.now())
    thread.join(timeout=60)
    ended = not thread.is_alive()
    answered.set()
    thread.join()
    second.refresh_from_db()
    assert (ended, second.status, standing(second)) == (True, Status.ABORTED, [])
    assert world.proxy.ask(world.service.host).release == str(first.pk)


def test_an_abort_that_comes_before_the_switch_wins(world: World) -> None:
    first = world.deploy()
    second = world.queue()
    claimed = world.claim()
    Release.objects.filter(pk=second.pk).update(status=Status.ABORTING, abort_requested_at=timezone.now())
    pipeline.run(claimed, lambda: None)
    second.refresh_from_db()
    assert second.status == Status.ABORTED
    assert world.proxy.ask(world.service.host).release == str(first.pk)


def test_a_worker_that_is_stopped_fails_its_release_with_the_reason(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_shutdown", threading.Event())
    world.engine.behave(BUILT, Behaviour(listens=False))
    release = world.queue()
    thread = in_background(world)
    wait_for(release, Stage.CHECK)
    lease.shut_down()
    thread.join(timeout=60)
    release.refresh_from_db()
    assert (release.status, release.reason) == (Status.FAILED, pipeline.SHUTDOWN_REASON)
    assert world.instances() == []


def test_running_requests_may_finish_before_the_old_instances_stop(world: World) -> None:
    first = world.deploy()
    slot = Release.objects.get(pk=first.pk).slot
    assert slot is not None
    world.proxy.connect(slot, long=1)
    second = world.queue()
    thread = in_background(world)
    wait_for(second, Stage.RETIRE)
    time.sleep(0.3)
    assert len(world.instances()) == 2
    world.proxy.connect(slot, long=-1)
    thread.join(timeout=60)
    assert len(world.instances()) == 1
    assert [row.kind for row in first.resources.filter(removed_at=None)] == []
    assert first.resources.filter(kind=ResourceKind.SLOT).exists()
