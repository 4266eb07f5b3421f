"""The proof of a release as a sentence and a small chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from releases.models import Proof, Release

HEIGHT = 40
LOWEST_FAILURE = 4.0
KINDS = ("old", "new", "failed")


@dataclass(frozen=True)
class Bar:
    """A part of a column of the chart: `kind` is one of KINDS, the rest units of its coordinates."""

    kind: str
    x: int
    y: float
    height: float


@dataclass(frozen=True)
class Shown:
    """`width` units of one slice each, `HEIGHT` units high; `switch` is where the route moved."""

    proof: Proof
    bars: tuple[Bar, ...]
    width: int
    switch: float
    length: timedelta
    height: int = HEIGHT


def proof_of(release: Release) -> Shown | None:
    proof = Proof.objects.filter(release=release).first()
    if proof is None or not proof.requests:
        return None
    width = timedelta(milliseconds=proof.slice_ms)
    count = len(proof.slices)
    return Shown(proof, _bars(proof.slices), count, (proof.switched_at - proof.started_at) / width, count * width)


def _bars(slices: list[list[int]]) -> tuple[Bar, ...]:
    most = max((sum(counts) for counts in slices), default=0) or 1
    return tuple(bar for x, counts in enumerate(slices) for bar in _column(x, counts, HEIGHT / most))


def _column(x: int, counts: list[int], scale: float) -> Iterator[Bar]:
    """Failed requests at the bottom, and never too low to be seen."""
    top = float(HEIGHT)
    for kind, count in reversed(list(zip(KINDS, counts, strict=True))):
        if count:
            height = max(count * scale, LOWEST_FAILURE if kind == "failed" else 0.0)
            top = max(top - height, 0.0)
            yield Bar(kind, x, round(top, 2), round(height, 2))
