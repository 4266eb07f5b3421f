"""What is offered: the right change, and nothing where none can be told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from releases.diagnosis.commands import for_everyone, nearest_command, with_word
from releases.diagnosis.facts import Facts
from releases.diagnosis.judge import judge
from releases.diagnosis.shortcut import Act, Shortcut
from releases.engine.base import Capacity, Listener
from services.repository.errors import Cause as Said
from tests.diagnosis.facts import ANYWHERE, IPV4, UNIX, answers, built, ended, repository, seen, silent


def offers(facts: Facts) -> list[Shortcut]:
    return list(judge(facts)[1].shortcuts)


def changes(facts: Facts) -> list[dict[str, str]]:
    """Of the one-click deploys."""
    return [dict(shortcut.changes) for shortcut in offers(facts) if shortcut.act is Act.DEPLOY]


def test_the_port_that_something_listens_on() -> None:
    facts = silent(Listener(IPV4, ANYWHERE, 5055), Listener(IPV4, ANYWHERE, 9100))
    assert changes(facts) == [{"port": "5055"}, {"port": "9100"}]
    assert offers(facts)[0].label == "Use port 5055 and deploy"


@pytest.mark.parametrize(
    ("has", "proposed"), [(32, "64"), (256, "512"), (200, "512"), (384, "768"), (4096, "8192"), (8192, None)]
)
def test_twice_the_memory(has: int, proposed: str | None) -> None:
    facts = ended("", 137, instances=(seen(137, out_of_memory=True),), memory_mb=has)
    assert changes(facts) == ([{"memory_mb": proposed}] if proposed else [])


def test_no_more_memory_than_the_engine_has() -> None:
    facts = ended("", 137, instances=(seen(137, out_of_memory=True),), memory_mb=2048)
    assert changes(replace(facts, capacity=Capacity(2, 8192, 4000, 9))) == []
    assert changes(replace(facts, capacity=Capacity(2, 8192, 4096, 9))) == [{"memory_mb": "4096"}]


def test_branches_and_folders_that_exist() -> None:
    assert changes(repository("No branch.", Said.BRANCH, "branch", ("main", "dev"))) == [
        {"branch": "main"},
        {"branch": "dev"},
    ]
    assert changes(repository("No folder.", Said.NOT_FOUND, "subfolder", ("web",))) == [{"subfolder": "web"}]


@pytest.mark.parametrize(
    ("files", "proposed"),
    [
        (["docker/Dockerfile", "run.py"], ["docker/Dockerfile"]),
        (["dockerfile"], ["dockerfile"]),
        (
            ["deploy/production/web/Dockerfile", "Dockerfile.dev"],
            ["Dockerfile.dev", "deploy/production/web/Dockerfile"],
        ),
        (["run.py"], []),
    ],
)
def test_dockerfiles_that_are_there(files: list[str], proposed: list[str]) -> None:
    facts = repository("No file.", Said.NOT_FOUND, "dockerfile", files=frozenset(files))
    assert changes(facts) == [{"dockerfile": path} for path in proposed]


MISSING = "ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'requirements.txt'"


def test_the_folder_that_has_the_manifest() -> None:
    assert changes(built(MISSING, files=frozenset({"web/requirements.txt"}))) == [{"subfolder": "web"}]
    assert changes(built(MISSING, files=frozenset({"requirements.txt"}), subfolder="web")) == [{"subfolder": "."}]
    assert changes(built(MISSING, files=frozenset({"run.py"}))) == []


def test_the_manifest_of_a_similar_name() -> None:
    facts = built(MISSING, files=frozenset({"requirement.txt"}))
    assert changes(facts) == [{"build_command": "pip install -r requirement.txt"}]


def test_the_version_that_fits() -> None:
    text = "ERROR: Package 'shop' requires a different Python: 3.13.5 not in '<3.12'"
    assert changes(built(text, versions=("3.14", "3.13", "3.11"))) == [{"version": "python:3.11"}]
    assert changes(built(text, versions=("3.14", "3.13"))) == []


def test_an_install_that_does_not_insist() -> None:
    text = "npm error `npm ci` can only install packages when your package.json and package-lock.json are in sync"
    assert changes(built(text, build_command="npm ci && npm run build")) == [
        {"build_command": "npm install && npm run build"}
    ]
    assert changes(built(text, build_command="make")) == []


def test_commands_of_a_similar_name() -> None:
    assert changes(built("sh: 1: npn: not found", 127, build_command="npn install")) == [
        {"build_command": "npm install"}
    ]
    assert changes(built("sh: 1: poetry: not found", 127, build_command="poetry install")) == [
        {"build_command": "pip install poetry && poetry install"}
    ]
    assert changes(ended("sh: 2: pyhton: not found", 127, start_command="pyhton run.py")) == [
        {"start_command": "python run.py"}
    ]
    assert changes(ended("sh: 2: frobnicate: not found", 127, start_command="frobnicate")) == []


def test_files_of_a_similar_name() -> None:
    text = "python: can't open file '/app/run.py': [Errno 2] No such file or directory"
    assert changes(ended(text, 2, files=frozenset({"app.py", "README.md"}))) == [{"start_command": "python app.py"}]
    assert changes(ended(text, 2, files=frozenset({"one.py", "two.py"}))) == []


def test_the_list_of_packages_that_nobody_installed() -> None:
    text, files = "ModuleNotFoundError: No module named 'flask'", frozenset({"requirements.txt"})
    assert changes(ended(text, files=files, build_command="")) == [{"build_command": "pip install -r requirements.txt"}]
    assert changes(ended(text, files=files)) == []


def test_a_variable_is_asked_for_by_name() -> None:
    first = offers(ended("Error: Missing required environment variable: API_TOKEN"))[0]
    assert (first.act, first.variable) == (Act.VARIABLE, "API_TOKEN")
    assert first.label == "Add variable API_TOKEN and deploy"


def test_more_time_up_to_the_forms_limit() -> None:
    assert changes(silent(output="at work", ago=1.0)) == [{"deploy_timeout": "180"}]
    assert changes(silent(output="at work", ago=1.0, deploy_timeout=900)) == [{"deploy_timeout": "1200"}]
    assert changes(silent(output="at work", ago=1.0, deploy_timeout=1200)) == []


def test_checks_that_accept_what_is_answered() -> None:
    assert {"health_path": "", "health_status": "200-399"} in changes(answers(404))
    assert {"health_status": "200-399,401"} in changes(answers(401))
    assert {"health_status": "200,301"} in changes(answers(301, health_status="200"))


def test_a_socket_file_becomes_the_port() -> None:
    listener = Listener(UNIX, "/tmp/web.sock", 0)
    facts = silent(listener, start_command="gunicorn app:app --bind unix:/tmp/web.sock")
    assert changes(facts) == [{"start_command": "gunicorn app:app --bind 0.0.0.0:$PORT"}]


@pytest.mark.parametrize(
    ("command", "changed"),
    [
        ("gunicorn app:app -b 127.0.0.1:8000", "gunicorn app:app -b 0.0.0.0:8000"),
        ("php -S localhost:8000", "php -S 0.0.0.0:8000"),
        ("flask --app web run", "flask --app web run --host 0.0.0.0 --port $PORT"),
        ("flask --app web run --port 5000", "flask --app web run --host 0.0.0.0 --port $PORT"),
        ("uvicorn web:app", "uvicorn web:app --host 0.0.0.0 --port $PORT"),
        ("python manage.py runserver --noreload", "python manage.py runserver --noreload 0.0.0.0:$PORT"),
        ("uvicorn web:app --host 0.0.0.0", "uvicorn web:app --host 0.0.0.0"),
        ("node server.js", "node server.js"),
    ],
)
def test_servers_that_are_told_to_listen_to_all(command: str, changed: str) -> None:
    assert for_everyone(command) == changed
    listener = Listener(IPV4, "127.0.0.1", 3000)
    expected = [{"start_command": changed}] if changed != command else []
    assert changes(silent(listener, start_command=command)) == expected


def test_words_are_replaced_only_where_they_stand_alone() -> None:
    assert with_word("npn install && ./npn.sh", "npn", "npm") == "npm install && ./npn.sh"
    assert nearest_command("python") == ""
    assert nearest_command("gunicron") == "gunicorn"


def test_a_shortcut_is_kept_as_json() -> None:
    for shortcut in offers(silent(Listener(IPV4, ANYWHERE, 5055))):
        assert Shortcut.from_json(shortcut.as_json()) == shortcut
    edit = next(shortcut for shortcut in offers(answers(404)) if shortcut.act is Act.EDIT)
    assert edit.place == "?tab=advanced#id_health_path"


def test_a_link_leads_to_the_field_with_the_value() -> None:
    links = [one for one in offers(silent(Listener(IPV4, ANYWHERE, 5055))) if one.act is Act.EDIT]
    assert [link.place for link in links] == ["?port=5055&tab=build#id_port"]
    links = [
        one for one in offers(ended("Error: Missing required environment variable: API_TOKEN")) if one.act is Act.EDIT
    ]
    assert [link.place for link in links] == ["?variable=API_TOKEN&tab=variables"]
