"""The written form of lines, and cutting off what a reader has."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from releases.logs.lines import Block, Line

_text = st.text(st.characters(codec="utf-8", exclude_characters="\n"))
_lines = st.lists(st.builds(Line, st.integers(0, 2**45), st.sampled_from(["build", "web-1"]), _text), min_size=1)


@given(first=st.integers(1, 10**6), lines=_lines)
def test_lines_come_back_as_they_were(first: int, lines: list[Line]) -> None:
    block = Block.of(first, lines)
    assert block.lines == lines
    assert block.last == first + len(lines) - 1


@given(first=st.integers(1, 100), lines=_lines, seq=st.integers(0, 150))
def test_after_leaves_exactly_the_unknown_lines(first: int, lines: list[Line], seq: int) -> None:
    rest = Block.of(first, lines).after(seq)
    expected = [line for number, line in enumerate(lines, first) if number > seq]
    assert rest.lines == expected
    assert rest.count == len(expected)
    if expected:
        assert rest.first == max(first, seq + 1)
