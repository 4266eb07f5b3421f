"""Paths and marks of charts."""

from __future__ import annotations

from releases.views.plot import HEADROOM, Mark, Point, marks, plot


def test_a_line_is_drawn_through_neighbours() -> None:
    drawn = plot([Point(0.1, 0.0), Point(0.2, 5.0), Point(0.3, 10.0)], 0.1)
    assert drawn.line.startswith("M100.0 100.0L200.0 ") and drawn.line.count("L") == 2
    assert drawn.area == f"{drawn.line} V100 H100.0 Z"
    assert drawn.limit is None


def test_a_gap_is_never_bridged() -> None:
    far = plot([Point(0.1, 1.0), Point(0.2, 1.0), Point(0.5, 1.0), Point(0.6, 1.0)], 0.1)
    unknown = plot([Point(0.1, 1.0), Point(0.2, 1.0), Point(0.3, None), Point(0.4, 1.0), Point(0.5, 1.0)], 0.1)
    for drawn in (far, unknown):
        assert drawn.line.count("M") == drawn.line.count("L") == 2


def test_a_single_point_can_be_seen() -> None:
    assert "h100.0" in plot([Point(0.5, 1.0)], 0.1).line


def test_a_limit_sets_the_scale() -> None:
    drawn = plot([Point(0.1, 32.0), Point(0.2, 32.0)], 0.1, limit=64.0)
    assert drawn.limit == round(100 - 100 / HEADROOM, 1)
    assert f" {100 - 50 / HEADROOM:.1f}" in drawn.line


def test_nothing_known_draws_nothing() -> None:
    assert plot([Point(0.5, None)], 0.1).line == ""
    assert plot([], 0.1).area == ""


def test_releases_that_are_close_share_a_mark() -> None:
    found = marks([(3, 0.01), (4, 0.5), (5, 0.55), (6, 0.97)])
    assert found == [Mark(1.0, 3, 3), Mark(50.0, 4, 5), Mark(97.0, 6, 6)]
    assert [mark.text for mark in found] == ["#3", "#4–5", "#6"]
    assert [mark.anchor for mark in found] == ["start", "middle", "end"]
