"""What a figure was measured on: without it a time says nothing."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

VERSIONS = {
    "Docker": ("docker", "version", "--format", "{{.Server.Version}}"),
    "HAProxy": ("haproxy", "-v"),
}


def described() -> str:
    """One sentence for below a table."""
    versions = ", ".join(f"{name} {_version(*command)}" for name, command in VERSIONS.items())
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} × {_processor()}, {_memory_gb():.0f} GB, "
        f"{_system()}, Linux {platform.release().split('-')[0]}, {versions}, Python {platform.python_version()}."
    )


def _version(*command: str) -> str:
    said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout
    found = re.search(r"\d+(\.\d+)+", said)
    return found[0] if found else "of an unknown version"


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _system() -> str:
    return platform.freedesktop_os_release()["PRETTY_NAME"]
