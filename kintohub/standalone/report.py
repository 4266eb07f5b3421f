"""What a test run says at its end."""

from __future__ import annotations

import xml.etree.ElementTree as xml  # noqa: S405 - the file was written by our own pytest a moment ago
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """A linter, or one pytest process with its counts. `fine` is false whenever the part must fail the whole."""

    name: str
    seconds: float
    fine: bool = True
    passed: int = 0
    failed: int = 0
    skipped: int = 0


def of_pytest(name: str, seconds: float, code: int, junit: Path) -> Part:
    """Counts from pytest's own report. A run that wrote none, or had nothing to run, counts as one failure."""
    if not junit.exists():
        return Part(name, seconds, fine=False, failed=1)
    suites = xml.parse(junit).getroot().iter("testsuite")  # noqa: S314 - as above
    counts = [{key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")} for suite in suites]
    total, skipped = sum(count["tests"] for count in counts), sum(count["skipped"] for count in counts)
    failed = sum(count["failures"] + count["errors"] for count in counts)
    if code and not failed:
        failed = 1
    return Part(name, seconds, code == 0, max(0, total - skipped - failed), failed, skipped)


def table(parts: list[Part]) -> str:
    width = max(len(part.name) for part in parts)
    return "\n".join(_row(part, width) for part in parts)


def _row(part: Part, width: int) -> str:
    counts = f"{part.passed:5} passed {part.failed:3} failed {part.skipped:3} skipped"
    tests = counts if part.passed or part.failed or part.skipped else " " * len(counts)
    return f"{'ok    ' if part.fine else 'FAILED'} {part.name:<{width}} {tests} {part.seconds:7.1f} s"


def closing(parts: list[Part]) -> str:
    return f"{sum(part.passed for part in parts)} passed, {sum(part.failed for part in parts)} failed"
