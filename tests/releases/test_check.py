"""The check stage: what an instance has to do to get traffic, and what the log tells of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection

from releases import actions, pipeline
from releases.engine.base import EngineError, Probe
from releases.engine.memory import Behaviour
from releases.models import Instance, Release, Stage, Status
from releases.stages.attempts import MAX_LINES, Attempts
from services.settings import Variable
from tests.factories import make_service
from tests.releases.conftest import World
from tests.waiting import until

BUILT = "kh-*"


def said(*probes: Probe) -> list[str]:
    lines: list[str] = []
    attempts = Attempts("web-1", lines.append)
    for probe in probes:
        attempts.add(probe)
    attempts.close()
    return lines


REFUSED = Probe(False, "the connection was refused", 0.0001)
BUSY = Probe(False, "the answer has status 503", 0.004, 503, "warming up")


def test_an_attempt_has_status_latency_and_the_beginning_of_the_answer() -> None:
    assert said(BUSY) == ["web-1: the answer has status 503: “warming up” (4 ms)."]


def test_equal_attempts_are_counted() -> None:
    slow = Probe(False, BUSY.text, 0.0121, 503, "warming up")
    assert said(*[REFUSED] * 38, BUSY, slow) == [
        "web-1: the connection was refused (0 ms).",
        "web-1: the same 37 times (0 ms).",
        "web-1: the answer has status 503: “warming up” (4 ms).",
        "web-1: the same once more (12 ms).",
    ]


def test_answers_that_are_always_other_ones_do_not_flood_the_log() -> None:
    lines = said(*[Probe(False, BUSY.text, 0.004, 503, f"at {number}") for number in range(5000)])
    assert len(lines) == MAX_LINES + 1
    assert lines[-1] == f"web-1: asked {5000 - MAX_LINES} times (4 ms), the last time: {BUSY.text}: “at 4999”."


def in_background(world: World) -> threading.Thread:
    claimed = world.claim()

    def run() -> None:
        pipeline.run(claimed, lambda: None)
        connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def ended(release: Release, thread: threading.Thread) -> Release:
    thread.join(timeout=120)
    release.refresh_from_db()
    return release


def checking(world: World, **settings: object) -> tuple[Release, threading.Thread, list[str]]:
    """A release whose instances have been asked already, and their names."""
    world.service = world.make_service(**settings)
    release = world.queue()
    thread = in_background(world)
    count = release.settings.instances
    until(lambda: Instance.objects.filter(release=release).count() == count)
    names = list(Instance.objects.filter(release=release).values_list("name", flat=True))
    until(lambda: all(world.engine.asked(name) for name in names))
    return release, thread, names


def test_all_instances_have_to_pass(world: World, hurry: Callable[[], None]) -> None:
    world.engine.behave(BUILT, Behaviour(status=503))
    release, thread, names = checking(world, instances=3, health_path="/up", deploy_timeout=10)
    for name in names[:2]:
        world.engine.answer(name, 200)
    until(lambda: "-1 is ready" in world.log(release) and "-2 is ready" in world.log(release))
    hurry()
    ended(release, thread)
    assert (release.status, release.failed_stage) == (Status.FAILED, Stage.CHECK)
    assert "-3 did not answer on port 3000 at /up with 200-399 within 10 seconds: the answer has" in release.reason
    assert world.instances() == []


def test_instances_settle_at_the_same_time(world: World) -> None:
    world.service = world.make_service(instances=3, settle_count=4)
    release = world.deploy()
    assert release.status == Status.LIVE
    log = world.log(release)
    waits = [log.index(f"Waiting for {world.service.name}-{index}") for index in (1, 2, 3)]
    ready = [log.index(f"{world.service.name}-{index} is ready") for index in (1, 2, 3)]
    assert max(waits) < min(ready)
    assert log.count("the same 3 times") == 3


def test_the_expected_status_decides(world: World, hurry: Callable[[], None]) -> None:
    world.engine.behave(BUILT, Behaviour(status=204, body="well"))
    world.service = world.make_service(health_path="/up", health_status="204")
    release = world.deploy()
    assert release.status == Status.LIVE
    assert "the answer has status 204: “well” (1 ms)." in world.log(release)
    world.service = world.make_service(health_path="/up", health_status="200,301-302", deploy_timeout=1)
    hurry()
    release = world.deploy()
    assert "did not answer on port 3000 at /up with 200,301-302 within 1 seconds" in release.reason


def test_secrets_in_an_answer_are_masked(world: World) -> None:
    world.engine.behave(BUILT, Behaviour(body="token=s3cret-value"))
    url = f"file://{world.repository}"
    world.service = make_service(
        repository_url=url, deploy_timeout=10, health_path="/", variables=[Variable("TOKEN", "s3cret-value")]
    )
    release = world.deploy()
    assert release.status == Status.LIVE
    assert "token=" in world.log(release) and "s3cret" not in world.log(release)


def test_a_restart_while_it_settles_fails_the_release(world: World, hurry: Callable[[], None]) -> None:
    release, thread, names = checking(world, settle_count=1000, deploy_timeout=60)
    world.engine.crash(names[0], 3)
    world.engine.restart(names[0])
    hurry()
    ended(release, thread)
    assert (release.status, release.failed_stage) == (Status.FAILED, Stage.CHECK)
    assert "-1 ended with exit code 3 after it had answered on port 3000: it has to go on running." in release.reason


def test_one_that_answered_and_then_refused_and_ended_is_said_to_have_answered(
    world: World, hurry: Callable[[], None]
) -> None:
    """It may be found still running between the refusal and its end."""
    release, thread, names = checking(world, settle_count=1000, health_path="/up", deploy_timeout=60)
    until(lambda: world.engine.asked(names[0]) > 1)  # so it has answered once
    world.engine.answer(names[0], 503)
    until(lambda: "the answer has status 503" in world.log(release))
    hurry()
    world.engine.crash(names[0], 9)
    ended(release, thread)
    assert "-1 ended with exit code 9 after it had answered on port 3000 at /up" in release.reason


def test_answers_that_do_not_follow_each_other_are_not_called_none(world: World, hurry: Callable[[], None]) -> None:
    release, thread, names = checking(world, settle_count=1000, health_path="/up", deploy_timeout=10)
    until(lambda: world.engine.asked(names[0]) > 1)  # so it has answered once
    world.engine.answer(names[0], 503)
    hurry()
    ended(release, thread)
    assert "did not answer on port 3000 at /up with 200-399 1000 times in a row within 10 seconds" in release.reason


def test_one_that_ends_before_it_has_answered_a_request_fails_the_release_at_once(world: World) -> None:
    """Its port was open, so it had passed; the proxy is told to ask it for as long as a minute."""
    world.proxy.mute.add(0)
    release, thread, names = checking(world, settle_count=1, deploy_timeout=60)
    until(lambda: "-1 is ready" in world.log(release))
    world.engine.crash(names[0], 137)
    ended(release, thread)
    assert (release.status, release.failed_stage) == (Status.FAILED, Stage.SWITCH)
    assert "-1 ended with exit code 137 after it had answered on port 3000" in release.reason


def test_an_instance_that_was_ready_has_to_stay_until_the_others_are(world: World) -> None:
    world.engine.behave(BUILT, Behaviour(status=503))
    release, thread, names = checking(world, instances=2, health_path="/up", settle_count=1, deploy_timeout=60)
    world.engine.answer(names[0], 200)
    until(lambda: "-1 is ready" in world.log(release))
    world.engine.crash(names[0], 4)
    world.engine.answer(names[1], 200)
    ended(release, thread)
    assert "-1 ended with exit code 4 after it had answered" in release.reason
    assert world.instances() == []


def test_a_slow_starter_may_start_again_within_its_grace(world: World, hurry: Callable[[], None]) -> None:
    world.engine.behave(BUILT, Behaviour(listens=False))
    release, thread, names = checking(world, start_grace=600)
    hurry()
    world.engine.crash(names[0], 1)
    asked = world.engine.asked(names[0])
    until(lambda: world.engine.asked(names[0]) > asked + 1)
    world.engine.restart(names[0])
    until(lambda: "was started again, within its grace" in world.log(release))
    world.engine.answer(names[0], 200)
    assert ended(release, thread).status == Status.LIVE


def test_grace_is_added_to_the_timeout_and_then_over(world: World, hurry: Callable[[], None]) -> None:
    world.service = world.make_service(start_grace=1, deploy_timeout=1)
    world.engine.behave(BUILT, Behaviour(listens=False))
    hurry()
    begun = time.monotonic()
    release = world.deploy()
    assert time.monotonic() - begun > 2
    assert "within 1 seconds after its grace of 1: the connection was refused" in release.reason
    world.engine.behave(BUILT, Behaviour(exit_code=7, listens=False))
    release = world.deploy()
    assert "ended with exit code 7 before it answered on port 3000" in release.reason


def test_an_abort_ends_the_check_of_all_instances(world: World) -> None:
    world.engine.behave(BUILT, Behaviour(listens=False))
    release, thread, _ = checking(world, instances=3, deploy_timeout=60)
    actions.abort(release)
    assert ended(release, thread).status == Status.ABORTED
    assert world.instances() == []


@pytest.mark.parametrize("count", [1, 3])
def test_an_engine_that_fails_ends_the_check(world: World, count: int) -> None:
    world.service = world.make_service(instances=count)
    world.engine.fail("probe", EngineError("no"))
    release = world.deploy()
    assert (release.status, release.failed_stage) == (Status.FAILED, Stage.CHECK)
    assert world.instances() == []
