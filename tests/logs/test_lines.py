"""The written form of lines, and cutting off what a reader has."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from releases.logs.lines import BUILD, Block, Line, Mark
from releases.logs.window import Closed, Lines, Progress, merged

_text = st.text(st.characters(codec="utf-8", exclude_characters="\n"))
_lines = st.lists(
    st.builds(Line, st.integers(0, 2**45), st.sampled_from(["build", "web-1"]), _text, st.none()), min_size=1
)


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


def test_news_that_pile_up_become_fewer_and_stay_in_order() -> None:
    def lines(first: int, count: int, size: int = 1) -> Lines:
        return Lines(f"{first + count - 1}-0", Block.of(first, [Line(1, BUILD, "x" * size)] * count))

    progress, closed = Progress("40-1", BUILD, "50 %"), Closed("1600-9")
    news = [lines(1, 20), lines(21, 20), progress, lines(41, 500), lines(541, 500), lines(1041, 500), lines(1541, 500)]
    got = list(merged([*news, lines(2050, 1), closed]))
    assert [(each.block.first, each.block.last, each.id) for each in got if isinstance(each, Lines)] == [
        (1, 40, "40-0"), (41, 2040, "2040-0"), (2050, 2050, "2050-0"),
    ]  # fmt: skip
    assert [got[1], got[-1]] == [progress, closed]
    whole = got[2]
    assert isinstance(whole, Lines)
    assert whole.block == Block.of(41, [Line(1, BUILD, "x")] * 2000)
    assert len(list(merged([lines(1, 2, 100_000), lines(3, 2, 100_000)]))) == 2


def test_a_block_remembers_how_far_each_output_is_written_down() -> None:
    lines = [Line(1, "web-1", "a", Mark("1/stdout", 5, 1)), Line(1, "web-1", "b"), Line(1, "web-1", "c")]
    lines += [Line(1, "web-1", "d", Mark("1/stdout", 6, 2)), Line(1, "web-2", "e", Mark("2/stdout", 4, 1))]
    block = Block.of(1, lines)
    assert block.cursor == {"1/stdout": (6, 2), "2/stdout": (4, 1)}
    assert block.after(2).cursor == block.cursor
    assert Block.of(1, lines[:3]).cursor == {"1/stdout": (5, 1)}
