"""The end of an output that became too long: raw bytes in a ring, so that a gigabyte costs little time and memory."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

KEPT_BYTES = 1_000_000
KEPT_PIECES = 10_000
SMALL = 4096  # output that comes letter by letter is put together up to this size


class Piece(NamedTuple):
    source: str
    data: bytes
    time: float


class Tail:
    def __init__(self) -> None:
        self._pieces: deque[Piece] = deque()
        self._size = 0
        self.newlines = 0
        self.dropped = False

    def add(self, piece: Piece) -> None:
        self.newlines += piece.data.count(b"\n")
        self._size += len(piece.data)
        last = self._pieces[-1] if self._pieces else None
        if last and last.source == piece.source and len(last.data) + len(piece.data) <= SMALL:
            self._pieces[-1] = last._replace(data=last.data + piece.data, time=piece.time)
        else:
            self._pieces.append(piece)
        while self._size - len(self._pieces[0].data) >= KEPT_BYTES or len(self._pieces) > KEPT_PIECES:
            self._size -= len(self._pieces.popleft().data)
            self.dropped = True

    def take(self) -> list[Piece]:
        """What is kept. Where earlier pieces were dropped, each source begins at its first whole line."""
        pieces = list(self._pieces)
        return _from_whole_lines(pieces) if self.dropped else pieces


def _from_whole_lines(pieces: list[Piece]) -> list[Piece]:
    begun: set[str] = set()
    whole = []
    for piece in pieces:
        if piece.source in begun:
            whole.append(piece)
        elif b"\n" in piece.data:
            begun.add(piece.source)
            whole.append(piece._replace(data=piece.data.split(b"\n", 1)[1]))
    return whole
