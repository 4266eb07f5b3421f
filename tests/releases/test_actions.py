"""The verbs a user knows, from the click to the end of the release."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from releases import actions, pipeline, queue
from releases.actions import Configuration, Newest, Refused, TooLate
from releases.mirrors import mirror_of
from releases.models import Artifact, Release, Stage, StageStatus, Status, Trigger
from releases.removal import remove_service
from releases.sweep import remove_left_behind
from services.models import AuditEvent, Gate, QueuePolicy, Region, Service
from services.policy import repository_policy
from services.repository.address import parse
from services.settings import Credentials, Variable
from tests.factories import make_release, make_service, make_user
from tests.releases.conftest import World


def carry_out(world: World, release: Release) -> Release:
    assert world.claim() == release
    pipeline.run(Release.objects.get(pk=release.pk), lambda: None)
    release.refresh_from_db()
    return release


def stages(release: Release) -> dict[str, str]:
    return dict(release.stages.values_list("stage", "status"))


def edit(world: World, base: Release, **changes: object) -> Release:
    settings = replace(base.settings, **changes)  # type: ignore[arg-type]
    return actions.deploy_edit(make_user(), base, settings, base.variables, base.credentials, uuid4())


def test_trigger_deploy_takes_the_newest_commit_with_the_live_settings(world: World) -> None:
    live = world.deploy()
    failed = edit(world, live, port=4000, deploy_timeout=10)
    failed.transition(Status.QUEUED, Status.ABORTED)
    world.commit("Newer")
    release = carry_out(world, actions.trigger_deploy(make_user(), world.service, uuid4()))
    assert (release.trigger, release.commit_subject) == (Trigger.TRIGGER, "Newer")
    assert release.settings == live.settings


def test_a_commit_that_was_fetched_already_is_deployed_without_asking_the_repository(world: World) -> None:
    live = world.deploy()
    world.commit("Newer")
    settings, mirror = world.service.frozen_settings(), mirror_of(world.service.pk)
    policy = repository_policy()
    newer = mirror.fetch(parse(settings.repository_url, policy), Credentials(), policy, settings.branch)
    place = Path(settings.repository_url.removeprefix("file://"))
    shutil.rmtree(place)
    place.mkdir()  # nothing can be fetched from it
    release = carry_out(world, actions.trigger_deploy(make_user(), world.service, uuid4(), newest=Newest(live, newer)))
    assert (release.status, release.commit_subject) == (Status.LIVE, "Newer")
    assert f"Commit {newer.sha[:7]} of {settings.repository_url} is here already." in world.log(release)


def test_a_commit_that_was_found_with_other_settings_is_not_deployed(world: World) -> None:
    before = world.deploy()
    settings, policy = world.service.frozen_settings(), repository_policy()
    mirror = mirror_of(world.service.pk)
    found = mirror.fetch(parse(settings.repository_url, policy), Credentials(), policy, settings.branch)
    carry_out(world, edit(world, before, port=4000))
    world.commit("Newer")
    release = carry_out(
        world, actions.trigger_deploy(make_user(), world.service, uuid4(), newest=Newest(before, found))
    )
    assert (release.status, release.commit_subject) == (Status.LIVE, "Newer")


def test_the_same_click_twice_makes_one_release(world: World) -> None:
    click = uuid4()
    first = actions.trigger_deploy(make_user(), world.service, click)
    assert actions.trigger_deploy(make_user(), world.service, click) == first
    with pytest.raises(Refused):
        actions.trigger_deploy(make_user(), world.make_service(), click)
    assert Release.objects.count() == 1


def test_an_edit_keeps_the_commit_and_builds_nothing(world: World) -> None:
    live = world.deploy()
    world.commit("Newer")
    release = carry_out(world, edit(world, live, port=4567, memory_mb=512))
    assert (release.status, release.commit_sha) == (Status.LIVE, live.commit_sha)
    assert stages(release)[Stage.BUILD] == StageStatus.REUSED
    assert world.engine.request_of(world.instances()[0]).environment["PORT"] == "4567"
    world.service.refresh_from_db()
    assert world.service.frozen_settings() == release.settings


def test_an_edit_of_build_inputs_builds_the_same_commit_again(world: World) -> None:
    live = world.deploy()
    world.commit("Newer")
    release = carry_out(world, edit(world, live, build_command="pip install -r requirements.txt && echo done"))
    assert release.commit_sha == live.commit_sha
    assert stages(release)[Stage.BUILD] == StageStatus.DONE
    assert Artifact.objects.count() == 2


def test_a_rollback_as_released_brings_back_code_settings_and_variables(world: World) -> None:
    old = world.deploy()
    world.commit("Newer")
    base = Release.objects.get(pk=old.pk)
    changed = actions.deploy_edit(
        make_user(), base, replace(base.settings, port=4000), [Variable("COLOUR", "red")], Credentials(), uuid4()
    )
    carry_out(world, changed)
    old.refresh_from_db()
    release = carry_out(world, actions.rollback(make_user(), old, Configuration.AS_RELEASED, uuid4()))
    assert (release.status, release.trigger, release.commit_sha) == (Status.LIVE, Trigger.ROLLBACK, old.commit_sha)
    assert (release.settings, release.variables) == (old.settings, [])
    assert [stages(release)[stage] for stage in (Stage.PULL, Stage.BUILD, Stage.STORE)] == [StageStatus.REUSED] * 3
    assert release.artifact == old.artifact
    world.service.refresh_from_db()
    assert world.service.automatic_deploys_held


def test_a_second_press_of_rollback_changes_nothing(world: World) -> None:
    old = world.deploy()
    carry_out(world, edit(world, Release.objects.get(pk=old.pk), port=4000))
    old.refresh_from_db()
    user, click = make_user(), uuid4()
    made = actions.rollback(user, old, Configuration.AS_RELEASED, click)
    actions.resume_automatic_deploys(world.service)
    assert actions.rollback(user, old, Configuration.AS_RELEASED, click) == made
    world.service.refresh_from_db()
    assert not world.service.automatic_deploys_held


def test_a_rollback_with_the_current_configuration_keeps_what_runs_it(world: World) -> None:
    old = world.deploy()
    carry_out(world, edit(world, Release.objects.get(pk=old.pk), port=4000, build_command="pip install flask"))
    old.refresh_from_db()
    release = carry_out(world, actions.rollback(make_user(), old, Configuration.CURRENT, uuid4()))
    assert release.status == Status.LIVE
    assert (release.settings.port, release.settings.build_command) == (4000, old.settings.build_command)
    assert stages(release)[Stage.BUILD] == StageStatus.REUSED


def test_a_rollback_works_without_the_repository(world: World) -> None:
    old = world.deploy()
    world.commit()
    world.deploy()
    shutil.rmtree(world.repository)
    old.refresh_from_db()
    release = carry_out(world, actions.rollback(make_user(), old, Configuration.AS_RELEASED, uuid4()))
    assert release.status == Status.LIVE


def test_a_rollback_to_a_pruned_artifact_builds_the_same_commit_again(world: World) -> None:
    old = world.deploy()
    world.commit()
    world.deploy()
    old.refresh_from_db()
    assert old.artifact is not None
    world.engine.remove_image(old.artifact.name)
    release = carry_out(world, actions.rollback(make_user(), old, Configuration.AS_RELEASED, uuid4()))
    assert (release.status, release.commit_sha) == (Status.LIVE, old.commit_sha)
    assert stages(release)[Stage.BUILD] == StageStatus.DONE


@pytest.mark.parametrize("status", [Status.LIVE, Status.FAILED, Status.ABORTED, Status.QUEUED])
def test_only_what_was_live_before_can_be_rolled_back_to(db: None, status: Status) -> None:
    with pytest.raises(Refused):
        actions.rollback(make_user(), make_release(status=status), Configuration.AS_RELEASED, uuid4())


def test_a_newer_release_replaces_those_that_wait(world: World) -> None:
    first, second = (actions.trigger_deploy(make_user(), world.service, uuid4()) for _ in range(2))
    first.refresh_from_db()
    assert (first.status, first.superseded_by) == (Status.SUPERSEDED, second)
    assert first.finished_at is not None


def test_a_service_may_run_them_all(world: World) -> None:
    Service.objects.filter(pk=world.service.pk).update(queue_policy=QueuePolicy.ALL)
    for _ in range(2):
        actions.trigger_deploy(make_user(), world.service, uuid4())
    assert Release.objects.filter(status=Status.QUEUED).count() == 2


def test_abort_of_a_queued_release_is_immediate(db: None) -> None:
    release = make_release(status=Status.QUEUED)
    actions.abort(release)
    release.refresh_from_db()
    assert release.status == Status.ABORTED and release.finished_at is not None


def test_abort_of_a_release_in_work_is_aborting_until_all_is_gone(db: None) -> None:
    release = make_release(status=Status.DEPLOYING)
    actions.abort(release)
    actions.abort(release)
    release.refresh_from_db()
    assert release.status == Status.ABORTING and release.abort_requested_at is not None


@pytest.mark.parametrize("status", [Status.LIVE, Status.RETIRED, Status.FAILED, Status.SUPERSEDED])
def test_abort_comes_too_late_for_the_rest(db: None, status: Status) -> None:
    release = make_release(status=status)
    with pytest.raises(TooLate):
        actions.abort(release)
    release.refresh_from_db()
    assert release.status == status


def test_a_frozen_region_takes_deploys_and_starts_none(world: World) -> None:
    region = world.service.environment.region
    Region.objects.filter(pk=region.pk).update(gate=Gate.FROZEN, gate_reason="new disks")
    release = actions.trigger_deploy(make_user(), world.service, uuid4())
    assert queue.claim(region, "w") is None
    release = Release.objects.get(pk=release.pk)
    assert "new disks" in queue.waits_for(release)


def test_a_draining_region_takes_no_deploys(world: World) -> None:
    Region.objects.update(gate=Gate.DRAINING, gate_reason="it moves")
    with pytest.raises(Refused, match="it moves"):
        actions.trigger_deploy(make_user(), world.service, uuid4())
    assert not Release.objects.exists()


def test_suspend_takes_the_instances_away_and_resume_brings_them_back(world: World) -> None:
    live = world.deploy()
    actions.suspend(make_user(), world.service)
    assert remove_left_behind() == 2
    live.refresh_from_db()
    assert live.status == Status.SUSPENDED
    assert world.instances() == [] and world.proxy.ask(world.service.host).release is None
    release = carry_out(world, actions.resume(make_user(), world.service, uuid4()))
    live.refresh_from_db()
    assert (release.status, live.status) == (Status.LIVE, Status.RETIRED)
    assert stages(release)[Stage.BUILD] == StageStatus.REUSED
    assert AuditEvent.objects.filter(verb="suspend").count() == 1


def test_suspend_waits_for_nothing_and_refuses_beside_a_deploy(world: World) -> None:
    with pytest.raises(Refused):
        actions.suspend(make_user(), world.service)
    world.deploy()
    world.queue()
    with pytest.raises(Refused):
        actions.suspend(make_user(), world.service)


def test_resume_needs_a_suspended_service(world: World) -> None:
    world.deploy()
    with pytest.raises(Refused):
        actions.resume(make_user(), world.service, uuid4())


def test_restart_is_a_rolling_update_of_the_same_artifact(world: World) -> None:
    live = world.deploy()
    before = world.instances()
    release = carry_out(world, actions.restart(make_user(), world.service, uuid4()))
    assert (release.status, release.artifact) == (Status.LIVE, live.artifact)
    assert world.instances() != before


def test_delete_removes_everything_and_keeps_the_audit_entry(world: World) -> None:
    release = world.deploy()
    assert release.artifact is not None
    world.queue()
    service = Service.objects.get(pk=world.service.pk)
    actions.delete(make_user("ada"), service)
    assert remove_service(Service.objects.get(pk=service.pk))
    assert world.instances() == []
    assert world.engine.find_image(release.artifact.name) is None
    assert world.proxy.table().hosts == {}
    assert not Service.objects.filter(pk=service.pk).exists() and not Release.objects.exists()
    assert AuditEvent.objects.get(verb="delete service").actor == "ada"


def test_a_service_is_not_removed_under_a_release_in_work(world: World) -> None:
    world.queue()
    world.claim()
    service = Service.objects.get(pk=world.service.pk)
    actions.delete(make_user(), service)
    assert not remove_service(service)
    assert Release.objects.get().status == Status.ABORTING


def test_creating_twice_with_one_click_makes_one_service(world: World) -> None:
    user, click = make_user(), uuid4()
    environment = world.service.environment
    fields = (user, environment, "shop", make_service().frozen_settings(), [], Credentials(), click)
    assert actions.create_and_deploy(*fields) == actions.create_and_deploy(*fields)
    with pytest.raises(Refused):
        actions.create_and_deploy(make_user(), *fields[1:])
    assert Service.objects.filter(name="shop").count() == 1
