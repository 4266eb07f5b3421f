"""A release whose own Dockerfile is refused ends before anything is built."""

from __future__ import annotations

import subprocess

import pytest

from releases.engine.memory import Behaviour
from releases.models import Release, Stage, Status
from tests.releases.conftest import World


def deploy(world: World, dockerfile: str) -> Release:
    (world.repository / "Dockerfile").write_text(dockerfile)
    subprocess.run(["git", "add", "."], cwd=world.repository, check=True)
    world.commit("Add a Dockerfile")
    world.service = world.make_service(language="dockerfile", version="", dockerfile="Dockerfile")
    return world.deploy()


def test_a_public_base_image_is_built_from(world: World) -> None:
    assert deploy(world, "FROM python:3.13 AS a\nFROM a\nCOPY . .").status == Status.LIVE


@pytest.mark.parametrize("line", ["FROM c1", "ADD http://127.0.0.1/ /x", "RUN --mount=type=bind,from=c1 true"])
def test_the_line_is_shown_and_nothing_is_built(world: World, line: str) -> None:
    world.engine.fail("build")
    release = deploy(world, f"FROM python:3.13\n\n{line}\n")
    assert (release.status, release.failed_stage) == (Status.FAILED, Stage.BUILD)
    assert release.reason.startswith(f"Line 3 of the Dockerfile is not allowed: “{line}”.")
    assert release.reason in world.log(release)
    assert list(release.resources.all()) == []


def test_a_base_image_that_adds_a_fetch_is_refused(world: World) -> None:
    world.engine.behave("onbuild:1", Behaviour(triggers=("ADD http://127.0.0.1/ /x",)))
    release = deploy(world, "FROM onbuild:1\n")
    assert release.status == Status.FAILED
    assert "That image adds “ADD http://127.0.0.1/ /x” to the build." in release.reason


def test_the_image_of_a_service_under_a_public_name_is_refused(world: World) -> None:
    first = world.deploy()
    assert first.artifact is not None
    world.engine.tag_image(first.artifact.digest, "public:1")
    release = deploy(world, "FROM public:1\n")
    assert release.status == Status.FAILED
    assert release.reason.endswith("On the engine that is the image of a service.")
