"""What came of one case, and of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEAD = ("Case", "Expected", "Found", "Certainty", "Seconds", "One click", "Came of it")
SECONDS = 2.0  # from the failure until its cause is known
RIGHT = 0.9


@dataclass(frozen=True)
class Result:
    """`seconds` from the end of the failed stage until the diagnosis is stored; `outcome` of the pressed shortcut."""

    name: str
    expected: str
    found: str
    confidence: str = ""
    seconds: float = 0.0
    sentence: str = ""
    clicks: bool = False
    offered: str = ""
    outcome: str = ""

    @property
    def right(self) -> bool:
        return self.found == self.expected

    @property
    def row(self) -> tuple[str, ...]:
        found = self.found if self.right else f"**{self.found}**"
        seconds = f"{self.seconds:.2f}"
        return self.name, self.expected, found, self.confidence, seconds, self.offered or "-", self.outcome or "-"


def summary(results: Sequence[Result]) -> str:
    """The totals, in a sentence each."""
    right = sum(result.right for result in results)
    sure = [result for result in results if result.confidence == "high"]
    wrong = sum(not result.right for result in sure)
    pressed = [result for result in results if result.clicks]
    live = sum(result.outcome == "live" for result in pressed)
    slowest = max((result.seconds for result in results), default=0.0)
    return (
        f"{right} of {len(results)} causes are right; of the {len(sure)} that were called certain, {wrong} are wrong. "
        f"One click went live in {live} of {len(pressed)} cases where there is one. "
        f"The slowest diagnosis was there {slowest:.2f} s after the failure."
    )


def falls_short(results: Sequence[Result], seconds: float = SECONDS) -> list[str]:
    """Which goals were missed."""
    goals = {
        "at least 90 % of the causes are right": sum(one.right for one in results) >= RIGHT * len(results),
        "none that is called certain is wrong": all(one.right for one in results if one.confidence == "high"),
        "one click goes live wherever there is one": all(one.outcome == "live" for one in results if one.clicks),
        f"each is known within {seconds:.0f} s of the failure": all(one.seconds <= seconds for one in results),
    }
    return [goal for goal, reached in goals.items() if not reached]
