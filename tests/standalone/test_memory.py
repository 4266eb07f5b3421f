"""Where files of tests are in memory."""

from __future__ import annotations

import os
from pathlib import Path

from kintohub.standalone import memory

BLOCK = 4096


def system(free: int, flags: int) -> os.statvfs_result:
    return os.statvfs_result((BLOCK, BLOCK, 0, 0, free // BLOCK, 0, 0, 0, flags, 255))


def test_enough_has_to_be_free() -> None:
    assert memory.serves(system(2 * memory.ENOUGH, 0))
    assert not memory.serves(system(memory.ENOUGH // 2, 0))


def test_programs_have_to_start_there() -> None:
    assert not memory.serves(system(2 * memory.ENOUGH, os.ST_NOEXEC | os.ST_NOSUID))
    assert memory.serves(system(2 * memory.ENOUGH, os.ST_NOSUID))


def test_there_may_be_none(tmp_path: Path) -> None:
    assert memory.place(tmp_path / "none") is None
