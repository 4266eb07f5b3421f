"""Old artifacts go, and never one that somebody may still need."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from releases import pipeline, platform, retention, sweep
from releases.actions import Configuration, rollback_order
from releases.models import Artifact, Release, Resource, ResourceKind, Stage, Status
from releases.stages.build import BUILD_SECONDS
from services.models import AuditEvent, Service
from tests.releases.conftest import World


def deploys(world: World, count: int, keep: int = 2) -> list[Release]:
    """As many builds, each of a commit of its own."""
    Service.objects.update(keep_artifacts=keep)
    made = []
    for number in range(count):
        world.commit(f"Change {number}")
        made.append(world.deploy())
    return made


def kept(releases: list[Release]) -> list[int]:
    """Numbers of the releases whose artifact is there, in the database and on the engine alike."""
    numbers = []
    for release in releases:
        artifact = Artifact.objects.get(releases=release)
        assert (artifact.pruned_at is None) == (platform.engine().find_image(artifact.name) is not None)
        if artifact.pruned_at is None:
            numbers.append(release.number)
    return numbers


def test_the_newest_are_kept(world: World) -> None:
    releases = deploys(world, 5)
    assert retention.prune(world.engine) == 3_000_000
    assert kept(releases) == [4, 5]
    assert retention.prune(world.engine) == 0


def test_what_went_is_kept_for_operators(world: World) -> None:
    first, *_ = deploys(world, 3)
    retention.prune(world.engine)
    event = AuditEvent.objects.get(verb="prune")
    assert event.subject == f"{world.service.environment}/{world.service}"
    assert first.artifact is not None and first.artifact.name in event.text
    assert "1 MB" in event.text


def test_an_old_artifact_that_a_new_release_used_counts_as_new(world: World) -> None:
    first, *rest = deploys(world, 4)
    world.deploy(artifact=first.artifact, commit_sha=first.commit_sha)
    retention.prune(world.engine)
    assert kept([first, *rest]) == [1, 4]


def test_pinned_live_and_awaited_artifacts_stay(world: World) -> None:
    releases = deploys(world, 5, keep=0)
    Artifact.objects.filter(releases=releases[0]).update(is_pinned=True)
    world.queue(artifact=releases[1].artifact)
    retention.prune(world.engine)
    assert kept(releases) == [1, 2, 5]


def test_the_artifact_of_a_suspended_release_stays(world: World) -> None:
    [release] = deploys(world, 1, keep=0)
    Release.objects.update(status=Status.SUSPENDED)
    retention.prune(world.engine)
    assert kept([release]) == [1]


def test_the_artifact_of_a_release_that_is_being_drained_stays(world: World) -> None:
    releases = deploys(world, 2, keep=0)
    Resource.objects.filter(release=releases[0], kind=ResourceKind.INSTANCE).update(removed_at=None)
    retention.prune(world.engine)
    assert kept(releases) == [1, 2]


def test_nothing_is_removed_while_a_release_of_the_service_may_reuse_it(world: World) -> None:
    releases = deploys(world, 3)
    world.queue()
    world.claim()
    retention.prune(world.engine)
    assert kept(releases) == [1, 2, 3]


def test_an_artifact_without_a_release_goes_when_it_has_settled(world: World) -> None:
    releases = deploys(world, 2, keep=2)
    stray = Artifact.objects.create(
        service=world.service, name="kh-stray:1", digest="sha256:1", size=1, commit_sha="1", build_key="1"
    )
    retention.prune(world.engine)
    stray.refresh_from_db()
    assert stray.pruned_at is None
    Artifact.objects.filter(pk=stray.pk).update(created_at=timezone.now() - timedelta(hours=1))
    retention.prune(world.engine)
    stray.refresh_from_db()
    assert stray.pruned_at is not None
    assert kept(releases) == [1, 2]


def test_a_rollback_to_a_pruned_release_builds_the_same_commit_again(world: World) -> None:
    first, *_ = deploys(world, 4)
    retention.prune(world.engine)
    first.refresh_from_db()
    order = rollback_order(first, Configuration.AS_RELEASED)
    again = world.deploy(artifact=order.artifact, **order.commit)
    assert again.status == Status.LIVE
    assert again.commit_sha == first.commit_sha
    assert again.artifact != first.artifact
    assert again.stages.get(stage=Stage.BUILD).status == "done"


def test_what_an_interruption_left_is_removed_by_the_sweep(world: World) -> None:
    first, *_ = deploys(world, 3)
    assert first.artifact is not None
    world.engine.fail("remove_image")
    retention.prune(world.engine)
    assert world.engine.find_image(first.artifact.name) is not None
    long_ago = timezone.now() - timedelta(hours=1)
    Release.objects.update(heartbeat_at=long_ago)
    Release.objects.filter(pk=first.pk).update(retired_at=long_ago)
    sweep.remove_left_behind()
    assert world.engine.find_image(first.artifact.name) is None
    assert not first.resources.standing().exists()


def test_one_service_does_not_use_up_anothers_share(world: World) -> None:
    releases = deploys(world, 3)
    world.service = world.make_service()
    others = deploys(world, 2)
    retention.prune(world.engine)
    assert (kept(releases), kept(others)) == ([2, 3], [1, 2])


def test_a_build_below_the_floor_makes_room_first_and_else_says_what_is_missing(world: World, settings: Any) -> None:
    releases = deploys(world, 3)
    settings.DISK_FLOOR_MB = 60_000  # the memory engine has 50,000
    world.commit("One more")
    failed = world.deploy()
    assert (failed.status, failed.failed_stage) == (Status.FAILED, Stage.BUILD)
    assert "50000 MB free" in failed.reason and "60000 MB" in failed.reason and "1 MB went" in failed.reason
    assert kept(releases) == [2, 3]


def test_a_reused_artifact_needs_no_room(world: World, settings: Any) -> None:
    world.deploy()
    settings.DISK_FLOOR_MB = 60_000
    assert world.deploy().status == Status.LIVE


@pytest.mark.parametrize("keep", [0, 1])
def test_a_deploy_between_two_runs_never_misses_an_image(world: World, keep: int) -> None:
    deploys(world, 2, keep)
    retention.prune(world.engine)
    world.queue()
    pipeline.run(world.claim(), lambda: None)
    assert Release.objects.order_by("-pk")[0].status == Status.LIVE


def test_what_builds_left_that_were_cut_off_goes_when_no_build_may_need_it(world: World) -> None:
    old = timezone.now() - retention.CUT_OFF - timedelta(minutes=1)
    left, fresh = world.engine.cut_off(old.timestamp()), world.engine.cut_off(timezone.now().timestamp())
    release = world.queue()
    Release.objects.filter(pk=release.pk).update(status=Status.DEPLOYING)
    retention.prune(world.engine)
    assert world.engine.find_image(left) is not None
    Release.objects.filter(pk=release.pk).update(status=Status.FAILED)
    retention.prune(world.engine)
    assert (world.engine.find_image(left), world.engine.find_image(fresh) is None) == (None, False)
    assert "1 cut-off build" in AuditEvent.objects.get(verb="prune").text


def test_nothing_is_cut_off_while_its_build_may_run() -> None:
    assert retention.CUT_OFF.total_seconds() >= BUILD_SECONDS * 2


def test_an_engine_that_fails_at_that_does_not_matter(world: World) -> None:
    world.engine.fail("remove_nameless")
    assert retention.prune(world.engine) == 0
