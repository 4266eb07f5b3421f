"""The files of layers as they come from the engine: bounded, in pieces worth searching, or by file."""

from __future__ import annotations

import contextlib
import tarfile
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

PIECE = 1024 * 1024
CUT_OFF = (tarfile.TarError, EOFError)  # how a stream ends at its bounds


@dataclass
class Bounds:
    """`deadline` on the monotonic clock, `limit` in bytes; `reached` once there was more than may be read."""

    deadline: float
    limit: int
    size: int = 0
    reached: bool = False

    def count(self, piece: bytes) -> None:
        self.size += len(piece)
        self.reached = self.reached or self.size > self.limit or time.monotonic() > self.deadline


def bounded(stream: Iterator[bytes], bounds: Bounds) -> Generator[bytes, None, None]:
    """Ends at the bounds, in pieces of about `PIECE`."""
    gathered = bytearray()
    for piece in stream:
        gathered += piece
        bounds.count(piece)
        if len(gathered) >= PIECE or bounds.reached:
            yield bytes(gathered)
            gathered.clear()
        if bounds.reached:
            return
    yield bytes(gathered)


def overlapping(pieces: Iterator[bytes], overlap: int) -> Iterator[bytes]:
    """Each with the end of the one before, so that nothing is missed between them."""
    end = b""
    for piece in pieces:
        whole = end + piece
        yield whole
        end = whole[max(0, len(whole) - overlap) :]


def files(pieces: Iterator[bytes]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Path and content of each file of a tar stream, as far as it goes."""
    with contextlib.suppress(*CUT_OFF), tarfile.open(fileobj=_Reader(pieces), mode="r|") as tar:  # type: ignore[call-overload]
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            yield member.name.removeprefix("./"), _contents(content.read) if content else iter(())


def _contents(read: Callable[[int], bytes]) -> Iterator[bytes]:
    with contextlib.suppress(*CUT_OFF):
        yield from iter(lambda: read(PIECE), b"")


class _Reader:
    """What tarfile wants of a file: pieces of the size it asks for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = bytearray()

    def read(self, size: int) -> bytes:
        while len(self._rest) < size and (piece := next(self._pieces, b"")):
            self._rest += piece
        taken = bytes(self._rest[:size])
        del self._rest[:size]
        return taken
