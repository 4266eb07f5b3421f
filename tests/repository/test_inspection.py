"""Connect: one contact, all proposals, nothing left behind."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from services.repository.credentials import NONE
from services.repository.errors import Cause, RepositoryError
from services.repository.inspection import inspect_repository
from tests.repository.repositories import commit, git, local, make_repository


def test_default_branch_is_looked_at(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "app", {"web/index.js": "", "web/package.json": "{}"}, "Hello")
    git(repository, "branch", "old")
    address, policy = local(repository)
    found = inspect_repository(address, NONE, policy, subfolder="web")
    assert (found.branch, found.commit.subject, set(found.heads.branches)) == ("main", "Hello", {"main", "old"})
    assert found.detection.language and found.detection.language.value == "nodejs"


def test_asked_branch_and_its_absence(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "app", {"app.py": ""})
    git(repository, "switch", "--quiet", "-c", "other")
    commit(repository, {"go.mod": "module x"})
    git(repository, "switch", "--quiet", "main")
    address, policy = local(repository)
    found = inspect_repository(address, NONE, policy, "other")
    assert found.detection.language and found.detection.language.value == "go"
    with pytest.raises(RepositoryError, match="no branch “mian”") as caught:
        inspect_repository(address, NONE, policy, "mian")
    assert caught.value.cause is Cause.BRANCH


def test_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    address, policy = local(make_repository(tmp_path / "app", {"app.py": ""}))
    inspect_repository(address, NONE, policy)
    with pytest.raises(RepositoryError):
        inspect_repository(address, NONE, policy, subfolder="missing")
    assert list(scratch.iterdir()) == []


def test_the_examples_are_recognised(tmp_path: Path) -> None:
    examples = Path(__file__).parents[2] / "examples"
    for name, language, start in (
        ("hello-python", "python", "python run.py"),
        ("hello-node", "nodejs", "npm start"),
        ("hello-dockerfile", "dockerfile", None),
    ):
        files = {
            str(path.relative_to(examples / name)): path.read_text()
            for path in (examples / name).rglob("*")
            if path.is_file() and "dist" not in path.parts
        }
        address, policy = local(make_repository(tmp_path / name, files))
        found = inspect_repository(address, NONE, policy).detection
        assert found.language and found.language.value == language
        assert (found.start_command and found.start_command.value) == start
        assert found.port
