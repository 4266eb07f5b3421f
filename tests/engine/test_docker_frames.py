"""Log frames and the decision which of them are new; no engine needed."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.engine.base import Stream, Unavailable
from releases.engine.docker.frames import PIECE, Entry, Resume, entries

SECOND = 1_000_000_000


def frame(stream: int, nanoseconds: int, data: bytes) -> bytes:
    clock = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(nanoseconds // SECOND))
    content = f"{clock}.{nanoseconds % SECOND:09d}Z ".encode() + data
    return bytes([stream, 0, 0, 0]) + len(content).to_bytes(4) + content


def accepted(resume: Resume, log: Iterable[Entry]) -> list[Entry]:
    resume.begin_pass()
    return [entry for entry in log if resume.accept(entry)]


def out(nanoseconds: int, data: bytes = b"x\n") -> Entry:
    return Entry(Stream.STDOUT, nanoseconds, data)


def err(nanoseconds: int, data: bytes = b"x\n") -> Entry:
    return Entry(Stream.STDERR, nanoseconds, data)


@given(st.lists(st.integers(1, 40), max_size=20))
def test_frames_are_read_however_they_are_cut(cuts: list[int]) -> None:
    moment = 1_795_417_732_440_659_001
    log = frame(1, moment, b"one\n") + frame(2, moment + 1, b"\xff\n") + frame(1, moment + 2, b"")
    pieces, rest = [], log
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    assert list(entries([*pieces, rest])) == [out(moment, b"one\n"), err(moment + 1, b"\xff\n"), out(moment + 2, b"")]


def test_a_time_without_fraction_is_read() -> None:
    content = b"2026-11-23T07:32:48Z x\n"
    [entry] = entries([b"\x01\0\0\0" + len(content).to_bytes(4) + content])
    assert entry == out(1_795_419_168 * SECOND)


def test_the_line_end_of_a_line_in_pieces_comes_back() -> None:
    long, moment = b"x" * PIECE, 5 * SECOND
    log = [frame(1, moment, long), frame(1, moment, long), frame(1, moment, b"end"), frame(1, moment + 1, b"partial")]
    assert [entry.data for entry in entries(log)] == [long, long, b"end\n", b"partial"]


@pytest.mark.parametrize("bad", [b"\x07\0\0\0\0\0\0\1x", b"\x01\0\0\0\xff\xff\xff\xff", b"\x01\0\0\0\0\0\0\4oops"])
def test_what_is_no_log_is_an_error(bad: bytes) -> None:
    with pytest.raises(Unavailable):
        list(entries([bad]))


@given(st.lists(st.integers(0, 12), min_size=1, max_size=8))
def test_a_log_read_again_from_anywhere_gives_each_entry_once(ends: list[int]) -> None:
    long = b"y" * PIECE
    log = [out(1), err(1), out(2, long), out(2, long), out(2), err(3), out(4), out(5), err(5), err(6), out(7), out(8)]
    resume, got = Resume(), []
    for end in [*ends, len(log)]:
        got += accepted(resume, [entry for entry in log[:end] if entry.time >= resume.since])
    assert [e for e in got if e.stream is Stream.STDOUT] == [e for e in log if e.stream is Stream.STDOUT]
    assert [e for e in got if e.stream is Stream.STDERR] == [e for e in log if e.stream is Stream.STDERR]


def test_an_entry_repeated_in_one_pass_is_dropped() -> None:
    assert accepted(Resume(), [out(1), out(2), out(2), out(1), out(3)]) == [out(1), out(2), out(3)]


def test_the_last_entries_join_only_when_they_reach_back() -> None:
    resume = Resume()
    accepted(resume, [out(1 * SECOND), out(2 * SECOND)])
    assert resume.joins([out(1 * SECOND), out(2 * SECOND), out(3 * SECOND)])
    assert not resume.joins([out(3 * SECOND), out(4 * SECOND)])
    assert not resume.joins([out(2 * SECOND), out(2 * SECOND), out(3 * SECOND)])


def test_a_stream_that_has_long_been_quiet_does_not_hold_the_other_back() -> None:
    resume = Resume()
    accepted(resume, [err(1 * SECOND), out(2 * SECOND)])
    assert resume.since == 1 * SECOND
    accepted(resume, [out(60 * SECOND)])
    assert resume.since == 50 * SECOND
