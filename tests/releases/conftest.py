"""A repository, an engine and a proxy in memory, and releases carried out on them."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from releases import pipeline, platform, queue
from releases.engine.memory import MemoryEngine
from releases.engine.registry import engine_for
from releases.logs import reader
from releases.models import Release, Status
from releases.proxy.memory import MemoryProxy
from services.examples import publish
from services.models import Service
from tests.factories import make_release, make_service

HURRY = 5


class World:
    """One service of one repository. `deploy` queues a release of it and carries it out to its end."""

    def __init__(self, repository: Path, engine: MemoryEngine, proxy: MemoryProxy) -> None:
        self.repository = repository
        self.engine = engine
        self.proxy = proxy
        self.service = self.make_service()

    def make_service(self, **settings: object) -> Service:
        fields = {"repository_url": f"file://{self.repository}", "deploy_timeout": 10, **settings}
        return make_service(**fields)  # type: ignore[arg-type]

    def commit(self, message: str = "Change it") -> None:
        (self.repository / "run.py").write_text(f"print({message!r})\n")
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
        subprocess.run(["git", *who, "commit", "-qam", message], cwd=self.repository, check=True)

    def queue(self, service: Service | None = None, **fields: object) -> Release:
        from releases.models import LogStream

        service = Service.objects.get(pk=(service or self.service).pk)
        release = make_release(service, Status.QUEUED, **fields)
        LogStream.objects.create(release=release)
        return release

    def claim(self) -> Release:
        claimed = queue.claim(self.service.environment.region, "worker")
        assert claimed is not None
        return claimed

    def deploy(self, **fields: object) -> Release:
        release = self.queue(**fields)
        pipeline.run(self.claim(), lambda: None)
        release.refresh_from_db()
        return release

    def instances(self) -> list[str]:
        """Names of what runs now."""
        return sorted(instance.name for instance in self.engine.instances())

    def serving(self) -> str | None:
        """The release that answers at the service's address."""
        return self.proxy.ask(self.service.host).release

    def log(self, release: Release) -> str:
        return reader.text_after(release.log.pk, 0)[0]


@pytest.fixture
def world(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[World]:
    settings.DATA_DIR = tmp_path / "data"
    settings.LOCAL_REPOSITORIES = str(tmp_path / "repositories")
    source = tmp_path / "source"
    source.mkdir()
    (source / "run.py").write_text("print('hello')\n")
    (source / "requirements.txt").write_text("")
    publish(source, tmp_path / "repositories" / "web")
    MemoryEngine._shared.clear()
    engine_for.cache_clear()
    platform.proxy.cache_clear()
    engine, proxy = platform.engine(), platform.proxy()
    assert isinstance(engine, MemoryEngine)
    assert isinstance(proxy, MemoryProxy)
    yield World(tmp_path / "repositories" / "web", engine, proxy)


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From `hurry()` on the clock of this test goes faster: what looks every second looks every fifth of one."""
    monotonic, sleep = time.monotonic, time.sleep

    def faster() -> None:
        begun = monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: begun + HURRY * (monotonic() - begun))
        monkeypatch.setattr(time, "sleep", lambda seconds: sleep(seconds / HURRY))

    return faster
