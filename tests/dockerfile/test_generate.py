"""Generated Dockerfiles: what they copy when, and that no setting becomes an instruction."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.dockerfile.context import INSTALLED, Build
from releases.dockerfile.generate import base_images, generate
from services import languages
from services.languages import LANGUAGES
from services.repository.errors import RepositoryError
from services.repository.files import Files


def files(**texts: str) -> Files:
    """Names with `__` for a dot."""
    named = {name.replace("__", "."): text for name, text in texts.items()}
    return Files(frozenset(named), named)


def lines(build: Build, found: Files, pinned: dict[str, str] | None = None) -> list[str]:
    context = generate(build, found, pinned)
    return context.files[context.dockerfile].decode().splitlines()


def python(command: str) -> Build:
    return Build("s1", "python", "3.13", command)


def test_install_comes_before_the_source() -> None:
    found = lines(python("pip install -r requirements.txt && python setup.py"), files(requirements__txt="flask"))
    assert found[0] == "FROM python:3.13"
    assert found[1] == "ENV KINTOHUB_SERVICE=s1"
    assert found[-5:] == [
        "WORKDIR /app",
        'COPY ["app/requirements.txt", "./"]',
        'RUN ["sh", "-ec", "pip install -r requirements.txt"]',
        'COPY ["app/", "./"]',
        'RUN ["sh", "-ec", "python setup.py"]',
    ]


@pytest.mark.parametrize("language", ["python", "static"])
def test_whose_the_image_is_stands_where_the_cache_keeps_it(language: str) -> None:
    command = "pip install -r requirements.txt" if language == "python" else "npm run build"
    build = Build("s1", language, languages.get(language).default_version, command, mark={"owner": "k1"})
    found = lines(build, files(requirements__txt="flask", package__json="{}"))
    froms = [place for place, line in enumerate(found) if line.startswith("FROM ")]
    assert froms and all(found[place + 1] == "LABEL owner=k1" for place in froms)


def test_without_a_build_command_the_source_is_all() -> None:
    assert lines(python(""), files())[-1] == 'COPY ["app/", "./"]'


def test_bases_can_be_pinned() -> None:
    assert lines(python(""), files(), {"python:3.13": "sha256:abc"})[0] == "FROM sha256:abc"


def test_the_context_keeps_installed_folders_out() -> None:
    context = generate(python(""), files())
    assert context.prefix == "app/" and context.implicit_ignores == INSTALLED


def test_go_modules_have_a_layer_of_their_own() -> None:
    build = Build("s1", "go", "1.27", "go build -o /usr/local/bin/app .")
    found = lines(build, Files(frozenset({"go.mod", "go.sum"}), {"go.mod": ""}))
    assert found[-4:-2] == ['COPY ["app/go.mod", "app/go.sum", "./"]', 'RUN ["sh", "-ec", "go mod download"]']
    local = Files(frozenset({"go.mod", "go.sum"}), {"go.mod": "replace x => ../x"})
    assert "go mod download" not in "\n".join(lines(build, local))


def test_static_pages_as_they_are() -> None:
    build = Build("s1", "static", "1.30")
    found = lines(build, files(index__html=""))
    assert base_images(build) == ("nginx:1.30",)
    assert found[:1] == ["FROM nginx:1.30"] and 'COPY ["app/", "/site/"]' in found
    assert found[-1] == 'CMD ["sh", "/kintohub/serve.sh"]'
    assert {"nginx.conf", "serve.sh"} <= set(generate(build, files()).files)


def test_static_pages_that_are_built() -> None:
    build = Build("s1", "static", "1.30", "npm ci && npm run build", output="web/it's")
    found = lines(build, files(package__json="{}", package_lock__json=""))
    assert base_images(build) == ("node:24", "nginx:1.30")
    assert found[0] == "FROM node:24 AS build" and "FROM nginx:1.30" in found
    assert 'COPY --from=build ["/site/", "/site/"]' in found
    with pytest.raises(RepositoryError):
        generate(Build("s1", "static", "1.30", "x", output="../etc"), files())


def test_own_dockerfile_needs_no_base() -> None:
    assert base_images(Build("s1", "dockerfile")) == ()


@pytest.mark.parametrize(
    "language", [language for language in LANGUAGES if language.versions], ids=lambda found: found.key
)
def test_every_language_and_version(language) -> None:  # type: ignore[no-untyped-def]
    for version in language.versions:
        found = lines(Build("s1", language.key, version.number, language.build_command), files())
        assert f"FROM {version.image}" in found
        assert found.count("ENV KINTOHUB_SERVICE=s1") == len([line for line in found if line.startswith("FROM")])


@pytest.mark.parametrize(
    ("language", "command", "mix", "prepared"),
    [
        ("elixir", "mix deps.get && mix compile", "deps: []", False),
        ("elixir", "mix deps.get && mix compile", 'deps: [{:plug, "~> 1"}]', True),
        ("elixir", "mix deps.get && mix compile", 'apps_path: "apps"', True),
        ("elixir", "mix compile", "", True),
        ("php", "composer install", "", True),
        ("php", "", "", False),
    ],
)
def test_what_an_image_lacks_is_fetched_only_where_it_is_used(
    language: str, command: str, mix: str, prepared: bool
) -> None:
    build = Build("s1", language, languages.get(language).default_version, command)
    text = "\n".join(lines(build, files(mix__exs=mix)))
    assert (languages.get(language).prepare[:20] in text) == prepared


HOSTILE = st.text(st.sampled_from("a\n\r\\\"'$`&;|<E#{} \té\u2028"), max_size=40) | st.text(max_size=40)


@given(HOSTILE)
def test_a_build_command_stays_one_instruction(command: str) -> None:
    found = lines(python(command), files())
    text = generate(python(command), files()).files["Dockerfile"].decode()
    assert len(found) == text.count("\n") == (8 if command.strip() else 7)
    if command.strip():
        assert json.loads(found[-1].removeprefix("RUN ")) == ["sh", "-ec", command.strip()]
        assert "<" not in found[-1] and not found[-1].endswith("\\")
