"""How long the removal of an instance waits for the agent."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from releases.agent import presence
from releases.lastwords import MISSED, LastWords
from releases.models import LogStream, Release
from tests.releases.conftest import World

LONG = 30.0


@pytest.fixture
def name(world: World, settings: Any, tmp_path: Path) -> str:
    """An instance that was stopped, while an agent is there."""
    settings.DATA_DIR = tmp_path
    world.deploy()
    presence.show()
    [instance] = world.engine.instances()
    world.engine.stop(instance.name, 1)
    return instance.name


def wait(world: World, name: str, seconds: float = LONG) -> tuple[float, list[str]]:
    """How long it waited, and what it said."""
    said: list[str] = []
    begun = time.monotonic()
    LastWords(seconds, said.append).wait(world.engine, Release.objects.get(), name)
    return time.monotonic() - begun, said


def tell(world: World, name: str, later: float = 0.0) -> None:
    """The console has all of it, after its end or after one before it."""
    instance = world.engine.inspect(name)
    assert instance.ended
    cursor = {f"{instance.id}/out": [int((instance.ended + later) * 1_000_000_000) + 1, 1]}
    LogStream.objects.create(service=world.service, cursor=cursor)


def test_what_is_known_needs_no_waiting(world: World, name: str) -> None:
    tell(world, name)
    waited, said = wait(world, name)
    assert waited < LONG / 2
    assert said == []


def test_what_nobody_reads_is_waited_for_no_longer_than_that(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("releases.lastwords.QUIET", 0.0)
    tell(world, name, later=-5.0)
    waited, said = wait(world, name, seconds=1.2)
    assert waited >= 1.2
    assert said == [
        f"Waiting up to 1 s until the console has what {name} printed last.",
        f"What {name} printed last may be missing in the console: it was not read in time.",
    ]


def test_an_agent_that_has_long_been_away_is_not_waited_for(world: World, name: str, tmp_path: Path) -> None:
    before = time.time() - MISSED - 10
    os.utime(tmp_path / presence.FILE, (before, before))
    assert wait(world, name) == (pytest.approx(0, abs=LONG / 2), [])


def test_where_there_never_was_an_agent_nobody_waits(world: World, name: str, tmp_path: Path) -> None:
    (tmp_path / presence.FILE).unlink()
    assert wait(world, name) == (pytest.approx(0, abs=LONG / 2), [])


def test_what_is_gone_or_nobody_wants_is_not_waited_for(world: World, name: str) -> None:
    assert wait(world, name, seconds=0) == (pytest.approx(0, abs=LONG / 2), [])
    world.engine.remove(name)
    assert wait(world, name) == (pytest.approx(0, abs=LONG / 2), [])
