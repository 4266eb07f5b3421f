"""Images on Docker: downloads from a registry of our own, and what removal leaves alone."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from releases.engine.base import Cancelled, NotFound, Output, Rejected, Unavailable
from releases.engine.docker.images import split_name
from tests.engine.registry import Registry
from tests.engine.rigs import DockerRig, Recipe, docker_sdk, ignore, never, tar_of, text_of


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry(next(tar_of({"hello": f"{time.time()}"})())) as registry:
        yield registry


@pytest.mark.engine
def test_an_image_is_pulled(docker_rig: DockerRig, registry: Registry) -> None:
    name = f"{registry.address}/there:1"
    seen: list[Output] = []
    try:
        assert docker_rig.engine.can_pull(name, 60)
        image = docker_rig.engine.pull_image(name, seen.append, never, 60)
        assert docker_rig.engine.find_image(name) == image
        assert "Pull complete\n" in text_of(seen)
        docker_rig.engine.remove_image(name)
        assert docker_rig.engine.find_image(name) == image  # a public image is not this installation's to remove
    finally:
        docker_sdk().remove_image(name)


@pytest.mark.engine
def test_an_image_that_its_registry_does_not_have_is_not_found(docker_rig: DockerRig, registry: Registry) -> None:
    name = f"{registry.address}/missing:1"
    with pytest.raises(NotFound):
        docker_rig.engine.pull_image(name, ignore, never, 60)
    assert not docker_rig.engine.can_pull(name, 60)


@pytest.mark.engine
def test_a_registry_that_cannot_be_reached_is_unavailable_soon(docker_rig: DockerRig) -> None:
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        docker_rig.engine.pull_image("registry.invalid/app:1", ignore, never, 5)
    assert not docker_rig.engine.can_pull("registry.invalid/app:1", 5)
    assert time.monotonic() < begun + 25


@pytest.mark.engine
def test_a_slow_registry_is_left_at_the_time_limit_and_when_cancelled(
    docker_rig: DockerRig, registry: Registry
) -> None:
    name, begun = f"{registry.address}/slow:1", time.monotonic()
    with pytest.raises(Unavailable, match="within 1 seconds"):
        docker_rig.engine.pull_image(name, ignore, never, 1)
    with pytest.raises(Cancelled):
        docker_rig.engine.pull_image(name, ignore, lambda: time.monotonic() > begun + 1.5, 20)
    assert not docker_rig.engine.can_pull(name, 0.5)
    assert time.monotonic() < begun + 20


@pytest.mark.engine
def test_an_impossible_name_is_refused(docker_rig: DockerRig) -> None:
    with pytest.raises(Rejected):
        docker_rig.engine.pull_image("UPPER/case:1", ignore, never, 5)
    assert docker_rig.engine.find_image("UPPER/case:1") is None


@pytest.mark.engine
@pytest.mark.parametrize("is_marked", [True, False])
def test_whose_an_image_is_can_stand_early_in_its_dockerfile(docker_rig: DockerRig, is_marked: bool) -> None:
    """Then it costs no step of its own at the end, which no cache would have after a change."""
    [(name, value)] = docker_rig.engine.mark().items()
    text = f"FROM {docker_rig.base}\nLABEL {name}={value}\nCOPY note /note\n"
    files = tar_of({"Dockerfile": text, "note": f"{time.time()}"})
    seen: list[Output] = []
    request = docker_rig.request("marked", Recipe(), context=files, is_marked=is_marked)
    image = docker_rig.engine.build(request, seen.append, never)
    labels = docker_sdk().inspect_image(image.digest)["Config"]["Labels"]
    assert labels[name] == value
    assert text_of(seen).count("LABEL") == (1 if is_marked else 2)


@pytest.mark.engine
def test_an_image_in_use_stays(docker_rig: DockerRig) -> None:
    image = docker_rig.build("app:1")
    docker_rig.start("web-1", image.digest)
    docker_rig.engine.remove_image(image.name)
    assert docker_rig.engine.find_image(image.digest)


@pytest.mark.engine
def test_what_others_made_is_not_removed(docker_rig: DockerRig) -> None:
    docker_rig.engine.remove_image(docker_rig.base)
    assert docker_rig.engine.find_image(docker_rig.base)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("python:3.13", ("python", "3.13")),
        ("python", ("python", "latest")),
        ("host:5000/app", ("host:5000/app", "latest")),
        ("host:5000/app:2", ("host:5000/app", "2")),
        ("app@sha256:ab", ("app", "sha256:ab")),
    ],
)
def test_names_are_split(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts
