"""One cell of the table: one fault at one stage, and whether what followed is the truth."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import cast

from tests.e2e.visitors import visitors
from tests.faults.bench import Bench
from tests.faults.faults import FAULTS
from tests.faults.stages import STAGES

ABORT = 10.0  # seconds until an aborted release has given its slot back
LIMIT = 60.0  # seconds to a final status, and to nothing left over
SLOWNESS = {"abort": 4.0}  # the command that tells of it starts a process: seconds on a busy machine
RECONNECT = 2.0  # seconds in which a killed proxy must be back


@dataclass
class Cell:
    """`problems` are wrong on any machine. What is `slow` may be so because the machine has other work."""

    fault: str
    stage: str
    status: str = ""
    seconds: float = 0.0
    lost: int = 0
    left: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)

    def row(self) -> str:
        start = f"{self.fault:<16} {self.stage:<8} {self.status:<11} {self.seconds:6.1f}"
        return f"{start} {self.lost:6d} {len(self.left):5d}  {'; '.join(self.problems + self.slow) or 'ok'}"


HEADER = f"{'fault':<16} {'stage':<8} {'status':<11} {'s':>6} {'lost':>6} {'left':>5}  verdict"


def run(bench: Bench, fault: str, stage: str) -> Cell:
    """The fault at the stage, under visitors of the live release."""
    cell = Cell(fault, stage)
    before, bench.slowness = bench.answer, SLOWNESS.get(fault, 1.0)
    with visitors(bench.stack, bench.host) as load:
        with cast(AbstractContextManager[None], STAGES[stage](bench)):
            began = time.monotonic()
            FAULTS[fault](bench)
        _settle(bench, cell, began)
        time.sleep(1)
    cell.lost = len(load.lost)
    _judge(bench, cell, before, fault)
    return cell


def _settle(bench: Bench, cell: Cell, began: float) -> None:
    try:
        release = bench.settled(LIMIT + 30)
    except AssertionError as error:
        cell.status, cell.seconds = bench.newest()["status"], time.monotonic() - began
        cell.problems.append(str(error))
        return
    cell.status, cell.seconds = release["status"], time.monotonic() - began
    if cell.seconds > LIMIT:
        cell.slow.append(f"took more than {LIMIT:.0f} s")
    if cell.status == "aborted" and cell.seconds > ABORT:
        cell.slow.append(f"the abort took more than {ABORT:.0f} s")
    if cell.status == "failed" and not release["reason"]:
        cell.problems.append("failed without a reason")


def _judge(bench: Bench, cell: Cell, before: str, fault: str) -> None:
    expected = bench.answer if cell.status == "live" else before
    if met := _met_instead(bench, expected):
        cell.problems.append(f"{cell.status}, but {expected!r} does not answer; the last was {met}")
    bench.answer = expected
    if cell.lost and fault != "kill proxy":
        cell.problems.append("requests were lost")
    deadline = time.monotonic() + LIMIT + 60  # a drain that was cut off is finished by the sweep
    while (left := bench.leftovers()) and time.monotonic() < deadline:
        time.sleep(0.5)
    cell.left = left
    if left:
        cell.problems.append("resources are left over")


def _met_instead(bench: Bench, expected: str) -> str:
    """Empty as soon as the public address answers as expected; else what it did last."""
    met, deadline = "", time.monotonic() + 10
    while time.monotonic() < deadline:
        began = time.monotonic()
        answer: object
        try:
            answer = bench.stack.get(bench.host)
        except OSError as error:  # a proxy that has just been killed refuses for a moment
            answer = error
        if answer == (200, expected):
            return ""
        met = f"{answer!r} after {time.monotonic() - began:.1f} s"
        time.sleep(0.1)
    return met
