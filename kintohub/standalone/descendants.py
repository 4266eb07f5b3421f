"""Every process below this one, also those whose parent has died: so that none is left when we end."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
SETTLE_SECONDS = 5.0


def adopt_orphans() -> None:
    """From now on a process below us whose parent dies becomes our child, wherever it moved its session."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def living() -> list[int]:
    """Processes below this one that have not ended; those that have are cleared away."""
    children: dict[int, list[tuple[int, str]]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (found := _parent_and_state(entry)):
            children.setdefault(found[0], []).append((int(entry.name), found[1]))
    below: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        for process, state in children.get(waiting.pop(), []):
            waiting.append(process)
            if state == "Z":
                _clear(process)
            else:
                below.append(process)
    return below


def end() -> list[int]:
    """Kill what is left below us. Returns what was left."""
    left = living()
    deadline = time.monotonic() + SETTLE_SECONDS
    remaining = left
    while remaining and time.monotonic() < deadline:
        for process in remaining:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.05)
        remaining = living()
    return left


def _parent_and_state(entry: Path) -> tuple[int, str] | None:
    try:
        # "pid (name) state parent ...", where the name may hold anything.
        fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), fields[0]


def _clear(process: int) -> None:
    with suppress(ChildProcessError):
        os.waitpid(process, os.WNOHANG)
