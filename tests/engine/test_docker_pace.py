"""How often logs are read: soon when few print, and never more in all than the rate."""

from __future__ import annotations

import pytest

from releases.engine.docker.pace import GATHER, RATE, Pace


def test_one_that_prints_now_and_then_is_read_at_once() -> None:
    pace = Pace()
    assert pace.wait(begun=10.0, now=15.0) == 0
    assert pace.wait(begun=15.0, now=25.0) == 0


def test_one_that_prints_without_a_pause_gathers() -> None:
    assert Pace().wait(begun=10.0, now=10.01) == pytest.approx(GATHER - 0.01)


def test_many_share_the_rate() -> None:
    pace = Pace()
    waits = [pace.wait(begun=0.0, now=10.0) for _ in range(50)]
    assert waits == pytest.approx([turn / RATE for turn in range(50)])


def test_a_quiet_time_is_no_credit() -> None:
    pace = Pace()
    pace.wait(begun=0.0, now=10.0)
    waits = [pace.wait(begun=0.0, now=100.0) for _ in range(3)]
    assert waits == pytest.approx([0.0, 1 / RATE, 2 / RATE])
