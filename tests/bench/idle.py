"""How much memory the platform's own processes take while nothing happens."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from tests.e2e.stack import Stack

NAMES = {
    "valkey-server": "redis",
    "redis-server": "redis",
    "haproxy": "haproxy",
    "kintohub.webserver": "web",
    "kintohub.worker": "worker",
    "kintohub.beat": "beat",
    "manage.py agent": "agent",
    "supervisord": "supervisor",
    "kintohub.standalone": "make run",
}


def megabytes(stack: Stack) -> dict[str, float]:
    """By program: each page of memory is counted once, by equal parts for those that share it (PSS)."""
    found: dict[str, float] = defaultdict(float)
    for process in _with_children(set(stack.processes())):
        command = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        found[next((name for part, name in NAMES.items() if part in command), "other")] += _pss(process)
    return dict(found)


def _with_children(processes: set[int]) -> set[int]:
    """Also those that have overwritten their environment, as Redis does for its title."""
    parents = {int(place.name): _parent(place) for place in Path("/proc").glob("[0-9]*")}
    while more := {child for child, parent in parents.items() if parent in processes} - processes:
        processes = processes | more
    return processes


def _parent(place: Path) -> int:
    try:
        return int((place / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0  # it has just ended


def _pss(process: int) -> float:
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    assert found, text
    return int(found[1]) / 1000
