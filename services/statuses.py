"""Which HTTP statuses of a health path mean that an instance is well: `200-399`, `204`, `200,301-302`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

ANY_SUCCESS = "200-399"
LOWEST, HIGHEST = 200, 599  # 1xx are not final answers (RFC 9110, 15.2)
MAX_PARTS = 8
_PART = re.compile(r"([0-9]{3})(?:-([0-9]{3}))?")


@dataclass(frozen=True)
class Statuses:
    """Inclusive ranges, in the order they were written in."""

    ranges: tuple[tuple[int, int], ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError, with a sentence for the user."""
        parts = [part.strip() for part in text.split(",")]
        if len(parts) > MAX_PARTS:
            raise ValueError(f"Enter at most {MAX_PARTS} statuses or ranges.")
        return cls(tuple(_range(part) for part in parts))

    def __contains__(self, status: object) -> bool:
        return isinstance(status, int) and any(low <= status <= high for low, high in self.ranges)

    def __str__(self) -> str:
        return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in self.ranges)


def _range(text: str) -> tuple[int, int]:
    found = _PART.fullmatch(text)
    if not found:
        raise ValueError("Enter statuses such as 204, or ranges such as 200-399, separated by commas.")
    low, high = int(found[1]), int(found[2] or found[1])
    if not LOWEST <= low <= HIGHEST or not LOWEST <= high <= HIGHEST:
        raise ValueError(f"A status is a number from {LOWEST} to {HIGHEST}.")
    if low > high:
        raise ValueError(f"The range {text} begins above its end.")
    return low, high
