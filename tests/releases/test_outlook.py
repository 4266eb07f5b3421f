"""What is said before an edit is deployed is what the pipeline then does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from releases import actions, pipeline
from releases.models import Release, Stage, StageStatus, Status
from releases.views.outlook import outlook
from services.settings import Variable
from tests.factories import make_user
from tests.releases.conftest import World
from tests.repository.repositories import git


def deploy(world: World, base: Release, **changes: Any) -> tuple[str, Release]:
    """What was said, and the release that was made."""
    variables = changes.pop("variables", base.variables)
    settings = replace(base.settings, **changes)
    said = outlook(base, settings, variables).title
    release = actions.deploy_edit(make_user(), base, settings, variables, base.credentials, uuid4())
    assert world.claim() == release
    pipeline.run(Release.objects.get(pk=release.pk), lambda: None)
    release.refresh_from_db()
    return said, release


def build_of(release: Release) -> str:
    return release.stages.get(stage=Stage.BUILD).status


@pytest.mark.parametrize(
    "changes",
    [
        {"port": 4000},
        {"start_command": "python other.py"},
        {"memory_mb": 512, "cpu": 0.5, "instances": 2, "deploy_timeout": 20},
        {"variables": [Variable("TOKEN", "one")]},
        {"drain_seconds": 5, "undo_window": 0, "start_grace": 2, "settle_count": 1},
    ],
)
def test_a_build_that_is_said_to_be_reused_is(world: World, changes: dict[str, Any]) -> None:
    live = world.deploy()
    world.commit("Newer")
    said, release = deploy(world, live, **changes)
    assert said == "Only run-time settings changed: the build is reused."
    assert (release.status, build_of(release), release.commit_sha) == (
        Status.LIVE,
        StageStatus.REUSED,
        live.commit_sha,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"build_command": "pip install -r requirements.txt && true"},
        {"version": "3.12"},
        {"language": "nodejs", "version": "24", "build_command": "npm install"},
        {"variables": [Variable("TOKEN", "one", at_build=True)]},
    ],
)
def test_a_build_that_is_said_to_be_made_again_is(world: World, changes: dict[str, Any]) -> None:
    live = world.deploy()
    world.commit("Newer")
    said, release = deploy(world, live, **changes)
    assert said == f"Build settings changed: commit {live.short_sha} is built again."
    assert (build_of(release), release.commit_sha) == (StageStatus.DONE, live.commit_sha)


def test_going_back_to_build_settings_that_were_built_reuses_them(world: World) -> None:
    live = world.deploy()
    _, changed = deploy(world, live, build_command="pip install -r requirements.txt && true")
    said, release = deploy(world, changed, build_command=live.settings.build_command)
    assert said == f"Commit {live.short_sha} was built with these settings before: that build is reused."
    assert build_of(release) == StageStatus.REUSED


def test_another_branch_brings_its_newest_commit(world: World) -> None:
    live = world.deploy()
    git(world.repository, "checkout", "--quiet", "-b", "next")
    world.commit("On next")
    said, release = deploy(world, live, branch="next")
    assert said == "Branch changed: the newest commit of next is built."
    assert (release.commit_subject, build_of(release)) == ("On next", StageStatus.DONE)
