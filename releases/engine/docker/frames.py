"""Splits the engine's log stream into entries, and knows which of them were there before.

This engine's follow mode ends early or repeats entries when a log file rotates, so a stream has to be asked for again
from the last known time, and what comes twice has to be recognised.
"""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from releases.engine.base import Stream, Unavailable

HEADER = 8
PIECE = 16 * 1024  # longer lines come in pieces of this size, which share one time
MAX_FRAME = 1024 * 1024
SLACK = 10_000_000_000  # how much later, in ns, one stream's entry can be stored than the other's of the same time
_STREAMS = {1: Stream.STDOUT, 2: Stream.STDERR}
_TIME = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z ")


@dataclass(frozen=True)
class Entry:
    """`time` in nanoseconds since 1970."""

    stream: Stream
    time: int
    data: bytes


def entries(pieces: Iterable[bytes]) -> Iterator[Entry]:
    """Each frame is a stream number, three unused bytes, a length of four bytes, and a time before the content."""
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        while len(buffer) >= HEADER:
            length = int.from_bytes(buffer[4:HEADER])
            if length > MAX_FRAME or buffer[0] not in _STREAMS:
                raise Unavailable("The Docker engine sent a log that cannot be read.")
            if len(buffer) < HEADER + length:
                break
            yield _entry(_STREAMS[buffer[0]], bytes(buffer[HEADER : HEADER + length]))
            del buffer[: HEADER + length]


def _entry(stream: Stream, content: bytes) -> Entry:
    found = _TIME.match(content)
    if not found:
        raise Unavailable("The Docker engine sent a log entry without a time.")
    seconds = calendar.timegm(time.strptime(found[1].decode(), "%Y-%m-%dT%H:%M:%S"))
    fraction = int((found[2] or b"0").ljust(9, b"0"))
    return Entry(stream, seconds * 1_000_000_000 + fraction, content[found.end() :])


@dataclass
class _Position:
    """Where one stream is: the time of the last accepted entry, and how many were accepted at that time."""

    time: int = -1
    count: int = 0
    seen_now: int = 0  # of those, met again in the present pass
    previous: Entry | None = None  # in the present pass

    def accept(self, entry: Entry) -> bool:
        previous, self.previous = self.previous, entry
        if entry.time < self.time:
            return False
        if entry.time > self.time:
            self.time, self.count, self.seen_now = entry.time, 1, 1
            return True
        continues = not previous or previous.time != entry.time or len(previous.data) >= PIECE
        self.seen_now += continues
        if not continues or self.seen_now <= self.count:
            return False
        self.count = self.seen_now
        return True


@dataclass
class Resume:
    """Decides over several passes which entries are new. The clock must not be set back while it is in use."""

    positions: dict[Stream, _Position] = field(default_factory=dict)

    def begin_pass(self) -> None:
        for position in self.positions.values():
            position.seen_now, position.previous = 0, None

    def accept(self, entry: Entry) -> bool:
        return self.positions.setdefault(entry.stream, _Position()).accept(entry)

    @property
    def since(self) -> int:
        """The time to ask from. One stream's long silence does not have all of the other repeated."""
        times = [position.time for position in self.positions.values()]
        return max(min(times), max(times) - SLACK) if times else 0
