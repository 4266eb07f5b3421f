"""Tells a release's log of every attempt to reach one instance, without flooding it."""

from __future__ import annotations

import time
from collections.abc import Callable

from releases.engine.base import Probe

REPORT_EVERY = 5.0  # seconds between two lines about attempts that are all the same
MAX_LINES = 100  # of an instance whose answer is another one at each attempt; then only the reports


class Attempts:
    """`add` says what is new at once and counts what is not; `close` says what was counted last."""

    def __init__(self, label: str, say: Callable[[str], None]) -> None:
        self._label = label
        self._say = say
        self._last: Probe | None = None
        self._folded: list[float] = []
        self._lines = 0
        self._next_report = 0.0

    def add(self, probe: Probe) -> None:
        if self._last is not None and self._is_folded(self._last, probe):
            self._folded.append(probe.seconds)
        else:
            self.close()
            self._lines += 1
            self._say(f"{self._label}: {probe.text}{_head(probe)} ({_milliseconds(probe.seconds)}).")
        self._last = probe
        if time.monotonic() >= self._next_report:
            self.close()

    def close(self) -> None:
        self._next_report = time.monotonic() + REPORT_EVERY
        count = len(self._folded)
        if not count or self._last is None:
            return
        times = "once more" if count == 1 else f"{count} times"
        took = _milliseconds(min(self._folded), max(self._folded))
        if self._lines < MAX_LINES:
            self._say(f"{self._label}: the same {times} ({took}).")
        else:
            self._say(f"{self._label}: asked {times} ({took}), the last time: {self._last.text}{_head(self._last)}.")
        self._folded.clear()

    def _is_folded(self, last: Probe, probe: Probe) -> bool:
        return self._lines >= MAX_LINES or (last.text, last.head) == (probe.text, probe.head)


def _head(probe: Probe) -> str:
    return f": “{probe.head}”" if probe.head else ""


def _milliseconds(*seconds: float) -> str:
    """`3 ms`, or `3-5 ms`; below one millisecond it is `0 ms`."""
    return "-".join(dict.fromkeys(f"{value * 1000:.0f}" for value in seconds)) + " ms"
