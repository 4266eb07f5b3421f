"""Where files of tests are in memory: a disk that others use makes databases and git wait."""

from __future__ import annotations

import os
from pathlib import Path

DIRECTORY = Path("/dev/shm")  # noqa: S108 - everybody's place in memory; what we make there has a name of its own
ENOUGH = 1_000_000_000  # bytes: the tests need about 200 MB, a PostgreSQL server about 400 MB


def place(directory: Path = DIRECTORY) -> Path | None:
    """None where nothing of that kind is there, or it does not serve."""
    return directory if directory.is_dir() and serves(os.statvfs(directory)) else None


def serves(system: os.statvfs_result) -> bool:
    """Whether enough is free, and programs may be started from there, which containers forbid."""
    return system.f_bavail * system.f_frsize >= ENOUGH and not system.f_flag & os.ST_NOEXEC
