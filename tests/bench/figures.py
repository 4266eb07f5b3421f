"""Many measured values in a few numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that so many percent of all do not exceed (nearest rank). ValueError without values."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("There is no value to take a percentile of.")
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def median(values: Iterable[float]) -> float:
    return percentile(values, 50)


def milliseconds(seconds: float) -> str:
    """With as many digits as mean something: 0.34 ms, 4.1 ms, 120 ms."""
    value = seconds * 1000
    digits = 2 if value < 1 else 1 if value < 100 else 0
    return f"{value:.{digits}f} ms"
