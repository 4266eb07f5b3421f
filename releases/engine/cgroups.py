"""What a process's control groups have used, as the kernel counts it. Both versions of the hierarchy."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024


@dataclass(frozen=True)
class Consumption:
    """`cpu_seconds` since the group was made; `memory_mb` (MiB) is the working set."""

    cpu_seconds: float
    memory_mb: float


def consumption(process: int, proc: Path = Path("/proc")) -> Consumption | None:
    """Of all processes in the groups of this one. None when it has ended, or may not be looked at."""
    try:
        groups = _groups(_read(proc / str(process) / "cgroup"))
        mounts = _mounts(_read(proc / "self" / "mountinfo"))
        if "memory" in groups:
            return _first(_place(groups, mounts, "cpuacct"), _place(groups, mounts, "memory"))
        return _second(_place(groups, mounts, ""))
    except (OSError, KeyError, ValueError):
        return None


def _first(cpu: Path, memory: Path) -> Consumption:
    """Version 1: a hierarchy for each controller."""
    seconds = int(_read(cpu / "cpuacct.usage")) / 1e9
    used = int(_read(memory / "memory.usage_in_bytes"))
    return Consumption(seconds, _working_set(used, _pairs(memory / "memory.stat")["total_inactive_file"]))


def _second(place: Path) -> Consumption:
    """Version 2: one hierarchy for all."""
    seconds = _pairs(place / "cpu.stat")["usage_usec"] / 1e6
    used = int(_read(place / "memory.current"))
    return Consumption(seconds, _working_set(used, _pairs(place / "memory.stat")["inactive_file"]))


def _working_set(used: int, inactive_file: int) -> float:
    """Without files that were read once: the kernel gives those up before it ends anything for want of memory."""
    return max(0, used - inactive_file) / MIB


def _groups(text: str) -> dict[str, str]:
    """The group of each controller, from lines like `4:memory:/docker/1a2b`; version 2's has an empty name."""
    rows = (line.split(":", 2) for line in text.splitlines())
    return {controller: path for _, controllers, path in rows for controller in controllers.split(",")}


def _mounts(text: str) -> dict[str, tuple[str, str]]:
    """Where each controller's hierarchy is mounted, and which of its groups is on top there (proc(5), mountinfo)."""
    return {controller: place for line in text.splitlines() for controller, place in _mounted(line)}


def _mounted(line: str) -> Iterator[tuple[str, tuple[str, str]]]:
    mount, _, kind = line.partition(" - ")
    if not kind.startswith("cgroup"):
        return
    root, directory = mount.split()[3:5]
    system, _, options = kind.split(maxsplit=2)
    for controller in options.split(",") if system == "cgroup" else [""]:
        yield controller, (directory, root)


def _place(groups: dict[str, str], mounts: dict[str, tuple[str, str]], controller: str) -> Path:
    directory, root = mounts[controller]
    return Path(directory) / posixpath.relpath(groups[controller], root)


def _pairs(path: Path) -> dict[str, int]:
    return {key: int(value) for key, value in (line.split() for line in _read(path).splitlines())}


def _read(path: Path) -> str:
    return path.read_text()
