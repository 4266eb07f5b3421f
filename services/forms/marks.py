"""A word at a field whose value somebody else than the user filled in, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Mark:
    """`word` stands beside the label, `sentence` below the control."""

    word: str
    sentence: str

    @classmethod
    def detected(cls, reason: str) -> Self:
        """By Connect, in the repository."""
        return cls("detected", f"Detected: {reason}")

    @classmethod
    def proposed(cls, before: str) -> Self:
        """By the link that led here; `before` is the value that it replaces."""
        return cls("proposed", f"Proposed in place of {before}." if before else "Proposed.")
