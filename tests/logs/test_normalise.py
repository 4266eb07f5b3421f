"""Raw output to lines: control sequences, redrawn lines, long lines, any bytes, however they are split."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from releases.logs.normalise import Normaliser

LIMIT = 100
# Everything that has a meaning for the normaliser, often; anything else, sometimes.
_telling = st.sampled_from(
    [
        b"\n",
        b"\r",
        b"\r\n",
        b"\x1b",
        b"\x1b[",
        b"\x1b[31m",
        b"\x1b[0;1;",
        b"m",
        b"\x1b[2K",
        b"\x1b]0;title\x07",
        b"\x1b]8;;",
    ]
    + [
        b"\x1b\\",
        b"\x07",
        b"\x00",
        b"\xc3",
        b"\xc3\xa9",
        b"\xf0\x9f",
        b"\x98\x80",
        b"\xff",
        b"\t",
        b" " * 60,
        b"word ",
        b"x" * 70,
    ]
)
_output = st.lists(st.one_of(_telling, st.binary(max_size=5)), max_size=60).map(b"".join)


def lines_of(*pieces: bytes, limit: int = LIMIT) -> list[str]:
    normaliser = Normaliser(limit)
    return [line for piece in pieces for line in normaliser.feed(piece)] + normaliser.end()


@settings(max_examples=400)
@given(data=_output, cuts=st.lists(st.integers(0, 2000), max_size=12))
def test_any_split_gives_the_same_lines(data: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    pieces = [data[start:end] for start, end in zip(edges, edges[1:], strict=False)]
    assert lines_of(*pieces) == lines_of(data)


@settings(max_examples=100)
@given(data=_output.map(lambda data: data * 40), size=st.integers(1, 3000))
def test_long_unfinished_lines_are_compacted_without_changing_the_outcome(data: bytes, size: int) -> None:
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    assert lines_of(*pieces, limit=20) == lines_of(data, limit=20)


@given(data=_output)
def test_only_colours_survive(data: bytes) -> None:
    for line in lines_of(data):
        rest = line.split("\x1b")
        assert all(part.startswith("[") and "m" in part for part in rest[1:])
        assert not any(ord(letter) < 32 and letter not in "\t\x1b" for letter in line)


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"10 %\r50 %\r100 %\n", ["100 %"]),
        (b"10 %\r100 %\r\x1b[K\n", ["100 %"]),
        (b"windows\r\n", ["windows"]),
        (b"\x1b[32mgreen\x1b[0m\x1b[2J\n", ["\x1b[32mgreen\x1b[0m"]),
        (b"\x1b]8;;http://evil\x07link\x1b]8;;\x07\n", ["link"]),
        (b"caf\xe9\n", ["caf\N{REPLACEMENT CHARACTER}"]),
        (b"a\n\nb", ["a", "", "b"]),
        (b"col\tumn\x00\x07\n", ["col\tumn"]),
        (b"y" * 150 + b"\n", ["y" * 100]),
    ],
)
def test_what_is_shown(data: bytes, shown: list[str]) -> None:
    assert lines_of(data) == shown


def test_progress_is_the_last_finished_frame_never_a_half_written_one() -> None:
    normaliser = Normaliser(LIMIT)
    normaliser.feed(b"10 %\r20 %\r3")
    assert normaliser.progress() == "20 %"
    assert normaliser.feed(b"0 %\n") == ["30 %"]
    assert normaliser.progress() == ""


def test_a_line_without_end_takes_bounded_memory() -> None:
    normaliser = Normaliser(LIMIT)
    for _ in range(200):
        normaliser.feed(b"z" * 50_000)
    assert len(normaliser._unfinished) < 100_000
    assert normaliser.feed(b"\n") == ["z" * LIMIT]
