"""The labels in a repository's own Dockerfile, and the line numbers that the builder counts with them."""

from __future__ import annotations

import pytest

from releases.dockerfile.guard import judge
from releases.dockerfile.marking import Marked, marked

MARK = {"kintohub.installation": "a1", "kintohub.managed": "1"}
LABELS = "LABEL kintohub.installation=a1\nLABEL kintohub.managed=1\n"


def mark(text: str) -> Marked | None:
    return marked(text, judge(text).instructions, MARK)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("FROM a1x\n", "COPY . .\nCMD x\n"),
        ("FROM a1x\n\n# why\n", "COPY . .\n"),
        ("FROM a1x \\\n  # why\n  AS one\n", "COPY . ."),
        ("FROM a1x AS one\nRUN x\nFROM b1x\n", "COPY --from=one /x /x\n"),
        ("FROM a1x AS one\nLABEL x=1\nFROM one\n", "RUN x\n"),
        ("# escape=`\nFROM a1x `\n  AS one\n", "RUN a `\n  b\n"),
        ("FROM a1x\r\n", "RUN x\r\nCMD x\r\n"),
    ],
)
def test_they_stand_behind_the_last_from(before: str, after: str) -> None:
    found = mark(before + after)
    assert found and found.text == before + LABELS + after
    assert len(judge(found.text).instructions) == len(judge(before + after).instructions) + 2


@pytest.mark.parametrize("own", ["LABEL kintohub.installation=b2", 'ARG X=kintohub.managed\nLABEL "$X"=0'])
def test_labels_of_the_file_itself_do_not_replace_them(own: str) -> None:
    found = mark(f"FROM a1x\n{own}\nRUN x\n")
    assert found and found.text == f"FROM a1x\n{own}\n{LABELS}RUN x\n"


@pytest.mark.parametrize(
    "text", ["FROM a1x", "FROM a1x \\\n", "FROM a1x\nLABEL a=b \\\n", "FROM a1x\nRUN x\nLABEL a=b\n", ""]
)
def test_where_nothing_follows_the_engine_writes_them(text: str) -> None:
    assert mark(text) is None


@pytest.mark.parametrize(("built", "own"), [(1, 1), (4, 2), (5, 3), (12, 10)])
def test_an_error_names_the_line_of_the_file(built: int, own: int) -> None:
    """The file's second line is the fourth that the builder reads."""
    found = mark("FROM a1x\nRUN x\n" + "RUN y\n" * 10)
    assert found
    told = found.retold(f"dockerfile parse error line {built}: unknown instruction: X on line 9")
    assert told == f"dockerfile parse error line {own}: unknown instruction: X on line 9"
