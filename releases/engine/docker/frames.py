"""Splits the engine's log stream into entries, and knows which of them were there before."""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from releases.engine.base import Stream, Unavailable
from releases.engine.observing import Place

HEADER = 8
PIECE = 16 * 1024  # longer lines come in pieces of this size, which share one time
MAX_FRAME = 1024 * 1024
DISORDER = 10_000_000  # ns by which two streams' entries can be stored in another order than that of their times
SLACK = 10_000_000_000  # how much later, in ns, one stream's entry can be stored than the other's of the same time
Frame = tuple[Stream, bytes]
_STREAMS = {1: Stream.STDOUT, 2: Stream.STDERR}
_TIME = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z ")


class Entry(NamedTuple):
    """`time` in nanoseconds since 1970."""

    stream: Stream
    time: int
    data: bytes


class Frames:
    """Each is a stream number, three unused bytes, a length of four bytes, and a content that begins with a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, piece: bytes) -> list[Frame]:
        """Stream and content of what is complete now. Raises Unavailable for what is no log."""
        buffer, at, found = self._buffer, 0, []
        buffer += piece
        while len(buffer) - at >= HEADER:
            length = int.from_bytes(buffer[at + 4 : at + HEADER])
            if length > MAX_FRAME or buffer[at] not in _STREAMS:
                raise Unavailable("The Docker engine sent a log that cannot be read.")
            if len(buffer) - at < HEADER + length:
                break
            found.append((_STREAMS[buffer[at]], bytes(buffer[at + HEADER : at + HEADER + length])))
            at += HEADER + length
        del buffer[:at]
        return found


class Reading:
    """The entries of one pass over a log."""

    def __init__(self) -> None:
        self._previous: dict[Stream, Entry] = {}

    def take(self, frames: Iterable[Frame]) -> list[Entry]:
        found = []
        for stream, content in frames:
            entry = self._previous[stream] = _ended(_entry(stream, content), self._previous.get(stream))
            found.append(entry)
        return found


def entries(pieces: Iterable[bytes]) -> Iterator[Entry]:
    frames, reading = Frames(), Reading()
    for piece in pieces:
        yield from reading.take(frames.feed(piece))


def _ended(entry: Entry, previous: Entry | None) -> Entry:
    """The log driver `local` loses the line end of a line that it cut into pieces: it goes back to the last one."""
    continues = previous is not None and previous.time == entry.time and len(previous.data) >= PIECE
    if not continues or len(entry.data) >= PIECE or entry.data.endswith(b"\n"):
        return entry
    return entry._replace(data=entry.data + b"\n")


def _entry(stream: Stream, content: bytes) -> Entry:
    found = _TIME.match(content)
    if not found:
        raise Unavailable("The Docker engine sent a log entry without a time.")
    fraction = int((found[2] or b"0").ljust(9, b"0"))
    return Entry(stream, _seconds(found[1]) * 1_000_000_000 + fraction, content[found.end() :])


@lru_cache(maxsize=16)
def _seconds(text: bytes) -> int:
    return calendar.timegm(time.strptime(text.decode(), "%Y-%m-%dT%H:%M:%S"))


@dataclass
class Position:
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

    positions: dict[Stream, Position] = field(default_factory=dict)

    def begin_pass(self) -> None:
        for position in self.positions.values():
            position.seen_now, position.previous = 0, None

    def accept(self, entry: Entry) -> bool:
        return self.positions.setdefault(entry.stream, Position()).accept(entry)

    def place(self, stream: Stream) -> Place:
        """Before the first entry of a stream that is not known."""
        position = self.positions.get(stream, Position())
        return Place(position.time, position.count)

    @property
    def begun(self) -> bool:
        return bool(self.positions)

    @property
    def since(self) -> int:
        """The time to ask from. One stream's long silence does not have all of the other repeated."""
        times = [position.time for position in self.positions.values()]
        return max(min(times), max(times) - SLACK) if times else 0

    def joins(self, last: Sequence[Entry]) -> bool:
        """Whether the log's last entries begin with known ones, and not in the middle of a line in pieces."""
        known = max(position.time for position in self.positions.values())
        firsts = {entry.stream: entry.time for entry in reversed(last)}
        cut = any(firsts.get(stream) == position.time for stream, position in self.positions.items())
        return last[0].time < known - DISORDER and not cut
