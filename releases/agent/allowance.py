"""How much an instance may print into its console: a burst, then a steady amount."""

from __future__ import annotations

from dataclasses import dataclass

LINES_PER_SECOND = 500.0
LINES = 10_000.0
BYTES_PER_SECOND = 500_000.0
BYTES = 8_000_000.0
AGAIN = 2.0  # seconds of allowance that must have gathered before an output that was too much is taken again


@dataclass
class Allowance:
    """Counts by the time of the output itself, so that catching up after an interruption loses nothing."""

    lines: float = LINES
    bytes: float = BYTES
    at: float = 0.0
    is_spent: bool = False

    def take(self, seconds: float, lines: int, size: int) -> bool:
        """False when it prints too much; `seconds` is when it printed, since 1970."""
        passed = max(seconds - self.at, 0.0)
        self.at = max(seconds, self.at)
        self.lines = min(self.lines + passed * LINES_PER_SECOND, LINES)
        self.bytes = min(self.bytes + passed * BYTES_PER_SECOND, BYTES)
        enough = AGAIN if self.is_spent else 0.0
        needed = max(lines, enough * LINES_PER_SECOND), max(size, enough * BYTES_PER_SECOND)
        self.is_spent = self.lines < needed[0] or self.bytes < needed[1]
        if not self.is_spent:
            self.lines -= lines
            self.bytes -= size
        return not self.is_spent
