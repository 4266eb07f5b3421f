"""`--wait` of the commands that deploy: show the log, and end as the release ends."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from releases.logs.reader import blocks_after, state_of
from releases.models import Release, Status

LOOK = 0.3  # seconds between two looks at the log


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--wait", action="store_true", help="show the log until it is live; else exit code 1")
    parser.add_argument("--timeout", type=float, default=3600, help="longest wait in seconds (3600)")


def queued(release: Release, out: OutputWrapper, options: dict[str, Any]) -> None:
    """Say that it is queued, and wait when that is asked for. Raises CommandError when it does not go live."""
    service = release.service
    out.write(f"Release #{release.number} of {service.environment.name}/{service.name} is queued.")
    if options["wait"]:
        _wait(release, out, time.monotonic() + options["timeout"])


def _wait(release: Release, out: OutputWrapper, deadline: float) -> None:
    """Until the log is over: the retired release has been drained by then, too."""
    seen, over = 0, False
    while not over:
        over = state_of(release.pk).over
        seen = _show(release, out, seen)
        if time.monotonic() > deadline:
            break
        time.sleep(0 if over else LOOK)
    release.refresh_from_db()
    if release.status not in (Status.LIVE, Status.RETIRED):
        raise CommandError(f"Release #{release.number}: {release.get_status_display()}. {release.reason}".strip())
    out.write(f"Release #{release.number} is live at {release.service.address}")


def _show(release: Release, out: OutputWrapper, seen: int) -> int:
    for block in blocks_after(release.log.pk, seen, limit=5000):
        for line in block.lines:
            out.write(f"{line.source:>12}  {line.text}")
        seen = block.last
    return seen
