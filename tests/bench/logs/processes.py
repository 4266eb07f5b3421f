"""What a process has used so far, and the whole machine: other work makes figures worse, and has to be seen."""

from __future__ import annotations

import os
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
QUIET = 0.2  # of a core
LOOK, PATIENCE = 2.0, 60.0  # seconds


def cpu_seconds(pid: int) -> float:
    """User and system time, of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid: int) -> int:
    """Resident."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


def machine_seconds() -> float:
    """Of all processes and the kernel on all cores; also what a hypervisor gave to other machines meanwhile."""
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS


def wait_until_quiet() -> None:
    """Until the machine does hardly anything for a moment, or for a minute: the figures then say that it did."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        before = machine_seconds()
        time.sleep(LOOK)
        if machine_seconds() - before < QUIET * LOOK:
            return
