"""The end of a log file, for showing why something did not work."""

from __future__ import annotations

from pathlib import Path

READ_BYTES = 16_384


def tail(path: Path, lines: int = 20) -> str:
    """The last lines; empty when there is no such file."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - READ_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
