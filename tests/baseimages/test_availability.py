"""What the forms may offer."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from releases.baseimages.availability import check_all, refresh_availability, store
from releases.baseimages.ensure import Means
from releases.baseimages.mirror import Mirror
from releases.engine.memory import MemoryEngine
from services.models import Availability, BaseImage
from tests.baseimages.cast import Log, make_means, never
from tests.baseimages.web import mirror_with


@pytest.fixture
def means(tmp_path: Path) -> Iterator[Means]:
    """The mirror has trixie only."""
    with mirror_with("dists/trixie") as address:
        yield make_means(tmp_path, mirror=Mirror(address))


def offline_engine() -> MemoryEngine:
    engine = MemoryEngine("aaaaaaaa")
    engine.pull_image("python:3.13", Log(), never, 1)
    engine.fail("can_pull", times=9)
    return engine


def look(engine: MemoryEngine, means: Means) -> dict[str, tuple[Availability, str]]:
    return {found.version.image: (found.availability, found.reason) for found in check_all(engine, means)}


def test_without_a_registry(means: Means) -> None:
    found = look(offline_engine(), means)
    assert found["python:3.13"] == (Availability.PRESENT, "")
    assert found["node:20"] == (Availability.BUILDABLE, "")
    assert found["node:26"] == (
        Availability.UNAVAILABLE,
        "The registry cannot be reached and Debian has no NodeJS 26.",
    )
    assert found["node:24"] == (
        Availability.UNAVAILABLE,
        "The registry cannot be reached and the Debian mirror does not answer for forky.",
    )


def test_with_a_registry_all_can_be_had(means: Means) -> None:
    found = look(MemoryEngine("aaaaaaaa"), means)
    assert set(found.values()) == {(Availability.PULLABLE, "")}


def test_a_registry_that_refused_a_moment_ago_is_not_asked(means: Means) -> None:
    means.refusals.add("python:3.13")
    assert look(MemoryEngine("aaaaaaaa"), means)["node:26"][0] is Availability.UNAVAILABLE


def test_not_as_root(tmp_path: Path) -> None:
    found = look(offline_engine(), make_means(tmp_path, is_root=False, mirror=None))
    assert found["node:20"][1] == "The registry cannot be reached and building it from Debian packages needs root."


@pytest.mark.django_db
def test_rows_follow_what_was_found(means: Means) -> None:
    engine = offline_engine()
    BaseImage.objects.create(language="cobol", version="60", image="cobol:60", availability=Availability.PRESENT)
    store(check_all(engine, means))
    before = BaseImage.objects.get(image="node:26")
    engine.pull_image("node:26", Log(), never, 1)
    store(check_all(engine, means))
    after = BaseImage.objects.get(image="node:26")
    assert (after.pk, after.availability, after.reason) == (before.pk, Availability.PRESENT, "")
    assert after.checked_at > before.checked_at
    assert not BaseImage.objects.filter(language="cobol").exists()


@pytest.mark.django_db
def test_the_command_lists_and_builds() -> None:
    refresh_availability()
    out = StringIO()
    call_command("base_images", stdout=out)
    assert len(out.getvalue().splitlines()) == BaseImage.objects.count() > 20
    assert "In its registry" in out.getvalue()
    call_command("base_images", "--build", "python:3.13", stdout=out)
    assert "python:3.13 is on the engine" in out.getvalue()
    assert BaseImage.objects.get(image="python:3.13").availability == Availability.PRESENT
