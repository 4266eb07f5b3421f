"""Counting what a prober met: gaps, first answers, slices."""

from __future__ import annotations

import pytest

from releases.proxy.base import Answer
from releases.stages.tally import MOST_SLICES, Tally

OLD = Answer("1", 200, 0.01)
NEW = Answer("2", 200, 0.01)
REFUSED = Answer(None, None, 0.0, "the connection was refused")
BY_PROXY = Answer(None, 503, 0.01)


def make_tally(*met: tuple[float, Answer], switched: float | None = 0.5) -> Tally:
    tally = Tally(0.0, "2", switched=switched)
    for done, answer in met:
        tally.add(answer, done)
    return tally


def test_answers_are_told_apart_by_the_release_that_gave_them() -> None:
    tally = make_tally((0.1, OLD), (0.6, NEW), (0.7, NEW), (1.2, REFUSED))
    assert (tally.requests, tally.failed) == (4, 1)
    assert tally.slices == [[1, 2, 0], [0, 0, 1]]


def test_the_first_new_answer_counts_from_the_switch() -> None:
    assert make_tally((0.1, OLD), (0.62, NEW), (0.9, NEW)).first_new == pytest.approx(0.12)
    assert make_tally((0.1, OLD)).first_new is None


def test_the_longest_gap_is_between_answers_and_failures_do_not_end_it() -> None:
    tally = make_tally((0.1, OLD), (0.2, REFUSED), (0.3, BY_PROXY), (0.9, NEW), (1.0, NEW))
    assert tally.longest_gap == pytest.approx(0.8)


def test_a_gap_that_lasts_counts_at_the_end() -> None:
    tally = make_tally((0.1, OLD))
    tally.end(3.1)
    assert tally.longest_gap == pytest.approx(3.0)


def test_answers_that_end_out_of_order_make_no_gap() -> None:
    tally = make_tally((0.5, OLD), (0.4, OLD), (0.6, OLD))
    assert tally.longest_gap == pytest.approx(0.1)


def test_server_errors_of_the_service_are_answers() -> None:
    tally = make_tally((0.6, Answer("2", 500, 0.01)), (0.7, Answer("2", 404, 0.01)))
    assert (tally.failed, tally.errors) == (0, 1)


def test_an_answer_that_was_cut_off_has_failed() -> None:
    tally = make_tally((0.6, Answer("2", 200, 0.01, "the answer was cut off")))
    assert (tally.failed, tally.problems) == (1, ["the answer was cut off"])


def test_what_failed_requests_met_is_kept_once_each() -> None:
    tally = make_tally((0.1, REFUSED), (0.2, REFUSED), (0.3, BY_PROXY))
    assert tally.problems == ["the connection was refused", "the proxy itself answered with status 503"]


def test_a_long_time_is_kept_in_wider_slices() -> None:
    tally = make_tally(*((float(second), OLD) for second in range(3 * MOST_SLICES)))
    assert tally.width == 4.0
    assert len(tally.slices) <= MOST_SLICES
    assert sum(sum(counts) for counts in tally.slices) == tally.requests == 3 * MOST_SLICES
