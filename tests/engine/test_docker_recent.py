"""Answers that serve for a moment."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from releases.engine.base import NotFound
from releases.engine.docker import recent as module
from releases.engine.docker.recent import SECONDS, Recent


class Asked:
    """Gives each question another answer."""

    def __init__(self, running: bool) -> None:
        self.running = running
        self.count = 0

    def __call__(self, name: str) -> dict[str, Any]:
        if name == "nobody":
            raise NotFound(name)
        self.count += 1
        return {"State": {"Running": self.running}, "number": self.count}


def test_an_answer_serves_for_a_moment_and_its_own_question(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    recent = Recent(Asked(running=True))
    assert [recent.get("a")["number"] for _ in range(20)] == [1] * 20
    assert recent.get("b")["number"] == 2
    now[0] += SECONDS * 0.9
    assert recent.get("a")["number"] == 1
    now[0] += SECONDS * 0.2
    assert recent.get("a")["number"] == 3


def test_what_does_not_run_is_asked_for_again() -> None:
    recent = Recent(Asked(running=False))
    assert [recent.get("a")["number"] for _ in range(3)] == [1, 2, 3]


def test_what_asking_raises_is_raised() -> None:
    with pytest.raises(NotFound):
        Recent(Asked(running=True)).get("nobody")
