"""A release whose image holds one of its secrets is not kept."""

from __future__ import annotations

import pytest

from releases.engine.base import Unavailable
from releases.engine.memory import Behaviour
from releases.models import Artifact, Release, Stage, Status
from releases.stages.search import secrets_of
from services.settings import Credentials, Variable
from tests.factories import make_release, make_service
from tests.releases.conftest import World

VALUE = "hunter2-hunter3"


def deploy(world: World, *variables: Variable, message: str = VALUE, **fields: object) -> Release:
    """`message` is what the code holds."""
    address = f"file://{world.repository}"
    world.service = make_service(repository_url=address, variables=list(variables), deploy_timeout=10, **fields)  # type: ignore[arg-type]
    world.commit(message)
    return world.deploy()


def test_a_secret_in_the_code_stops_the_release_before_its_image_is_kept(world: World) -> None:
    release = deploy(world, Variable("API_KEY", VALUE))
    assert (release.status, release.failed_stage) == (Status.FAILED, Stage.STORE)
    assert "The image holds the secret value of API_KEY: in app/run.py (layer 1)" in release.reason
    assert "untick Secret" in release.reason
    assert VALUE not in release.reason + world.log(release)
    assert not Artifact.objects.exists()
    assert not release.resources.standing()
    assert release.artifact is None


def test_a_secret_in_the_history_offers_variables_at_build(world: World) -> None:
    world.engine.behave("kh-*", Behaviour(build_lines=(f"Step 1/1 : ENV KEY={VALUE}",)))
    release = deploy(world, Variable("API_KEY", VALUE), message="x")
    assert release.failed_stage == Stage.STORE
    assert "in its history, at “ENV KEY=••••••”" in release.reason
    assert "mark the variable “At build”" in release.reason
    assert VALUE not in release.reason


@pytest.mark.parametrize("token", [f"user:{VALUE}", VALUE])
def test_the_access_token_is_looked_for_too(world: World, token: str) -> None:
    release = deploy(world, credentials=Credentials(token=token))
    assert release.failed_stage == Stage.STORE
    assert "the secret value of the repository's access token" in release.reason


def test_the_deploy_key_is_looked_for_too(world: World) -> None:
    service = make_service(credentials=Credentials(deploy_key=f"a\n{VALUE}\n"))
    (secret,) = secrets_of(make_release(service))
    assert (secret.name, secret.is_distinctive) == ("the repository's deploy key", True)
    assert VALUE.encode() in secret.forms


def test_an_open_value_may_be_anywhere(world: World) -> None:
    release = deploy(world, Variable("MODE", VALUE, is_secret=False))
    assert release.status == Status.LIVE
    assert "for secrets" not in world.log(release)


def test_a_plain_value_is_not_looked_for_and_the_log_says_so(world: World) -> None:
    release = deploy(world, Variable("MODE", "production"), message="production")
    assert release.status == Status.LIVE
    assert "1 secret value is too short or too plain to look for in the image." in world.log(release)


def test_the_log_tells_of_a_search_that_found_nothing(world: World) -> None:
    release = deploy(world, Variable("API_KEY", VALUE), message="x")
    assert release.status == Status.LIVE
    assert "and its history, for secrets: none found." in world.log(release)


def test_a_search_that_cannot_be_made_stops_nothing(world: World) -> None:
    world.engine.fail("read_layers", Unavailable("It is slow."))
    release = deploy(world, Variable("API_KEY", VALUE))
    assert release.status == Status.LIVE
    assert "The files of the image were not searched for secrets: It is slow." in world.log(release)
    assert "none found" not in world.log(release)


def test_an_image_that_was_kept_is_not_searched_again(world: World) -> None:
    deploy(world, Variable("API_KEY", VALUE), message="x")
    world.engine.fail("read_layers", Unavailable("It is slow."))
    second = world.deploy()
    assert second.status == Status.LIVE
    assert "secrets" not in world.log(second)


def test_variables_at_build_are_part_of_what_an_equal_build_is(world: World) -> None:
    first = deploy(world, Variable("TOKEN", "one-1", at_build=True), message="x")
    row = world.service.variables.get()
    row.value = "two-2"
    row.save()
    second = world.deploy()
    row.at_build = False
    row.save()
    third = world.deploy()
    assert [release.status for release in (first, second, third)][-1] == Status.LIVE
    assert len({release.artifact_id for release in Release.objects.all()}) == 3
