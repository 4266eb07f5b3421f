"""The table of languages holds together, and finds versions for what repositories ask."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.languages import LANGUAGES, ROLLING, find_version, get, image_recipe, nearest

OFFERED = [language for language in LANGUAGES if language.versions]


def test_keys_are_unique_and_found() -> None:
    keys = [language.key for language in LANGUAGES]
    assert len(set(keys)) == len(keys)
    assert [get(key).key for key in keys] == keys
    with pytest.raises(KeyError):
        get("cobol")


@pytest.mark.parametrize("language", OFFERED, ids=lambda language: language.key)
def test_each_language(language) -> None:  # type: ignore[no-untyped-def]
    default = find_version(language, language.default_version)
    assert default.recipe, "the usual version can be had without a registry"
    assert not default.end_of_life
    numbers = [tuple(map(int, version.number.split("."))) for version in language.versions]
    assert numbers == sorted(numbers, reverse=True) and len(set(numbers)) == len(numbers)
    assert 0 < language.port < 65536
    assert all(re.fullmatch(r"[a-z]+:[a-z0-9.-]+", version.image) for version in language.versions)
    with pytest.raises(KeyError):
        find_version(language, "0.1")


@pytest.mark.parametrize("language", OFFERED, ids=lambda language: language.key)
def test_rolling_suites_are_asked_for_a_version(language) -> None:  # type: ignore[no-untyped-def]
    for version in language.versions:
        if version.recipe and version.recipe.suite in ROLLING:
            assert any("=" in name and version.number in name for name in version.recipe.packages)


def test_what_has_no_start_command() -> None:
    assert [language.key for language in LANGUAGES if not language.has_start_command] == ["dockerfile", "static"]


def test_recipes_by_image() -> None:
    recipe = image_recipe("python:3.13")
    assert recipe and recipe.suite == "trixie" and "python3=3.13.*" in recipe.packages
    assert image_recipe("node:26") is None
    assert image_recipe("unknown:1") is None


def test_labels_say_what_is_at_its_end() -> None:
    assert find_version(get("nodejs"), "18").label == "18 (end of life)"
    assert find_version(get("nodejs"), "24").label == "24"


@pytest.mark.parametrize(
    ("key", "wanted", "number"),
    [
        ("python", ">=3.10", "3.13"),
        ("python", "3.12.1", "3.12"),
        ("python", "3.9.18", "3.11"),
        ("python", ">=3.8,<3.12", "3.11"),
        ("python", "~=3.12.0", "3.12"),
        ("python", ">3.13.2", "3.13"),
        ("python", ">=3.14", "3.14"),
        ("python", "3.99", "3.13"),
        ("nodejs", "^22 || >=24", "24"),
        ("nodejs", "^22.3.0", "22"),
        ("nodejs", "<23", "22"),
        ("nodejs", "18.x", "18"),
        ("nodejs", ">=18 <21", "20"),
        ("nodejs", "lts/*", "24"),
        ("nodejs", "", "24"),
        ("nodejs", "v20.1.0", "20"),
        ("nodejs", "16", "18"),
        ("php", "^8.1", "8.4"),
        ("php", "8.2.*", "8.2"),
        ("ruby", "~> 3.4", "3.4"),
        ("ruby", "~> 3.1.2", "3.1"),
        ("elixir", "~> 1.14", "1.20"),
        ("go", ">=1.21", "1.27"),
    ],
)
def test_nearest(key: str, wanted: str, number: str) -> None:
    assert nearest(get(key), wanted).number == number


@given(
    st.sampled_from(OFFERED),
    st.text(max_size=30) | st.from_regex(r"([<>=~^|, ]{0,3}[0-9.x]{0,6}){0,4}", fullmatch=True),
)
def test_any_wish_gets_a_version(language, wanted: str) -> None:  # type: ignore[no-untyped-def]
    assert nearest(language, wanted) in language.versions


@given(st.sampled_from([(language, version) for language in OFFERED for version in language.versions]))
def test_an_offered_number_is_its_own_nearest(pair) -> None:  # type: ignore[no-untyped-def]
    language, version = pair
    assert nearest(language, version.number) == version
    assert nearest(language, f"=={version.number}") == version
