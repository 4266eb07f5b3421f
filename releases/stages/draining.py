"""Drain: a release that gets no new request may finish what it has, up to a limit; then the rest is closed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from releases.models import Release
from releases.proxy.base import Open
from releases.stages.base import Context

PAUSE = 0.1  # seconds between two looks
REPORT_EVERY = 5.0  # seconds between two lines of the log
CLOSING = 5.0  # seconds over which the rest is closed: WebSocket clients then do not all come back at once


def drain(context: Context, old: Release, seconds: float, meanwhile: Callable[[], object]) -> None:
    """Wait until nothing is open in the slot of `old`, or close what is left after `seconds`.

    `meanwhile` is called all the time, and what it raises ends the drain. Raises ProxyError, Stopped.
    """
    if old.slot is None:
        return
    context.say(f"Release #{old.number} gets no new requests; running ones have {seconds:.0f} s to finish.")
    deadline, next_report = time.monotonic() + seconds, time.monotonic() + REPORT_EVERY
    while (still := context.proxy.open(old.slot)).total and time.monotonic() < deadline:
        context.lease.check()
        meanwhile()
        context.note(f"{described(still)} still open on #{old.number}")
        if time.monotonic() >= next_report:
            next_report += REPORT_EVERY
            context.say(f"{described(still)} of #{old.number} still open.")
        time.sleep(PAUSE)
    if still.total:
        context.say(f"{described(still)} of release #{old.number} are closed at the limit, one after the other.")
        _close(context, old.slot, still.total)


def _close(context: Context, slot: int, count: int) -> None:
    at_a_time = math.ceil(count / (CLOSING / PAUSE))
    deadline = time.monotonic() + CLOSING
    while context.proxy.close(slot, at_a_time) and time.monotonic() < deadline:
        context.lease.check()
        time.sleep(PAUSE)


def described(still: Open) -> str:
    """`2 requests and 1 long connection`."""
    parts = [(still.requests, "request"), (still.long, "long connection")]
    return " and ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in parts if count)
