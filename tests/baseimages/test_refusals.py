"""A registry out of reach is not asked again for a while."""

from __future__ import annotations

import pytest

from releases.baseimages.refusals import SECONDS, Refusals, registry_of


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("python:3.13", ""),
        ("bitnami/python:3", ""),
        ("registry.test/python", "registry.test"),
        ("registry:5000/a/b:1", "registry:5000"),
        ("localhost/a", "localhost"),
    ],
)
def test_the_registry_of_a_name(image: str, registry: str) -> None:
    assert registry_of(image) == registry


def test_it_is_forgotten_after_some_minutes() -> None:
    now = 100.0
    refusals = Refusals(lambda: now)
    assert not refusals.covers("python:3.13")
    refusals.add("python:3.13")
    assert refusals.covers("node:24")
    assert not refusals.covers("registry.test/node:24")
    now += SECONDS
    assert not refusals.covers("node:24")
