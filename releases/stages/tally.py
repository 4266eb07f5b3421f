"""Counts what a prober met. No clock, no thread: every time comes from outside."""

from __future__ import annotations

from dataclasses import dataclass, field

from releases.proxy.base import Answer

SLICE = 1.0  # seconds; doubled whenever there would be more than MOST_SLICES
MOST_SLICES = 120
MOST_PROBLEMS = 3
OLD, NEW, FAILED = range(3)


@dataclass
class Tally:
    """`release` is the new one's name at the proxy; times are seconds of one clock, `began` the earliest."""

    began: float
    release: str
    requests: int = 0
    failed: int = 0
    errors: int = 0
    longest_gap: float = 0.0
    switched: float | None = None
    first_new: float | None = None
    width: float = SLICE
    slices: list[list[int]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _last_answer: float | None = None

    def add(self, answer: Answer, done: float) -> None:
        """One request that ended at the time `done`."""
        self.requests += 1
        kind = self._kind(answer)
        self._slice(done)[kind] += 1
        if kind == FAILED:
            self.failed += 1
            self._note(answer.problem or f"the proxy itself answered with status {answer.status}")
            return
        self.errors += (answer.status or 0) >= 500
        self._answered(done)
        if kind == NEW and self.first_new is None and self.switched is not None:
            self.first_new = max(done - self.switched, 0.0)

    def end(self, now: float) -> None:
        """A gap that nothing has ended yet counts too."""
        if self._last_answer is not None:
            self.longest_gap = max(self.longest_gap, now - self._last_answer)

    def _kind(self, answer: Answer) -> int:
        if answer.release is None or answer.problem:
            return FAILED
        return NEW if answer.release == self.release else OLD

    def _answered(self, done: float) -> None:
        if self._last_answer is not None:
            self.longest_gap = max(self.longest_gap, done - self._last_answer)
        self._last_answer = max(done, self._last_answer or done)

    def _note(self, problem: str) -> None:
        if problem not in self.problems and len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def _slice(self, done: float) -> list[int]:
        while (index := int(max(done - self.began, 0.0) / self.width)) >= MOST_SLICES:
            self._halve()
        self.slices += [[0, 0, 0] for _ in range(index + 1 - len(self.slices))]
        return self.slices[index]

    def _halve(self) -> None:
        """Two slices become one of twice the width."""
        pairs = (self.slices[start : start + 2] for start in range(0, len(self.slices), 2))
        self.slices = [[sum(counts) for counts in zip(*pair, strict=True)] for pair in pairs]
        self.width *= 2
