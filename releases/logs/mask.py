"""Secret values never leave the producer: every way a program is likely to print them is replaced in each line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from releases.logs.encodings import written
from releases.logs.escapes import clean, without_colours
from releases.logs.lines import CUT_MARK, MAX_CHARS

SHORTEST = 4  # shorter values would mask half of the log and protect nothing
MASK = "••••••"


class Mask:
    """`hold` is how far beyond the cut a line must be known, so that a secret across the cut does not show its half."""

    def __init__(self, secrets: Iterable[str]) -> None:
        shapes = {shape for secret in secrets for shape in _shapes(secret)}
        self._by_head: dict[str, list[str]] = {}
        for shape in sorted(shapes, key=len, reverse=True):
            self._by_head.setdefault(shape[:SHORTEST], []).append(shape)
        firsts = {re.escape(head[0]) for head in self._by_head}
        self._firsts = re.compile(f"[{''.join(sorted(firsts))}]" if firsts else r"(?!)")
        self.hold = max(map(len, shapes), default=1)

    def __repr__(self) -> str:
        return "Mask(…)"

    def apply(self, line: str) -> str:
        """The line with its secrets masked, cut where it is too long. Colours go where one stands inside a secret."""
        plain = without_colours(line)
        spans = self._spans(line)
        if plain != line and _length(found := self._spans(plain)) > _length(spans):
            line, spans = plain, found
        return _finished(line, spans)

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Where secrets are, in order; those that touch or overlap are one."""
        spans = list[tuple[int, int]]()
        for first in self._firsts.finditer(text):
            start = first.start()
            for shape in self._by_head.get(text[start : start + SHORTEST], ()):
                if text.startswith(shape, start):
                    _add(spans, start, start + len(shape))
                    break
        return spans


def _length(spans: list[tuple[int, int]]) -> int:
    return sum(end - start for start, end in spans)


def _add(spans: list[tuple[int, int]], start: int, end: int) -> None:
    if spans and start <= spans[-1][1]:
        spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
    else:
        spans.append((start, end))


def _finished(line: str, spans: list[tuple[int, int]]) -> str:
    pieces, shown_to = list[str](), 0
    for start, end in spans:
        if start >= MAX_CHARS:
            break
        pieces += line[shown_to:start], MASK
        shown_to = end
    pieces.append(line[shown_to:MAX_CHARS])
    if len(line) > MAX_CHARS:
        pieces.append(CUT_MARK)
    return "".join(pieces)


def _shapes(secret: str) -> Iterator[str]:
    """What to look for in cleaned lines, each at least SHORTEST long: whole, encoded, a multi-line value by line."""
    for text in written(secret):
        for line in re.split(r"[\r\n]+", text):
            shape = clean(line, len(line)).strip()
            if len(shape) >= SHORTEST:
                yield shape
