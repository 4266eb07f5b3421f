"""The commands of an operator's terminal."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from releases import pipeline
from releases.models import Artifact, Release, Stage, StageRun, StageStatus, Status, Trigger
from services.models import Gate, Region
from services.settings import Variable
from tests.factories import make_environment, make_region, make_release, make_service
from tests.releases.conftest import World
from tests.waiting import until


def said(command: str, *arguments: Any, **options: Any) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def name(world: World) -> str:
    return f"{world.service.environment.code}/{world.service.name}"


def newest() -> Release:
    return Release.objects.order_by("-pk")[0]


def once_queued(do: Callable[[], object]) -> threading.Thread:
    """A thread that does it as soon as a release is queued."""

    def run() -> None:
        try:
            until(lambda: Release.objects.filter(status=Status.QUEUED).exists())
            do()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def work_later(world: World) -> threading.Thread:
    return once_queued(lambda: pipeline.run(world.claim(), lambda: None))


class TestRollback:
    def test_it_queues_the_old_release_again(self, world: World) -> None:
        first = world.deploy()
        world.commit()
        world.deploy()
        assert "Release #3 of" in said("rollback", name(world), 1)
        made = newest()
        assert (made.trigger, made.commit_sha, made.artifact) == (Trigger.ROLLBACK, first.commit_sha, first.artifact)
        world.service.refresh_from_db()
        assert world.service.automatic_deploys_held

    @pytest.mark.parametrize(("options", "variables"), [((), []), (("--current",), [Variable("NEW", "1")])])
    def test_the_configuration_is_a_choice(
        self, world: World, options: tuple[str, ...], variables: list[Variable]
    ) -> None:
        world.deploy()
        world.deploy(frozen_variables=[vars(Variable("NEW", "1"))])
        said("rollback", name(world), 1, *options)
        assert newest().variables == variables

    def test_it_says_when_it_has_to_build(self, world: World) -> None:
        world.deploy()
        world.deploy()
        Artifact.objects.update(pruned_at=timezone.now())
        assert "built again" in said("rollback", name(world), 1)

    def test_it_waits_until_it_is_live(self, world: World) -> None:
        world.deploy()
        world.deploy()
        worker = work_later(world)
        text = said("rollback", name(world), 1, "--wait", "--timeout", "100")
        worker.join()
        assert f"Release #3 is live at {world.service.address}" in text
        assert "its artifact is used" in text

    @pytest.mark.parametrize(("number", "why"), [(2, "was live before"), (9, "has no release #9")])
    def test_it_refuses_what_cannot_be(self, world: World, number: int, why: str) -> None:
        world.deploy()
        world.deploy()
        with pytest.raises(CommandError, match=why):
            said("rollback", name(world), number)


class TestDeploy:
    def test_a_failure_is_the_commands(self, world: World) -> None:
        world.engine.fail("start")
        worker = work_later(world)
        with pytest.raises(CommandError, match="Release #1: Failed"):
            said("deploy", name(world), "--wait", "--timeout", "100")
        worker.join()

    def test_a_release_that_is_aborted_while_it_waits_ends_the_command(self, world: World) -> None:
        aborter = once_queued(lambda: said("abort", name(world)))
        with pytest.raises(CommandError, match="Release #1: Aborted"):
            said("deploy", name(world), "--wait", "--timeout", "100")
        aborter.join()


class TestUndo:
    def test_it_asks_the_worker_to_go_back(self, world: World) -> None:
        live = world.deploy()
        Release.objects.filter(pk=live.pk).update(undo_until=timezone.now() + timedelta(seconds=30))
        assert said("undo", name(world)) == "Going back from release #1.\n"
        assert newest().undo_requested_at is not None

    def test_after_the_window_it_says_what_to_do(self, world: World) -> None:
        world.deploy()
        with pytest.raises(CommandError, match="Use Rollback"):
            said("undo", name(world))

    def test_without_a_live_release_there_is_nothing_to_go_back_from(self, world: World) -> None:
        with pytest.raises(CommandError, match="is live"):
            said("undo", name(world))


class TestAbort:
    def test_the_only_unfinished_release_needs_no_number(self, world: World) -> None:
        world.queue()
        assert said("abort", name(world)) == "Release #1: Aborted.\n"

    def test_one_in_work_is_aborting(self, world: World) -> None:
        world.queue()
        world.claim()
        assert said("abort", name(world), 1) == "Release #1: Aborting.\n"

    def test_several_need_a_number(self, world: World) -> None:
        world.queue()
        world.queue()
        with pytest.raises(CommandError, match=r"#1 \(Queued\), #2 \(Queued\)"):
            said("abort", name(world))
        said("abort", name(world), 2)
        assert newest().status == Status.ABORTED

    def test_what_is_over_is_said(self, world: World) -> None:
        world.deploy()
        with pytest.raises(CommandError, match="is queued or being deployed"):
            said("abort", name(world))
        with pytest.raises(CommandError, match="is live already"):
            said("abort", name(world), 1)


class TestReconcile:
    def test_all_is_well(self, world: World) -> None:
        world.deploy()
        assert said("reconcile") == "Everything is as the database says.\n"

    def test_a_dry_run_says_and_a_run_repairs(self, world: World) -> None:
        release = world.deploy()
        world.engine.remove(release.instances.get().name)
        assert "Instance 1 of release #1 was gone. [found]\n1 differences." in said("reconcile", "--dry-run")
        assert world.instances() == []
        assert "It was started again. [repaired]" in said("reconcile")
        assert len(world.instances()) == 1

    def test_a_side_that_does_not_answer_fails_the_command(self, world: World) -> None:
        world.proxy.fail("table")
        with pytest.raises(CommandError, match="could not be dealt with"):
            said("reconcile")


@pytest.mark.django_db
class TestQueue:
    @pytest.fixture
    def region(self) -> Region:
        Region.objects.all().delete()
        return make_region("earth", slots=1)

    def test_an_empty_region(self, region: Region) -> None:
        text = said("queue")
        assert "earth: open, 0 of 1 slots in use" in text
        assert "nothing waits" in text

    @pytest.mark.usefixtures("stopped_clock")
    def test_what_runs_what_waits_and_why(self, region: Region) -> None:
        environment = make_environment(name="staging", region=region)
        service = make_service(environment, "web")
        hour = timezone.now() - timedelta(hours=1)
        past = make_release(service, Status.RETIRED, started_at=hour, live_at=hour + timedelta(seconds=90))
        StageRun.objects.create(release=past, stage=Stage.BUILD, status=StageStatus.DONE, started_at=hour)
        running = make_release(service, Status.DEPLOYING, started_at=timezone.now() - timedelta(seconds=30))
        StageRun.objects.create(release=running, stage=Stage.BUILD, started_at=timezone.now())
        make_release(make_service(environment, "api"), Status.QUEUED, moved_up_reason="Urgent")
        text = said("queue", "earth")
        assert "staging/web #2" in text and "Deploying at Build, about " in text
        assert "1. staging/api #1" in text and "All 1 deploy slots of earth are busy; this release is next." in text
        [told] = json.loads(said("queue", "--json"))
        assert told["in_work"][0]["seconds_left"] == 60
        assert told["waiting"][0]["moved_up"] == "Urgent"
        assert told["waiting"][0]["seconds_left"] == 60

    def test_without_a_past_there_is_no_estimate(self, region: Region) -> None:
        make_release(make_service(make_environment(region=region)), Status.DEPLOYING)
        assert "no estimate" in said("queue")
        assert json.loads(said("queue", "--json"))[0]["in_work"][0]["seconds_left"] is None

    def test_a_closed_gate_and_its_reason(self, region: Region) -> None:
        Region.objects.update(gate=Gate.FROZEN, gate_reason="Moving house")
        make_release(make_service(make_environment(region=region)), Status.QUEUED)
        text = said("queue")
        assert "earth: frozen (Moving house)" in text
        assert "An operator has frozen earth: Moving house." in text

    def test_an_unknown_region_names_those_that_exist(self, region: Region) -> None:
        with pytest.raises(CommandError, match="There are: earth"):
            said("queue", "mars")
