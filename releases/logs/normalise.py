"""Bytes of one source to finished lines: the same lines however the bytes were split, in bounded memory."""

from __future__ import annotations

import codecs

from releases.logs.escapes import clean, compact, progress


class Normaliser:
    """`limit` is how many characters of a line are kept. Not thread-safe."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._unfinished = ""
        self._compact_at = 4 * limit + 8192

    def feed(self, data: bytes) -> list[str]:
        """The lines that these bytes finish."""
        *lines, rest = (self._unfinished + self._decoder.decode(data)).split("\n")
        self._unfinished = compact(rest, self._limit) if len(rest) > self._compact_at else rest
        return [clean(line, self._limit) for line in lines]

    def progress(self) -> str:
        """The newest frame of a progress display that is still being redrawn; never a half-written one."""
        return progress(self._unfinished, self._limit) if "\r" in self._unfinished else ""

    def end(self) -> list[str]:
        """The last line, when the output ended without a newline. The normaliser is fresh afterwards."""
        rest = self._unfinished + self._decoder.decode(b"", final=True)
        self._unfinished = ""
        self._decoder.reset()
        return [clean(rest, self._limit)] if rest else []
