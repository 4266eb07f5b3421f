"""Caps: what is kept of an output that is too long, and that a gigabyte of it costs little."""

from __future__ import annotations

import tracemalloc

from releases.logs.intake import CAP_REACHED, TAIL_LINES, Intake
from releases.logs.lines import BUILD, BUILD_ERROR, PLATFORM, Line
from releases.logs.mask import Mask


def intake() -> Intake:
    return Intake(Mask([]))


def test_lines_keep_their_source_and_time() -> None:
    subject = intake()
    lines = subject.platform("Fetching main.\nDone.", 1.5) + subject.feed(BUILD, b"one\ntw", 2.0)
    assert lines == [Line(1500, PLATFORM, "Fetching main."), Line(1500, PLATFORM, "Done."), Line(2000, BUILD, "one")]
    assert subject.end(3.0) == [Line(3000, BUILD, "tw")]


def test_sources_do_not_mix_their_unfinished_lines() -> None:
    subject = intake()
    subject.feed(BUILD, b"out", 1.0)
    assert subject.feed(BUILD_ERROR, b"err\n", 1.0) == [Line(1000, BUILD_ERROR, "err")]
    assert subject.feed(BUILD, b"put\n", 1.0) == [Line(1000, BUILD, "output")]


def test_the_end_of_a_build_leaves_a_half_line_of_an_instance_open() -> None:
    subject = intake()
    subject.feed("web-1", b"half", 1.0)
    subject.feed(BUILD, b"rest", 1.0)
    assert subject.end_build(2.0) == [Line(2000, BUILD, "rest")]
    assert subject.feed("web-1", b" line\n", 3.0) == [Line(3000, "web-1", "half line")]


def test_a_build_over_the_cap_says_so_and_keeps_its_tail() -> None:
    subject = intake()
    total = 250_000
    lines = [
        line
        for start in range(0, total, 1000)
        for line in subject.feed(BUILD, b"".join(b"%d\n" % number for number in range(start, start + 1000)), 1.0)
    ]
    assert lines[-1] == Line(1000, PLATFORM, CAP_REACHED)
    kept = [line.text for line in lines[:-1]]
    assert kept == [str(number) for number in range(len(kept))]
    assert 200_000 <= len(kept) < 220_000
    left_out, *tail = subject.end_build(2.0)
    assert [line.text for line in tail] == [str(number) for number in range(total - TAIL_LINES, total)]
    assert left_out.text == f"{total - len(kept) - TAIL_LINES:,} lines were left out."


def test_a_tail_whose_start_was_dropped_begins_with_a_whole_line() -> None:
    subject = intake()
    subject.feed(BUILD, b"x\n" * 210_000, 1.0)
    for number in range(40_000):
        subject.feed(BUILD, b"%08d %s\n" % (number, b"y" * 90), 1.0)
    _, *tail = subject.end_build(2.0)
    assert len(tail) == TAIL_LINES
    assert [int(line.text[:8]) for line in tail] == list(range(40_000 - TAIL_LINES, 40_000))


def test_an_output_after_the_build_has_a_cap_of_its_own() -> None:
    subject = intake()
    subject.feed(BUILD, b"x\n" * 210_000, 1.0)
    subject.end_build(1.0)
    assert subject.feed("web-1", b"ready\n", 2.0) == [Line(2000, "web-1", "ready")]


def test_a_gigabyte_takes_bounded_memory() -> None:
    subject = intake()
    piece = b"the same line of output again and again\n" * 25_000
    for _ in range(22):
        subject.feed(BUILD, piece, 1.0)
    tracemalloc.start()
    for _ in range(1_000):
        subject.feed(BUILD, piece, 1.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000
    assert len(subject.end_build(2.0)) == TAIL_LINES + 1
