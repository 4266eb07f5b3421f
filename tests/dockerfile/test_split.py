"""When the install of dependencies becomes a layer of its own, and when it must not."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.dockerfile.split import Split, split
from services.repository.files import Files

PLAIN = {
    "requirements.txt": "flask==3.1\n# -e .\nhttps://example.org/x.whl\n",
    "package.json": '{"dependencies": {"express": "^5"}, "scripts": {"build": "tsc"}}',
    "package-lock.json": "{}",
    "pyproject.toml": "[tool.poetry]",
    "poetry.lock": "",
    "Gemfile": 'gem "rails"',
    "Gemfile.lock": "",
    "mix.exs": "",
}


def of(command: str, **changed: str) -> Split:
    texts = PLAIN | {name.replace("__", ".").replace("--", "/"): text for name, text in changed.items()}
    return split(command, Files(frozenset(texts), texts))


@pytest.mark.parametrize(
    ("command", "install", "rest", "needs"),
    [
        ("pip install -r requirements.txt", "pip install -r requirements.txt", "", ("requirements.txt",)),
        (
            "pip3 install --no-cache-dir -r ./requirements.txt; x",
            "pip3 install --no-cache-dir -r ./requirements.txt",
            "x",
            ("requirements.txt",),
        ),
        (
            "python -m pip install -U -r requirements.txt\nmake",
            "python -m pip install -U -r requirements.txt",
            "make",
            ("requirements.txt",),
        ),
        (
            "pip install -r requirements.txt gunicorn==23.0 && x",
            "pip install -r requirements.txt gunicorn==23.0",
            "x",
            ("requirements.txt",),
        ),
        ("npm ci && npm run build", "npm ci", "npm run build", ("package.json", "package-lock.json")),
        ("npm install --omit=dev", "npm install --omit=dev", "", ("package.json", "package-lock.json")),
        (
            "npm install -g pnpm && pnpm install --frozen-lockfile && pnpm build",
            "npm install -g pnpm && pnpm install --frozen-lockfile",
            "pnpm build",
            ("package.json", "package-lock.json"),
        ),
        (
            "pip install poetry && poetry config virtualenvs.create false && poetry install --no-root --only main",
            "pip install poetry && poetry config virtualenvs.create false && poetry install --no-root --only main",
            "",
            ("pyproject.toml", "poetry.lock"),
        ),
        ("bundle install && rake", "bundle install", "rake", ("Gemfile", "Gemfile.lock")),
        ("mix deps.get && mix compile", "mix deps.get", "mix compile", ("mix.exs",)),
        ("npm ci && npm run build || true", "npm ci", "npm run build || true", ("package.json", "package-lock.json")),
    ],
)
def test_split(command: str, install: str, rest: str, needs: tuple[str, ...]) -> None:
    assert of(command) == Split(rest, install, needs)


def test_flags_of_pip_that_take_addresses() -> None:
    command = "pip install --index-url=https://example.org/simple -r requirements.txt"
    assert of(command).install == command
    assert of("pip install --target=x -r requirements.txt").install == ""


@pytest.mark.parametrize(
    "command",
    [
        "make",
        "make && pip install -r requirements.txt",
        "pip install flask",
        "pip install -r $FILE",
        "pip install -r 'requirements.txt'",
        "pip install -r requirements.txt || true",
        "pip install -r requirements.txt | cat",
        "pip install $(cat requirements.txt)",
        "(npm ci) && x",
        "cd web && npm ci",
        "npm ci --prefix=web",
        "npm install express",
        "FOO=1 npm ci",
        "",
    ],
)
def test_left_alone(command: str) -> None:
    assert of(command) == Split(command)


@pytest.mark.parametrize(
    ("command", "changed"),
    [
        ("pip install -r requirements.txt", {"requirements__txt": "-e ."}),
        ("pip install -r requirements.txt", {"requirements__txt": "--editable ./lib"}),
        ("pip install -r requirements.txt", {"requirements__txt": "./lib"}),
        ("pip install -r requirements.txt", {"requirements__txt": "."}),
        ("pip install -r requirements.txt", {"requirements__txt": "lib @ file:///app/lib"}),
        ("pip install -r requirements.txt", {"requirements__txt": "-r missing.txt"}),
        ("pip install -r missing.txt", {}),
        ("pip install -r ../requirements.txt", {}),
        ("pip install . -r requirements.txt", {}),
        ("pip install -e . -r requirements.txt", {}),
        ("npm ci", {"package__json": '{"scripts": {"postinstall": "x"}}'}),
        ("npm ci", {"package__json": '{"scripts": {"prepare": "x"}}'}),
        ("npm ci", {"package__json": '{"workspaces": ["a"]}'}),
        ("npm ci", {"package__json": '{"dependencies": {"a": "file:../a"}}'}),
        ("npm ci", {"package__json": '{"devDependencies": {"a": "link:./a"}}'}),
        ("npm ci", {"binding__gyp": ""}),
        ("poetry install", {}),
        ("poetry install --no-root", {"pyproject__toml": 'lib = { path = "lib" }'}),
        ("bundle install", {"Gemfile": 'gem "a", path: "a"'}),
        ("mix deps.get", {"mix__exs": '{:a, path: "a"}'}),
    ],
)  # fmt: skip
def test_not_split_and_it_is_said_why(command: str, changed: dict[str, str]) -> None:
    found = of(f"{command} && x", **changed)
    assert (found.install, found.rest) == ("", f"{command} && x")
    assert found.note.endswith("with every change.")


def test_includes_are_followed() -> None:
    found = of(
        "pip install -r requirements.txt",
        **{
            "requirements__txt": "-r requirements/base.txt\n-c constraints.txt",
            "requirements/base__txt": "-r more.txt",
        },
        **{"requirements/more__txt": "-r ../requirements.txt\nflask", "constraints__txt": ""},
    )
    assert found.needs == ("constraints.txt", "requirements.txt", "requirements/base.txt", "requirements/more.txt")


WORDS = st.sampled_from(
    ["pip", "install", "-r", "requirements.txt", "&&", ";", "npm", "ci", "\n", "--x", "-U", "a=b", "'", "poetry"]
)


@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_nothing_of_a_command_gets_lost(command: str) -> None:
    found = of(command)
    together = f"{found.install} {found.rest}"
    words = [word for word in command.replace(";", " ").split() if word != "&&"]
    assert [word for word in together.replace(";", " ").split() if word != "&&"] == words


def test_long_commands_cost_little() -> None:
    begun = time.monotonic()
    for command in (
        "pip install" + " -r" * 400 + " !",
        "poetry install" + " --only" * 300 + " %",
        "npm ci" + " --a" * 300 + " %",
    ):
        assert of(command).install == ""
    assert time.monotonic() - begun < 10
    assert json.dumps(of("npm ci" + " " * 5000 + "x").rest)
