"""One at a time, over threads and processes."""

from __future__ import annotations

import os
import time
from pathlib import Path
from threading import Event, Thread

import pytest

from releases.baseimages.lock import only_one
from releases.engine.base import Cancel, Cancelled, Unavailable
from tests.baseimages.cast import Log, never


def enter(work: Path, cancelled: Cancel, deadline: float) -> None:
    with only_one(work, "a", Log(), cancelled, deadline):
        raise AssertionError("two at a time")


def soon() -> float:
    return time.monotonic() + 10


def test_the_second_waits_and_says_for_whom(tmp_path: Path) -> None:
    log, waiting, order = Log(), Event(), []

    def second() -> None:
        def cancelled() -> bool:
            waiting.set()
            return False

        with only_one(tmp_path, "python:3.13", log, cancelled, soon()):
            order.append("second")

    with only_one(tmp_path, "python:3.13", log, never, soon()):
        thread = Thread(target=second)
        thread.start()
        assert waiting.wait(5)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]
    assert log.text == f"python:3.13 is being prepared by process {os.getpid()}; waiting for it.\n"


def test_waiting_can_be_cancelled(tmp_path: Path) -> None:
    with only_one(tmp_path, "a", Log(), never, soon()), pytest.raises(Cancelled):
        enter(tmp_path, lambda: True, soon())


def test_waiting_ends_at_the_deadline(tmp_path: Path) -> None:
    with only_one(tmp_path, "a", Log(), never, soon()), pytest.raises(Unavailable, match="still being prepared"):
        enter(tmp_path, never, time.monotonic() + 0.1)


def test_different_names_do_not_wait(tmp_path: Path) -> None:
    with only_one(tmp_path, "a/b:1", Log(), never, soon()), only_one(tmp_path, "a/b:2", Log(), never, 0):
        pass


def test_a_directory_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "work").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unavailable, match="another user"), only_one(tmp_path / "work", "a", Log(), never, soon()):
        raise AssertionError("somebody else's directory was used")
