"""Waits of tests for what another thread or process does. The limit is for what never comes, and not a measurement."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PAUSE = 0.02
LIMIT = 60.0  # seconds: no test may depend on how busy its machine is


def until(done: Callable[[], object], seconds: float = LIMIT) -> None:
    """Looks until it is so. AssertionError when that does not come."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "It never came about."
        time.sleep(PAUSE)


def assert_becomes(look: Callable[[], T], expected: T) -> None:
    """Looks until it sees what is expected. AssertionError, with the last thing seen, when it does not come."""
    deadline = time.monotonic() + LIMIT
    while (found := look()) != expected:
        assert time.monotonic() < deadline, f"{found} did not become {expected}"
        time.sleep(PAUSE)
