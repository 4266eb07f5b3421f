"""Bounds how often logs are read: a read costs far more than what is heard of a log that is listened to."""

from __future__ import annotations

# Seconds between two reads of one log: what comes in between is one read.
GATHER = 0.1
# Reads a second over all logs. 50 instances that all print without a pause are then read about once a second each.
RATE = 50.0


class Pace:
    """Shared by all that one observer follows. `now` is a monotonic clock's time in seconds, never going back."""

    def __init__(self) -> None:
        self._free = 0.0

    def wait(self, begun: float, now: float) -> float:
        """Seconds from now until a log whose last read began at `begun` may be read again. Each call takes a turn."""
        self._free = max(self._free, now)
        turn = max(self._free, begun + GATHER)
        self._free += 1 / RATE
        return turn - now

    def is_free(self, now: float) -> bool:
        """Whether a read that can wait may be now, and takes a turn then."""
        if self._free > now:
            return False
        self._free = now + 1 / RATE
        return True
