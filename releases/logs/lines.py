"""What a log line is, and how lines are written down: the same text in the database, in Redis and on the socket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

PLATFORM = "platform"
STAGE = "stage"  # a marker: its text is the stage's key
BUILD = "build"
BUILD_ERROR = "build-error"
BUILD_SOURCES = (BUILD, BUILD_ERROR)
NOT_INSTANCES = (PLATFORM, STAGE, *BUILD_SOURCES)

MAX_CHARS = 8192
CUT_MARK = " … (cut: longer than 8 KB)"
BLOCK_LINES = 500
BLOCK_CHARS = 65_536
MESSAGE_LINES = 4 * BLOCK_LINES
MESSAGE_CHARS = 4 * BLOCK_CHARS


class Mark(NamedTuple):
    """How far an output is written down with a line: whose output, the time in ns of its last piece, and its number
    among those of the same time.
    """

    output: str
    time: int
    nth: int


class Line(NamedTuple):
    """`time` in milliseconds since 1970. Any other source than those above is the name of an instance."""

    time: int
    source: str
    text: str
    mark: Mark | None = None


@dataclass(frozen=True)
class Block:
    """Lines `first` to `last` of a stream. `body` is a row per line: time, source and text with tabs between.

    `cursor` holds the last mark of each output in it: time and number by name.
    """

    first: int
    count: int
    body: str
    cursor: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, first: int, lines: Iterable[Line]) -> Self:
        rows, cursor = list[str](), dict[str, Sequence[int]]()
        for line in lines:
            rows.append(f"{line.time}\t{line.source}\t{line.text}")
            if line.mark:
                cursor[line.mark.output] = line.mark[1:]
        return cls(first, len(rows), "\n".join(rows), cursor)

    @property
    def last(self) -> int:
        return self.first + self.count - 1

    @property
    def lines(self) -> list[Line]:
        return [_line(row) for row in self.body.split("\n")] if self.count else []

    def takes(self, following: Block) -> bool:
        """Whether `following` begins where this ends, and both together are still a message of reasonable size."""
        fits = self.count + following.count <= MESSAGE_LINES and len(self.body) + len(following.body) <= MESSAGE_CHARS
        return fits and following.first == self.last + 1

    def with_next(self, following: Block) -> Self:
        return type(self)(self.first, self.count + following.count, f"{self.body}\n{following.body}")

    def after(self, seq: int) -> Self:
        """What of it comes after line `seq`; itself when that is everything."""
        known = seq - self.first + 1
        if known <= 0:
            return self
        if known >= self.count:
            return type(self)(seq + 1, 0, "")
        return type(self)(seq + 1, self.count - known, self.body.split("\n", known)[known], self.cursor)


def _line(row: str) -> Line:
    time, source, text = row.split("\t", 2)
    return Line(int(time), source, text)
