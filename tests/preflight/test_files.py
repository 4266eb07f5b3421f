"""What files say about settings."""

from __future__ import annotations

from typing import Any

import pytest

from releases.preflight import Severity
from releases.preflight.files import look_at_files
from services.repository.files import Files
from services.repository.tree import FILE, Entry, Tree
from tests.factories import make_settings

PYTHON = {"requirements.txt": "flask\n", "run.py": "app.run(port=int(os.environ['PORT']))\n"}
OWN: dict[str, Any] = {"language": "dockerfile", "version": "", "build_command": "", "start_command": ""}


def notes(files: dict[str, str], **settings: Any) -> list[tuple[str, str]]:
    """Field and severity of each."""
    return [(note.field, note.severity.value) for note in found(files, **settings)]


def found(files: dict[str, str], **settings: Any) -> list[Any]:
    tree = Tree("a" * 40, "", tuple(Entry(path, FILE, "b" * 40, 1) for path in files))
    return list(look_at_files(make_settings(**settings), tree, Files(frozenset(files), files)))


def test_what_fits_is_passed_in_silence() -> None:
    assert notes(PYTHON) == []
    assert notes({"Dockerfile": "FROM python:3.13\nEXPOSE 3000"}, **OWN) == []
    assert notes({"index.html": ""}, language="static", build_command="", start_command="") == []


@pytest.mark.parametrize(
    ("command", "files", "said"),
    [
        ("pip install -r requirements.txt", {"run.py": ""}, "requirements.txt, which is not in the repository"),
        ("pip install -r reqs/prod.txt && true", PYTHON, "reqs/prod.txt"),
        ("npm ci", {"package.json": "{}"}, "package-lock.json or npm-shrinkwrap.json"),
        ("yarn && yarn build", PYTHON, "“yarn” needs package.json"),
        ("poetry install --no-root", PYTHON, "pyproject.toml"),
        ("go build ./...", PYTHON, "go.mod"),
    ],
)
def test_a_missing_manifest_is_warned_of(command: str, files: dict[str, str], said: str) -> None:
    notes = [note for note in found(files, build_command=command) if note.field == "build_command"]
    assert [note.severity for note in notes] == [Severity.WARNING]
    assert said in notes[0].sentence


@pytest.mark.parametrize("command", ["cd app && npm ci", "npm ci --prefix app", "npm install -g yarn", "make", ""])
def test_a_command_that_goes_elsewhere_is_left_alone(command: str) -> None:
    assert notes(PYTHON, build_command=command) == []


def test_another_language_is_warned_of() -> None:
    files = {"package.json": '{"scripts": {"start": "node a.js"}}', "server.js": ""}
    (note,) = found(files, build_command="")
    assert (note.field, note.severity) == ("language", Severity.WARNING)
    assert note.sentence.startswith("The code looks like ") and "not Python" in note.sentence


@pytest.mark.parametrize(("asked", "warned"), [("3.12", True), (">=3.12", False), ("3.13.2", False), ("<3.13", True)])
def test_the_version_that_the_code_asks_for(asked: str, warned: bool) -> None:
    files = {**PYTHON, "pyproject.toml": f'[project]\nrequires-python = "{asked}"\n'}
    if asked[0].isdigit():
        files = {**PYTHON, ".python-version": f"{asked}\n"}
    assert notes(files) == ([("version", "warning")] if warned else [])


def test_a_port_that_does_not_follow_the_variable_is_warned_of() -> None:
    assert notes({**PYTHON, "run.py": "app.run(port=5000)\n"}) == [("port", "warning")]
    assert notes({**PYTHON, "run.py": "app.run(port=3000)\n"}) == []
    assert notes({**PYTHON, "run.py": "app.run(port=os.environ.get('PORT', 5000))\n"}) == []
    assert notes(PYTHON, start_command="gunicorn run:app --bind 0.0.0.0:8000") == [("port", "warning")]
    assert notes(PYTHON, start_command="uvicorn run:app --port 3000") == []


def test_a_dockerfile_that_is_not_there_is_a_problem() -> None:
    (note,) = found({"Dockerfil": ""}, **OWN, dockerfile="Dockerfile")
    assert (note.field, note.severity) == ("dockerfile", Severity.PROBLEM)
    assert "Did you mean “Dockerfil”" in note.sentence


def test_a_dockerfile_that_would_be_refused_is_a_problem_with_its_line() -> None:
    (note,) = found({"Dockerfile": "FROM python\nADD http://127.0.0.1/ /x"}, **OWN)
    assert (note.field, note.severity) == ("dockerfile", Severity.PROBLEM)
    assert note.sentence.startswith("Line 2 of the Dockerfile is not allowed")


@pytest.mark.parametrize(
    ("exposed", "warned"), [("8000", True), ("8000 3000", False), ("3000/tcp", False), ("$P", False)]
)
def test_the_port_that_a_dockerfile_exposes(exposed: str, warned: bool) -> None:
    assert notes({"Dockerfile": f"FROM python\nEXPOSE {exposed}"}, **OWN) == ([("port", "warning")] if warned else [])
