"""Raw output of the build and the instances to the lines that are kept: normalised, masked, and capped per source."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from releases.logs.lines import BUILD, BUILD_SOURCES, MAX_CHARS, PLATFORM, Line
from releases.logs.mask import Mask
from releases.logs.normalise import Normaliser
from releases.logs.tail import Piece, Tail

TAIL_LINES = 2_000
CAP_REACHED = f"The output is too long to keep all of it. From here on only its last {TAIL_LINES:,} lines are kept."
STEP = 65_536  # bytes looked at before the cap is looked at again


@dataclass
class Cap:
    """How much of one output is kept as it comes. Afterwards only its tail is, which is told at its end."""

    lines: int
    bytes: int
    tail: Tail | None = None

    def spend(self, lines: int, size: int) -> bool:
        """True when this used the cap up."""
        self.lines -= lines
        self.bytes -= size
        return self.lines <= 0 or self.bytes <= 0


def build_cap() -> Cap:
    return Cap(lines=200_000, bytes=20_000_000)


def instance_cap() -> Cap:
    return Cap(lines=20_000, bytes=2_000_000)


@dataclass
class Intake:
    """Not thread-safe. Every method gives the lines that are finished by it, in order."""

    mask: Mask
    _sources: dict[str, Normaliser] = field(default_factory=dict)
    _caps: dict[str, Cap] = field(default_factory=dict)

    def platform(self, text: str, time: float) -> list[Line]:
        """A text of the platform, of one or more lines."""
        normaliser = self._new_normaliser()
        lines = normaliser.feed(text.encode(errors="replace")) + normaliser.end()
        return self._lines(PLATFORM, lines, time)

    def feed(self, source: str, data: bytes, time: float) -> list[Line]:
        lines: list[Line] = []
        for start in range(0, len(data), STEP):
            lines += self._feed(Piece(source, data[start : start + STEP], time))
        return lines

    def end_build(self, time: float) -> list[Line]:
        """Its output is over: its last lines, also those that the cap held back."""
        return self._end(BUILD, list(BUILD_SOURCES), time)

    def end(self, time: float) -> list[Line]:
        lines = self.end_build(time)
        for source in list(self._sources):
            lines += self._end(source, [source], time)
        return lines

    def progress(self) -> Iterator[tuple[str, str]]:
        """Source and text of each progress display that is being redrawn."""
        for source, normaliser in self._sources.items():
            if text := normaliser.progress():
                yield source, self.mask.apply(text)

    def _feed(self, piece: Piece) -> list[Line]:
        cap = self._cap(piece.source)
        if cap.tail is not None:
            cap.tail.add(piece)
            return []
        texts = self._normaliser(piece.source).feed(piece.data)
        lines = self._lines(piece.source, texts, piece.time)
        if cap.spend(len(texts), len(piece.data)):
            cap.tail = Tail()
            lines += self.platform(CAP_REACHED, piece.time)
        return lines

    def _end(self, cap_name: str, sources: list[str], time: float) -> list[Line]:
        cap = self._caps.pop(cap_name, None)
        lines: list[Line] = []
        if cap is not None and cap.tail is not None:
            lines = self._end_tail(cap.tail, time)
        for source in sources:
            normaliser = self._sources.pop(source, None)
            lines += self._lines(source, normaliser.end() if normaliser else [], time)
        return lines

    def _end_tail(self, tail: Tail, time: float) -> list[Line]:
        kept: deque[Line] = deque(maxlen=TAIL_LINES)
        if tail.dropped:
            self._forget({piece.source for piece in tail.take()})
        for piece in tail.take():
            kept += self._lines(piece.source, self._normaliser(piece.source).feed(piece.data), piece.time)
        left_out = max(tail.newlines - len(kept), 0)
        text = "1 line was left out." if left_out == 1 else f"{left_out:,} lines were left out."
        return self.platform(text, time) + list(kept) if left_out else list(kept)

    def _forget(self, sources: set[str]) -> None:
        """The half line before a hole is not continued by what comes after it."""
        for source in sources:
            self._sources.pop(source, None)

    def _lines(self, source: str, texts: list[str], time: float) -> list[Line]:
        milliseconds = int(time * 1000)
        return [Line(milliseconds, source, self.mask.apply(text)) for text in texts]

    def _cap(self, source: str) -> Cap:
        if source in BUILD_SOURCES:
            return self._caps.setdefault(BUILD, build_cap())
        return self._caps.setdefault(source, instance_cap())

    def _normaliser(self, source: str) -> Normaliser:
        return self._sources.setdefault(source, self._new_normaliser())

    def _new_normaliser(self) -> Normaliser:
        return Normaliser(MAX_CHARS + self.mask.hold)
