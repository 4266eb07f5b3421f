"""Deploys of real repositories on the real engine; only the proxy is in memory."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from releases import pipeline, platform, queue
from releases.baseimages.host import Host, read_host
from releases.baseimages.names import find_recipe
from releases.baseimages.network import answers
from releases.baseimages.obstacles import obstacle
from releases.engine.docker import DockerEngine
from releases.logs import reader
from releases.models import LogStream, Release, Status
from services.examples import publish
from services.policy import repository_policy
from services.repository.address import parse
from services.repository.detection import Detection
from services.repository.inspection import inspect_repository
from services.settings import Credentials
from tests.factories import make_release, make_service

APPS = Path(__file__).parent / "apps"


@dataclass
class Place:
    """An installation of its own on this machine's engine."""

    installation: str
    repositories: Path
    engine: DockerEngine

    def publish(self, app: str) -> str:
        """The address of a new repository with the files of `apps/<app>`."""
        publish(APPS / app, self.repositories / app)
        return f"file://{self.repositories / app}"

    def detect(self, address: str) -> Detection:
        """What Connect proposes."""
        policy = repository_policy()
        return inspect_repository(parse(address, policy), Credentials(), policy).detection

    def deploy(self, address: str, **settings: Any) -> Release:
        """The whole pipeline, with the limits that a new service has."""
        nothing = dict.fromkeys(("version", "build_command", "start_command", "dockerfile"), "")
        settings = nothing | settings | {"port": int(settings["port"])}
        service = make_service(repository_url=address, **settings)
        release = make_release(service, Status.QUEUED)
        LogStream.objects.create(release=release)
        claimed = queue.claim(service.environment.region, "worker")
        assert claimed is not None
        pipeline.run(claimed, lambda: None)
        claimed.refresh_from_db()
        assert claimed.status == Status.LIVE, f"{claimed.reason}\n{self.log(claimed)}"
        return claimed

    def log(self, release: Release) -> str:
        return reader.text_after(release.log.pk, 0)[0]

    def ask(self, release: Release) -> str:
        """What the instance answers from outside its image, on the port of the settings."""
        return self.get(release.instances.get().address or "", release.settings.port)

    def get(self, address: str, port: int) -> str:
        with urlopen(f"http://{address}:{port}/", timeout=5) as answer:
            return str(answer.read().decode())


@pytest.fixture
def place(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Place]:
    settings.ENGINE = "docker"
    settings.INSTALLATION_ID = secrets.token_hex(4)
    settings.DATA_DIR = tmp_path / "data"
    settings.LOCAL_REPOSITORIES = str(tmp_path / "repositories")
    platform.proxy.cache_clear()
    engine = platform.engine()
    assert isinstance(engine, DockerEngine)
    yield Place(settings.INSTALLATION_ID, tmp_path / "repositories", engine)
    engine.purge()


@pytest.fixture(scope="session")
def host() -> Host:
    return read_host(os.environ)


def require_image(image: str, host: Host) -> None:
    """Skip where an image is neither on the engine nor can be built. Registries are not asked: refusing takes long."""
    recipe = find_recipe(image)
    if DockerEngine("0" * 8).find_image(image):
        return
    if reason := obstacle(recipe, host):
        pytest.skip(f"{image}: {reason}")
    if recipe and host.mirror and not answers(f"{host.mirror.packages}/dists/{recipe.suite}/InRelease"):
        pytest.skip(f"{image}: the Debian mirror does not answer for {recipe.suite}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `languages` take minutes and gigabytes: only who asks for them gets them."""
    if "languages" not in config.option.markexpr:
        left = [item for item in items if item.get_closest_marker("languages")]
        items[:] = [item for item in items if item not in left]
        config.hook.pytest_deselected(items=left)
