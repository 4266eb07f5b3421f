"""Whether an agent is there, or was a moment ago: then it is worth waiting for it. A file tells every process."""

from __future__ import annotations

import time

from django.conf import settings

EVERY = 5.0  # seconds between two signs of life
FILE = "agent.seen"


def show() -> None:
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    (settings.DATA_DIR / FILE).touch(mode=0o600)


def was_seen(seconds: float) -> bool:
    """Within so many seconds before now."""
    try:
        seen = (settings.DATA_DIR / FILE).stat().st_mtime
    except OSError:
        return False
    return time.time() - seen <= seconds
