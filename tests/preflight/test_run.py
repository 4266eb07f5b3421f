"""The looks together: real repositories, the engine in memory, one deadline."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from releases import platform
from releases.engine.base import Unavailable
from releases.engine.memory import MemoryEngine
from releases.engine.registry import engine_for
from releases.preflight import Asked, Note, Severity, preflight
from services.models import Availability
from services.settings import Credentials
from tests.factories import make_base_image, make_settings
from tests.repository.repositories import commit, git, make_repository
from tests.repository.server import serve

FILES = {"requirements.txt": "flask\n", "run.py": "run(port=PORT)\n"}


@pytest.fixture
def engine() -> Iterator[MemoryEngine]:
    MemoryEngine._shared.clear()
    engine_for.cache_clear()
    engine = platform.engine()
    assert isinstance(engine, MemoryEngine)
    yield engine
    MemoryEngine._shared.clear()
    engine_for.cache_clear()


@pytest.fixture
def repository(db: None, engine: MemoryEngine, settings: Any, tmp_path: Path) -> Path:
    settings.PREFLIGHT_SECONDS = 60
    settings.LOCAL_REPOSITORIES = str(tmp_path)
    settings.DATA_DIR = tmp_path / "data"
    return make_repository(tmp_path / "web", FILES)


def look(repository: Path, commit: str = "", needs_code: bool = True, **changes: Any) -> list[Note]:
    wanted = make_settings(**{"repository_url": f"file://{repository}", **changes})
    return preflight(Asked(wanted, Credentials(), None, commit, needs_code)).notes


def test_nothing_is_said_where_all_is_well(repository: Path) -> None:
    assert look(repository) == []


def test_a_repository_that_is_not_there(repository: Path) -> None:
    (note,) = look(repository.parent / "other")
    assert (note.field, note.severity) == ("repository_url", Severity.PROBLEM)


def test_a_branch_that_is_not_there_has_near_names(repository: Path) -> None:
    (note,) = look(repository, branch="mian")
    assert (note.field, note.severity) == ("branch", Severity.PROBLEM)
    assert "Did you mean “main”" in note.sentence


def test_a_subfolder_that_is_not_there(repository: Path) -> None:
    (note,) = look(repository, subfolder="app")
    assert (note.field, note.severity) == ("subfolder", Severity.PROBLEM)


def test_the_files_of_the_newest_commit_count(repository: Path) -> None:
    assert look(repository) == []
    git(repository, "rm", "--quiet", "requirements.txt")
    commit(repository, {"a": "b"})
    assert [note.field for note in look(repository)] == ["build_command"]


def test_what_was_looked_at_a_moment_ago_is_not_fetched_again(repository: Path) -> None:
    """Only the names of the branches are: the objects are made unreadable in between."""
    assert look(repository) == []
    for pack in (repository / ".git" / "objects").glob("??/*"):
        pack.chmod(0o600)
        pack.write_bytes(b"")
    assert look(repository) == []


def test_a_named_commit_is_not_judged_by_another(repository: Path) -> None:
    git(repository, "rm", "--quiet", "requirements.txt")
    commit(repository, {"a": "b"})
    assert look(repository, commit="a" * 40) == []
    (note,) = look(repository, commit="a" * 40, branch="mian")
    assert note.severity is Severity.WARNING


def test_a_stored_build_needs_no_repository(repository: Path) -> None:
    assert look(repository.parent / "other", needs_code=False) == []


def test_too_little_memory_and_disk_are_warnings(repository: Path, engine: MemoryEngine, settings: Any) -> None:
    engine.memory_free_mb = 100
    (note,) = look(repository)
    assert (note.field, note.severity) == ("memory_mb", Severity.WARNING)
    assert note.sentence.startswith("Not enough memory")
    settings.DISK_FLOOR_MB = 10**9
    (note,) = look(repository)
    assert "MB of disk free" in note.sentence


def test_an_engine_that_does_not_answer_is_a_warning(repository: Path, engine: MemoryEngine) -> None:
    engine.fail("capacity", Unavailable("It is away."))
    (note,) = look(repository)
    assert (note.severity, note.sentence) == (Severity.WARNING, "The engine does not answer now: It is away.")


def test_a_version_that_cannot_be_had_is_a_warning(repository: Path) -> None:
    make_base_image(availability=Availability.UNAVAILABLE, reason="The registry is away.")
    (note,) = look(repository)
    assert (note.field, note.severity) == ("version", Severity.WARNING)
    assert note.sentence.endswith("The registry is away.")


def test_what_does_not_answer_in_time_is_said_to_be_unchecked(repository: Path, settings: Any) -> None:
    settings.PREFLIGHT_SECONDS = 3
    settings.GIT_PROTOCOLS = ("http",)
    settings.GIT_PRIVATE_HOSTS = True
    told = threading.Event()
    with serve(repository.parent, before=lambda: told.wait(60)) as url:
        (note,) = look(repository, repository_url=f"{url}web")
        told.set()
    assert (note.field, note.severity) == ("repository_url", Severity.UNCHECKED)


def test_problems_come_first(repository: Path, engine: MemoryEngine) -> None:
    engine.memory_free_mb = 100
    assert [note.severity for note in look(repository, branch="mian")] == [Severity.PROBLEM, Severity.WARNING]


def test_it_can_be_turned_off(repository: Path, settings: Any) -> None:
    settings.PREFLIGHT_SECONDS = 0
    assert look(repository.parent / "other") == []
