"""Points as paths of an SVG, and releases as marks above them. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

WIDTH, HEIGHT = 1000, 100
HEADROOM = 1.08
CLOSE = 12.0  # percent of the width that a mark's number takes on a telephone
EDGE = 6.0  # percent from a side, where a number would stick out


@dataclass(frozen=True)
class Point:
    """`x` from 0 to 1. A value of None breaks the line."""

    x: float
    value: float | None


@dataclass(frozen=True)
class Plot:
    """`line` and `area` are paths in WIDTH by HEIGHT; `limit` is the height of a line across."""

    line: str
    area: str
    limit: float | None


@dataclass(frozen=True)
class Mark:
    """Releases that went live close together: `first` to `last`. `x` in percent; `anchor` keeps text inside."""

    x: float
    first: int
    last: int

    @property
    def text(self) -> str:
        return f"#{self.last}" if self.first == self.last else f"#{self.first}–{self.last}"

    @property
    def anchor(self) -> str:
        return "start" if self.x < EDGE else "end" if self.x > 100 - EDGE else "middle"


def plot(points: list[Point], step: float, limit: float | None = None) -> Plot:
    """`step` is the distance of two neighbours: where the next one is farther, nothing is drawn between them."""
    top = max([limit or 0.0, *(point.value for point in points if point.value is not None)]) * HEADROOM or 1.0
    runs = [[_place(point, top) for point in run] for run in _runs(points, step)]
    line = " ".join(_line(run, step) for run in runs)
    area = " ".join(f"{_line(run, step)} V{HEIGHT} H{run[0][0]:.1f} Z" for run in runs)
    return Plot(line, area, None if limit is None else round(HEIGHT - limit / top * HEIGHT, 1))


def _runs(points: Iterable[Point], step: float) -> Iterator[list[Point]]:
    """Neighbours without a gap."""
    run: list[Point] = []
    for point in points:
        if run and (point.value is None or point.x - run[-1].x > 1.5 * step):
            yield run
            run = []
        if point.value is not None:
            run.append(point)
    if run:
        yield run


def _place(point: Point, top: float) -> tuple[float, float]:
    return point.x * WIDTH, HEIGHT - (point.value or 0.0) / top * HEIGHT


def _line(run: list[tuple[float, float]], step: float) -> str:
    """A single point is as wide as its span, so that it can be seen."""
    first, *others = run
    path = f"M{first[0]:.1f} {first[1]:.1f}" + "".join(f"L{x:.1f} {y:.1f}" for x, y in others)
    return path if others else f"{path}h{max(step * WIDTH, 1.0):.1f}"


def marks(releases: Iterable[tuple[int, float]]) -> list[Mark]:
    """Of numbers and places from 0 to 1, the leftmost first."""
    made: list[Mark] = []
    for number, x in releases:
        place = round(x * 100, 2)
        if made and place - made[-1].x < CLOSE:
            made[-1] = Mark(made[-1].x, min(made[-1].first, number), max(made[-1].last, number))
        else:
            made.append(Mark(place, number, number))
    return made
