"""Lines on their way to one sink: batched, in order, and tried again after a failure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice

from releases.logs.lines import BLOCK_CHARS, BLOCK_LINES, Block, Line

FIRST_RETRY = 0.2
LAST_RETRY = 5.0


class Lane:
    """`wait` is the least time between two batches: the first line after silence goes at once, a full batch too.

    `keep` bounds what waits for a sink that is down; what is beyond it is dropped, oldest first. Times in seconds of a
    monotonic clock. Not thread-safe.
    """

    def __init__(self, first: int, wait: float, keep: int | None = None) -> None:
        self._first = first
        self._wait = wait
        self._keep = keep
        self._lines: deque[Line] = deque()
        self._chars = 0
        self._not_before = 0.0
        self._failures = 0

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def chars(self) -> int:
        """Of all that waits."""
        return self._chars

    @property
    def failing(self) -> bool:
        return self._failures > 0

    def add(self, lines: Iterable[Line]) -> None:
        for line in lines:
            self._lines.append(line)
            self._chars += _size(line)
        while self._keep is not None and self.failing and len(self._lines) > self._keep:
            self._drop(1)

    def due_in(self, now: float) -> float | None:
        """Seconds until a batch should go: 0 for now, None when there is nothing to send."""
        if not self._lines:
            return None
        full = len(self._lines) >= BLOCK_LINES or self._chars >= BLOCK_CHARS
        return 0.0 if full and not self.failing else max(self._not_before - now, 0.0)

    def free_in(self, now: float) -> float:
        """Seconds until something that cannot wait may go: it waits only after a failure."""
        return max(self._not_before - now, 0.0) if self.failing else 0.0

    def next_block(self) -> Block:
        """The oldest lines, as many as a batch may hold. They stay until `sent`."""
        size = count = 0
        for line in islice(self._lines, BLOCK_LINES):
            size += _size(line)
            if count and size > BLOCK_CHARS:
                break
            count += 1
        return Block.of(self._first, islice(self._lines, count))

    def sent(self, block: Block, now: float) -> None:
        self._drop(block.last - self._first + 1)
        self._not_before = now + self._wait
        self.worked()

    def worked(self) -> None:
        """The sink took something, if not lines."""
        self._failures = 0

    def failed(self, now: float) -> None:
        self._not_before = now + min(FIRST_RETRY * 2**self._failures, LAST_RETRY)
        self._failures = min(self._failures + 1, 10)

    def _drop(self, count: int) -> None:
        """Lines may have been dropped while a block of them was on its way: `count` can be less than 1."""
        for _ in range(min(count, len(self._lines))):
            self._chars -= _size(self._lines.popleft())
            self._first += 1


def _size(line: Line) -> int:
    return len(line.text) + len(line.source) + 16
