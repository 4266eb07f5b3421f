"""Engines to test: each test gets an installation of its own, and nothing of it may be left at the end."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from releases.engine.docker import DockerEngine
from tests.engine.base_image import root_file_system
from tests.engine.relay import Relay
from tests.engine.rigs import DockerRig, MemoryRig, Rig, docker_sdk, never


@pytest.fixture(scope="session")
def base_image() -> Iterator[str]:
    installation = secrets.token_hex(4)
    name = f"kh-{installation}-base:1"
    engine = DockerEngine(installation)
    engine.import_image(name, lambda: iter([root_file_system()]), ["ENV PATH=/bin"], never, 60)
    DockerRig(name, installation=installation).build("warm:1")  # the steps that most tests then find in the cache
    yield name
    engine.purge()
    assert engine.find_image(name) is None


@pytest.fixture(scope="session")
def installation() -> Iterator[str]:
    """One for all tests, because making and removing networks is slow; its instances and images live for one test."""
    installation = secrets.token_hex(4)
    yield installation
    DockerEngine(installation).purge()
    assert left_of(installation) == Left([], [], [])


@pytest.fixture
def docker_rig(base_image: str, installation: str) -> Iterator[DockerRig]:
    yield DockerRig(base_image, installation=installation)
    tidy(installation)


@pytest.fixture
def relayed_rig(base_image: str, installation: str, tmp_path: Path) -> Iterator[tuple[DockerRig, Relay]]:
    """An engine behind a relay that can cut every connection."""
    with Relay(tmp_path / "relay.sock") as relay:
        yield DockerRig(base_image, f"unix://{relay.path}", installation), relay
        tidy(installation)


@pytest.fixture(params=["memory", pytest.param("docker", marks=pytest.mark.engine)])
def rig(request: pytest.FixtureRequest) -> Rig:
    if request.param == "memory":
        return MemoryRig()
    return request.getfixturevalue("docker_rig")


def tidy(installation: str) -> None:
    """Remove what the test made, by name; then nothing else may be there."""
    engine = DockerEngine(installation)
    for instance in engine.instances():
        engine.remove(instance.name)
    for image in left_of(installation).images:
        engine.remove_image(image)
    left = left_of(installation)
    assert (left.containers, left.images) == ([], [])


class Left(NamedTuple):
    containers: list[str]
    networks: list[str]
    images: list[str]


def left_of(installation: str) -> Left:
    """Every object on the engine with this installation's label or name; asked without the code under test."""
    docker, prefix = docker_sdk(), f"kh-{installation}-"
    filters = {"label": [f"kintohub.installation={installation}"]}
    containers = docker.containers(all=True, filters=filters)
    networks = docker.networks(filters=filters)
    images = docker.images(all=True)
    named = {tag for image in images for tag in image.get("RepoTags") or [] if tag.startswith(prefix)}
    labelled = {image["Id"] for image in docker.images(filters=filters)}
    nameless = labelled - {image["Id"] for image in images if named & set(image.get("RepoTags") or [])}
    return Left([c["Id"] for c in containers], [n["Name"] for n in networks], sorted(named | nameless))
