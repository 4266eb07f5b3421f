"""One run per data directory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kintohub.standalone.alone import alone
from kintohub.standalone.stop import Stop


def test_the_second_one_is_told_who_runs(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(Stop, match=rf"process {os.getpid()}\).*KINTOHUB_DATA"), alone(tmp_path):
        pass


def test_it_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with alone(tmp_path):
            pass


def test_two_directories_do_not_meet(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with alone(tmp_path), alone(tmp_path / "other"):
        pass
