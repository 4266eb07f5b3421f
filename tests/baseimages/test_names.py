"""Which recipe belongs to a name that people write after FROM."""

from __future__ import annotations

import pytest

from releases.baseimages.names import find_recipe
from services.languages import image_recipe


@pytest.mark.parametrize(
    "name",
    ["python:3.13", "python:3.13-slim", "library/python:3.13", "python:3.13-slim-bookworm", "python:3.13-trixie"],
)
def test_variants_of_one_version_share_its_recipe(name: str) -> None:
    assert find_recipe(name) == image_recipe("python:3.13") is not None


@pytest.mark.parametrize(
    "name",
    [
        "python:3.13-alpine",
        "python:3.13.1",
        "python:3.1",
        "python",
        "python:latest",
        "registry.test/python:3.13",
        "node:26",
        "debian:latest",
        "debian",
        "python@sha256:" + "0" * 64,
    ],
)
def test_what_debian_s_packages_do_not_give(name: str) -> None:
    assert find_recipe(name) is None


def test_debian_itself_needs_no_packages() -> None:
    for name in ("debian:trixie", "debian:trixie-slim"):
        recipe = find_recipe(name)
        assert recipe and (recipe.suite, recipe.packages) == ("trixie", ())
